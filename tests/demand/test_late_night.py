"""Goods for the home sell better at night where content brought the visit, between hours that are set."""

from __future__ import annotations

import numpy as np
import pytest

from sim.demand.decide import _within
from sim.measure.intervals import t_interval
from sim.world.schema import Source
from tests.conftest import live, small_market
from tests.market.test_every_parameter_moves import only

HOME = (
    *(word for word in only("healing_home") if "live" not in word),
    "choice.late_night_from=12", "choice.late_night_to=23",
)  # fmt: skip
DIRECT = (Source.ORGANIC_FEED, Source.SEARCH, Source.PAID_MEDIA, Source.DIRECT, Source.PRIVATE_DOMAIN)


def play(*words: str, days: int, size: int = 500, replication: int = 0):
    return live(small_market("baseline", *HOME, *words, size=size, replication=replication), days).world


def late(table, first: float, last: float) -> np.ndarray:
    """Whether rows are of these hours and of visits that somebody's word or post brought."""
    hour = table["minute"] % 1440 / 60.0
    social = ~np.isin(table["source"], [int(one) for one in DIRECT])
    return (hour >= first) & (hour < last) & social


@pytest.mark.parametrize(
    ("hour", "inside"), [(22.99, False), (23.0, True), (0.0, True), (1.99, True), (2.0, False)]
)
def test_a_night_goes_past_midnight(hour, inside):
    assert _within(hour, 23.0, 2.0) is inside
    assert _within(hour, 2.0, 23.0) is not inside
    assert not _within(hour, 5.0, 5.0)


def test_odds_in_and_out_of_the_night():
    """The same visits of one day: half as much again within the hours, the same outside."""
    plain, lifted = (
        play(f"choice.late_night_lift={lift}", days=1, size=1500).records.visits for lift in (0, 0.5)
    )
    both, a, b = np.intersect1d(plain["visit_id"], lifted["visit_id"], return_indices=True)
    assert len(both) > 100
    before, after = plain["order_probability"][a], lifted["order_probability"][b]
    night = late(plain, 12, 23)[a]
    known = (before > 0.0) & (before < 0.5)
    assert (night & known).sum() > 5
    ratio = after / np.maximum(before, 1e-9)
    # a chance becomes half as much again, or 1 where that is less
    assert ratio[night & known].max() == pytest.approx(1.5, rel=1e-5)
    assert ratio[night & known].min() > 1.0
    assert np.median(ratio[~night & known]) == pytest.approx(1.0, rel=1e-5)


def test_orders_of_the_night_rise_by_the_declared_lift():
    """Paired worlds: what a lift of two adds to orders of these hours is clear of 0, and at most twofold."""
    more, sold = [], []
    for replication in range(4):
        number = [
            late(
                play(f"choice.late_night_lift={lift}", days=3, replication=replication).records.orders, 19, 23
            )
            for lift in (0, 2)
        ]
        sold.append(number[0].sum())
        more.append(number[1].sum() - number[0].sum())
    found = t_interval(np.array(more, np.float64))
    assert found.low > 0.0
    assert found.value < 2.0 * np.mean(sold) + 3.0 * np.sqrt(np.mean(sold))
