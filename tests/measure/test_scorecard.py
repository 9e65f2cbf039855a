"""Scorecards worked out by hand: intervals, comparisons with the baseline, joint success."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from sim.config.settings import TargetParams
from sim.core.language import speaking
from sim.measure.display import NOT_OBSERVABLE, html, sparkline
from sim.measure.guardrails import UNITS
from sim.measure.intervals import clopper_pearson, limits, paired_difference, t_interval
from sim.measure.kpis import KPIS
from sim.measure.scorecard import COLUMNS, joint_probability, scorecard

TARGETS = TargetParams()
LEVELS = {
    "organic_traffic_share": 0.50,
    "acquisition_cost": 15.0,
    "cross_platform_conversion": 0.06,
    "add_to_cart_rate": 0.30,
    "order_conversion": 0.06,
    "average_order_value": 120.0,
    "next_day_retention": 0.40,
    "repurchase_30d": 0.60,
    "membership_penetration": 0.30,
}
BASE = LEVELS | {
    "cross_platform_conversion": 0.05,
    "average_order_value": 100.0,
    "membership_penetration": 0.24,
}


def row(card: pd.DataFrame, name: str) -> dict:
    return card[card.kpi == name].iloc[0].to_dict()


def test_one_row_per_indicator_with_the_promised_columns() -> None:
    card = scorecard([LEVELS], [BASE], TARGETS)
    assert isinstance(card, pd.DataFrame)
    assert tuple(card.columns) == COLUMNS
    assert list(card.kpi) == [kpi.name for kpi in KPIS]
    assert all(card.met)
    assert card.attrs["joint"].probability == 1.0


def test_one_replication_has_no_interval() -> None:
    card = scorecard([LEVELS], [BASE], TARGETS)
    assert card.low.isna().all()
    assert card.high.isna().all()
    assert card.note.str.contains("one replication: no interval").all()


def test_level_interval_is_students() -> None:
    runs = [LEVELS | {"acquisition_cost": v} for v in (10.0, 20.0, 30.0)]
    got = row(scorecard(runs, [BASE] * 3, TARGETS), "acquisition_cost")
    half = 4.302653 * 10 / math.sqrt(3)  # t quantile .975 with 2 degrees of freedom, tables
    assert got["value"] == 20.0
    assert half > 20  # and no cost lies below 0
    assert (got["low"], got["high"]) == pytest.approx((0.0, 20 + half), rel=1e-6)
    assert got["met"]  # at most 20
    assert got["gap"] == 0
    assert got["probability_met"] == pytest.approx(2 / 3)


def test_targets_against_the_baseline_pair_each_world_with_itself() -> None:
    runs = [LEVELS | {"average_order_value": v} for v in (110.0, 260.0)]
    base = [BASE | {"average_order_value": v} for v in (100.0, 200.0)]
    got = row(scorecard(runs, base, TARGETS), "average_order_value")
    assert got["value"] == pytest.approx((0.10 + 0.30) / 2)  # ratio of means would be 0.233
    assert got["gap"] == pytest.approx(0.02)
    assert got["probability_met"] == 0.5
    assert "185" in got["note"]


def test_strict_targets_must_be_passed_and_others_reached() -> None:
    card = scorecard([LEVELS | {"order_conversion": 0.05, "add_to_cart_rate": 0.25}], [BASE], TARGETS)
    assert not row(card, "order_conversion")["met"]
    assert row(card, "order_conversion")["direction"] == "above"
    assert row(card, "add_to_cart_rate")["met"]
    assert row(card, "acquisition_cost")["gap"] == pytest.approx(5.0)  # 5 CNY below the limit is good


def test_the_baseline_against_itself_is_zero_and_misses() -> None:
    for card in (
        scorecard([BASE, BASE], None, TARGETS, is_baseline=True),
        scorecard(runs := [BASE, BASE], runs, TARGETS),
    ):
        got = row(card, "average_order_value")
        assert (got["value"], got["met"], got["probability_met"]) == (0.0, False, 0.0)
        assert "this is the baseline" in got["note"]
        assert "100" in got["note"]
        assert card.attrs["joint"].probability == 0.0


def test_without_a_baseline_relative_targets_are_not_observable() -> None:
    card = scorecard([LEVELS], None, TARGETS)
    got = row(card, "membership_penetration")
    assert got["met"] is None
    assert math.isnan(got["value"])
    assert got["n"] == 0
    assert "needs the baseline" in got["note"]
    joint = card.attrs["joint"]
    assert joint.probability is None
    assert "Membership penetration" in joint.reason


def test_a_missing_figure_is_not_observable_and_stops_the_joint_result() -> None:
    nan = float("nan")
    runs = [LEVELS, LEVELS | {"repurchase_30d": nan}]
    card = scorecard(runs, [BASE] * 2, TARGETS)
    got = row(card, "repurchase_30d")
    assert (got["n"], got["value"]) == (1, 0.60)
    assert "observable in 1 of 2" in got["note"]
    assert card.attrs["joint"].probability is None
    every = scorecard([runs[1]], [BASE], TARGETS)
    assert row(every, "repurchase_30d")["met"] is None
    assert (
        row(scorecard([LEVELS], [BASE | {"average_order_value": 0.0}], TARGETS), "average_order_value")["met"]
        is None
    )


def test_joint_success_is_counted_within_worlds() -> None:
    # Each of two targets is met in half of the worlds, but never both in one.
    runs = [LEVELS | {"acquisition_cost": 25.0}, LEVELS | {"repurchase_30d": 0.4}]
    joint = joint_probability(runs, [BASE] * 2, TARGETS)
    assert joint.probability == 0.0
    assert joint.n == 2


def test_twenty_of_twenty_is_not_certainty() -> None:
    joint = joint_probability([LEVELS] * 20, [BASE] * 20, TARGETS)
    assert joint.probability == 1.0
    assert joint.high == 1.0
    assert joint.low == pytest.approx(0.025 ** (1 / 20))  # closed form when all succeed


def test_clopper_pearson_inverts_the_binomial_tails() -> None:
    low, high = clopper_pearson(7, 20)

    def tail(p: float, ks: range) -> float:
        return sum(math.comb(20, k) * p**k * (1 - p) ** (20 - k) for k in ks)

    assert tail(low, range(7, 21)) == pytest.approx(0.025)
    assert tail(high, range(8)) == pytest.approx(0.025)
    assert clopper_pearson(0, 5)[0] == 0.0
    with pytest.raises(ValueError, match="successes"):
        clopper_pearson(3, 2)


def test_paired_difference_drops_what_the_worlds_share() -> None:
    got = paired_difference([101.0, 202.0, 303.0, np.nan], [100.0, 200.0, 304.0, 1.0])
    assert got.value == pytest.approx((1 + 2 - 1) / 3)
    half = 4.302653 * math.sqrt(7 / 3) / math.sqrt(3)  # deviations 1/3, 4/3, -5/3: variance 7/3
    assert (got.low, got.high) == pytest.approx((2 / 3 - half, 2 / 3 + half), rel=1e-6)
    assert got.share_positive == pytest.approx(2 / 3)
    with pytest.raises(ValueError, match="one value per world"):
        paired_difference([1.0], [1.0, 2.0])
    assert t_interval([]).n == 0


def test_lists_must_fit() -> None:
    with pytest.raises(ValueError, match="one baseline run per run"):
        scorecard([LEVELS], [BASE] * 2, TARGETS)
    with pytest.raises(ValueError, match="at least one run"):
        scorecard([], None, TARGETS)


def test_targets_may_be_a_mapping() -> None:
    card = scorecard([LEVELS], [BASE], TARGETS.model_dump())
    pd.testing.assert_frame_equal(card, scorecard([LEVELS], [BASE], TARGETS))


def test_html_has_words_beside_symbols_and_is_escaped() -> None:
    card = scorecard([LEVELS | {"acquisition_cost": 30.0}] * 2, None, TARGETS)
    card.loc[0, "note"] = "<script>alert('x')</script>"
    page = card._repr_html_()
    assert page == html(card)
    for words in ("✓ met", "✗ missed", NOT_OBSERVABLE, "at most 20.00", "above 5.0%", "30.00"):
        assert words in page
    assert "<script>" not in page
    assert "color" not in page
    assert "nan" not in page


def test_a_part_of_the_card_still_shows_itself() -> None:
    assert "<table" in scorecard([LEVELS], None, TARGETS)[["kpi", "value"]]._repr_html_()


def test_sparkline_scales_and_leaves_gaps() -> None:
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7]) == "▁▂▃▄▅▆▇█"
    assert sparkline([5, float("nan"), 9]) == "▁ █"
    assert len(set(sparkline([3, 3, 3]))) == 1
    assert sparkline([float("nan")] * 2) == "  "
    assert sparkline([]) == ""


def test_a_share_is_less_than_its_target_by_points_and_its_level_is_a_percentage() -> None:
    runs = [LEVELS | {"order_conversion": 0.0365, "cross_platform_conversion": 0.02771}]
    card = scorecard(runs, [BASE], TARGETS)
    page, gap = html(card), row(card, "order_conversion")["gap"]
    assert f"{100 * gap:+.1f} pp" in page
    assert f"{100 * gap:+.1f}%" not in page
    assert row(card, "cross_platform_conversion")["note"].startswith("level 2.8%;")
    with speaking("zh"):
        assert f"{100 * gap:+.1f} 个百分点" in html(card)


@pytest.mark.parametrize("name", sorted(name for name, unit in UNITS.items() if unit.startswith("CNY")))
def test_only_what_can_be_lost_is_told_to_lie_below_0(name: str) -> None:
    low, _ = limits(UNITS[name], name)
    earns = ("contribution", "profit", "margin", "marketing_roi")
    assert (low < 0) == any(word in name for word in earns)
