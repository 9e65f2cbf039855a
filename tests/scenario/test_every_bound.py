"""Every number has two bounds, and a market lives at each of them, or says in a line why it cannot."""

from __future__ import annotations

import math
import random
import time

import numpy as np
import pytest

from sim.config import assumptions_table, compose, market_sources
from sim.config.sources import SETTINGS
from sim.core.errors import InputError
from sim.core.params import Declared
from sim.market import Market
from tests.conftest import AT_ONCE, LIVELY, small_market

ROWS = [
    row
    for row in assumptions_table(market_sources().sections)
    if isinstance(row.default, (int, float)) and not isinstance(row.default, bool)
]
#: Sizes and lengths that a test cannot live at; they are refused or lived elsewhere.
TOO_LARGE = {"population.size", "experiment.burn_in_days", "experiment.days", "experiment.replications"}
#: Options in which a section's numbers are looked at.
SHOWN_BY = {
    "incentive": ("incentive=three_tier",), "group_buy": ("scenario=group_buy",),
    "private_domain": ("scenario=private_domain",), "shock": ("shock=downturn", "shock.start=0"),
    "pricing": ("pricing=coupon",),
}  # fmt: skip


def ends(row: Declared) -> tuple[float, float]:
    """The lowest and highest value that may be written."""
    low, high = row.bounds.get("ge", row.bounds.get("gt")), row.bounds.get("le", row.bounds.get("lt"))
    assert low is not None
    assert high is not None
    return low, high


def test_every_number_has_a_lower_and_an_upper_bound():
    open_ended = [
        row.path
        for row in ROWS
        if not ({"ge", "gt"} & row.bounds.keys()) or not ({"le", "lt"} & row.bounds.keys())
    ]
    assert open_ended == []


def test_what_may_be_written_includes_its_bounds():
    """An open bound lets values through that are as near to it as one likes, which no test can live at."""
    assert [row.path for row in ROWS if {"gt", "lt"} & row.bounds.keys()] == []


def live(values: dict[str, float]) -> None:
    """Live two days at these values; those that do not go together with the rest are refused by name."""
    sections = {key.partition(".")[0] for key in values}
    shown = [word for section in sections for word in SHOWN_BY.get(section, ())]
    words = [*(shown if len(values) == 1 else ()), "population.size=400", *AT_ONCE]
    lively = [word for word in LIVELY if word.partition("=")[0] not in values]
    words += ["experiment.days=2", "experiment.replications=1", *lively]
    try:
        market = Market(compose([*words, *(f"{key}={value}" for key, value in values.items())]))
    except InputError as refused:
        told = refused.problems
    else:
        told = []
    if told:
        rest = {key: value for key, value in values.items() if not any(key in line for line in told)}
        assert len(rest) < len(values) or any(section in line for line in told for section in sections)
        if rest and len(rest) < len(values):
            live(rest)
        return
    for _ in range(2):
        market.step()
    figures = market.kpis()
    assert not any(math.isinf(x) for x in figures.values())
    for name, table in market.records.tables.items():
        for column in table.schema:
            values = table[column]
            if values.dtype.kind == "f" and name in ("visits", "orders"):
                assert np.isfinite(values).all(), f"{name}.{column}"


CASES = [
    (row.path, round(x) if isinstance(row.default, int) else x)
    for row in ROWS
    if row.path.partition(".")[0] not in SETTINGS and row.path not in TOO_LARGE
    for x in ends(row)
]


@pytest.mark.parametrize(("key", "value"), CASES[:: max(1, len(CASES) // 40)])
def test_a_market_lives_at_a_sample_of_bounds(key, value):
    live({key: value})


@pytest.mark.slow
@pytest.mark.parametrize(("key", "value"), CASES)
def test_a_market_lives_at_every_bound(key, value):
    live({key: value})


@pytest.mark.parametrize("seed", range(8))
def test_a_market_lives_at_many_bounds_at_once(seed):
    """A fifth of all numbers at one of their bounds each: what two of them break together shows here."""
    draw = random.Random(seed)
    chosen = [path for path in dict(CASES) if draw.random() < 0.2]
    live({path: draw.choice([value for one, value in CASES if one == path]) for path in chosen})


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("logistics.evening_shift_hour=20", "logistics.late_shift_hour=20"), "must follow one another"),
        (("logistics.day_shift_hour=12", "logistics.evening_shift_hour=12"), "must follow one another"),
        (("logistics.evening_end_hour=20",), "must follow one another"),
        (("logistics.evening_share=0.8", "logistics.late_share=0.3"), "must add up to at most 1"),
        (("content.usual_hybrid=1", "content.hybrid_completion=0"), "content.hybrid_completion"),
    ],
)
def test_numbers_that_break_a_run_together_are_refused(words, told):
    with pytest.raises(InputError, match=told):
        compose(words)


def test_a_pool_of_millions_takes_a_moment():
    """Who takes part from outside is looked for once and not listed again for every buyer."""
    words = ("group_buy.pool_people=4000000", "group_buy.strangers=0", "group_buy.size=20", *LIVELY)
    market = small_market("group_buy", *words)
    market.step()
    started = time.process_time()
    market.step()
    market.step()
    assert len(market.world.groups) > 10_000
    assert time.process_time() - started < 10
