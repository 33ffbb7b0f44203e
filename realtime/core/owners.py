"""Whose a Yjs client id is: each belongs to the person who first wrote under it, for as long as the list lives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from realtime.core.update import CLIENT_RESERVED_MAX, decode


class Owners:
    """The owner of every client id of one list; `known` tells the first clock of an id that nothing was written at."""

    def __init__(self, owners: Mapping[int, str], per_user_max: int) -> None:
        self._owners = dict(owners)
        self._count = Counter(self._owners.values())
        self._per_user_max = per_user_max
        self.persisted = set(self._owners)
        """The client ids whose owner stands in the database."""

    def may_write(self, user: str, client: int, known: Callable[[int], int]) -> bool:
        """Tell whether `client` is `user`'s, or nobody's so far and free to take."""
        owner = self._owners.get(client)
        if owner is None:
            # A client id that wrote before and whose owner is unknown belongs to somebody else.
            return client > CLIENT_RESERVED_MAX and known(client) == 0 and self._count[user] < self._per_user_max
        return owner == user

    def claim(self, user: str, client: int, known: Callable[[int], int]) -> bool:
        """Make `client` the user's, if it is or may become theirs."""
        if not self.may_write(user, client, known):
            return False
        if client not in self._owners:
            self._give(user, client)
        return True

    def learn(self, user: str, update: bytes) -> None:
        """An update of this user is committed: the client ids that it writes under are theirs."""
        for client, _, _ in decode(update).blocks:
            if client > CLIENT_RESERVED_MAX and client not in self.persisted:
                self._give(user, client)
                self.persisted.add(client)

    def _give(self, user: str, client: int) -> None:
        before = self._owners.get(client)
        if before is not None:
            self._count[before] -= 1
        self._owners[client] = user
        self._count[user] += 1
