"""Replicas of stock yjs in Node, with the face of `tests.room_scenes.Peer`."""

from __future__ import annotations

import json
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from persistence.contract import Json

ROOT = Path(__file__).resolve().parent.parent


class Node:
    """One Node process that holds any number of replicas and runs one of the scripts in `tests/yjs`."""

    def __init__(self, script: str = "replicas.mjs") -> None:
        self._script = script

    def __enter__(self) -> Self:
        """Start it."""
        command = ["node", str(ROOT / "tests" / "yjs" / self._script), str(ROOT / "client")]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self._process.communicate(timeout=10)

    def ask(self, *command: Any) -> Any:
        """One command, one answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the Node process has ended"
        return json.loads(answer)


class YjsPeer:
    """A replica of yjs. Edits within `capture` milliseconds are one step of its undo history."""

    def __init__(self, node: Node, client: int, capture: int = 0) -> None:
        self.client = client
        self.doc = self
        self._node = node
        node.ask("make", client, capture)

    def apply(self, update: bytes) -> None:
        """Take in an update."""
        self._node.ask("apply", self.client, b64encode(update).decode())

    def set(self, values: Mapping[str, Json]) -> bytes:
        """Set keys in one transaction; `...` deletes one. Returns the update."""
        written = {name: value for name, value in values.items() if value is not ...}
        removed = [name for name, value in values.items() if value is ...]
        return b64decode(self._node.ask("set", self.client, written, removed) or b"AAA=")

    def undo(self) -> bytes | None:
        """Undo the last step; the update, if there was one."""
        update = self._node.ask("undo", self.client)
        return None if update is None else b64decode(update)

    def redo(self) -> bytes | None:
        """Redo the last undone step."""
        update = self._node.ask("redo", self.client)
        return None if update is None else b64decode(update)

    def get_state(self) -> bytes:
        """The state vector."""
        return b64decode(self._node.ask("vector", self.client))

    def get_update(self, vector: bytes | None = None) -> bytes:
        """What a replica with this state vector lacks."""
        return b64decode(self._node.ask("difference", self.client, b64encode(vector).decode() if vector else None))

    def values(self) -> dict[str, Any]:
        """Everything that the replica shows, by path; nothing of it may be pending."""
        answer = self._node.ask("values", self.client)
        assert not answer["pending"], "a replica waits for something that never comes"
        shown: dict[str, Any] = answer["shown"]
        return shown
