"""What a log may hold, case by case; that it holds nothing else in real traffic is shown by `test_log_canaries`."""

import ast
import io
import json
import logging
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
import structlog

from api.log_errors import description, trace_of
from api.log_fields import FIELDS, WITHHELD, shaped
from api.logs import UNWRITABLE, configure_logs

PACKAGES = ("api", "auth", "persistence", "realtime", "snapshots")
LEVELS = {"debug", "info", "warning", "error", "exception", "critical", "log", "msg"}
ROOT = Path(__file__).resolve().parents[3]
CANARY = "kanarienvogel"


@pytest.fixture
def written() -> io.StringIO:
    """What the log has written."""
    stream = io.StringIO()
    configure_logs("debug", "json", node="node-1", stream=stream)
    return stream


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    """The lines, each read as JSON."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def fail(error: Exception) -> None:
    """Raise an exception from a frame that holds it."""
    raise error


@pytest.mark.rule("OPS-2")
@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("list_id", "V1StGXR8_Z5jdHi6", True),
        ("list_id", "1 Quay Street", False),
        ("list_id", "x" * 65, False),
        ("list_id", "line\nbreak", False),
        ("list_id", 7, False),
        ("list_id", None, True),
        ("count", 12, True),
        ("count", "12", False),
        ("count", 10**30, False),
        ("seconds", 0.25, True),
        ("seconds", float("nan"), False),
        ("route", "/api/lists/{list_id}/records", True),
        ("route", "/api/lists/V1StGXR8?ticket=t", False),
        ("method", "GET", True),
        ("method", "BREW", False),
        ("error", "StoreUnavailable", True),
        ("error", "Key (email)=(ana@example.com)", False),
        ("value", "anything", False),
        ("password", None, True),
    ],
)
def test_a_field_holds_its_shape_and_nothing_else(name: str, value: object, *, kept: bool) -> None:
    """An unknown field, or a value of another shape, is withheld."""
    assert shaped(name, value) == (value if kept else WITHHELD)


@pytest.mark.rule("OPS-2")
def test_our_own_lines_are_constant_texts_with_known_fields() -> None:
    """Each call of a logger in the packages has a literal text, and keywords that the table knows."""
    wrong, seen = [], 0
    for path in sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LEVELS):
                continue
            if not (isinstance(node.func.value, ast.Name) and node.func.value.id.lower() in {"_log", "log", "logger"}):
                continue
            seen += 1
            literal = len(node.args) == 1 and isinstance(node.args[0], ast.Constant)
            names = {keyword.arg for keyword in node.keywords} - {None, "exc_info"}
            if not literal or names - FIELDS.keys():
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert seen > 5
    assert wrong == []


@pytest.mark.rule("OPS-2", "OPS-3")
def test_a_librarys_line_says_its_text_without_what_was_filled_in(written: io.StringIO) -> None:
    """The text of the source is kept; arguments, and texts that were put together, are withheld."""
    library = logging.getLogger("some.library")
    library.warning("connection to %s lost", CANARY)
    library.warning(f"connection to {CANARY} lost")
    library.warning({CANARY: CANARY})
    said = lines(written)
    assert [line["event"] for line in said] == ["connection to %s lost", WITHHELD, WITHHELD]
    assert {line["logger"] for line in said} == {"some.library"}
    assert CANARY not in written.getvalue()


@pytest.mark.rule("OPS-2")
def test_an_exception_is_told_without_what_it_says(written: io.StringIO) -> None:
    """Messages, notes, locals, causes, groups and other libraries' exceptions: types and places alone remain."""
    log, secret = structlog.get_logger("api.test"), CANARY
    try:
        try:
            fail(KeyError(secret))
        except KeyError as error:
            error.add_note(secret)
            raise ExceptionGroup(secret, [ValueError(secret), RuntimeError(secret)]) from error
    except ExceptionGroup:
        log.exception("it failed", list_id=secret * 9, value=secret)
    (line,) = lines(written)
    assert CANARY not in written.getvalue()
    assert line["list_id"] == line["value"] == WITHHELD
    for part in ("Traceback (most recent call last):", "KeyError", "ExceptionGroup", "ValueError", "direct cause"):
        assert part in line["exception"]
    assert "raise error" in line["exception"]


@pytest.mark.rule("OPS-2")
def test_the_codes_of_an_exception_are_told() -> None:
    """SQLSTATE, table and constraint name come from the schema, an error number from the system."""

    class DatabaseSays(Exception):
        sqlstate, constraint_name, table_name, detail = "23505", "users_email_key", "users", CANARY

    assert description(DatabaseSays(CANARY)).endswith(
        "DatabaseSays (sqlstate 23505, table_name users, constraint_name users_email_key)"
    )
    assert description(OSError(28, CANARY)) == "OSError (errno 28)"
    DatabaseSays.constraint_name = f"{CANARY} = 'x'"
    assert CANARY not in description(DatabaseSays(CANARY))
    assert trace_of(ValueError(CANARY)) == "Traceback (most recent call last):\nValueError"


@pytest.mark.rule("OPS-3")
def test_a_line_is_one_json_object_with_node_level_and_time(written: io.StringIO) -> None:
    """What was bound to the context stands in it too."""
    with structlog.contextvars.bound_contextvars(request_id="request-1"):
        structlog.get_logger("realtime.test").warning("commit unanswered", list_id="list-1", expected_head=7)
    (line,) = lines(written)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "commit unanswered",
        "level": "warning",
        "node": "node-1",
        "request_id": "request-1",
        "list_id": "list-1",
        "expected_head": 7,
    }


@pytest.mark.rule("OPS-3")
@pytest.mark.parametrize(("form", "is_json"), [("json", True), ("auto", True), ("text", False)])
def test_the_format_is_chosen(written: io.StringIO, form: Any, *, is_json: bool) -> None:
    """JSON where no terminal is, text where it was asked for; a traceback is readable in both."""
    stream = io.StringIO()
    configure_logs("info", form, stream=stream)
    try:
        fail(ValueError(CANARY))
    except ValueError:
        structlog.get_logger("api.test").exception("it failed", count=1)
    assert stream.getvalue().startswith("{") is is_json
    assert "it failed" in stream.getvalue()
    assert "Traceback (most recent call last):" in stream.getvalue()
    assert CANARY not in stream.getvalue()


@pytest.mark.rule("OPS-3")
@pytest.mark.parametrize(
    ("level", "ours", "libraries"), [("debug", 4, 4), ("info", 3, 2), ("warning", 2, 2), ("error", 1, 2)]
)
def test_the_level_is_chosen(written: io.StringIO, level: Any, ours: int, libraries: int) -> None:
    """Ours from the level on; libraries from warnings on, and in full at debug."""
    stream = io.StringIO()
    configure_logs(level, "json", stream=stream)
    for name in ("debug", "info", "warning", "error"):
        getattr(structlog.get_logger("api.test"), name)("ours")
        getattr(logging.getLogger("some.library"), name)("a library's")
    events = [line["event"] for line in lines(stream)]
    assert (events.count("ours"), events.count("a library's")) == (ours, libraries)


@pytest.mark.rule("OPS-3")
def test_what_goes_past_every_logger_is_caught() -> None:
    """In a process of its own: warnings, a thread's end, an exception in a destructor, and the process's end."""
    program = f"""
import logging, threading, warnings
from api.logs import catch_strays, configure_logs
catch_strays()
configure_logs("info", "auto")
warnings.warn("{CANARY}", RuntimeWarning)
logging.getLogger("some.library").error("%d rows", "{CANARY}")
class Late:
    def __del__(self):
        raise ValueError("".join(("{CANARY[:4]}", "{CANARY[4:]}")))
def work():
    Late()
    raise ValueError("".join(("{CANARY[:4]}", "{CANARY[4:]}")))
thread = threading.Thread(target=work)
thread.start()
thread.join()
work()
"""
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert CANARY not in ran.stdout + ran.stderr
    events = [json.loads(line)["event"] for line in ran.stderr.splitlines()]
    assert json.loads(UNWRITABLE)["event"] in events
    assert "a thread ended by an exception" in events
    assert "an exception could not be raised" in events
    assert events[-1] == "the process ends by an exception"


def test_warnings_are_still_errors_here() -> None:
    """Setting up the log has not changed what the test run does with warnings."""
    with pytest.raises(UserWarning, match="told"):
        warnings.warn("told", UserWarning, stacklevel=1)
