"""The permission table, its page and its doors tell the same; nothing that can be touched is without a rule."""

from pathlib import Path

import pytest
from fastapi.routing import APIRoute, APIWebSocketRoute, iter_route_contexts

from api.app import create_app
from api.settings import Settings
from auth.permissions import Action
from persistence.contract import FactKind
from tests.doors import SOCKETS, WITHOUT_DOOR, doors
from tests.key_rules import RULES, key_of, kinds, shapes
from tests.permission_page import SENTENCES, page


@pytest.mark.rule("AUTH-21")
def test_the_page_is_what_the_table_says(root: Path) -> None:
    """`python -m tests.permission_page` writes it anew."""
    assert (root / "docs" / "PERMISSIONS.md").read_text(encoding="utf-8") == page()
    assert set(SENTENCES) == set(Action)


@pytest.mark.rule("AUTH-22")
def test_every_action_has_a_door_or_is_known_to_have_none() -> None:
    """A route or key with an action that had no door takes it off the list of those."""
    assert doors().keys() | WITHOUT_DOOR == set(Action)
    assert doors().keys() & WITHOUT_DOOR == set()


@pytest.mark.rule("AUTH-22")
def test_every_kind_of_key_has_a_rule() -> None:
    """Each root, attribute and letter of the document, and each kind of fact."""
    assert {rule.shape for rule in RULES} == shapes()
    assert kinds() == set(FactKind)
    assert all(key_of(rule) for rule in RULES)


@pytest.mark.rule("AUTH-22")
def test_every_socket_has_a_rule() -> None:
    """A new socket needs a row; calls have theirs in the table of `test_access`. Nothing else is routed below `/api` or `/ws`."""
    routes = [context.original_route for context in iter_route_contexts(create_app(Settings(secret="s" * 40)).routes)]
    assert {route.path for route in routes if isinstance(route, APIWebSocketRoute)} == set(SOCKETS)
    odd = [route for route in routes if not isinstance(route, APIRoute | APIWebSocketRoute)]
    assert [route for route in odd if getattr(route, "path", "").startswith(("/api/", "/ws"))] == [
        route for route in odd if getattr(route, "path", "") == "/api/openapi.json"
    ]
