"""Imports: from an uploaded file to rows of a list, in the background, in the name of whoever brought it."""
