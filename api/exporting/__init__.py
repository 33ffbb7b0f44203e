"""Exports of lists: who may have one, the process that makes it, and how it is sent."""
