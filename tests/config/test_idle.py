"""Levers that nothing reads: moving all of them changes nothing; none that moves something is left out."""

from __future__ import annotations

import pytest

from sim.config import assumptions_table, compose, market_sources
from sim.config.idle import idle, idle_said, set_for_nothing
from sim.core.errors import ConfigError
from sim.market import Market
from sim.studies.optimise.request import Request
from tests.conftest import LIVELY
from tests.market.test_every_parameter_moves import MARKETS, SHOWN, day, others, written

LEVERS = {row.path: row for row in assumptions_table(market_sources().sections) if row.kind == "lever"}
RANGED = [path for path, row in LEVERS.items() if row.span]
SMALL = ("population.size=200", "experiment.burn_in_days=0", "experiment.warmup_days=0", "experiment.days=5")
SEARCH = ("vary=[incentive.invite_reward,incentive.task_first,pricing.list_level]",)


def test_levers_that_are_left_out_move_nothing():
    """All of them at once, in a market of much talk in which people invite although nobody pays them."""
    words = ("sharing.invite_base=0.5", "orders.register_invited=1", *LIVELY, *SMALL)
    usual = compose(words)
    left = idle([path for path in RANGED if path.partition(".")[0] not in ("rules", "plan")], [usual])
    assert {
        "incentive.invite_reward",
        "incentive.second_level",
        "pricing.coupon_share",
        "points.earn",
    } <= set(left)
    moved = []
    for path in left:
        value = next(iter(others(LEVERS[path])))
        try:
            compose([*words, *moved, f"{path}={written(value)}"])
        except ConfigError:  # a rule of its own, such as shares of one whole
            continue
        moved.append(f"{path}={written(value)}")
    assert len(moved) > 0.8 * len(left)
    plain, other = Market(usual), Market(compose([*words, *moved]))
    assert [day(plain) for _ in range(5)] == [day(other) for _ in range(5)]


@pytest.mark.parametrize("market", sorted({SHOWN[path][0] for path in RANGED if path in SHOWN}))
def test_levers_that_move_something_are_kept(market):
    mine = [path for path in RANGED if SHOWN.get(path, ("",))[0] == market]
    for path in mine:
        assert idle([path], [compose([*MARKETS[market], f"{path}={SHOWN[path][1]}"])]) == {}


def test_a_search_without_rewards_leaves_the_reward_out_and_says_so():
    space = Request.parse([*SEARCH, "incentive=none"]).space
    assert [row.path for row in space.levers] == ["pricing.list_level"]
    [line] = idle_said(space.idle)
    assert "incentive.invite_reward (incentive=flat_cash)" in line
    assert "incentive.task_first (incentive=task_ladder)" in line
    assert "incentive.invite_reward" not in space.described()["levers"]


def test_a_lever_is_kept_if_any_choice_reads_it():
    space = Request.parse([*SEARCH, "incentive=none,three_tier"]).space
    assert [row.path for row in space.levers] == ["pricing.list_level", "incentive.invite_reward"]
    assert list(space.idle) == ["incentive.task_first"]


def test_a_shock_that_is_searched_for_may_switch_a_feature_on():
    """The answer to a scandal acts where there is one."""
    words = ["vary=[opinion.compensation,pricing.list_level]", "incentive=none,flat_cash"]
    assert "opinion.compensation" in Request.parse([*words, "objectives=[contribution_margin]"]).space.idle
    objectives = "objectives=[contribution_margin,downside]"
    assert not Request.parse([*words, objectives, "shocks=[none,scandal]"]).space.idle


def test_a_search_of_idle_levers_alone_is_refused_and_says_why():
    with pytest.raises(ConfigError, match=r"nothing to search; left out.*incentive\.invite_reward"):
        Request.parse(["vary=[incentive.invite_reward]", "objectives=[contribution_margin]"])


def test_a_plan_of_stages_may_switch_anything_on():
    staged = compose(["scenario=staged_rollout"])
    assert idle(RANGED, [staged]) == {}


@pytest.mark.parametrize(
    ("words", "key", "remedy"),
    [
        (("incentive.invite_reward=8",), "incentive.invite_reward", "incentive=flat_cash"),
        (("pricing.coupon_share=0.4",), "pricing.coupon_share", "pricing=coupon"),
        (("incentive=flat_cash", "incentive.valid_days=30"), "incentive.valid_days", "incentive=three_tier"),
        (("points.earn=0.05",), "points.earn", "points.enabled=true"),
        (
            ("cross_border=bonded", "cross_border.second.promise_days=3"),
            "cross_border.second.promise_days",
            "cross_border=two_places",
        ),
        (("service=unrated", "service.winners=0.5"), "service.winners", "service.bonus=60"),
    ],
)
def test_what_is_set_and_not_read_is_told_with_what_would_read_it(words, key, remedy):
    [line] = set_for_nothing([compose([]), compose(words)])
    assert line.startswith(f"{key} was set and moves nothing")
    assert line.endswith(f"add {remedy}")
    kept = [one for one in words if one.partition("=")[0] != remedy.partition("=")[0]]
    assert set_for_nothing([compose([*kept, remedy])]) == []


def test_what_one_of_several_strategies_reads_is_not_told():
    both = [compose([f"incentive={one}", "incentive.invite_reward=8"]) for one in ("none", "flat_cash")]
    assert set_for_nothing(both) == []
    assert len(set_for_nothing(both[:1])) == 1


@pytest.mark.parametrize("scenario", sorted(market_sources().scenario_paths()))
def test_shipped_scenarios_set_nothing_for_nothing(scenario):
    assert set_for_nothing([compose([f"scenario={scenario}"])]) == []
