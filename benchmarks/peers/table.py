"""The scenarios by name, and one table of what came of them: every server, the aim, and who is best in each line."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.peers.openings import big_list, idle, small_lists
from benchmarks.peers.presence import walking
from benchmarks.peers.scenarios import Play, climb, kills, steady, two_nodes

OURS = "Rowhouse"
Results = Mapping[str, Mapping[str, Mapping[str, Any]]]

SCENARIOS: dict[str, Play] = {
    "hundred": steady(lambda scale: scale.receivers, 10, 50),
    "five-hundred": steady(lambda scale: scale.receivers_many, 50, 100),
    "thousand-edits": steady(lambda scale: scale.receivers, 50, 1_000),
    "climb": climb,
    "kills": kills,
    "big-list": big_list,
    "small-lists": small_lists,
    "presence": walking(0),
    "presence-crowd": walking(1),
    "idle": idle,
    "two-nodes": two_nodes,
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: where its figure stands, how it is written, whether more is better, what is aimed at."""

    scenario: str
    what: str
    figure: str
    form: str = "{:,.1f}"
    more_is_better: bool = False
    aim: str = ""
    reached: Callable[[float], bool] | None = None


def below(most: float) -> Callable[[float], bool]:
    """The aim of being less than that."""
    return lambda figure: figure < most


def above(least: float) -> Callable[[float], bool]:
    """The aim of being more than that."""
    return lambda figure: figure > least


LINES = (
    Line("hundred", "100 receivers, 10 writers, 50 edits/s: p50, ms", "p50_ms", aim="fsync + 4"),
    Line("hundred", "same: p99, ms", "p99_ms", aim="< 25", reached=below(25)),
    Line("hundred", "same: server CPU per delivery, us", "server_us_per_delivery", aim="< 12", reached=below(12)),
    Line("five-hundred", "500 receivers, 50 writers, 100 edits/s: p50, ms", "p50_ms", aim="< 12", reached=below(12)),
    Line("five-hundred", "same: p99, ms", "p99_ms", aim="< 40", reached=below(40)),
    Line("five-hundred", "same: server CPU per delivery, us", "server_us_per_delivery", aim="< 4", reached=below(4)),
    Line("thousand-edits", "1,000 edits/s, 100 receivers: p99, ms", "p99_ms", aim="< 30", reached=below(30)),
    Line("thousand-edits", "same: server, share of a core", "server_core", "{:.2f}", aim="< 0.6", reached=below(0.6)),
    Line("thousand-edits", "same: its database, share of a core", "database_core", "{:.2f}"),
    Line("climb", "most edits/s to 100 receivers, p99 < 250 ms", "most_edits_per_second", "{:,.0f}", more_is_better=True, aim="> 5,000", reached=above(5_000)),
    Line("kills", "seen by a teammate, lost after SIGKILL", "lost_share", "{:.1%}", aim="0", reached=lambda figure: figure == 0),
    Line("kills", "same: kills after which the older document was gone too", "older_document_lost", "{:.0f}", aim="0", reached=lambda figure: figure == 0),
    Line("big-list", "100,000 x 10, open warm: s", "warm_seconds", "{:.2f}", aim="< 0.1", reached=below(0.1)),
    Line("big-list", "same: MiB sent", "mebibytes_sent", aim="< 5", reached=below(5)),
    Line("big-list", "five open it at once: s", "five_at_once_seconds", "{:.2f}"),
    Line("big-list", "somebody in another list waits meanwhile: ms", "waits_beside_ms", "{:,.0f}", aim="< 50", reached=below(50)),
    Line("big-list", "open cold after a restart: s", "cold_seconds", "{:.2f}", aim="< 0.4", reached=below(0.4)),
    Line("big-list", "server memory for it, filled: MiB", "mebibytes_filled", "{:,.0f}", aim="< 60", reached=below(60)),
    Line("big-list", "same after a cold open: MiB", "mebibytes_after_cold", "{:,.0f}", aim="< 60", reached=below(60)),
    Line("small-lists", "1,000 small lists opened and edited once: lists/s", "lists_per_second", "{:,.0f}", more_is_better=True, aim="> 300", reached=above(300)),
    Line("small-lists", "same: memory each with its connection, KiB", "kibibytes_each", "{:,.0f}", aim="< 120", reached=below(120)),
    Line("presence", "100 people move once a second: p95, ms", "p95_ms", "{:,.0f}", aim="< 150", reached=below(150)),
    Line("presence", "same: server, share of a core", "server_core", "{:.2f}"),
    Line("presence-crowd", "500 people move once a second: p95, ms", "p95_ms", "{:,.0f}", aim="< 150", reached=below(150)),
    Line("presence-crowd", "same: server, share of a core", "server_core", "{:.2f}", aim="< 0.30", reached=below(0.3)),
    Line("idle", "2,000 idle connections: KiB each", "kibibytes_each", "{:,.0f}", aim="< 35", reached=below(35)),
    Line("idle", "same: server, share of a core", "server_core", "{:.3f}", aim="< 0.01", reached=below(0.01)),
    Line("two-nodes", "two nodes by Redis, 10,000 rows: p50, ms", "p50_ms", aim="< 8", reached=below(8)),
    Line("two-nodes", "same: p99, ms", "p99_ms", aim="< 25", reached=below(25)),
)  # fmt: skip


def table(results: Results, scenarios: Sequence[str]) -> str:
    """The table in Markdown; a server that failed, lost deliveries or offers no such thing says so in its cell."""
    servers = list(results)
    head = ["what", *servers, "aim", "reached", "best"]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    asked = [line for line in LINES if line.scenario in scenarios]
    lines += [f"| {' | '.join(cells_of(line, results, servers))} |" for line in asked]
    return "\n".join(lines)


def cells_of(line: Line, results: Results, servers: Sequence[str]) -> list[str]:
    """The cells of one line."""
    outcomes = {server: results[server].get(line.scenario, {}) for server in servers}
    cells = [cell_of(line, outcomes[server]) for server in servers]
    counted = {server: float(outcomes[server][line.figure]) for server in servers if sound(line, outcomes[server])}
    best = (max if line.more_is_better else min)(counted.values(), default=None)
    winners = [server for server, figure in counted.items() if figure == best]
    met = ""
    if line.reached is not None and OURS in outcomes:
        met = "yes" if OURS in counted and line.reached(counted[OURS]) else "**no**"
    return [line.what, *cells, line.aim, met, ", ".join(winners)]


def sound(line: Line, outcome: Mapping[str, Any]) -> bool:
    """Whether a figure may be compared: the server did all that the scenario asked for."""
    return line.figure in outcome and not outcome.get("missing") and not outcome.get("ended")


def cell_of(line: Line, outcome: Mapping[str, Any]) -> str:
    """What one server's cell says."""
    if "failed" in outcome:
        return f"failed ({str(outcome['failed']).partition(':')[0]})"
    if line.figure not in outcome:
        return "-"
    cell = line.form.format(outcome[line.figure])
    if outcome.get("missing"):
        cell += f", {outcome['missing']:,} missing"
    if outcome.get("ended"):
        cell += ", connections lost"
    return cell
