"""What a small market must share with a large one: money that lasts, and an alarm that is not chance."""

from __future__ import annotations

import numpy as np
import pytest

from sim.config import compose
from sim.market import Market

WORLDS, DAYS, WARM = range(4), 30, 10


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> dict[str, list[Market]]:
    """Worlds of 1,500 people, burnt in for two months, under the baseline and under group-buy."""
    words = [
        "population.size=1500", "experiment.burn_in_days=60", f"experiment.warmup_days={WARM}",
        f"experiment.days={DAYS}", f"paths.cache={tmp_path_factory.mktemp('cache')}",
    ]  # fmt: skip
    markets = {
        name: [Market(compose([f"scenario={name}", *words]), world) for world in WORLDS]
        for name in ("baseline", "group_buy")
    }
    for market in (one for many in markets.values() for one in many):
        market.run()
    return markets


def test_the_money_of_group_buys_lasts_in_a_small_market(small):
    """At 16,600 people money runs out on a day in thirty at most; a tenth of the days is where it matters.

    Under the baseline it lasts from the second day on: a strategy begins without savings, its room takes half
    of the first day's allowance, and one large basket may take the rest.
    """
    dry = [market.kpis()["days_without_money"] for market in small["group_buy"]]
    assert np.mean(dry) <= 0.1 * DAYS
    for market in small["baseline"]:
        assert not (market.tables()["campaign_stops"]["day"] > market.first_measured_day).any()


def test_the_baselines_own_chance_raises_no_alarm(small):
    """Nothing has changed from what is usual, so nothing stands out, in a market of any size."""
    for market in small["baseline"]:
        assert len(market.records.answers) == 0
