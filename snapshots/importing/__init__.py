"""Import: from a file that a person brings to judged rows. No database, no network; memory does not grow with the file."""
