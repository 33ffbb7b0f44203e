"""Times as they stand in a list document: ISO 8601 in UTC with `Z`."""

from datetime import UTC, datetime

_CHARACTERS_MAX = 32


def parse_time(value: object) -> datetime | None:
    """Parse a UTC time; `None` where it is none."""
    if not isinstance(value, str) or len(value) > _CHARACTERS_MAX or not value.endswith("Z"):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def write_time(moment: datetime) -> str:
    """Write a time with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
