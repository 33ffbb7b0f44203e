"""The specification and the tests name the same rules."""

import ast
import re
from collections import Counter
from pathlib import Path
from typing import Any

RULE = re.compile(r"^(?:[-*] )?\*\*([A-Z]+-\d+)\*\*", re.MULTILINE)
TITLE = re.compile(r"""\b(?:test|it|describe)(?:\.each\([^;]*?\))?\(\s*['"`]((?:\[[A-Z]+-\d+\]\s*)+)""")
ID = re.compile(r"[A-Z]+-\d+")
CITED = re.compile(r"\b(?:WIRE|GATE|ROOM|PRES|LOG|SNAP|DATA|AUTH|API|BUS|OPS|WEB)-\d+\b")


def written(root: Path) -> list[str]:
    """The ids of the rules in docs/SPEC.md, in order."""
    return RULE.findall((root / "docs" / "SPEC.md").read_text(encoding="utf-8"))


def shown(python_sources: list[Any], script_sources: list[Any]) -> dict[str, str]:
    """The ids that tests name, each with a file that names it."""
    found = {}
    for source in (source for source in python_sources if source.name.startswith("tests/")):
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.rule":
                found |= {argument.value: source.name for argument in node.args if isinstance(argument, ast.Constant)}
    for source in script_sources:
        found |= {rule: source.name for ids in TITLE.findall(source.text) for rule in ID.findall(ids)}
    return found


def test_an_id_is_used_once(root: Path) -> None:
    """No two rules have the same id."""
    assert [rule for rule, times in Counter(written(root)).items() if times > 1] == []


def test_every_rule_has_a_test(root: Path, python_sources: list[Any], script_sources: list[Any]) -> None:
    """Each rule of the specification is shown by at least one test that names it."""
    rules = written(root)
    assert rules
    assert sorted(set(rules) - shown(python_sources, script_sources).keys()) == []


def test_every_test_names_a_rule_that_exists(root: Path, python_sources: list[Any], script_sources: list[Any]) -> None:
    """A marker with an unknown id is a slip."""
    rules = set(written(root))
    assert {rule: name for rule, name in shown(python_sources, script_sources).items() if rule not in rules} == {}


def test_comments_cite_rules_that_exist(root: Path, sources: list[Any]) -> None:
    """Code and pages cite no rule that the specification does not hold."""
    rules = set(written(root))
    examples = {"docs/SPEC.md", "docs/STYLE.md", "tests/architecture/test_specification.py"}
    cited = {
        (rule, source.name) for source in sources if source.name not in examples for rule in CITED.findall(source.text)
    }
    assert sorted((rule, name) for rule, name in cited if rule not in rules) == []
