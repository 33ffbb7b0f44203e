"""Access tokens of another life than the server gives, signed with its own key."""

from datetime import UTC, datetime, timedelta

from auth.tokens import Claims, issue, signing_key, verify
from tests.e2e.house import House
from tests.e2e.people import Person


def signed_for(house: House, person: Person, life: timedelta) -> str:
    """A token of the person's own sign-in that ends after `life`, counted from now."""
    key = signing_key((house.folder / "signing-secret").read_text(encoding="utf-8").strip())
    now = datetime.now(UTC)
    claims = verify(person.token, key, now=now)
    assert isinstance(claims, Claims)
    return issue(key, user_id=person.id, session_id=claims.session_id, now=now, life=life)
