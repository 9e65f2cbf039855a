"""The page that says what became of every system of the operating plan, from ``docs/plan_coverage.csv``.

A row names a system in a few words, what it became in the market, the setting that moves it, the test that
switches it and sees its figure move, how the mechanism is taken out to see that test fail
(``tests/plan/removal.py``), how far it acts, and what is open.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from docs.pages import DOCS, table

STATES = ("acts", "partly", "open")
_MADE = "<!-- Written by `python -m docs.generate`; edit docs/plan_coverage.csv, not this page. -->"
_CHAPTERS = (
    ("Chapter 1: the industry", 1),
    ("Chapter 2: consumer groups", 10),
    ("Chapter 3: touchpoints, content, fission, customers", 25),
    ("Chapter 4: data, creation, alliances, trust", 48),
    ("Chapter 5: risk, traffic and content compliance", 75),
    ("Chapter 6: resources and phases", 97),
    ("Chapter 7: targets and value", 109),
    ("Chapter 8: supply and delivery", 119),
    ("Chapter 9: the organisation", 141),
)


class System(NamedTuple):
    """One row.

    Attributes
    ----------
    system, name : str
        Id, and a few words.
    became, key, test : str
        What it became, the setting that moves it, and the test that sees that.
    removal : str
        How the mechanism is taken out (``tests/plan/removed.py``); empty where it is not.
    state, open : str
        One of :data:`STATES`, and what is missing.
    """

    system: str
    name: str
    became: str
    key: str
    test: str
    removal: str
    state: str
    open: str


def systems() -> list[System]:
    """All rows, in the order of ids."""
    with (DOCS / "plan_coverage.csv").open(encoding="utf-8", newline="") as file:
        return [System(**row) for row in csv.DictReader(file)]


def page() -> str:
    """``docs/plan_coverage.md``."""
    rows = systems()
    parts = [
        "# What became of the plan",
        _MADE,
        "The operating plan behind the simulator names 156 systems. A system **acts** where its parts move "
        "what is recorded, acts **partly** where some of its parts are missing, and is **open** where "
        "nothing in the market answers to it. The test beside it pulls the setting and sees something move. "
        "Where it is marked *, the mechanism can be taken out: `make removal` does so for a sample that "
        "follows from the commit, one at a time, and the test has to fail.",
        table(("chapter", *STATES), _counts(rows)),
    ]
    for title, chapter in _by_chapter(rows):
        body = [
            (s.system, s.name, s.state, s.became or "–", _code(s.key), _test(s), s.open or "–")
            for s in chapter
        ]
        headings = ("system", "name", "state", "became", "setting", "test", "open")
        parts += [f"## {title}", table(headings, body)]
    return "\n\n".join(parts) + "\n"


def _by_chapter(rows: Sequence[System]) -> list[tuple[str, list[System]]]:
    ends = [first for _, first in _CHAPTERS[1:]] + [len(rows) + 1]
    return [
        (title, [s for s in rows if first <= int(s.system[1:]) < end])
        for (title, first), end in zip(_CHAPTERS, ends, strict=True)
    ]


def _counts(rows: Sequence[System]) -> list[tuple[object, ...]]:
    counted = [(title, Counter(s.state for s in chapter)) for title, chapter in _by_chapter(rows)]
    total = Counter(s.state for s in rows)
    return [(title, *(n[state] for state in STATES)) for title, n in (*counted, ("**all**", total))]


def _code(text: str) -> str:
    return f"`{text}`" if text else "–"


def _test(one: System) -> str:
    """The test's file and function; a mark where the mechanism can be taken out."""
    if not one.test:
        return "–"
    path, _, name = one.test.partition("::")
    return f"[{name or path.rpartition('/')[2]}](../{path}){' *' if one.removal else ''}"
