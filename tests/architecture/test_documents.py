"""The documentation points at things that exist."""

import re
from pathlib import Path
from typing import Any

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
NAMED_TEST = re.compile(r"`([\w*]+\.py)`")
HEADING = re.compile(r"^#+ +(.+?)\s*$", re.MULTILINE)
DOCUMENTS = (
    *("README.md", "CHANGELOG.md", "docs/ARCHITECTURE.md", "docs/SPEC.md", "docs/STYLE.md", "docs/GLOSSARY.md"),
    *("docs/API.md", "docs/PERMISSIONS.md", "docs/THREATS.md", "docs/OPERATIONS.md"),
)


def anchors(text: str) -> set[str]:
    """The anchors that a page's headings make."""
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in HEADING.findall(text)]
    return {heading.replace(" ", "-") for heading in plain}


def test_the_documents_are_there(root: Path) -> None:
    """The pages that a newcomer looks for exist, and the licence with them."""
    assert [name for name in (*DOCUMENTS, "LICENSE") if not (root / name).is_file()] == []


def test_links_in_documents_resolve(root: Path, sources: list[Any]) -> None:
    """Every relative link names a file, and every anchor a heading of it."""
    broken = []
    for source in (source for source in sources if source.name.endswith(".md")):
        for link in LINK.findall(source.text):
            place, _, anchor = link.partition("#")
            target = (root / source.name).parent / place if place else root / source.name
            if "://" in link or link.startswith("mailto:"):
                continue
            if not target.exists() or (anchor and anchor not in anchors(target.read_text(encoding="utf-8"))):
                broken.append(f"{source.name}: {link}")
    assert broken == []


def test_threats_are_shown_by_tests_that_exist(root: Path) -> None:
    """Every file that the page of threats names as a proof is there."""
    named = set(NAMED_TEST.findall((root / "docs" / "THREATS.md").read_text(encoding="utf-8")))
    assert named
    assert sorted(name for name in named if not list((root / "tests").rglob(name))) == []
