"""The festival week: peaks reach queues and lateness, capacity takes them away at a price; paired worlds."""

from __future__ import annotations

import numpy as np
import pytest

from docs import festival

WORLDS, THOUSANDS = 1, 6
SMALL = (f"population.size={1000 * THOUSANDS}", "experiment.burn_in_days=0", "experiment.warmup_days=30")


@pytest.fixture(scope="module")
def found():
    return festival.play(WORLDS, *SMALL)


def test_every_figure_of_every_arm_is_there(found):
    assert found.keys() == festival.ARMS.keys()
    for arm in found.values():
        assert arm.keys() == festival.FIGURES.keys()
        assert all(len(values) == WORLDS and np.isfinite(values).all() for values in arm.values())


def test_the_festival_brings_orders_and_late_parcels(found):
    """More than two standard errors of independent counts, in one world; lateness by its sign."""
    name = "orders a day on its three days, for 1,000 people"
    festival_orders, usual_orders = (found[arm][name][0] * 3 * THOUSANDS for arm in ("festival", "usual"))
    assert festival_orders - usual_orders > 2.0 * np.sqrt(festival_orders + usual_orders)
    late = "late parcels of its ten days, share"
    assert (found["festival"][late] > found["usual"][late]).all()


def test_more_capacity_takes_lateness_away_and_costs_money(found):
    late, margin = "late parcels of its ten days, share", "contribution of the window, CNY for 1,000 people"
    assert (found["prepared"][late] < found["festival"][late]).all()
    assert (found["idle"][margin] < found["usual"][margin]).all()


def test_figures_by_hand():
    """Four parcels of a world of 1,000: two of the festival's, one of them late, one still under way."""
    day = 1440
    first, start = 100, 100 + festival.FIRST
    ordered = np.array([start * day, start * day + 60, (start - 5) * day, (start + 40) * day])
    lived = festival.Lived(
        tables={
            "orders": {
                "order_id": np.arange(4),
                "minute": ordered,
                "day": ordered // day,
                "person": np.array([7, 8, 9, 7]),
                "service": np.array([3, 3, 3, 3]),
                "promised_minute": ordered + np.array([600, 1200, 600, 600]),
            },
            "deliveries": {
                "order_id": np.array([0, 2, 1]),
                "minute": ordered[[0, 2, 1]] + np.array([700, 500, 5 * day]),
                "promised_minute": ordered[[0, 2, 1]] + np.array([600, 600, 6 * day]),
            },
            "cancellations": {"order_id": np.zeros(0, int), "minute": np.zeros(0, int)},
            "daily": {
                "day": np.array([start, start + 20]),
                "refused": np.array([2, 5]),
                "mean_trust": np.array([0.5, 0.6]),
            },
        },
        kpis={},
        first=first,
        people=1000,
        ids=np.array([9, 7, 8]),
        trust=np.array([0.9, 0.5, 0.3]),
    )
    assert festival.orders_a_day(lived) == pytest.approx(2 / 3)
    assert festival.promised_hours(lived) == pytest.approx(15.0)
    assert festival.queue(lived) == pytest.approx(1.0)
    assert festival.late_share(lived) == pytest.approx(0.5)
    assert festival.refused_share(lived) == pytest.approx(0.5)
    assert festival.trust(lived) == pytest.approx(60.0)
    assert festival.buyers_trust(lived) == pytest.approx(40.0)
