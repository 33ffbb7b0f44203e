"""Where things are kept: the store contract, its PostgreSQL and in-memory implementations, the embedded server."""
