"""Names that users' notebooks, scripts and commands rely on; a change here breaks somebody's work.

A name may be added. One that is renamed or removed needs a line in the changelog that says what
to write instead.
"""

from __future__ import annotations

from pathlib import Path

import mesa
import numpy as np
import pandas as pd
import pytest

import sim
import sim.cli
from sim.config import compose, market_sources
from sim.measure.kpis import KPI_BY_NAME
from sim.store.results import Results, load_results
from tests.cli.tiny import tiny

KPIS = [
    "organic_traffic_share", "acquisition_cost", "cross_platform_conversion", "add_to_cart_rate",
    "order_conversion", "average_order_value", "next_day_retention", "repurchase_30d",
    "membership_penetration",
]  # fmt: skip
SCENARIOS = {
    "baseline", "capacity_crunch", "downturn", "flat_cash_referral", "group_buy", "instant_retail",
    "koc_pyramid", "platform_loss", "private_domain", "referral_with_groups",
    "rider_shortage", "three_tier_referral",
}  # fmt: skip
GROUPS = {
    "population", "graph", "platforms", "content", "incentive", "pricing", "channel_mix", "private_domain",
    "trust", "compliance", "control", "shock", "logistics", "returns", "supply", "targets", "experiment",
    "engine", "paths", "store",
}  # fmt: skip
OPTIONS = {
    "incentive": {"none", "flat_cash", "three_tier", "task_ladder", "group_buy"},
    "graph": {
        "powerlaw_cluster", "pareto_lognormal", "barabasi_albert", "configuration", "networkx",
        "edge_list", "like",
    },
    "engine": {"serial", "local"},
    "experiment": {"default", "quick", "thorough"},
    "targets": {"plan"},
    "private_domain": {"none", "wecom"},
    "shock": {"none", "downturn", "platform_loss", "rider_shortage"},
}  # fmt: skip
#: Setting that scripts write on the command line -> where its value is found.
SETTINGS = {
    "population.size=700": 700,
    "experiment.days=7": 7,
    "experiment.warmup_days=3": 3,
    "experiment.burn_in_days=11": 11,
    "experiment.seed=42": 42,
    "experiment.replications=2": 2,
    "experiment.first_replication=5": 5,
    "experiment.name=mine": "mine",
    "incentive.invite_reward=8.5": 8.5,
    "incentive.design=flat_cash": "flat_cash",
    "engine.kind=serial": "serial",
    "engine.workers=1": 1,
    "paths.results=elsewhere": "elsewhere",
    "store.level=daily": "daily",
    "paths.cache=cache": "cache",
    "targets.acquisition_cost=25": 25,
}  # fmt: skip


def test_the_package_offers_these_names():
    assert {"Market", "compose", "load_results", "run_replication"} <= set(sim.__all__)
    for name in sim.__all__:
        assert callable(getattr(sim, name)), name
    assert sorted(dir(sim)) == sorted(sim.__all__)
    with pytest.raises(AttributeError, match="no attribute 'market_place'"):
        sim.market_place  # noqa: B018 (to look at it is what fails)


def test_verbs_and_exit_codes_stay():
    assert {"run", "compare", "list", "report"} <= set(sim.cli.VERBS)
    codes = (sim.cli.DONE, sim.cli.FAILED, sim.cli.WRONG_INPUT, sim.cli.INTERRUPTED)
    assert codes == (0, 1, 2, 130)


def test_indicators_stay():
    assert list(KPI_BY_NAME)[: len(KPIS)] == KPIS


def test_scenarios_groups_and_options_stay():
    market = market_sources()
    assert set(market.scenario_paths()) >= SCENARIOS
    assert set(market.sections) >= GROUPS
    for group, options in OPTIONS.items():
        assert options <= set(market.options(group)), group


@pytest.mark.parametrize(("setting", "value"), SETTINGS.items())
def test_settings_stay(setting, value):
    section, key = setting.partition("=")[0].split(".")
    assert getattr(getattr(compose([setting]), section), key) == value


def test_a_real_network_is_asked_for_like_this(tmp_path):
    config = compose(["graph=edge_list", f"graph.path={tmp_path / 'ties.csv'}"])
    assert (config.graph.kind, config.graph.path) == ("edge_list", str(tmp_path / "ties.csv"))


def test_a_market_in_a_notebook():
    from sim import Market

    market = Market.from_scenario(
        "flat_cash_referral", "population.size=300", "experiment.burn_in_days=0", "experiment.warmup_days=1",
        "experiment.days=2",
    )  # fmt: skip
    assert isinstance(market, mesa.Model)
    market.step()
    assert market.run() is market
    card = market.scorecard()
    assert list(card["kpi"]) == KPIS
    assert {"kpi", "value", "unit", "target", "met", "low", "high", "gap", "note"} <= set(card.columns)
    assert isinstance(card, pd.DataFrame)
    assert len(market.consumers) == 300
    assert 0.0 <= market.consumers.agg("trust", np.mean) <= 1.0
    days = market.datacollector.get_model_vars_dataframe()
    assert len(days) == 3
    assert {"day", "population", "registered", "visits", "orders", "revenue_cny"} <= set(days.columns)
    assert market.kpis().keys() >= set(KPIS)
    assert {"visits", "orders", "deliveries", "touches", "registrations", "rewards"} <= market.tables().keys()


def test_results_in_a_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert sim.cli.main(tiny("run", "scenario=flat_cash_referral")) == 0
    results = load_results("results")
    assert isinstance(results, Results)
    assert isinstance(sim.load_results(), Results)
    assert results.scenarios == ["baseline", "flat_cash_referral"]
    columns = {"experiment", "scenario", "name", "value", "unit", "replication", "key", "seed"}
    assert columns <= set(results.totals.columns)
    assert {"experiment", "scenario", "replication", "name", "day", "value"} <= set(results.daily.columns)
    assert set(KPIS) <= set(results.totals["name"])
    assert list(results.scorecard("flat_cash_referral")["kpi"]) == KPIS
    assert {"scenario", "replication", "order_id"} <= set(results.events("orders").columns)
    assert (tmp_path / "results/reports/default.html").is_file()
