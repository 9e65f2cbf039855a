"""``docs/exact_limits.md`` executes, and every limit it lists has its function and its test."""

from __future__ import annotations

import importlib
import importlib.util
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.docs

PAGE = Path(__file__).parents[2] / "docs" / "exact_limits.md"
TEXT = PAGE.read_text(encoding="utf-8")
BLOCKS = re.findall(r"## (.*?)\n.*?```python\n(.*?)```", TEXT, re.DOTALL)
ROWS = re.findall(r"^\| (X\d\d) \| .*? \| (.*?) \| \[.*?\]\((.*?)\) \|$", TEXT, re.MULTILINE)
LIMITS = ["X03", "X04", "X05", "X06", "X07", "X08", "X09", "X11", "X12", "X13", "X15", "X22", "X24"]
#: Named for what they are rather than by a public number.
NAMED = re.findall(r"^\| [a-z].*? \| .*? \| (`sim.*?) \| \[.*?\]\((.*?)\) \|$", TEXT, re.MULTILINE)
OPEN = re.findall(r"X(\d\d)", TEXT[TEXT.index("| limit | what is missing |") : TEXT.index("## X03")])


def test_the_page_lists_the_limits():
    assert [limit for limit, _, _ in ROWS] == LIMITS
    assert sorted(LIMITS + [f"X{number}" for number in OPEN]) == [f"X{number:02d}" for number in range(1, 26)]
    assert len(NAMED) == 12
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


@pytest.mark.parametrize(
    "dotted",
    sorted(
        {d for _, f, _ in ROWS for d in re.findall(r"`(sim\.[\w.]+)`", f)} | {n.strip("`") for n, _ in NAMED}
    ),
)
def test_a_function_of_the_page_is_called_by_the_market(dotted):
    """Theory that holds for a function which only tests call says nothing about a market day."""
    root = PAGE.parents[1] / "sim"
    module = dotted if importlib.util.find_spec(dotted.rpartition(".")[0]).submodule_search_locations else ""
    name, own = dotted.rpartition(".")[2], (module or dotted.rpartition(".")[0]).split(".")[-1] + ".py"
    others = [p.read_text(encoding="utf-8") for p in root.rglob("*.py") if p.name != own]
    word = rf"{re.escape(dotted)} import|import .*\b{name}\b" if module else rf"\b{name}\("
    assert any(re.search(word, text) for text in others) or _called_at_home(dotted, module)


def _called_at_home(dotted, module):
    """True if a function's own module calls it."""
    if module:
        return False
    path, name = dotted.rpartition(".")[0], dotted.rpartition(".")[2]
    source = Path(importlib.import_module(path).__file__).read_text(encoding="utf-8")
    return len(re.findall(rf"\b{name}\(", source)) > 1
