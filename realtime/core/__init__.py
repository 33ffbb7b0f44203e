"""The pure core of a live list: no event loop, no clock, no randomness, no input or output."""
