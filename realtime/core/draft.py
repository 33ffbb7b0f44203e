"""The draft: the candidate document of a list, equal to what is committed plus the edits under way.

Every edit, from a socket or from the server's own doors, is judged and applied here and nowhere else; what
comes out is an *entry*: the update that our document emitted, the visible facts, and the refusals.

1. The index describes exactly the candidate document.
2. What an edit touched lies within what was judged; otherwise `Diverged` is raised and the draft is rebuilt.
3. A refused value is neither in the emitted update nor in the candidate document.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from datetime import datetime
from typing import Final

from auth.permissions import Action
from auth.principals import Principal
from persistence.contract import Fact, FactKind, Json, Source
from realtime.core import keys
from realtime.core.document import ListDocument, fact_of
from realtime.core.entry import Entry, Refusal, attempted
from realtime.core.importing import encode_imports, judge_rows
from realtime.core.index import Index
from realtime.core.judge import Case, judge
from realtime.core.keys import Key
from realtime.core.limits import Limits
from realtime.core.outcome import Diverged, check
from realtime.core.owners import Owners
from realtime.core.planning import plan_writes
from realtime.core.reasons import Excessive, Flaw, Reason, Unsound, WritesRefused
from realtime.core.restored import Restored
from realtime.core.soundness import Attempt, Outcome, examine
from realtime.core.update import CLIENT_RESERVED_MAX, CLOCK_MAX, UNBOUNDED, Bounds, Update, decode
from realtime.core.upkeep import apply as keep_up
from realtime.core.upkeep import below, holds, unsettles
from realtime.core.writes import FillColumn, Upkeep, Write
from snapshots.columns import ListSchema

NO_KEY: Final = ""


class Draft:
    """The candidate document with its index, the owners of client ids, and the columns as they stand."""

    def __init__(self, document: ListDocument, owners: Owners, members: frozenset[str], limits: Limits) -> None:
        self.document = document
        self.owners = owners
        self.members = members
        self.lists: frozenset[str] = frozenset()
        self.members_version = 0
        self._limits = limits
        self._schema: ListSchema | None = None
        self.restored = Restored()
        self.changes_below = 0
        """How often something changed that folding is worked out from."""
        self.index = Index()
        """Which key each struct wrote."""
        self.known = self.index.known
        self.index.add(decode(document.difference()))
        self.index.settle()
        document.scan()

    def rebuilt(self, document: ListDocument, under_way: int) -> Draft:
        """A draft on a fresh document of the same list, which holds so many updates that are under way to the store."""
        draft = Draft(document, self.owners, self.members, self._limits)
        draft.restored, draft.lists, draft.members_version = self.restored, self.lists, self.members_version
        draft.changes_below = self.changes_below + 1
        draft.index.expect(under_way)
        return draft

    def rebase(self, document: ListDocument, updates: Sequence[bytes]) -> None:
        """Start again from a document that is committed: without the edits of this draft, with these updates besides.

        What was known of rows and structs stays known, so this costs no more than the edits and the updates do.
        """
        undone = self.index.take_back()
        self.changes_below += any(unsettles(keys.parse(path), self.document) for path in undone)
        document.inherit(self.document, undone)
        self.document = document
        self._schema = None
        self._learn(updates)

    def absorb(self, updates: Sequence[bytes]) -> None:
        """Take in what other nodes have committed, in log order; only while nothing waits on this draft."""
        self.document.apply(updates)
        self._learn(updates)

    def confirmed(self, updates: int) -> None:
        """The first so many edits of this draft are committed."""
        self.index.settle(updates)

    def _learn(self, updates: Sequence[bytes], *, settled: bool = True) -> None:
        """Know what is in the document now. What a server wrote elsewhere may stand over an edit that has not met it."""
        for payload in updates:
            update = decode(payload)
            with self.document.change:
                for path in self.index.add(update):
                    self._notice(path, keys.parse(path))
            for client, _, structs in update.blocks:
                if client <= CLIENT_RESERVED_MAX:
                    paths = (self.index.path((client, struct.clock)) for struct in structs)
                    self.restored.keep(path for path in paths if path is not None)
        if settled:
            self.index.settle()

    # What stands (judge.Standing)

    def read(self, path: str) -> Outcome:
        """The value at a path; a generation that is not there has no keys."""
        return self.read_all((path,))[path]

    def read_all(self, paths: Iterable[str]) -> dict[str, Outcome]:
        """The values at many paths."""
        try:
            return self.document.read_all(paths)
        except KeyError:
            raise Unsound(Flaw.UNKNOWN_REFERENCE, "the update names a generation that is not there") from None

    def has_row(self, row: str) -> bool:
        """Tell whether a row exists."""
        return self.document.has_row(row)

    def schema(self) -> ListSchema:
        """The columns as the candidate has them."""
        if self._schema is None:
            self._schema = self.document.schema()
        return self._schema

    # Client ids

    @property
    def clients_count(self) -> int:
        """How many client ids have written in the list."""
        return len(self.index)

    def owns(self, user: str, client: int) -> bool:
        """Tell whether `client` is `user`'s, or nobody's so far and free to take."""
        return self.owners.may_write(user, client, self.known)

    def claim(self, user: str, client: int) -> bool:
        """Make `client` the user's, if it is or may become theirs."""
        return self.owners.claim(user, client, self.known)

    # Edits

    def receive(
        self,
        principal: Principal,
        payload: bytes,
        now: datetime,
        bounds: Bounds = UNBOUNDED,
        refusals_left: int = CLOCK_MAX,
    ) -> Entry | None:
        """Judge and apply an update from a socket; `None` if it holds nothing new.

        Raises `Unsound`, `Excessive` (more would be refused than may be: nothing was applied), `Diverged`.
        """
        update = self._decode(principal, payload, bounds)
        attempt = examine(payload, update, self.index, lambda client: self.owns(principal.user_id, client))
        if attempt.idle:
            return None
        if attempt.fresh_clocks > self._limits.clocks_per_update_max:
            raise Unsound(Flaw.TOO_LARGE, "the update holds more edits than one frame may bring")
        entry = Entry(principal, Source.SOCKET, now, payload, claims=frozenset(attempt.clocks))
        refused = self._judge(Case(principal, now, self, attempt.outcomes, self.schema()), attempt.keys)
        if len(refused) > min(refusals_left, self._limits.refusals_per_update_max):
            raise Excessive
        for client in attempt.clocks:
            self.claim(principal.user_id, client)
        self._apply(entry, attempt, refused)
        if attempt.stale:
            entry.refusals.append(Refusal(NO_KEY, Reason.STALE_GENERATION))
        if not attempt.outcomes and not principal.may(Action.ROWS_EDIT):
            entry.refusals.append(Refusal(NO_KEY, Reason.ROLE))
        return entry

    def _decode(self, principal: Principal, payload: bytes, bounds: Bounds) -> Update:
        """Decode an update within its bounds; of who may edit nothing, no more is read than could be refused."""
        most = self._limits.refusals_per_update_max
        if bounds.structs_max <= most or principal.may(Action.ROWS_EDIT):
            return decode(payload, bounds)
        try:
            return decode(payload, Bounds(most, bounds.ranges_max))
        except Unsound as error:
            if error.flaw is Flaw.TOO_LARGE:
                raise Excessive from error
            raise

    def write(
        self, principal: Principal, source: Source, writes: Sequence[Write], now: datetime, before: Entry | None = None
    ) -> Entry:
        """Judge and apply what a door of the server asks; all of it or nothing. Raises `WritesRefused`.

        `before` is what came of it the last time, if it was asked before.
        """
        entry = Entry(principal, source, now, tuple(writes))
        if len(writes) == 1 and isinstance(writes[0], Upkeep):
            return self._keep_up(entry, writes[0])
        if before is not None and before.judged_by == self._standing(principal):
            entry.segments, entry.payloads = before.segments, before.payloads
            return self._bring(entry)
        plan = plan_writes(writes, self.document, self.schema(), principal, now)
        attempt = Attempt(b"", outcomes={path: [value] for path, value in plan.values.items()}, keys=plan.keys)
        case = Case(principal, now, self, attempt.outcomes, self.schema())
        refused = {**({} if plan.judged else self._judge(case, plan.keys)), **plan.impossible}
        rows = judge_rows(case, plan.imports, self.document.segments() | case.new_rows) if plan.imports else []
        if not (refused or rows):
            entry.payloads, entry.segments, rows = encode_imports(plan.imports)
        if refused or rows:
            raise WritesRefused(plan.by_write(refused, rows), rows)
        if len(plan.imports) == len(writes):
            return self._bring(entry)
        attempt.segments = entry.payloads
        self._apply(entry, attempt, {}, plan.values)
        return entry

    def _bring(self, entry: Entry) -> Entry:
        """Apply judged rows alone."""
        self._apply(entry, Attempt(b"", segments=entry.payloads), {}, {})
        entry.judged_by = self._standing(entry.principal)
        return entry

    def _standing(self, principal: Principal) -> tuple[object, ...]:
        """All that the judgement of imported rows depends on."""
        return principal, self.schema(), self.members, self.document.places

    def _keep_up(self, entry: Entry, upkeep: Upkeep) -> Entry:
        """Do what folding or conversion asks, if it still holds."""
        if entry.source is not Source.SYSTEM or not holds(upkeep, self.document, self.changes_below):
            raise WritesRefused([(0, Reason.STALE_GENERATION)])
        entry.emitted = keep_up(upkeep, self.document)
        if entry.emitted is not None:
            changes = self.changes_below
            self._learn([entry.emitted], settled=False)
            self.changes_below = changes + isinstance(upkeep, FillColumn)
        return entry

    def _judge(self, case: Case, path_keys: Mapping[str, Key]) -> dict[str, Reason]:
        with self.document.change if len(path_keys) > 1 else nullcontext():  # one key hardly ever needs a read
            return judge(case, path_keys)

    def _apply(
        self,
        entry: Entry,
        attempt: Attempt,
        refused: Mapping[str, Reason],
        writes: Mapping[str, Outcome] | None = None,
    ) -> None:
        """Apply to the candidate in one transaction: the update, and the old values over what was refused."""
        document = self.document
        with document.change:
            standing = self.read_all(attempt.outcomes)
            before = {key[:5]: (path, key, document.visible(key, standing[path])) for path, key in attempt.keys.items()}
            restored = writes if writes is not None else {path: standing[path] for path in refused}
            insisted = self.restored.insist(attempt, refused)
            document.write(attempt.payload or None, {**restored, **attempt.segments}, insisted)
            after = document.read_all(attempt.outcomes)
            for path, key, old in before.values():
                new = document.visible(key, after[path])
                if new != old or type(new) is not type(old):
                    entry.facts.append(self._fact(key, old, new))
        entry.emitted = document.take()
        entry.altered = bool(refused or insisted)
        for path, reason in refused.items():
            key = attempt.keys[path]
            fact = self._fact(key, before[key[:5]][2], attempted(attempt.outcomes[path]))
            entry.refusals.append(Refusal(path, reason, fact))
        self.restored.note(attempt, {*refused, *insisted})
        self._follow(entry.emitted, attempt)
        check(attempt, standing, after, refused)

    def _follow(self, emitted: bytes | None, attempt: Attempt) -> None:
        if emitted == attempt.payload and attempt.update is not None:
            touched = self.index.add(attempt.update, attempt.paths)  # known by heart: no need to decode it again
        else:
            touched = set() if emitted is None else self.index.add(decode(emitted))
        if not touched <= attempt.outcomes.keys() | attempt.segments.keys():
            raise Diverged("keys changed that were not judged")
        if any(self.index.known(client) != end for client, end in attempt.clocks.items()):
            raise Diverged("the state vector did not advance to the decoded clocks")
        with self.document.change if len(touched) > 1 else nullcontext():
            for path in touched:
                self._notice(path, attempt.keys.get(path) or keys.parse(path))

    def _notice(self, path: str, key: Key | None) -> None:
        """A key was written or deleted."""
        self.document.notice(key)
        self.changes_below += below(key, self.document)
        if (key is not None and key.kind is FactKind.COLUMN) or path == f"{keys.META}/primary":
            self._schema = None

    def _fact(self, key: Key, old: Json, new: Json) -> Fact:
        fact = fact_of(key, old, new)
        if key.kind is not FactKind.COMMENT:
            return fact
        written = self.document.read(f"{keys.COMMENTS}/{key.entity}")
        return fact._replace(row=str(written["row"])) if isinstance(written, dict) else fact
