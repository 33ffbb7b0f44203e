"""Times as they stand in a list document: `YYYY-MM-DDTHH:MM:SS`, up to six decimals, `Z` for UTC; no other form of ISO 8601."""

import re
from datetime import UTC, datetime

_FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z")


def parse_time(value: object) -> datetime | None:
    """Parse a UTC time; `None` where it is none."""
    if not isinstance(value, str) or _FORM.fullmatch(value) is None:
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def write_time(moment: datetime) -> str:
    """Write a time with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
