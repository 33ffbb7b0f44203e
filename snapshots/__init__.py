"""The relational snapshot: column types, the list's schema, segments, row patches and queries."""
