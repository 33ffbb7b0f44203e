"""The relational snapshot: column types and their checks, segments, facts to row patches, and queries."""
