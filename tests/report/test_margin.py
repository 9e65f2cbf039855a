"""One way from the baseline's margin to the strategy's: its steps are paired, and add up."""

import re

import numpy as np
import pytest
from scipy import stats

from sim.report import html, margin
from sim.report.comparison import PROFIT, Comparison
from sim.store.results import load_results
from sim.store.store import Store
from tests.report.synthetic import CONFIG, DAYS, fake_run

LIFTS = {"baseline": 0.0, "coupon": 0.08, "group_buy": -0.05, "same": 0.0}


@pytest.fixture(scope="module", params=[1, 4])
def comparison(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    store = Store(folder, level="daily")
    for scenario, lift in LIFTS.items():
        for world in range(request.param):
            store.write(fake_run(scenario, world, lift), CONFIG)
    return Comparison.of(load_results(folder).newest())


def test_steps_sum_to_the_difference_of_the_margins(comparison):
    for one in margin.ways(comparison):
        change = sum(step.change.value for step in one.steps)
        assert change == pytest.approx(one.total.change.value, abs=1e-9)
        told = comparison.difference(one.scenario, "contribution_margin")
        assert change == pytest.approx(told["value"] * DAYS, abs=1e-6)
        assert one.total.base + change == pytest.approx(one.total.mine, abs=1e-9)
        assert margin.levels(one)[-1] == pytest.approx(one.total.mine, abs=1e-9)


def test_each_step_is_a_paired_difference_with_its_interval(comparison):
    books = comparison.results.breakdown.query("figure == 'books'")
    table = books.pivot_table(index=["scenario", "item"], columns="replication", values="value")
    for one in margin.ways(comparison):
        for step in one.steps:
            item = step.label.replace(" ", "_")
            change = table.loc[(one.scenario, item)] - table.loc[("baseline", item)]
            assert step.change.value == pytest.approx(change.mean())
            if len(change) < 2:
                assert np.isnan(step.change.low)
            elif change.std() > 1e-9:
                low, high = stats.ttest_1samp(change, 0).confidence_interval()
                assert (step.change.low, step.change.high) == pytest.approx((low, high))


def test_the_figure_shows_the_numbers_of_its_table(comparison):
    for one in margin.ways(comparison):
        drawn, table = margin.waterfall(one), margin.rows(one)
        for row in table[:-1]:
            assert f">{row['change'].split()[0]}</text>" in drawn
            assert f">{row['label']}</text>" in drawn
        assert f": {table[-1]['base']}</text>" in drawn
        assert f": {table[-1]['mine']}</text>" in drawn


def test_a_step_without_a_change_claims_none(comparison):
    (same,) = [one for one in margin.ways(comparison) if one.scenario == "same"]
    assert all(step.change.value == 0 for step in same.steps)
    assert not any(re.search("[▲▼△▽]", row["change"]) for row in margin.rows(same))


def test_the_page_shows_one_way_a_strategy(comparison):
    page = html.render(comparison)
    assert all(margin.sentence(one) in page for one in margin.ways(comparison))
    assert "Bars add up from margin to margin" in page


def test_the_title_of_a_way_claims_what_its_interval_allows(comparison):
    for one in margin.ways(comparison):
        text, change = margin.sentence(one), one.total.change
        row = comparison.difference(one.scenario, PROFIT)
        assert ("taken alone" in text) == (not row["p_holm"] <= 0.05 and (change.low > 0 or change.high < 0))
        assert ("leaves more" in text) == (change.low > 0)
        assert ("leaves less" in text) == (change.high < 0)
        assert ("exactly what" in text) == (change.low == change.high == 0)
        assert ("one world simulated" in text) == np.isnan(change.low)
