"""Expected-probability figures by hand: chances summed, refusals counted, nothing to divide by is nan."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.measure.expected import EXPECTED
from sim.measure.guardrails import UNITS, guardrails
from sim.world.schema import Source
from tests.measure.tables import at, random_tables, shuffled, tables

WINDOW = (10, 20)


def visit(source: Source, chance: float, day: int = 12, **more: object) -> dict[str, object]:
    return at(day) | {"source": source, "order_probability": chance} | more


def test_conversions_by_hand() -> None:
    rows = [
        visit(Source.SEARCH, 0.5, order=True),
        visit(Source.SEARCH, 0.25, refused=True),
        visit(Source.SEARCH, 0.75, surface=5, order=True),
        visit(Source.INVITATION, 0.125),
        visit(Source.INVITATION, 0.9, day=9, order=True),  # before the window
    ]
    got = guardrails(tables(visits=rows), WINDOW)
    assert got["order_conversion_search_expected"] == pytest.approx((1.5 - 1) / 3)
    assert got["order_conversion_invitation_expected"] == pytest.approx(0.125)
    assert got["order_conversion_expected"] == pytest.approx((1.625 - 1) / 4)
    assert got["cross_platform_conversion_expected"] == pytest.approx(0.75)
    assert math.isnan(got["order_conversion_direct_expected"])


def test_fraud_by_hand() -> None:
    def account(**more: object) -> dict[str, object]:
        return at(12) | {"inviter": 7} | more

    joined = [
        account(caught_probability=0.5),
        account(caught_probability=0.25, caught=True),
        account(inviter=-1),
        *[account(fake=True, caught_probability=0.75)] * 5,
    ]
    daily = [{"day": d, "fakes_expected": 0.5, "fakes_caught_expected": 0.125} for d in (9, 10, 19, 20)]
    got = guardrails(tables(registrations=joined, daily=daily), WINDOW)
    assert got["fraud_rate_expected"] == pytest.approx(1 / 3)
    assert got["fraud_rate_detected_expected"] == pytest.approx((0.25 + 0.75) / 3)
    assert got["fraud_rate_undetected_expected"] == pytest.approx(0.75 / (0.75 + 1.25))


def test_nothing_happened() -> None:
    got = guardrails(tables(), WINDOW)
    assert all(math.isnan(got[figure.name]) for figure in EXPECTED)


def test_order_of_rows_does_not_matter() -> None:
    made = random_tables(3)
    once, again = guardrails(made, (40, 110)), guardrails(shuffled(made, 1), (40, 110))
    for figure in EXPECTED:
        assert np.isfinite(once[figure.name])
        assert again[figure.name] == pytest.approx(once[figure.name], rel=1e-12)


def test_each_stands_beside_a_counted_figure_of_the_same_unit() -> None:
    counted = {**UNITS}
    for figure in EXPECTED:
        name = figure.name.removesuffix("_expected")
        assert name != figure.name
        assert counted[name] == figure.unit
