"""Daily series against the figures of the window: what they add up to must be the same."""

from __future__ import annotations

import numpy as np
import pytest

from sim.core.clock import MINUTES_PER_DAY
from sim.measure.guardrails import measure
from sim.measure.series import DAILY_UNITS, daily_kpis
from tests.measure.tables import at, random_tables, tables

FIRST, END = 40, 110


def test_every_series_has_one_value_a_day() -> None:
    series = daily_kpis(random_tables(3), (FIRST, END))
    assert list(series) == list(DAILY_UNITS)
    for values in series.values():
        assert values.shape == (END - FIRST,)
        assert values.dtype == np.float64


def test_one_day_is_the_window_of_that_day() -> None:
    """A window of one day knows no later day, so only figures that look at that day alone agree."""
    made = random_tables(4)
    series = daily_kpis(made, (FIRST, END))
    same = (
        "organic_traffic_share",
        "add_to_cart_rate",
        "membership_penetration",
        "stock_out_rate",
        "capacity_over_orders",
    )
    same += ("revenue", "all_in_spend", "new_users", "fraud_rate", "complaint_rate")
    for day in (FIRST, 77, END - 1):
        alone = measure(made, (day, day + 1))
        for name in same:
            assert series[name][day - FIRST] == pytest.approx(alone[name], nan_ok=True), name


def test_days_add_up_to_the_window() -> None:
    made = random_tables(5)
    series, whole = daily_kpis(made, (FIRST, END)), measure(made, (FIRST, END))
    for name in ("revenue", "new_users", "all_in_spend"):
        assert series[name].sum() == pytest.approx(whole[name])
    assert series["contribution_margin"].mean() == pytest.approx(whole["contribution_margin"])
    assert 0 < np.nanmean(series["cancelled_share"]) < 1


def test_acquisition_spend_of_all_days_is_that_of_the_window() -> None:
    made = random_tables(6)
    # One user a day, so that every day has a denominator and the sum over days is the spend.
    days = np.arange(FIRST, END)
    blank = {c: np.zeros(len(days), v.dtype) for c, v in made["registrations"].items()}
    new = blank | {"person": days * 7, "day": days.astype("int32"), "seen_new": np.ones(len(days), bool)}
    made["registrations"] = {c: np.r_[v, new[c]] for c, v in made["registrations"].items()}
    series = daily_kpis(made, (FIRST, END))
    spent = (series["acquisition_cost"] * series["new_users"]).sum()
    assert spent == pytest.approx(measure(made, (FIRST, END))["acquisition_spend"])


def test_retention_and_promises_by_hand() -> None:
    made = tables(
        registrations=[at(d) | {"person": d, "seen_new": True} for d in (10, 11, 11, 12)],
        visits=[at(11) | {"person": 10}, at(12) | {"person": 11}],
        orders=[
            at(10) | {"order_id": 1, "service": 1, "promised_minute": 11 * MINUTES_PER_DAY},
            at(10) | {"order_id": 2, "service": 1, "promised_minute": 11 * MINUTES_PER_DAY + 5},
        ],
        deliveries=[
            at(10, 23) | {"order_id": 1, "service": 1, "promised_minute": 11 * MINUTES_PER_DAY},
            at(12) | {"order_id": 2, "service": 1, "promised_minute": 11 * MINUTES_PER_DAY + 5},
        ],
    )
    made["registrations"]["person"][2] = 99  # the second newcomer of day 11 stays away
    series = daily_kpis(made, (10, 13))
    np.testing.assert_array_equal(series["next_day_retention"], [1.0, 0.5, np.nan])
    np.testing.assert_array_equal(series["on_time_rate"], [np.nan, 0.5, np.nan])


def test_empty_days_are_not_observable() -> None:
    series = daily_kpis(tables(), (0, 2))
    for name in ("order_conversion", "acquisition_cost", "membership_penetration", "on_time_rate"):
        assert np.isnan(series[name]).all()
    assert not series["visits"].any()
