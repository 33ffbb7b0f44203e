"""A batch as the arguments of the commit statement."""

from types import MappingProxyType

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from persistence.contract import CommentPatch
from persistence.payload import arguments, json_text
from tests.list_scenes import ANA, batch, moment, row_patch


@given(st.text(st.sampled_from('\\u0\x00a"')))
def test_only_a_real_nul_is_refused(text: str) -> None:
    """Text is refused exactly when it holds a NUL character, however it spells the escape of one."""
    if "\x00" in text:
        with pytest.raises(AssertionError, match="NUL"):
            json_text([text])
    else:
        assert orjson.loads(json_text([text])) == [text]


def test_any_mapping_and_sequence_is_plain_json() -> None:
    """Read-only mappings and tuples inside contract records are written as objects and arrays."""
    comment = CommentPatch("c", "quay", None, None, ANA, moment(0), "", mentions=(ANA,))
    assert orjson.loads(json_text(MappingProxyType({"a": range(2)}))) == {"a": [0, 1]}
    assert orjson.loads(json_text(comment))["mentions"] == [ANA]


def test_what_is_no_json_is_an_error() -> None:
    """A value that JSON does not know is our mistake, not silently a text."""
    with pytest.raises(TypeError):
        json_text({"a": {1, 2}})


def test_a_batch_has_an_update() -> None:
    """A batch without updates could not be numbered."""
    with pytest.raises(AssertionError, match="without updates"):
        arguments(batch(0, 0))


def test_patches_of_one_row_become_one() -> None:
    """The statement gets each row once: last values, and which cells to empty first."""
    patches = [row_patch("quay", {"a": 1, "b": None}), row_patch("quay", {"a": None, "b": 2}, update=1)]
    (row,) = orjson.loads(arguments(batch(0, 2, rows=patches))[11])
    assert (row["set"], row["cleared"], row["u"]) == ({"b": 2}, ["b", "a"], 1)
