"""The sentences with which sockets are closed, found in the code that closes them."""

import ast
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from api.answers import auth_problem
from auth.errors import AuthReason, AuthRefused
from auth.grants import Grant, GrantKind
from realtime.core.closing import ENDINGS, SENTENCE_BYTES_MAX
from realtime.core.reasons import Behind, Excessive, Flaw, Rebuilt, Unsound

LONGEST_NUMBER = str(-(1 << 63))
PASSED_ON = {"sentence", "str(error)", "str(item.error)", "auth_problem(refused).detail", "grant.ended"}
"""Expressions for sentences that are written elsewhere: at the caller, in `ENDINGS`, or where credentials are judged."""


@pytest.fixture(scope="session")
def trees(python_sources: list[Any]) -> dict[str, ast.Module]:
    """The syntax trees of all that may close a socket."""
    return {one.name: one.tree for one in python_sources if one.name.startswith(("api/", "realtime/", "auth/"))}


def test_every_sentence_beside_a_close_code_fits_its_frame(trees: dict[str, ast.Module]) -> None:
    """What stands next to a close code is a sentence that fits, or comes from a place that the tests below judge."""
    known = constants(trees)
    spoken = [(place, known.get(text, text)) for place, part in beside_codes(trees) for text in [spelled(part)]]
    sentences = [(place, text) for place, text in spoken if text not in PASSED_ON]
    assert len(sentences) > 20
    assert [(place, text) for place, text in sentences if " " not in text or not fits(text)] == []


def test_every_flaw_of_an_update_fits_its_frame(trees: dict[str, ast.Module]) -> None:
    """An unsound message is closed with its flaw and the detail, whatever numbers stand in it."""
    sentences = [
        (f"{name}:{node.lineno}", str(Unsound(Flaw[flaw], spelled(detail))))
        for name, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Unsound"
        for flaw, detail in [(node.args[0].attr, node.args[1])]
    ]
    assert len(sentences) > 30
    assert [one for one in sentences if not fits(one[1])] == []


def test_every_other_ending_fits_its_frame() -> None:
    """The errors that close a socket speak sentences that fit."""
    others = {Excessive: Excessive(), Rebuilt: Rebuilt(), Behind: Behind()}
    assert set(ENDINGS) == {Unsound, *others}
    assert [str(one) for one in others.values() if not fits(str(one))] == []


@pytest.mark.parametrize("reason", AuthReason)
def test_every_refused_credential_fits_its_frame(reason: AuthReason) -> None:
    """A socket whose renewal is refused is told why."""
    assert fits(auth_problem(AuthRefused(reason)).detail)


@pytest.mark.parametrize("kind", GrantKind)
def test_every_ended_grant_fits_its_frame(kind: GrantKind) -> None:
    """A socket whose sign-in or key has ended is told so."""
    assert fits(Grant(kind, "some").ended)


def fits(sentence: str) -> bool:
    """The sentence can be sent in a close frame."""
    return 0 < len(sentence.encode()) <= SENTENCE_BYTES_MAX


def beside_codes(trees: dict[str, ast.Module]) -> Iterator[tuple[str, ast.expr]]:
    """Each expression that directly follows a `CloseCode` among arguments or in a tuple, and where."""
    for name, tree in trees.items():
        for node in ast.walk(tree):
            parts = node.args if isinstance(node, ast.Call) else node.elts if isinstance(node, ast.Tuple) else []
            for code, part in pairwise(parts):
                if isinstance(code, ast.Attribute) and getattr(code.value, "id", "") == "CloseCode":
                    yield f"{name}:{part.lineno}", part


def constants(trees: dict[str, ast.Module]) -> dict[str, str]:
    """The strings that modules define by name."""
    return {
        node.target.id: node.value.value
        for tree in trees.values()
        for node in tree.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    }


def spelled(part: ast.expr) -> str:
    """The text of a string, with the longest number for what is put into it; of anything else, its source."""
    if isinstance(part, ast.Constant):
        return str(part.value)
    if isinstance(part, ast.JoinedStr):
        return "".join(str(one.value) if isinstance(one, ast.Constant) else LONGEST_NUMBER for one in part.values)
    return ast.unparse(part)
