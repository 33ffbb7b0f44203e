"""The tables of `persistence.imports`, beside those of `persistence.tables`.

A file lies in the database in pieces, so that any node and any worker can read it.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    LargeBinary,
    Table,
    Text,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from persistence.tables import metadata

_CODE_UNITS: Final = Text(collation="C")
_MOMENT: Final = DateTime(timezone=True)
_STATES: Final = "state IN ('uploaded', 'queued', 'running', 'done', 'cancelled', 'failed')"


def _count(name: str, comment: str | None = None) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default=text("0"), comment=comment)


imports: Final = Table(
    "imports",
    metadata,
    Column("id", _CODE_UNITS, primary_key=True),
    Column("workspace_id", _CODE_UNITS, ForeignKey("workspaces.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("list_id", _CODE_UNITS),
    Column("new_list", Boolean, nullable=False),
    Column("filename", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("state", Text, CheckConstraint(_STATES, name="state"), nullable=False, server_default=text("'uploaded'")),
    Column("created_at", _MOMENT, nullable=False),
    Column("created_by", _CODE_UNITS, nullable=False),
    Column("grant_kind", Text, nullable=False, comment="what its user acts by: sign_in or key"),
    Column("grant_id", _CODE_UNITS, nullable=False),
    Column("finished_at", _MOMENT),
    Column("choices", JSONB(none_as_null=True)),
    Column("error", JSONB(none_as_null=True)),
    Column("cancelling", Boolean, nullable=False, server_default=false()),
    _count("attempt", "grows whenever a worker takes it up: an older one writes nothing more"),
    _count("stalled", "how often it was taken up since it last got on"),
    _count("last_row", "the last row of the file that is dealt with"),
    _count("problems"),
    Column("rows_total", Integer),
    _count("rows_read"),
    _count("rows_created"),
    _count("rows_updated"),
    _count("rows_unchanged"),
    _count("rows_refused"),
    _count("values_refused"),
)

import_chunks: Final = Table(
    "import_chunks",
    metadata,
    Column("import_id", _CODE_UNITS, ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("bytes", LargeBinary, nullable=False),
)

import_problems: Final = Table(
    "import_problems",
    metadata,
    Column("import_id", _CODE_UNITS, ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("row_number", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("reason", Text, nullable=False),
)
