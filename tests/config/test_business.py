"""The business's own words become the model's units exactly, and come back as they were."""

from __future__ import annotations

import numpy as np
import pytest

from sim.cli.entry import main
from sim.config import baseline_of, compose, reference_of, run_hash, world_hash
from sim.config.business import (
    capacity_ratio,
    consumers_of,
    daily_budget,
    monthly_budget,
    orders_a_day,
    other_businesses,
    translation,
)
from sim.config.pairing import pairing_line
from sim.config.remarks import remarks
from sim.core.errors import ConfigError
from sim.market import Market
from sim.market.build import check_network
from sim.runs.names import Names
from tests.cli.tiny import TINY

WORDS = ["market=2000000", "budget=3600000/month", "capacity=6000/day", "start=2026-03-01", "months=3"]
#: Orders a day of 2,000,000 consumers from the least capacity that may be set to the most.
DESIGN = compose([]).logistics.design_orders_per_1000_consumers
CARRIED = f"{0.05 * DESIGN * 2000:,.0f}/day to {10 * DESIGN * 2000:,.0f}/day"
#: Budget, consumers and rate, with awkward ones among them.
MARKETS = [(150_000.0, 20_000, 1.0), (1.0, 3, 7.1), (98_765.43, 1_234_567, 7.13), (5e8, 1_400_000_000, 0.05)]


@pytest.mark.parametrize(("budget", "consumers", "rate"), MARKETS)
def test_budget_to_model_units_and_back(budget, consumers, rate):
    each = daily_budget(budget, rate, consumers)
    assert each == pytest.approx(budget * rate * 12 / 365 / consumers, rel=1e-15)
    assert monthly_budget(each, rate, consumers) == pytest.approx(budget, rel=1e-15)


def test_words_are_the_equations_of_the_page():
    config = compose(WORDS)
    assert config.population.size * config.population.represents == 2_000_000
    assert config.control.daily_budget * 2_000_000 * 365 / 12 == pytest.approx(3_600_000, rel=1e-14)
    assert config.calendar.start == "2026-03-01"
    assert config.experiment.days == 31 + 30 + 31
    assert consumers_of(config) == 2_000_000
    assert orders_a_day(config.logistics.capacity_ratio, 2_000_000, config.logistics) == pytest.approx(6000)


@pytest.mark.parametrize(
    "more", [[], ["logistics.pick_margin=0.7"], ["logistics.design_orders_per_1000_consumers=5"]]
)
def test_capacity_is_what_the_warehouses_are_built_with(more):
    """Riders and pick teams, as logistics itself plans them, carry the orders that were asked for."""
    config = compose(["population.size=2000", "market=10000", "capacity=25/day", *more])
    market = Market(config.overridden({"experiment.burn_in_days": 0, "experiment.warmup_days": 0}))
    market.run(1)
    provided = float(market.tables()["daily"]["capacity_orders"][-1])
    assert provided * config.population.represents == pytest.approx(25, rel=0.02)
    assert capacity_ratio(25, 10_000, config.logistics) == config.logistics.capacity_ratio


def test_what_a_budget_releases_is_the_budget():
    """Day by day the simulated operator gets its share of the month's money, rounded to the fen."""
    settings = [f"{key}={value}" for key, value in TINY.items() if key != "experiment.days"]
    config = compose(
        [*settings, "market=60000", "budget=90000/month", "experiment.days=10", "plan.stages.a.days=10"]
    )
    market = Market(config)
    market.run()
    fen = market.tables()["stage_days"]["budget_fen"]
    assert len(fen) == 10
    real = fen * config.population.represents / 100 * 365 / 12
    assert np.abs(real - 90_000).max() <= 0.5 * config.population.represents / 100 * 365 / 12


def test_business_holds_for_the_baseline_too():
    config = compose(["scenario=three_tier_referral", *WORDS, "incentive.invite_reward=9"])
    reference = reference_of(config)
    assert reference.control.daily_budget == config.control.daily_budget
    assert reference.logistics.capacity_ratio == config.logistics.capacity_ratio
    assert reference.incentive.design != config.incentive.design
    line = pairing_line([*WORDS, "incentive.invite_reward=9"], [config], compose([]))
    assert line == f"baseline shares: {', '.join(WORDS)}; strategy alone: incentive.invite_reward=9"


def test_a_model_unit_on_the_command_line_is_the_strategys_alone():
    config = compose(["control.daily_budget=0.08"])
    assert reference_of(config).control.daily_budget == compose([]).control.daily_budget


def test_scenario_files_speak_the_same_words(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scenarios").mkdir()
    lines = [word.replace("=", ": ") for word in WORDS]
    text = "\n".join(["description: Mine", *lines]).replace("2000000", "200万")
    (tmp_path / "scenarios" / "mine.yaml").write_text(text, encoding="utf-8")
    mine, written = compose(["scenario=mine"]), compose(WORDS)
    assert {name: model.model_dump() for name, model in mine.models.items()} == {
        name: model.model_dump() for name, model in written.models.items()
    }
    assert reference_of(mine).control.daily_budget == mine.control.daily_budget
    other = compose(["scenario=group_buy", "market=2000000"])
    assert "write it on the command line" in other_businesses([mine, other])[0]
    (tmp_path / "scenarios" / "wrong.yaml").write_text(
        "description: Wrong\nbudget: 150000\n", encoding="utf-8"
    )
    with pytest.raises(ConfigError, match=r"wrong\.yaml line 2: budget: must say over what time"):
        compose(["scenario=wrong"])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["budget=150000/month", "control.daily_budget=0.05"], "say the same thing in two units"),
        (["capacity=80/day", "logistics.capacity_ratio=1"], "say the same thing in two units"),
        (["months=3", "experiment.days=30"], "say the same thing in two units"),
        (["budget=150000/month", "control.budget_rule=media"], "budget: is all-in"),
        (["budget=400000/month", "market=100"], "to 304,167 CNY/month"),
        (["capacity=80/day", "market=2000000"], CARRIED),
        (["capacity=80/day", "logistics.enabled=false"], "leave one of the two out"),
        (["market=5000", "population.size=20000"], "write population.size=5000 or less"),
        (["market=40000", "population.represents=3"], "write one of the two"),
        (["market=10"], "50 consumers or more"),
        (["market=2000000000"], "business.market must be 0..1,500,000,000"),
        (["months=500"], "business.months must be 0..119"),
        (["budget=20000 USD/month"], "business.rate must say how many CNY one USD is"),
        (["business.rate=7"], "business.rate must be 1 for CNY"),
        (
            ["budget=2 USD/month", "business.currency=EUR", "business.rate=7"],
            "business.currency: must be given once",
        ),
        (["start=2026-03-01", "calendar.start=2026-03-02"], "calendar.start: must be given once"),
        (["start=1999-01-01"], "from 2000-01-01 to 2100-12-31"),
        (["budget=5/day", "budget=6/day"], "budget: must be given once (you wrote 5/day and 6/day)"),
        (["start=2026-03-01", "start=2026-03-02"], "start: must be given once (you wrote 2026-03-01 and"),
    ],
)
def test_what_does_not_fit_is_one_line(words, told):
    with pytest.raises(ConfigError) as refused:
        compose(words)
    assert len(refused.value.problems) == 1
    assert told in refused.value.problems[0]


def test_a_command_line_takes_the_place_of_a_scenarios_allowance(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "rich.yaml").write_text("description: Rich\ncontrol.daily_budget: 0.1\n")
    config = compose(["scenario=rich", "budget=36500/month"])
    assert config.control.daily_budget == pytest.approx(0.06)


def test_a_small_market_is_simulated_one_to_one():
    config = compose(["market=5000"])
    assert (config.population.size, config.population.represents) == (5000, 1.0)


def test_size_of_the_market_is_part_of_the_run_and_of_no_world():
    one, other = compose(["market=40000"]), compose(["market=80000"])
    euro = compose(["market=40000", "business.currency=EUR", "business.rate=8"])
    base = baseline_of(one)
    assert world_hash(one, baseline=base) == world_hash(other, baseline=base)
    assert len({run_hash(c, 0, 1, "", base) for c in (one, other, euro)}) == 3
    names = Names(compose([]))
    for config in (one, other, euro):
        from sim.runs.replicate import run_key

        assert names.key(config, 0) == run_key(config, 0)
    assert names.world_key(one, 0) == names.world_key(other, 0)


def test_translation_names_both_units():
    told = " ".join(translation(compose(WORDS)))
    assert "2,000,000 consumers" in told
    assert "0.05918 CNY a consumer and day (control.daily_budget)" in told
    assert "2026-03-01 to 2026-05-31, 92 days" in told
    assert translation(compose([])) == []


def test_a_budget_that_belongs_to_another_market_is_remarked_on():
    assert any("write market=2000000" in line for line in remarks(compose(["budget=150000/month"])))
    assert remarks(compose(["budget=36500/month"])) == []


def test_the_command_line_refuses_in_one_line(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["run", "budget=150000/fortnight"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "liebian: budget=150000/fortnight: does not know the time 'fortnight' (you wrote "
        "'150000/fortnight'); write budget=150000/month, or an amount for a day, week, quarter or year"
    ]


def test_a_network_from_a_file_sets_its_own_number_of_people(tmp_path):
    file = tmp_path / "ties.csv"
    file.write_text("\n".join(f"{a},{(a + step) % 60}" for a in range(60) for step in (1, 2)))
    config = compose(["graph=edge_list", f"graph.path={file}", "market=6000", "budget=10000/month"])
    assert check_network(config) == 60
    assert config.control.daily_budget == pytest.approx(10_000 * 12 / 365 / 6000)
    assert config.population.represents == 1.0
