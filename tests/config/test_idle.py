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
    set_all_at_once(words, usual, left)


#: Features that are on and wait for an amount of their own: nobody works, nothing is sent or asked for.
WAITING = (
    "touchpoints.enabled=true", "lifecycle=default", "opinion=spreads", "service=unrated",
    "recovery=packages", "recovery.capacity=0", "endorsement=three", "endorsement.history=false",
    "survey=asked", "survey.asked=0",
    "care=three_signals", "care.calls=0", "community=three_levels", "community.advisers.staff=0",
    "attachment=answered", "attachment.hosts.staff=0", "content_pool=pool",
    "studio=three_stations", "remix=two_days", "partners=marketing", "channel_mix.influencer_share=0",
    "fraud.review_by=team", "own_traffic=reviewed", "virtual_hosts=nights",
    "sessions=none",
)  # fmt: skip
ONE_ALONE = ("touchpoints=three", "touchpoints.instant=0", "touchpoints.community=0")
NOBODY = (
    "sharing=none", "influencers=none", "touchpoints=three", "touchpoints.community=0", "touchpoints.scene=0",
    "cross_border=direct", "cross_border.brokers.staff=0", "origin=fresh", "origin.crew.staff=0",
)  # fmt: skip


@pytest.mark.parametrize(
    ("waiting", "some"),
    [
        (
            WAITING,
            "touchpoints.budget=10 lifecycle.messages=5 opinion.desk.staff=0.5 service.rated=0.3 "
            "recovery.capacity=20 endorsement.history=true survey.asked=2 care.calls=5 "
            "community.advisers.staff=0.5 attachment.hosts.staff=0.5 "
            "content_pool.scene=0.3 content_pool.list_size=5 studio.clerks=1 shock.kind=commission_rise "
            "partners.agreement=supply channel_mix.influencer_share=0.3 fraud.reviewers.staff=0.5 "
            "private_domain=wecom sessions=daily incentive=flat_cash control.alarm.against=given",
        ),
        (ONE_ALONE, "touchpoints.instant=1 touchpoints.community=1"),
        (
            NOBODY,
            "sharing=default influencers=default touchpoints.scene=1 cross_border.brokers.staff=0.5 "
            "origin.crew.staff=0.5",
        ),
    ],
)
def test_levers_of_features_that_wait_for_an_amount_move_nothing(waiting, some):
    """All of them at once; whichever has begun to be read is no more told."""
    words = ("sharing.invite_base=0.5", "orders.register_invited=1", *LIVELY, *SMALL, *waiting)
    usual = compose(words)
    left = idle([path for path in LEVERS if path.partition(".")[0] not in ("rules", "plan")], [usual])
    assert set(some.split()) <= set(left.values())
    on = [path for path, missing in left.items() if not missing.endswith(".enabled=true")]
    amounts = [path for path in on if isinstance(LEVERS[path].default, float | int)]
    set_all_at_once(words, usual, [path for path in amounts if not isinstance(LEVERS[path].default, bool)])


def set_all_at_once(words, usual, left):
    """Nothing moves in a market in which all levers that nothing reads are set to another amount."""
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
    """Information against bad news acts where there is a scandal."""
    words = ["vary=[opinion.hedging,pricing.list_level]", "incentive=none,flat_cash"]
    assert "opinion.hedging" in Request.parse([*words, "objectives=[contribution_margin]"]).space.idle
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
        (
            ("service=unrated", "service.rated=0.3", "service.winners=0.5"),
            "service.winners",
            "service.bonus=60",
        ),
        (("incentive.levels=2",), "incentive.levels", "incentive=flat_cash"),
        (("fraud.reviewers.staff=1",), "fraud.reviewers.staff", "fraud.review_by=team"),
        (
            ("fraud=team", "fraud.reviewers.staff=0", "fraud.reviewers.hours=5"),
            "fraud.reviewers.hours",
            "fraud.reviewers.staff=0.5",
        ),
        (("touchpoints.enabled=true", "touchpoints.posts=2"), "touchpoints.posts", "touchpoints.budget=10"),
        (
            ("touchpoints=three", "touchpoints.scene=0", "touchpoints.hour=9"),
            "touchpoints.hour",
            "touchpoints.scene=1",
        ),
        (("lifecycle=default", "lifecycle.rest_days=9"), "lifecycle.rest_days", "lifecycle.messages=5"),
        (("opinion=spreads", "opinion.compensation=9"), "opinion.compensation", "opinion.desk.staff=0.5"),
        (
            ("own_traffic=reviewed", "own_traffic.begins=first_day", "own_traffic.step=0.2"),
            "own_traffic.step",
            "private_domain=wecom",
        ),
        (
            ("own_traffic=reviewed", "private_domain=wecom", "own_traffic.step=0.2"),
            "own_traffic.step",
            "own_traffic.begins=first_day",
        ),
        (("studio=three_stations", "studio.briefs=9"), "studio.briefs", "content_pool=pool"),
        (("remix=two_days", "remix.media=0.5"), "remix.media", "shock.kind=commission_rise"),
        (("partners=marketing", "partners.pooled=0.5"), "partners.pooled", "partners.agreement=supply"),
        (("influencers=none", "channel_mix.kol_split=0.1"), "channel_mix.kol_split", "influencers=default"),
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
