"""What must hold when everything has healed and is quiet: all that is kept, and all that people see, says the same."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from persistence.contract import FactKind, Json
from persistence.fills import ColumnFill
from persistence.memory import StoredList
from realtime.core import keys
from realtime.core.document import ListDocument
from realtime.core.index import Index
from realtime.core.keyed import plain
from realtime.core.room import Room
from realtime.core.update import decode
from tests.room_scenes import Peer
from tests.simulation.checks import MUST_BE_REFUSED, Identity
from tests.simulation.clients import Client
from tests.simulation.history import vector_of
from tests.simulation.world import Violation

if TYPE_CHECKING:
    from tests.simulation.play import Play


def check_end(play: Play) -> None:
    """Check everything that must agree at the end. Raises `Violation`."""
    kept = play.store.kept
    log = play.store.document()
    _check_rows(kept, log, _facts_replayed(kept, play.checks.imported, play.checks.conversions.fills))
    whole = _values(log)
    vector = vector_of(log.state_vector())
    for client in play.clients:
        _check_replica(client, whole, vector)
        refused, told = _check_refusals_told(client, play.checks.refused)
        play.world.counts["edits.refused"] += refused
        play.world.counts["edits.refused_told"] += told
    for node in play.nodes:
        if node.live is not None:
            _check_room(node.live.room, whole)
    play.requests.check()


def _check_replica(client: Client, whole: dict[str, Any], vector: dict[int, int]) -> None:
    if vector_of(client.peer.doc.get_state()) != vector:
        raise Violation(f"{client.name} does not have what the log has")
    seen = {path: plain(value) for path, value in client.peer.values().items()}
    if seen != whole:
        different = {path for path in seen.keys() | whole.keys() if seen.get(path) != whole.get(path)}
        raise Violation(f"{client.name} sees something else: {sorted(different)}")


def _check_refusals_told(client: Client, refused: dict[Json, str]) -> tuple[int, int]:
    """Who has stayed since they sent it knows what was refused of it; how many were refused, and told to who stayed."""
    count = told = 0
    for value, edit in client.edits.items():
        connection = edit.connection
        count += value in refused
        if edit.shared or connection is None or connection is not client.connection or connection.congested_ever:
            continue
        if value in refused and edit.key not in client.told:
            raise Violation(f"{client.name} was not told that {edit.key} was refused")
        told += value in refused
    return count, told


def _check_room(room: Room, whole: dict[str, Any]) -> None:
    ledger = room.ledger
    draft = ledger.draft
    if _values(ledger.live._document) != whole or _values(draft.document) != whole:
        raise Violation("a node's documents are not those of the log")
    rebuilt = Index()
    rebuilt.add(decode(draft.document.difference()))
    for client, known in vector_of(draft.document.state_vector()).items():
        index = draft.index
        if index.known(client) != known or rebuilt.living(client, 0, known) != index.living(client, 0, known):
            raise Violation(f"the index is not that of the document for client {client}")


def _check_rows(kept: StoredList, document: ListDocument, said: Mapping[Identity, Json]) -> None:
    columns = [column for column in document.schema().columns.values() if not column.computed]
    single = [column.id for column in columns if not column.set_valued]
    sets = [column for column in columns if column.set_valued]
    if set(kept.rows) != set(document.rows()):
        raise Violation("the rows are not those of the document")
    for row, stored in kept.rows.items():
        standing: dict[tuple[Any, ...], tuple[Json, Json]] = {
            (FactKind.ROW, row, None): (stored.position, document.position(row)),
            (FactKind.TRASH, row, None): (stored.trashed_at is not None, document.trashed(row) is not None),
        }
        for column in single:
            standing[FactKind.CELL, row, column] = (stored.cells.get(column), document.cell(row, column))
        for place, (in_rows, in_document) in standing.items():
            told = said.get((*place, None, None))
            audited = told is not None if place[0] is FactKind.TRASH else told
            if not in_rows == in_document == audited:
                raise Violation(f"{place}: rows {in_rows}, document {in_document}, audit {audited}")
        for held in sets:
            members, in_rows = sorted(document.members(row, held.id)), sorted(map(str, stored.cells.get(held.id) or []))
            elements = (FactKind.ELEMENT, row, held.id)
            audited = [option for option in sorted(held.options) if said.get((*elements, option, None))]
            if not in_rows == members == audited:
                raise Violation(f"{row}: {held.id} {in_rows}, document {members}, audit {audited}")
    comments = {name for name in document.entries(keys.COMMENTS) if ":" not in name}
    if set(kept.comments) != comments:
        raise Violation("the comments are not those of the document")


def _facts_replayed(
    kept: StoredList, imported: Mapping[Identity, Json], fills: Sequence[tuple[int, ColumnFill]]
) -> dict[Identity, Json]:
    """What the visible facts of the audit, replayed in order over the imported and the converted cells, say is there now."""
    said = dict(imported)
    waiting = deque(fills)
    for stored in sorted(kept.facts, key=lambda fact: (fact.seq, fact.ordinal)):
        while waiting and waiting[0][0] < stored.seq:
            _fill(said, waiting.popleft()[1])
        fact = stored.entry.fact
        if stored.entry.reason is None:
            identity = (fact.kind, fact.row, fact.column, fact.attribute, fact.entity)
            if said.get(identity) != fact.old:
                raise Violation(
                    f"the audit says that {identity} was {fact.old}, and before that it is {said.get(identity)}"
                )
            said[identity] = fact.new
    for _, fill in waiting:
        _fill(said, fill)
    return said


def _fill(said: dict[Identity, Json], fill: ColumnFill) -> None:
    """What a conversion puts into a column, of which no fact speaks."""
    for row, value in fill.values.items():
        for identity in [held for held in said if held[1:3] == (row, fill.column)]:
            del said[identity]
        if isinstance(value, list):
            said |= {(FactKind.ELEMENT, row, fill.column, element, None): True for element in value}
        elif value is not None:
            said[FactKind.CELL, row, fill.column, None, None] = value


def _values(document: ListDocument) -> dict[str, Any]:
    """A document as a replica shows it."""
    peer = Peer(1 << 40)
    peer.apply(document.whole())
    values = {path: plain(value) for path, value in peer.values().items()}
    if any(isinstance(value, str) and MUST_BE_REFUSED in value for value in values.values()):
        raise Violation("a refused value is in a document")
    return values
