"""What files contain never depends on the locale: every text is read and written as UTF-8."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = [path for folder in ("sim", "benchmarks", "docs") for path in sorted((ROOT / folder).rglob("*.py"))]
_TEXT = {"read_text": 0, "write_text": 1}
#: Modules whose ``open`` takes something else than a mode as its first argument.
_FOREIGN = {"os", "archive", "Image"}


def unsaid(source: str) -> Iterator[int]:
    """Lines of calls that leave the encoding of a text to the locale."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or any(word.arg == "encoding" for word in node.keywords):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        holder = getattr(getattr(node.func, "value", None), "id", "")
        text = name in _TEXT and len(node.args) <= _TEXT[name]
        opened = name == "open" and holder not in _FOREIGN and "b" not in _mode(node)
        told = name in ("tr", "ntr")  # a sentence with a field of that name
        spoken = not told and any(word.arg in ("text", "universal_newlines") for word in node.keywords)
        if text or opened or spoken:
            yield node.lineno


def _mode(call: ast.Call) -> str:
    """Mode of an ``open``, the built-in one or a path's."""
    place = 1 if isinstance(call.func, ast.Name) or getattr(call.func.value, "id", "") == "gzip" else 0
    named = [word.value for word in call.keywords if word.arg == "mode"]
    given = named or call.args[place : place + 1]
    return str(getattr(given[0], "value", "")) if given else "r"


@pytest.mark.parametrize(
    "line",
    [
        "path.read_text()",
        "path.write_text(text)",
        "open(path)",
        "open(path, 'w')",
        "path.open()",
        "path.open(mode='a')",
        "run(words, text=True)",
    ],
)
def test_the_scan_finds_what_it_looks_for(line):
    assert list(unsaid(line)) == [1]
    comma = "" if line.endswith("()") else ", "
    assert list(unsaid(f"{line[:-1]}{comma}encoding='utf-8')")) == []


def test_no_text_is_left_to_the_locale():
    found = {
        f"{path.relative_to(ROOT)}:{line}"
        for path in FILES
        for line in unsaid(path.read_text(encoding="utf-8"))
    }
    assert found == set()
