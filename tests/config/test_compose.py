"""Composition: who wins over whom, and that composing leaves no trace."""

from __future__ import annotations

import json
import os
import pickle
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra

from sim.config import (
    Config,
    baseline_of,
    compose,
    from_resolved,
    market_sources,
    run_hash,
    world_differences,
    world_hash,
)
from sim.config.hashes import digest, run_values
from sim.config.remarks import remarks
from sim.core.errors import ConfigError


def test_command_line_over_scenario_over_option_over_model(sources):
    assert compose([], sources=sources).incentive.invite_reward == 0
    assert compose(["incentive=flat_cash"], sources=sources).incentive.invite_reward == 8
    scenario = compose(["scenario=cash"], sources=sources)
    assert (scenario.incentive.design, scenario.incentive.invite_reward) == ("flat_cash", 12)
    for order in (
        ["scenario=cash", "incentive.invite_reward=20"],
        ["incentive.invite_reward=20", "scenario=cash"],
    ):
        assert compose(order, sources=sources).incentive.invite_reward == 20
    other = compose(["scenario=cash", "incentive=three_tier"], sources=sources)
    three_tier = compose(["incentive=three_tier"], sources=sources)
    assert other.incentive == three_tier.incentive


def test_an_option_on_the_command_line_means_what_it_says_under_every_scenario(tmp_path, monkeypatch):
    """Nothing of a scenario's own lines on that section stays in force: no shock, no group, no rule."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "busy.yaml").write_text(BUSY, encoding="utf-8")
    plain = compose([])
    there = market_sources()
    for group in {line.partition(".")[0] for line in BUSY.splitlines()[2:]}:
        for option in there.options(group):
            said = compose(["scenario=busy", f"{group}={option}"])
            alone = compose([f"{group}={option}"])
            assert said.section(group) == alone.section(group), (group, option)
            assert said.section(group) == plain.section(group) or option != plain.options[group]
            [remark] = remarks(said)
            assert remark.startswith(f"{group}={option} takes the place of ")


def test_what_stands_beside_an_option_on_the_command_line_counts(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "busy.yaml").write_text(BUSY, encoding="utf-8")
    words = ["shock.also.late.kind=downturn", "scenario=busy", "shock=none"]
    assert list(compose(words).shock.listed()) == ["also.late"]
    assert list(compose(["scenario=busy"]).shock.listed()) == ["shock", "also.second"]


BUSY = """\
# liebian run scenario=busy
description: Every section that has options says something by a key of its own
shock.kind: downturn
shock.also.second.kind: platform_loss
shock.also.second.start: 3
group_buy.enabled: true
sessions.enabled: true
private_domain.pool: wecom
rules.named.calm.figure: complaint_rate
rules.named.calm.levers: {private_domain.messages_per_week: 1}
instruments.delay: 7
fraud.review: 0.5
incentive.design: flat_cash
incentive.invite_reward: 20.0
channel_mix.influencer_share: 0.5
pricing.bundle_discount: 0.1
logistics.capacity_ratio: 0.7
control.budget_rule: media
media.enabled: false
"""


def test_a_model_default_stands_where_nothing_is_said(sources):
    config = compose([], sources=sources)
    assert config.population.size == 2000
    assert config.incentive.appetite == 1.5


def test_the_last_of_two_overrides_wins(sources):
    given = ["population.size=30", "population=large", "population.size=40"]
    assert compose(given, sources=sources).population.size == 40


def test_mappings_are_merged_and_lists_replaced(sources):
    config = compose(["population.shares={cyber: 0.25}", "incentive.tiers=[1]"], sources=sources)
    assert config.population.shares == {"silver": 0.4, "cyber": 0.25} or config.population.shares == {
        "cyber": 0.25
    }
    large = compose(["population=large", "population.shares={cyber: 0.25}"], sources=sources)
    assert large.population.shares == {"silver": 0.5, "cyber": 0.25}
    assert config.incentive.tiers == (1.0,)


def test_a_whole_number_serves_as_a_number(sources):
    reward = compose(["incentive.invite_reward=20"], sources=sources).incentive.invite_reward
    assert reward == 20
    assert isinstance(reward, float)


def test_a_configuration_tells_what_was_chosen(sources):
    config = compose(["scenario=cash", "engine=serial"], sources=sources)
    assert (config.scenario, config.description) == ("cash", "Cash")
    assert config.options["incentive"] == "flat_cash"
    assert config.section("engine").kind == "serial"
    assert json.loads(json.dumps(config.resolved)) == config.resolved
    with pytest.raises(AttributeError, match="no section 'weather'"):
        _ = config.weather
    with pytest.raises((AttributeError, TypeError)):
        config.scenario = "other"


def test_a_stored_configuration_comes_back(sources):
    config = compose(["scenario=crowd", "incentive.tiers=[1,0.5]"], sources=sources)
    again = from_resolved(json.loads(json.dumps(config.resolved)), sources, scenario="crowd")
    assert again.resolved == config.resolved
    assert digest(run_values(again)) == digest(run_values(config))
    assert pickle.loads(pickle.dumps(config)).resolved == config.resolved


def test_overrides_mean_the_same_on_a_resolved_tree(sources):
    resolved = compose(["scenario=crowd"], sources=sources).resolved
    resolved["incentive"]["team"]["size"] = 7
    laid = compose(["scenario=crowd", "incentive.team.size=7"], sources=sources)
    assert from_resolved(resolved, sources).resolved == laid.resolved


def test_machine_settings_yield_to_the_command_line(sources, write):
    write("conf/local/machine.yaml", "engine.workers: 3\npaths.cache: fast\n")
    config = compose(["engine.workers=2"], sources=sources)
    assert (config.engine.workers, config.paths.cache) == (2, "fast")


def test_scenarios_of_the_working_directory_are_found(sources, tmp_path):
    own = tmp_path / "work" / "scenarios"
    own.mkdir()
    (own / "mine.yaml").write_text("description: Mine\npopulation.size: 77\n")
    assert compose(["scenario=mine"], sources=sources).population.size == 77


def test_a_changed_option_file_is_read_again(sources, write):
    assert compose(["incentive=flat_cash"], sources=sources).incentive.invite_reward == 8
    write("conf/incentive/flat_cash.yaml", "design: flat_cash\ninvite_reward: 19.5\n")
    assert compose(["incentive=flat_cash"], sources=sources).incentive.invite_reward == 19.5


def test_what_a_caller_does_to_a_result_stays_with_the_caller(sources):
    compose(["incentive=three_tier"], sources=sources).resolved["incentive"]["tiers"].append(9)
    assert compose(["incentive=three_tier"], sources=sources).incentive.tiers == (1.0, 0.5, 0.25)


def test_composing_leaves_no_trace(sources, capfd):
    before, argv = os.getcwd(), list(sys.argv)
    compose(["scenario=cash"], sources=sources)
    assert os.getcwd() == before
    assert os.listdir(before) == []
    assert sys.argv == argv
    assert not GlobalHydra.instance().is_initialized()
    assert capfd.readouterr() == ("", "")


def test_a_hydra_that_was_in_use_stays_in_use(sources, tmp_path):
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "config.yaml").write_text("a: 1\n")
    with initialize_config_dir(str(tmp_path / "theirs"), version_base="1.3"):
        compose(["scenario=cash"], sources=sources)
        assert hydra_compose("config") == {"a": 1}
    GlobalHydra.instance().clear()


def test_many_threads_may_compose(sources):
    def reward(value: int) -> float:
        option = ("none", "flat_cash", "three_tier")[value % 3]
        config = compose([f"incentive={option}", f"incentive.invite_reward={value}"], sources=sources)
        assert config.options["incentive"] == option
        return config.incentive.invite_reward

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(reward, range(48))) == list(range(48))


def test_composing_again_is_cheap(sources):
    given = ["scenario=cash", "population.size=500"]
    compose(given, sources=sources)
    spent = []
    for _ in range(5):
        start = time.process_time()
        compose(given, sources=sources)
        spent.append(time.process_time() - start)
    assert min(spent) < 0.02


def test_a_baseline_keeps_the_world_and_takes_the_levers(sources):
    config = compose(["scenario=crowd", "incentive=flat_cash", "incentive.appetite=3"], sources=sources)
    base = baseline_of(config, sources=sources)
    assert base.scenario == "baseline"
    assert base.population.size == 3000
    assert (base.incentive.appetite, base.incentive.team.trained) == (3, False)
    assert (base.incentive.design, base.incentive.invite_reward, base.incentive.team.size) == ("none", 0, 4)


def world_of(sources, *overrides: str) -> str:
    config: Config = compose(overrides, sources=sources)
    return world_hash(config, baseline=compose([], sources=sources))


@pytest.mark.parametrize(
    "override",
    ["incentive=flat_cash", "incentive.invite_reward=30", "incentive.team.size=9", "experiment.days=12",
     "experiment.replications=2", "experiment.name=other", "experiment.seed=5", "engine=serial",
     "paths.cache=x", "targets.order_conversion=0.2", "population=default"],
)  # fmt: skip
def test_a_world_is_the_same_whatever_the_strategy_and_the_machine(override, sources):
    assert world_of(sources, override) == world_of(sources)


@pytest.mark.parametrize(
    "override",
    ["population.size=50", "population.shares.silver=0.1", "incentive.appetite=2",
     "incentive.team.trained=true", "experiment.burn_in_days=10", "experiment.warmup_days=1", "graph.path=x"],
)  # fmt: skip
def test_a_world_differs_with_whatever_shaped_it(override, sources):
    assert world_of(sources, override) != world_of(sources)


def test_a_world_differs_with_the_baseline_it_was_burnt_in_under(sources):
    config = compose([], sources=sources)
    generous = compose(["incentive=flat_cash"], sources=sources)
    assert world_hash(config, baseline=generous) != world_hash(config, baseline=config)
    assert world_hash(config, baseline=config, seed=1) != world_hash(config, baseline=config, seed=2)


def test_a_file_counts_by_its_content(sources, tmp_path):
    (tmp_path / "work" / "a.csv").write_text("0,1\n")
    (tmp_path / "work" / "b.csv").write_text("0,1\n")
    (tmp_path / "work" / "c.csv").write_text("0,2\n")
    a, b, c = (world_of(sources, f"graph.path={name}.csv") for name in "abc")
    assert a == b != c


def test_a_run_is_named_by_all_that_changes_its_numbers(sources):
    base = compose([], sources=sources)

    def name(*overrides: str, replication: int = 0, seed: int = 1, code: str = "c") -> str:
        return run_hash(compose(overrides, sources=sources), replication, seed, code, baseline=base)

    same = ["engine=serial", "paths.results=x", "experiment.name=n", "experiment.replications=9"]
    assert {name(o) for o in same} == {name()}
    others = [
        name("incentive=flat_cash"), name("population.size=50"), name("experiment.days=3"),
        name("experiment.warmup_days=3"), name(replication=1), name(seed=2), name(code="d"),
    ]  # fmt: skip
    assert len({name(), *others}) == 1 + len(others)


def test_a_comparison_is_told_which_world_values_differ(sources):
    configs = [compose(o, sources=sources) for o in ([], ["incentive=flat_cash"], ["population.size=50"])]
    assert world_differences(configs[:2]) == []
    assert world_differences(configs) == ["population.size"]


def test_a_stored_section_that_is_gone_is_named(sources):
    with pytest.raises(ConfigError, match="weather: unknown section"):
        from_resolved({"weather": {}}, sources)
