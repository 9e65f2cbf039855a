"""One rule for every verb: levers on the line are the strategies', all else is the baseline's too."""

import pickle
from dataclasses import fields, replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sim.config import assumptions_table, baseline_of, compose, market_sources, reference_of
from sim.config.model import market_values
from sim.config.overrides import Assignment
from sim.config.pairing import pairing_line
from sim.core.errors import ConfigError
from sim.runs.names import Names
from sim.runs.plan import plan, word_of
from sim.runs.replicate import run_key

SCENARIO = "three_tier_referral"
SMALL = ["population.size=400", "experiment.burn_in_days=0", "experiment.replications=1"]


def numbers(*kinds):
    """Declared plain numbers with two bounds or a plausible range, of some kinds."""
    rows = assumptions_table(market_sources().sections)
    bounded = [
        row for row in rows
        if row.kind in kinds and type(row.default) is float and not row.part_of and row.path.count(".") == 1
        and {"ge", "le"} <= row.bounds.keys()
    ]  # fmt: skip
    settable = market_values(compose([]))
    return [row for row in bounded if row.path in settable]


def other_value(row, share):
    """A value between the default and the nearer of the two bounds that it is not at."""
    low, high = row.span or (row.bounds["ge"], row.bounds["le"])
    end = high if high > row.default else low
    return row.default + share * (end - row.default)


def composed(*words):
    return compose([f"scenario={SCENARIO}", *SMALL, *words])


@given(st.sampled_from(numbers("lever")), st.floats(0.1, 0.9))
@settings(max_examples=30, deadline=None)
def test_any_lever_on_the_line_moves_the_strategy_and_not_the_baseline(row, share):
    word = word_of(Assignment(row.path, round(other_value(row, share), 6)))
    try:
        config = composed(word)
    except ConfigError:  # rules between keys refuse some values
        assume(False)
    assert run_key(reference_of(config), 0) == run_key(reference_of(composed()), 0)
    line = pairing_line([word], [config], compose([]))
    assert line == f"strategy alone: {word}"


@given(st.sampled_from(numbers("uncertainty", "constant")), st.floats(0.1, 0.9))
@settings(max_examples=30, deadline=None)
def test_anything_else_on_the_line_is_the_baselines_too(row, share):
    word = word_of(Assignment(row.path, round(other_value(row, share), 6)))
    try:
        config = composed(word)
    except ConfigError:  # rules between keys refuse some values
        assume(False)
    mine, base = market_values(config), market_values(reference_of(config))
    assert mine[row.path] == base[row.path]
    assert pairing_line([word], [config], compose([])) == f"baseline shares: {word}"


@pytest.mark.parametrize(
    ("words", "shares"),
    [
        (["logistics=tight"], {}),
        (["incentive=flat_cash", "pricing=coupon"], {}),
        (["fraud=none"], {"fraud.enabled": False}),
        (["shock=downturn"], {"shock.kind": "downturn", "shock.size": 0.25}),
        (["shock=rider_shortage", "shock.days=9"], {"shock.kind": "rider_shortage", "shock.days": 9}),
        (["population=small"], {"population.size": 2000}),
        (["logistics=tight", "shock=downturn", "fraud.review=0.7"], {"shock.kind": "downturn"}),
    ],
)
def test_options_are_split_by_the_kind_of_the_keys_they_set(words, shares):
    config = compose([f"scenario={SCENARIO}", *words])
    reference = market_values(reference_of(config))
    usual = market_values(compose([]))
    assert {key: reference[key] for key in shares} == shares
    moved = {key for key in usual if reference[key] != usual[key]}
    kinds = {row.path: row.kind for row in assumptions_table(market_sources().sections)}
    assert all(kinds[key] != "lever" for key in moved)


def test_a_shock_of_the_scenario_itself_is_not_the_baselines():
    config = compose(["scenario=downturn"])
    assert market_values(config)["shock.kind"] == "downturn"
    assert market_values(reference_of(config))["shock.kind"] == "none"


def test_a_shock_is_never_burnt_in():
    config = compose(["shock=downturn"])
    assert market_values(baseline_of(config))["shock.kind"] == "none"


LINES = [
    ["logistics=tight"],
    ["shock=downturn"],
    ["incentive.invite_reward=20", "logistics=tight"],
    ["population.represents=40", "fraud=none", "logistics.capacity_ratio=0.9"],
]


@pytest.mark.parametrize("words", LINES)
def test_run_compare_and_sweep_pair_with_the_same_baseline(words):
    """The names of all runs agree, so every verb shows the same differences."""
    from sim.cli.commands import _compose

    line = [*SMALL, *words]
    asked = _compose([SCENARIO], line)
    planned = plan([f"scenario={SCENARIO}", *line])
    (swept,) = [job for job in planned.jobs if not job.added]
    assert swept.baseline == run_key(asked[0], 0)
    assert swept.key == run_key(asked[1], 0)
    assert asked[0].scenario == "baseline"
    names = Names(compose([]))
    assert names.key(names.baseline(asked[1]), 0) == swept.baseline


def test_swept_conditions_are_the_baselines_too():
    planned = plan([f"scenario={SCENARIO}", *SMALL, "shock.kind=downturn", "shock.size=0.1,0.3"])
    added = [planned.configs[job.config] for job in planned.jobs if job.added]
    assert sorted(config.shock.size for config in added) == [0.1, 0.3]
    levers = plan([f"scenario={SCENARIO}", *SMALL, "incentive.invite_reward=6,12,18"])
    assert sum(job.added for job in levers.jobs) == 1


def test_a_lever_beside_the_baselines_name_makes_a_strategy_of_it():
    from sim.cli.commands import _compose

    configs = _compose(["baseline", SCENARIO], [*SMALL, "logistics=tight"])
    assert [config.scenario for config in configs] == ["baseline", "baseline", SCENARIO]
    assert [config.logistics.capacity_ratio for config in configs] == [1.2, 0.85, 0.85]
    plain = _compose(["baseline", SCENARIO], SMALL)
    assert [config.scenario for config in plain] == ["baseline", SCENARIO]


def test_the_line_says_which_keys_an_option_stands_for():
    words = ["population.size=2000", "logistics=tight", "engine=serial", "experiment.name=x"]
    config = compose([f"scenario={SCENARIO}", *words])
    assert pairing_line(words, [config], compose([])) == (
        "baseline shares: population.size=2000; strategy alone: logistics=tight (logistics.capacity_ratio)"
    )
    assert (
        pairing_line(["graph.path=/a/b/c.txt"], [config], compose([])) == "baseline shares: graph.path=c.txt"
    )
    assert pairing_line([], [config], compose([])) == ""


def test_what_is_common_survives_the_manifest(tmp_path):
    from sim.store.manifest import read, write

    planned = plan([f"scenario={SCENARIO}", *SMALL, "shock=downturn", "experiment.name=s"])
    write(tmp_path, "s", planned.jobs, planned.content)
    manifest = read(tmp_path, "s")
    job = next(job for job in manifest.jobs if not job.added)
    config = manifest.config(job)
    assert run_key(replace(reference_of(config), pinned=config.pinned), 0) == job.baseline


def test_an_option_that_a_scenario_chooses_for_its_world_is_told_by_name(tmp_path, monkeypatch):
    from sim.cli.commands import _compose, _pairing

    (tmp_path / "scenarios").mkdir()
    lines = 'description: autumn\ncalendar: china\ncalendar.start: "2025-10-06"\n'
    (tmp_path / "scenarios" / "autumn.yaml").write_text(lines)
    monkeypatch.chdir(tmp_path)
    told = _pairing(_compose(["autumn"], []), [])
    assert "calendar=china (world of autumn)" in told
    assert "calendar.start=" in told
    assert "mid_year" not in told


def test_what_a_configuration_remembers_is_of_one_baseline_and_does_not_travel():
    config, again = (compose([f"scenario={SCENARIO}", "control.daily_budget=7"]) for _ in range(2))
    usual, other = compose([]), compose(["scenario=group_buy"])
    assert config.world_resolved(usual) == again.world_resolved(usual)
    assert config.world_resolved(usual) != config.world_resolved(other)
    assert config.world_resolved(other) == compose([f"scenario={SCENARIO}"]).world_resolved(other)
    config.world_resolved(usual).clear()
    market_values(config).clear()
    assert market_values(config) == market_values(again)
    assert config.world_resolved(usual) == again.world_resolved(usual)
    sent = pickle.loads(pickle.dumps(config))
    assert sent == config
    assert vars(sent).keys() == {one.name for one in fields(config)}


def test_a_run_is_named_under_the_pinned_baseline():
    config = compose([f"scenario={SCENARIO}"])
    pinned = compose(["pricing.list_level=0.9"])
    held = replace(config, pinned=pinned)
    assert baseline_of(held) is baseline_of(held)
    assert baseline_of(held).pricing.list_level == 0.9
    assert run_key(held, 0) == run_key(config, 0, baseline_of(held)) != run_key(config, 0)
