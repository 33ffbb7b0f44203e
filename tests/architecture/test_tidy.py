"""The repository lints itself: what docs/STYLE.md asks for and no other tool looks at."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PACKAGES = ("api", "auth", "persistence", "realtime", "snapshots")
MODULE_LINES_MAX = 300
FUNCTION_LINES_MAX = 50
TSX_LINES_MAX = 250
LEFT_UNDONE = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b|\bfor now\b", re.IGNORECASE)
MACHINE_PATH = re.compile(r"(?<![\w.:/-])/(?:root|home|work|Users)/\w")
SCRIPT_NOT_RUN = re.compile(r"\b(?:test|it|describe)\.(?:skip|only|todo|fails)\b|\bx(?:it|describe)\(")
VAGUE = re.compile(r"(?:^|_)(?:manager|helper|helpers|util|utils|misc)(?:_|$)", re.IGNORECASE)
BROAD = {"Exception", "BaseException"}
NOT_RUN = {"skip", "skipif", "xfail", "importorskip"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.Module) -> Iterator[Function]:
    """Every function of a module, methods and nested ones included."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def body_lines(function: Function) -> int:
    """The lines of a function's body without its docstring."""
    first = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (function.end_lineno or 0) - first[0].lineno + 1 if first else 0


def test_modules_are_short(python_sources: list[Any], script_sources: list[Any]) -> None:
    """No module has more than 300 lines, no TSX file more than 250."""
    limits = [
        (source, TSX_LINES_MAX if source.name.endswith(".tsx") else MODULE_LINES_MAX) for source in script_sources
    ]
    limits += [(source, MODULE_LINES_MAX) for source in python_sources]
    assert [f"{source.name}: {len(source.lines)}" for source, most in limits if len(source.lines) > most] == []


def test_functions_are_short(python_sources: list[Any]) -> None:
    """No function's body has more than 50 lines."""
    long = [
        f"{source.name}:{function.lineno} {function.name}: {body_lines(function)}"
        for source in python_sources
        for function in functions(source.tree)
        if body_lines(function) > FUNCTION_LINES_MAX
    ]
    assert long == []


def test_modules_state_their_concept(python_sources: list[Any]) -> None:
    """Every Python module has a docstring."""
    assert [
        source.name for source in python_sources if source.text.strip() and not ast.get_docstring(source.tree)
    ] == []


def test_packages_hold_nothing_but_the_program(root: Path) -> None:
    """Below the packages there are modules and what they read at run time, no notes."""
    files = [path for package in PACKAGES for path in (root / package).rglob("*") if path.is_file()]
    strays = [str(path.relative_to(root)) for path in files if path.suffix not in {".py", ".pyc", ".mako", ".json"}]
    assert strays == []


def test_names_are_nouns_of_the_domain(python_sources: list[Any], script_sources: list[Any]) -> None:
    """No module is called after what it is not."""
    parts = [(source.name, part) for source in [*python_sources, *script_sources] for part in source.name.split("/")]
    assert [name for name, part in parts if VAGUE.search(part.rsplit(".", 1)[0])] == []


def test_broad_handlers_say_what_survives(python_sources: list[Any]) -> None:
    """`except Exception` stands only where a comment on its line says why."""
    silent = [
        f"{source.name}:{node.lineno}"
        for source in python_sources
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ExceptHandler) and is_broad(node) and "#" not in source.lines[node.lineno - 1]
    ]
    assert silent == []


def is_broad(handler: ast.ExceptHandler) -> bool:
    """Tell whether a handler catches everything."""
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or (isinstance(kind, ast.Name) and kind.id in BROAD) for kind in caught)


def test_every_test_says_what_holds(python_sources: list[Any]) -> None:
    """Every Python test has a docstring."""
    mute = [
        f"{source.name}:{function.lineno} {function.name}"
        for source in python_sources
        if source.name.startswith("tests/")
        for function in functions(source.tree)
        if function.name.startswith("test_") and not ast.get_docstring(function)
    ]
    assert mute == []


def test_no_test_is_skipped(python_sources: list[Any], script_sources: list[Any]) -> None:
    """Nothing is skipped, expected to fail, or run alone."""
    skipped = [
        f"{source.name}:{node.lineno}"
        for source in python_sources
        if source.name.startswith("tests/")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and node.attr in NOT_RUN and ast.unparse(node.value).startswith("pytest")
    ]
    skipped += [source.name for source in script_sources if SCRIPT_NOT_RUN.search(source.text)]
    assert skipped == []


def test_no_test_waits_for_time(python_sources: list[Any]) -> None:
    """A test waits for a condition: no sleep of a fixed length (`asyncio.sleep(0)` only lets others run)."""
    naps = [
        f"{source.name}:{node.lineno}"
        for source in python_sources
        if source.name.startswith("tests/")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and is_nap(node)
    ]
    assert naps == []


def is_nap(call: ast.Call) -> bool:
    """Tell whether a call sleeps for a number of seconds written down there."""
    name = ast.unparse(call.func)
    if name.endswith("wait_for_timeout"):
        return True
    if name not in {"time.sleep", "asyncio.sleep", "sleep"} or not call.args:
        return False
    length = call.args[0]
    return name == "time.sleep" or (isinstance(length, ast.Constant) and length.value != 0)


def test_nothing_is_left_undone(sources: list[Any]) -> None:
    """No file holds a note about work that was put off."""
    own = "tests/architecture/test_tidy.py"
    written = [source for source in sources if source.name != own and not source.name.endswith("package-lock.json")]
    marks = [
        f"{source.name}:{number}"
        for source in written
        for number, line in enumerate(source.lines, start=1)
        if LEFT_UNDONE.search(line)
    ]
    assert marks == []


def test_no_path_of_one_machine(sources: list[Any]) -> None:
    """No file names a folder that exists on its author's machine only."""
    named = [
        f"{source.name}:{number}"
        for source in sources
        for number, line in enumerate(source.lines, start=1)
        if MACHINE_PATH.search(line)
    ]
    assert named == []
