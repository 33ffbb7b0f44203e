"""Our server beside others that speak the y-websocket protocol: one driver, the same scenarios, one table."""
