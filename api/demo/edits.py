"""The demo's recent past: edits and comments as the four people would have made them. Pure: a plan of writes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from api.demo import words
from api.demo.chance import Chance
from api.demo.sheets import NewId, Sheet
from auth.principals import Principal
from persistence.contract import Json
from realtime.core.writes import AddComment, ResolveComment, SetCell, TrashRow, Write
from snapshots.columns import Column

EDITS_DEFAULT = 240
_THREADS = 8
_RENT_STEP = 50
_TOP_ROWS = 40
_RECENT_ROWS = 800
_STATUS: Final = {"properties": "StandardStatus", "tasks": "Status", "leases": "LeaseStatus"}


@dataclass(frozen=True, slots=True)
class Edit:
    """What one person writes into one list at once."""

    list_id: str
    person: Principal
    writes: Sequence[Write]


def plan_edits(
    chance: Chance, sheets: Sequence[Sheet], people: Sequence[Principal], new_id: NewId, *, edits: int = EDITS_DEFAULT
) -> Iterator[Edit]:
    """Plan that many edits of cells, a row put into the trash, one taken out again, and some comment threads.

    `people` are the owner, the admin, the editor and the member; the member only comments.
    """
    sheet_of = {sheet.key: sheet for sheet in sheets}
    editors = people[:3]
    for _ in range(edits):
        sheet = sheet_of[chance.one(("properties", "properties", "properties", "tasks", "leases"))]
        person = chance.one(editors)
        yield Edit(sheet.id, person, _changes(chance, sheet, person))
    yield from _trash(chance, sheet_of["properties"], editors[-1])
    for _ in range(_THREADS):
        yield from _thread(chance, sheet_of["properties"], people, new_id)


def _changes(chance: Chance, sheet: Sheet, person: Principal) -> Sequence[Write]:
    row = _row(chance, sheet, _RECENT_ROWS)

    def put(name: str, value: Json) -> SetCell:
        return SetCell(row, sheet.column(name).id, value)

    status = put(_STATUS[sheet.key], chance.one(_options(sheet.column(_STATUS[sheet.key]))))
    match sheet.key:
        case "properties":
            price = put("ListPrice", chance.between(90, 1_900) * 1_000)
            note = put("PrivateRemarks", chance.one(words.PROPERTY_NOTES))
            agent = put("ListAgent", person.user_id)
            view = put("View", list(chance.some(_options(sheet.column("View")), 4)))
            return chance.one(((price,), (status,), (status, price), (note,), (agent, status), (view,)))
        case "tasks":
            progress = put("Progress", chance.between(0, 10) / 10)
            return chance.one(((status,), (progress,), (status, progress)))
        case _:
            rent = put("LeaseAmount", chance.between(18, 96) * _RENT_STEP)
            return chance.one(((status,), (rent,)))


def _row(chance: Chance, sheet: Sheet, among: int) -> str:
    return chance.one(sheet.row_ids[:among])


def _options(column: Column) -> Sequence[str]:
    return tuple(column.options)


def _trash(chance: Chance, sheet: Sheet, person: Principal) -> Iterator[Edit]:
    gone, back = (_row(chance, sheet, _RECENT_ROWS) for _ in range(2))
    yield Edit(sheet.id, person, (TrashRow(back, trashed=True),))
    yield Edit(sheet.id, person, (TrashRow(back, trashed=False),))
    yield Edit(sheet.id, person, (TrashRow(gone, trashed=True),))


def _thread(chance: Chance, sheet: Sheet, people: Sequence[Principal], new_id: NewId) -> Iterator[Edit]:
    row = _row(chance, sheet, _TOP_ROWS)  # near the top, where somebody will see it
    column = chance.one((None, sheet.column("ListPrice").id, sheet.column("StandardStatus").id))
    asking, answering = chance.random.sample(people, 2)
    question, answer = new_id(), new_id()
    body = chance.one(words.COMMENTS)
    yield Edit(sheet.id, asking, (AddComment(question, row, column, None, body, (answering.user_id,)),))
    reply = AddComment(answer, row, column, question, chance.one(words.COMMENTS))
    yield Edit(sheet.id, answering, (reply,))
    if chance.between(0, 2) == 0:
        yield Edit(sheet.id, asking, (ResolveComment(question, resolved=True),))
