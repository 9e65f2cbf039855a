"""The page of response curves: every lever has its rows, and a verdict says no more than the worlds carry."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from docs.pages import DOCS
from docs.response_curves import CURVES, GROUPS, ROWS, Curve, verdict, wanted, words
from sim.config import compose

CURVE = Curve("lever", "pricing.list_level", (1, 2, 3))
RNG = np.random.default_rng(5)


def worlds(*means: float, spread: float = 1.0) -> np.ndarray:
    return np.array(means)[:, None] + spread * RNG.standard_normal((len(means), 6))


@pytest.mark.parametrize(
    ("added", "said"),
    [
        (worlds(0, 100, 0), "best at 2, inside the range; clear of both ends"),
        (worlds(0, 100, 100.5, spread=30.0) * [[1], [1], [0.99]], "the range; not clear"),
        (worlds(0, 50, 100), "best at 3, at the end of the range; clear of the other end"),
    ],
)
def test_a_verdict_needs_its_worlds(added, said):
    assert said in verdict(CURVE, added)


def test_every_value_can_be_set_and_was_played_in_as_many_worlds():
    with ROWS.open(encoding="utf-8", newline="") as file:
        rows = [(row["words"], int(row["world"])) for row in csv.DictReader(file)]
    number = max(world for _, world in rows) + 1
    assert number >= 5
    assert sorted(rows) == sorted(wanted(number))
    for curve in CURVES:
        assert 4 <= len(curve.values) <= 5
        compose(list(words(curve, curve.values[-1])))


def test_the_page_has_a_row_a_lever():
    page = (DOCS / "response_curves.md").read_text(encoding="utf-8")
    assert all(f"| {curve.label} |" in page for curves in GROUPS.values() for curve in curves)
