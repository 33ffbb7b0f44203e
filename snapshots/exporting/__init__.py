"""Exports: a list's rows as files that other programs read. Pure: pages of rows in, bytes out."""
