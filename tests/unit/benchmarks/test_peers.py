"""The driver that runs against any server of the protocol, and the table that says who did what."""

from random import Random
from typing import Any

import pytest
from picows import WSMsgType
from pycrdt import Doc, Map

from benchmarks.clients import ASK_FOR_ALL, Dialect, Ledger, Reader
from benchmarks.clocks import clocks_of
from benchmarks.load import Target
from benchmarks.peers.openings import Opener
from benchmarks.peers.others import plain_layout
from benchmarks.peers.scenarios import QUICK
from benchmarks.peers.table import LINES, SCENARIOS, table
from benchmarks.peers.visitor import state_of
from benchmarks.scribes import Scribe
from realtime.core import codec
from realtime.core.messages import update_message
from realtime.core.update import decode, encode

NOW = 100.0
SCRIBE, GENERATION = 5_000, (1, 0)


def seeded() -> Doc[Any]:
    """A document that holds the nested map which scribes write into."""
    document = Doc[Any](client_id=1)
    document.get("overlays", type=Map)["1"] = Map()
    return document


def scribe(ledger: Ledger, values: list[str]) -> Scribe:
    """A scribe without a connection who writes these values into one cell, one after another."""
    return Scribe(ledger, SCRIBE, GENERATION, lambda _: ("c:row:col", values.pop(0)), Random(1))


def test_a_scribe_writes_what_yjs_would() -> None:
    """The first and the second value of a cell are taken by a document, and what it makes of them is byte for byte what was sent."""
    author = scribe(Ledger(), ["first", "second"])
    taken, theirs = seeded(), seeded()
    writer = Doc[Any](client_id=SCRIBE)
    writer.apply_update(theirs.get_update())
    for value in ("first", "second"):
        before = writer.get_state()
        writer.get("overlays", type=Map)["1"]["c:row:col"] = value
        update = author.write()
        taken.apply_update(update)
        assert taken.get("overlays", type=Map)["1"]["c:row:col"] == value
        assert decode(update) == decode(writer.get_update(before))
    assert state_of(taken)[SCRIBE] == 2


def test_joined_updates_are_counted_though_their_items_name_no_key() -> None:
    """`Y.mergeUpdates` leaves away the flag for the key of an item with an origin; its edit counts all the same."""
    ledger = Ledger()
    author, reader = scribe(ledger, ["first", "second"]), Reader(ledger)
    first, second = author.write(), bytearray(author.write())
    second[second.index(0xA8)] = 0x88
    reader.take(b"\x00\x01" + codec.buffer(seeded().get_update()), NOW)
    assert list(clocks_of(bytes(second))) == [(SCRIBE, 1)]
    reader.take(update_message(first), NOW)
    reader.take(b"\x00\x02" + codec.buffer(bytes(second)), NOW)
    assert reader.edits == 2


def test_who_opens_a_list_asks_again_once_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many messages an answer takes, one question follows it: else questions and answers multiply without end."""
    sent: list[bytes] = []
    monkeypatch.setattr(Opener, "send", lambda _, frame: sent.append(frame))
    opener = Opener(Ledger(), Target("", ("overlays", "1"), [], parent=GENERATION))
    state, end = update_message(seeded().get_update()), b"\x00\x01\x02\x00\x00"
    for message in (state, end, state, state, end):
        opener.take(message, NOW)
    assert (opener.written, sent.count(ASK_FOR_ALL), len(sent)) == (1, 2, 3)


def test_all_clocks_of_an_update_are_found() -> None:
    """Runs of deleted and collected structs, nested maps and values of any number count every clock."""
    document = seeded()
    cells = document.get("overlays", type=Map)["1"]
    for number in range(3):
        cells["c:row:col"] = number
        cells["c:row:other"] = b"bytes"
    del document.get("overlays", type=Map)["1"]
    update = document.get_update()
    clocks = {clock for client, clock in clocks_of(update) if client == 1}
    assert clocks == set(range(state_of(document)[1]))
    assert encode(decode(update)) == update


def test_what_stands_before_a_message_is_put_on_and_taken_off() -> None:
    """A reader of a server that names the document before each message says so itself, and reads what follows."""
    sent: list[bytes] = []
    prefix = codec.string("homes")
    reader = Reader(Ledger(), Dialect(prefix, b"greeting"))
    reader.on_ws_connected(Line(sent))
    reader.on_ws_frame(Line(sent), Frame(prefix + b"\x00\x01\x02\x00\x00"))
    assert sent == [b"greeting", prefix + b"\x00\x00\x01\x00"]
    assert reader.synced


def test_being_admitted_is_no_refusal() -> None:
    """Hocuspocus says with the same message type that a client is let in, and that it is not."""
    reader = Reader(Ledger())
    for submessage in (b"\x02\x02\x00", b"\x02\x01\x00", b"\x02\x00\x00"):
        reader.on_ws_frame(Line([]), Frame(submessage))
    assert reader.denied == 2


def test_the_plain_layout_holds_every_cell() -> None:
    """Its updates, one after another, give a map of rows that are maps of columns."""
    document = Doc[Any]()
    updates = plain_layout([["Oak Lane", 5]] * 1_500)
    for update in updates:
        document.apply_update(update)
    rows = document.get("rows", type=Map).to_py()
    assert len(updates) == 2
    assert [sorted(row.values(), key=str) for row in rows.values()] == [[5.0, "Oak Lane"]] * 1_500


def test_the_table_names_the_best_of_those_who_did_it_all() -> None:
    """A server that lost deliveries or failed is not compared, and its cell says so; our misses stand out."""
    results = {
        "Rowhouse": {"hundred": {"p50_ms": 2.0, "p99_ms": 30.0, "server_us_per_delivery": 9.0}},
        "Fast": {"hundred": {"p50_ms": 1.0, "p99_ms": 2.0, "server_us_per_delivery": 10.0}},
        "Lossy": {"hundred": {"p50_ms": 0.1, "p99_ms": 0.2, "server_us_per_delivery": 1.0, "missing": 1_234}},
        "Broken": {"hundred": {"failed": "TimeoutError: gone"}},
    }
    _, _, p50, p99, cpu = table(results, ["hundred"]).splitlines()
    assert p50.endswith("| 2.0 | 1.0 | 0.1, 1,234 missing | failed (TimeoutError) | fsync + 4 |  | Fast |")
    assert "| < 25 | **no** | Fast |" in p99
    assert "| < 12 | yes | Rowhouse |" in cpu


def test_every_line_belongs_to_a_scenario() -> None:
    """Each scenario has lines in the table, and each line a scenario; the quick run is smaller in everything."""
    assert {line.scenario for line in LINES} == set(SCENARIOS)
    assert QUICK.seconds < 2


class Line:
    """A transport that keeps what is sent."""

    def __init__(self, sent: list[bytes]) -> None:
        self._sent = sent

    def send(self, _kind: object, frame: bytes) -> None:
        """Keep a frame."""
        self._sent.append(frame)


class Frame:
    """A binary frame."""

    def __init__(self, payload: bytes) -> None:
        self.msg_type = WSMsgType.BINARY
        self._payload = payload

    def get_payload_as_bytes(self) -> bytes:
        """What it holds."""
        return self._payload
