"""Columns about people: made while a feature is on, with what newcomers have when it is switched on later."""

from __future__ import annotations

import numpy as np
import pytest

from sim.config import compose
from sim.core.params import field_kind
from sim.registry import FEATURES
from tests.conftest import LIVELY, live, small_market

OF_THE_MARKET = [f for f in FEATURES if f.world and f.columns]
BASELINE = compose(["scenario=baseline"])


def off_until_a_lever_is_set(feature) -> bool:
    """Whether the baseline leaves a feature off, and its switch may be set while a market runs."""
    switch = feature.Params.model_fields.get("enabled")
    return switch is not None and field_kind(switch) == "lever" and not feature.on(BASELINE)


LATER = [f for f in OF_THE_MARKET if off_until_a_lever_is_set(f)]


def test_no_column_is_made_for_a_feature_that_is_off():
    """A million people have a hundred megabytes of what nobody uses otherwise."""
    plain = live(small_market("baseline", size=300), 2)
    on = {f.section for f in OF_THE_MARKET if f.on(plain.baseline)}
    assert on
    assert len(on) < len(OF_THE_MARKET)
    for feature in OF_THE_MARKET:
        for column in feature.columns:
            assert (column in plain.world.people.columns) == (feature.section in on), column


def test_a_lever_switches_some_on_and_not_others():
    found = {f.section for f in LATER}
    assert {"points", "community"} <= found
    assert "opinion" not in found


@pytest.mark.parametrize("feature", LATER, ids=lambda feature: feature.section)
def test_what_is_switched_on_later_finds_everybody_at_the_start(feature):
    """Those present and those who left before alike, and the market goes on and balances every night."""
    market = live(small_market("baseline", *LIVELY, "turnover.exit_rate=0.1", size=400), 4)
    people, away = market.world.people, market.world.away
    assert away.number > 10
    assert not set(feature.columns) & {*people.columns, *away}
    market.levers.change({f"{feature.section}.enabled": True})
    market.put_in_force()
    for name, column in feature.columns.items():
        first = column.first(market.config.population)
        assert people.columns[name].dtype == away[name].dtype == np.dtype(column.dtype)
        assert (people.columns[name] == first).all()
        assert (away[name] == first).all()
        assert len(away[name]) == away.number
    live(market, 4)
