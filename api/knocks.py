"""Knocks: who was not let in again and again, and is answered with 429 before anything is looked at (ROOM-66).

A failed request for a socket counts against whoever can be blamed for it: a person where the credential is known to be theirs (by a
ticket that this node has issued, or a socket that it has let in), else the address, and the credential with it. So a
colleague behind the same address with a ticket of this node gets in whatever others do there. Everything is forgotten with time.
"""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from hashlib import blake2b
from ipaddress import IPv4Address, IPv6Network, ip_address
from math import ceil
from typing import Final, TypeVar

from api.settings import Settings
from realtime.core.limits import Bucket

ENTRIES_MAX: Final = 20_000
"""So many failures, and so many good credentials, are remembered; whoever was longest unheard of is forgotten first."""
ADDRESS_FACTOR: Final = 10
"""How many people's worth of failures an address has: an office is one."""
AGAIN_LATER: Final = "You were not let in too often. Wait as long as Retry-After says and try again."
_DIGEST_BYTES: Final = 16
_IPV6_PREFIX: Final = 64
_Kept = TypeVar("_Kept")


class Knocks:
    """What is known of the people, credentials and addresses that came to this node's door."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime], note: Callable[[], None]) -> None:
        self._burst = settings.failed_upgrades_burst_max
        self._per_second = settings.failed_upgrades_per_second_max
        self._clock = clock
        self._note = note
        self._buckets: OrderedDict[bytes, Bucket] = OrderedDict()
        self._people: OrderedDict[bytes, str] = OrderedDict()

    def wait_seconds(self, address: str | None, credential: str | None) -> int:
        """How long this one has to stay outside; 0: they may come in. Costs no more than a few look-ups.

        Without an address only the credential, and the person behind it, are judged.
        """
        now = self._clock()
        for key, *_ in self._limits(address, credential):
            bucket = self._buckets.get(key)
            if bucket is not None and not bucket.holds(1, now):
                self._buckets.move_to_end(key)
                self._note()
                return ceil(1 / self._per_second)
        return 0

    def vouch(self, credential: str | None, user_id: str) -> None:
        """A credential is good, and a person's: from now on they are blamed for what fails with it."""
        if credential is not None:
            _keep(self._people, _key("credential", credential), user_id)

    def failed(self, address: str, credential: str | None) -> None:
        """Somebody was not let in."""
        now = self._clock()
        for key, burst, per_second in self._limits(address, credential):
            bucket = self._buckets.get(key)
            if bucket is None:
                bucket = Bucket(per_second, burst, now)
            _keep(self._buckets, key, bucket)
            bucket.take(1, now)

    def refused(self, address: str, credential: str | None) -> None:
        """The same, since the credential is not good, or not any more."""
        if credential is not None:
            self._people.pop(_key("credential", credential), None)
        self.failed(address, credential)

    def _limits(self, address: str | None, credential: str | None) -> list[tuple[bytes, float, float]]:
        """Who is to blame, and how much each of them may fail: at once, and in a second."""
        own = (self._burst, self._per_second)
        shared = (self._burst * ADDRESS_FACTOR, self._per_second * ADDRESS_FACTOR)
        place = [] if address is None else [(_key("address", place_of(address)), *shared)]
        if credential is None:
            return place
        key = _key("credential", credential)
        person = self._people.get(key)
        return [(key, *own), *place] if person is None else [(_key("person", person), *own)]


def place_of(address: str) -> str:
    """Give what is counted as one place: an IPv4 address, an IPv6 network of 64 bits; anything else as it is."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(IPv6Network((int(parsed), _IPV6_PREFIX), strict=False))


def _key(kind: str, name: str) -> bytes:
    """Give a key of one length, in which no secret can be read."""
    return blake2b(name.encode(errors="replace"), digest_size=_DIGEST_BYTES, person=kind.encode()).digest()


def _keep(table: OrderedDict[bytes, _Kept], key: bytes, value: _Kept) -> None:
    table[key] = value
    table.move_to_end(key)
    if len(table) > ENTRIES_MAX:
        table.popitem(last=False)
