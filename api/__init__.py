"""The doors: HTTP routes, the WebSocket endpoint, settings, the composition root and the command line."""
