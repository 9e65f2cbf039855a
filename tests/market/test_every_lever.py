"""Every lever may change in the second stage of a plan, and its first stage does not know of it."""

from __future__ import annotations

import numpy as np
import pytest

from sim.config import compose
from sim.core.params import declared
from sim.market import Market
from sim.registry import SECTIONS
from tests.market.worlds import events

SMALL = (
    "population.size=300", "experiment.burn_in_days=3", "experiment.warmup_days=0", "experiment.days=4",
    "incentive=three_tier", "private_domain=wecom", "group_buy.enabled=true", "affiliates.enabled=true",
)  # fmt: skip
FIRST = 2
#: Levers that cannot be in force beside the market's own strategy: what goes when they come.
WITH = {"community.enabled": ("plan.stages.b.options.private_domain=none",)}
#: Levers that say themselves what changes, or hold things by name.
OTHERS = {"plan.stages", "rules.named"}
LEVERS = {
    f"{section}.{row.path}": row
    for section, model in SECTIONS.items()
    for row in declared(model)
    if row.kind == "lever" and f"{section}.{row.path}" not in OTHERS and not row.path.startswith("gate.")
}


def another(key, config):
    """A valid value other than the one in force."""
    row, now = LEVERS[key], config
    for part in key.split("."):
        now = (
            getattr(now, part) if not hasattr(now, "section") or part not in now.models else now.section(part)
        )
    if isinstance(now, bool):
        return not now
    if row.choices:
        return next(choice for choice in row.choices if choice != now)
    low, high = row.span or (row.bounds.get("ge", 0), row.bounds.get("le", 2 * now + 1))
    value = low if abs(low - now) > abs(high - now) else high
    value = (value + now) / 2 if value in row.bounds.values() else value
    return int(value) if isinstance(now, int) else float(value)


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    cache = tmp_path_factory.mktemp("levers")
    return cache, events(Market(compose(SMALL), 0, cache).run(FIRST).world)


@pytest.mark.parametrize("key", LEVERS)
def test_a_second_stage_changes_any_lever_and_leaves_the_first_alone(alone, key):
    cache, first = alone
    value = another(key, compose(SMALL))
    words = (*SMALL, f"plan.stages.a.days={FIRST}", f"plan.stages.b.levers.{key}={value}", *WITH.get(key, ()))
    one = Market(compose(words), 0, cache).run(FIRST)
    early = events(one.world)
    for table in first.keys() - {"stages", "stage_days"}:
        for column, values in first[table].items():
            assert np.array_equal(early[table][column], values, equal_nan=values.dtype.kind == "f"), table
    one.run()
    now = one.levers.strategy  # an alarm may override it by now
    assert now is one.course.configs[1]
    for part in key.split("."):
        now = getattr(now, part)
    assert now == value
