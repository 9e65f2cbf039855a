"""Every lever may change in the second stage of a plan, and its first stage does not know of it."""

from __future__ import annotations

import numpy as np
import pytest

from sim.config import compose
from sim.core.errors import ConfigError
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
    row, now = LEVERS[key], number(config, key)
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


def together(section: str) -> list[tuple[str, ...]]:
    """A section's levers, all to change in one stage, or each alone where they cannot be set together."""
    keys = tuple(key for key in LEVERS if key.partition(".")[0] == section)
    try:
        compose(planned(keys))
    except ConfigError:
        return [(key,) for key in keys]
    return [keys]


def planned(keys: tuple[str, ...]) -> tuple[str, ...]:
    """A market in whose second stage some levers change."""
    usual = compose(SMALL)
    changes = (f"plan.stages.b.levers.{key}={another(key, usual)}" for key in keys)
    others = (word for key in keys for word in WITH.get(key, ()))
    return (*SMALL, f"plan.stages.a.days={FIRST}", *changes, *others)


def number(config, key):
    """What is in force under a key, as another value says it."""
    for part in key.split("."):
        config = getattr(config, part)
    return config


@pytest.mark.parametrize("section", sorted({key.partition(".")[0] for key in LEVERS}))
def test_a_second_stage_changes_any_lever_and_leaves_the_first_alone(alone, section):
    cache, first = alone
    usual = compose(SMALL)
    for keys in together(section):
        one = Market(compose(planned(keys)), 0, cache).run(FIRST)
        early = events(one.world)
        for table in first.keys() - {"stages", "stage_days"}:
            for column, values in first[table].items():
                same = np.array_equal(early[table][column], values, equal_nan=values.dtype.kind == "f")
                assert same, (table, column, keys)
        one.run()
        now = one.levers.strategy  # an alarm may override it by now
        assert now is one.course.configs[1]
        assert {key: number(now, key) for key in keys} == {key: another(key, usual) for key in keys}
