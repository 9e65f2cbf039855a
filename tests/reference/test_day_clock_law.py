"""The day's clock brings the visits that asking every source in every daypart brings: same law, other draws.

One day is lived again and again from one state, under fresh seeds and either way. Counts of two ways that
follow one law differ by chance alone, so homogeneity is tested by chi-square at 1%, shared among the tables.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sim.market import Market
from sim.market.snapshot import restore, take
from tests.reference.daypart_clocks import slow

pytestmark = pytest.mark.reference

SEEDS = 50
SIZE = ("population.size=9000", "experiment.burn_in_days=0", "experiment.warmup_days=0")
#: Everything but what follows from it: visits are frequent, and people register and buy in mid-day.
LIVELY = (
    "population.needs_per_day=0.2", "content.click_chance=0.03", "choice.cart_intercept=-1.5",
    "sharing.invite_base=0.02", "fraud.enabled=false",
)  # fmt: skip
VISIT = ("source", "origin", "surface", "category", "minute", "cart", "order", "sources_seen")


def lived(market: Market, state: dict, seeds: range) -> dict[str, np.ndarray]:
    """Visits of one day, lived once under each seed."""
    rows: dict[str, list[np.ndarray]] = {name: [] for name in VISIT}
    for seed in seeds:
        restore(market, state)
        market.draw.seed = seed
        market.step()
        for name in VISIT:
            rows[name].append(market.records.visits[name].copy())
    return {name: np.concatenate(blocks) for name, blocks in rows.items()}


def tables(visits: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What the visits are counted by."""
    minute = visits["minute"] % 1440
    daypart = np.searchsorted((0, 480, 720, 1080, 1320), minute, side="right") - 1
    return {
        "source and daypart": visits["source"].astype(int) * 5 + daypart,
        "source": visits["source"].astype(int),
        "hour": minute // 60,
        "quarter of the hour": minute % 60 // 15,
        "platform": visits["origin"].astype(int),
        "category": visits["category"].astype(int),
        "sources seen": visits["sources_seen"].astype(int),
        "cart and order": visits["cart"].astype(int) + visits["order"],
    }


def p_values(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> dict[str, float]:
    """Of homogeneity, by table, and of equal totals (visits of one day are Poisson, or less dispersed)."""
    found = {}
    one_tables, other_tables = tables(one), tables(other)
    for name, values in one_tables.items():
        size = 1 + max(values.max(), other_tables[name].max())
        counts = np.array([np.bincount(v, minlength=size) for v in (values, other_tables[name])])
        common = counts[:, counts.sum(axis=0) >= 20]
        found[name] = stats.chi2_contingency(common).pvalue
    a, b = len(one["minute"]), len(other["minute"])
    found["total"] = float(2.0 * stats.norm.sf(abs(a - b) / np.sqrt(a + b)))
    return found


@pytest.fixture(scope="module")
def state() -> dict:
    """A lively market after twelve days."""
    market = Market.from_scenario("flat_cash_referral", *SIZE, *LIVELY)
    for _ in range(12):
        market.step()
    return take(market.world)


def market(*overrides: str) -> Market:
    """A market that can live the day after that state."""
    found = Market.from_scenario("flat_cash_referral", *SIZE, *LIVELY, *overrides)
    for _ in range(12):  # the window opens, as it did there
        found.step()
    return found


@pytest.fixture(scope="module")
def by_the_clock(state: dict) -> dict[str, np.ndarray]:
    """The day's visits by the day's clock."""
    return lived(market(), state, range(SEEDS))


def test_visits_have_the_law_of_asking_every_source(state, by_the_clock):
    ways = [by_the_clock, lived(slow(market()), state, range(SEEDS))]
    assert len(ways[0]["minute"]) > 30_000
    found = p_values(*ways)
    assert min(found.values()) > 0.01 / len(found), found


@pytest.mark.parametrize("other", ["content.click_chance=0.033", "traffic.no_need_habit=0.45"])
def test_a_law_that_differs_a_little_is_told_apart(state, by_the_clock, other):
    """A click chance 10% higher, or another weight of habit without a need."""
    found = p_values(by_the_clock, lived(slow(market(other)), state, range(SEEDS)))
    assert min(found.values()) < 1e-4, found
