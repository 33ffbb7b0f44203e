"""Live lists: the pure core that decides, and the asynchronous shell that carries its effects out."""
