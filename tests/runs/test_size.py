"""A market smaller than its design says so in one line, and knows from which size on it need not."""

from __future__ import annotations

import logging

import pytest

from sim.config import compose
from sim.market.build import build_logistics, smallest_people
from sim.runs import size
from sim.studies.reversals import study as reversals
from sim.studies.robustness import study as robustness
from sim.studies.sensitivity import request as sensitivity
from sim.world.catalog import build_catalog


def presences(words: list[str], people: int) -> list[float]:
    """Riders (with their share of presence) of each shift and district of a built market."""
    config = compose([*words, f"population.size={people}"])
    network = build_logistics(config, build_catalog(config.catalog), people, 3, 0)
    return [s.riders * s.presence for plan in network._capacity.plans for s in plan]


@pytest.mark.parametrize(
    "words", [[], ["scenario=instant_retail"], ["logistics=economy"], ["logistics=tight"]]
)
def test_smallest_size_is_where_half_a_rider_is_ours(words: list[str]) -> None:
    """The built network agrees, up to how far its zones happen to lie from the front warehouse."""
    least = smallest_people(compose(words))
    assert 1_000 < least <= 20_000
    assert min(presences(words, least)) > 0.3
    assert min(presences(words, least // 3)) < 0.3


DESIGNS = ("standard", "economy", "tight", "instant")


@pytest.mark.parametrize("design", DESIGNS)
def test_studies_use_a_valid_size_unless_told_otherwise(design: str) -> None:
    """Of every command that plays many worlds, under every delivery design that is shipped."""
    words = [f"logistics={design}"]
    names = ["three_tier_referral", "flat_cash_referral"]
    asked = sensitivity.Request.parse(["scenario=baseline,three_tier_referral", "vary=[fraud]", *words])
    configs = [
        compose(words),  # run, compare, sweep, select and optimise
        robustness.plan(*names, words, 2, ["fraud"]).config,
        reversals.request(names, "contribution_margin", ["fraud"], words).configs[0],
        compose([word for word in asked.words if not word.startswith("scenario=")]),
    ]
    for config in configs:
        assert size.size_line(config) == ""


def test_more_demand_makes_smaller_markets_valid() -> None:
    """Twice the orders need half the people, a little more as rounds are fuller."""
    words = [[f"logistics.design_orders_per_1000_consumers={k}"] for k in (4, 8)]
    usual, busy = (smallest_people(compose(w)) for w in words)
    assert 0.5 * usual - 100 <= busy <= 0.65 * usual
    assert smallest_people(compose(["logistics.enabled=false"])) < 100


def test_a_small_market_says_so_once() -> None:
    """One line with the size, the size to use and what differs; a large enough market says nothing."""
    size._tell.cache_clear()
    small, large = compose(["population.size=3000"]), compose(["population.size=20000"])
    told: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: told.append(record.getMessage())
    level = size._LOG.level
    size._LOG.addHandler(handler)
    size._LOG.setLevel(logging.INFO)
    try:
        size.tell_size([large])
        assert not told
        size.tell_size([small, small, large])
        size.tell_size([small])
    finally:
        size._LOG.removeHandler(handler)
        size._LOG.setLevel(level)
    (line,) = told
    assert "population.size: 3,000 people" in line
    assert f"population.size={smallest_people(small)}" in line
    assert "late" in line
