"""The tables of `persistence.quarantine`, beside those of `persistence.tables`."""

from typing import Final

from sqlalchemy import Boolean, Column, DateTime, Double, Table, Text, Uuid

from persistence.tables import metadata

_CODE_UNITS: Final = Text(collation="C")
_MOMENT: Final = DateTime(timezone=True)

strikes: Final = Table(
    "strikes",
    metadata,
    Column("list_id", _CODE_UNITS, primary_key=True),
    Column("death", Uuid, primary_key=True, comment="the black box of the process that died"),
    Column("at", _MOMENT, nullable=False),
    Column("share", Double, nullable=False, comment="the death divided by the lists that may be its reason"),
    Column("hung", Boolean, nullable=False),
)

quarantines: Final = Table(
    "quarantines",
    metadata,
    Column("list_id", _CODE_UNITS, primary_key=True),
    Column("at", _MOMENT, nullable=False),
)
