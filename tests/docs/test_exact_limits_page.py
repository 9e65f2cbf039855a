"""``docs/exact_limits.md`` executes, and every limit it lists has its function and its test."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.docs

PAGE = Path(__file__).parents[2] / "docs" / "exact_limits.md"
TEXT = PAGE.read_text(encoding="utf-8")
BLOCKS = re.findall(r"## (.*?)\n.*?```python\n(.*?)```", TEXT, re.DOTALL)
ROWS = re.findall(r"^\| (X\d\d) \| .*? \| (.*?) \| \[.*?\]\((.*?)\) \|$", TEXT, re.MULTILINE)
LIMITS = ["X03", "X04", "X05", "X06", "X07", "X08", "X09", "X11", "X12", "X13", "X15", "X22", "X23", "X24"]


def test_the_page_lists_the_limits():
    assert [limit for limit, _, _ in ROWS] == LIMITS
    assert len(BLOCKS) == TEXT.count("```python") == 7


@pytest.mark.parametrize(("title", "code"), BLOCKS, ids=[title.split(":")[0] for title, _ in BLOCKS])
def test_a_snippet_runs_and_finds_the_theory(title, code):
    assert "assert" in code, title
    exec(compile(code, f"{PAGE.name}: {title}", "exec"), {"__name__": "page"})


@pytest.mark.parametrize(("limit", "functions", "test"), ROWS, ids=LIMITS)
def test_a_limit_has_its_function_and_its_test(limit, functions, test):
    path = (PAGE.parent / test).resolve()
    spans = [
        (int(a), int(b or a))
        for a, b in re.findall(r"X(\d\d)(?:-X(\d\d))?", path.read_text(encoding="utf-8"))
    ]
    assert any(first <= int(limit[1:]) <= last for first, last in spans)
    for dotted in re.findall(r"`(sim\.[\w.]+)`", functions):
        try:
            importlib.import_module(dotted)
        except ModuleNotFoundError:
            module, name = dotted.rsplit(".", 1)
            assert callable(getattr(importlib.import_module(module), name))
