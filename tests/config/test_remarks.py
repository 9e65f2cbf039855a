"""Settings that are allowed and perhaps not meant are told in a line."""

from __future__ import annotations

from typing import get_args

import pytest

from sim.config import assumptions_table, compose, market_sources
from sim.config.remarks import remarks
from sim.operator.trial import Offer


def test_nothing_is_said_of_the_shipped_settings():
    assert remarks(compose()) == []


def test_a_price_below_cost_is_allowed_and_told():
    config = compose(["catalog.fresh.price=20"])
    [line] = remarks(config)
    assert line.startswith("catalog.fresh.price is below its unit cost (20 against ")


def test_an_allowance_that_no_platform_gets_is_told():
    mix = {row.path for row in assumptions_table(market_sources().sections)}
    platforms = {path.split(".")[1] for path in mix if path.startswith("platforms.")}
    words = [f"channel_mix.{one}=0" for one in platforms if f"channel_mix.{one}" in mix]
    assert words
    [line] = remarks(compose(words))
    assert "channel_mix" in line


@pytest.mark.parametrize("offer", get_args(Offer))
def test_a_trial_of_what_nobody_is_offered_is_told_with_its_remedy(offer):
    """The remedy silences it: what is tried out is then there to be tried."""
    words = ["trial=half", f"trial.offer={offer}", "pricing.new_user_discount=0"]
    [line] = remarks(compose(words))
    assert line.startswith(f"trial.offer={offer} is offered to nobody")
    remedy = line.rpartition("add ")[2]
    assert (
        remarks(compose([*(w for w in words if w.partition("=")[0] != remedy.partition("=")[0]), remedy]))
        == []
    )


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (["scenario=downturn"], "shock.start"),
        (["shock.also.second.kind=platform_loss", "shock.also.second.start=30"], "shock.also.second.start"),
        (["policy=open_data", "policy.opens_from=30"], "policy.opens_from"),
        (["policy=support", "policy.relief_from=30"], "policy.relief_from"),
        (["challenge=makeup", "challenge.start=30"], "challenge.start"),
    ],
)
def test_what_never_begins_is_told(words, key):
    """It begins with one measured day more than its number, for days are counted from 0."""
    [line] = remarks(compose([*words, "experiment.days=14"]))
    assert line.startswith(f"{key}=")
    first = int(line.removeprefix(f"{key}=").split()[0])
    assert len(remarks(compose([*words, f"experiment.days={first}"]))) == 1
    assert remarks(compose([*words, f"experiment.days={first + 1}"])) == []


def test_a_challenge_of_a_stage_begins_within_it():
    """The usual start lies before the second stage, in which alone there is a challenge."""
    words = ["plan.stages.a.days=10", "plan.stages.b.options.challenge=makeup"]
    [line] = remarks(compose(words))
    assert line.startswith("challenge.start=3 is no day on which the challenge is offered, 10 to ")
    assert len(remarks(compose([*words, "challenge.start=9"]))) == 1
    assert remarks(compose([*words, "challenge.start=10"])) == []
    assert remarks(compose(["plan.stages.a.days=10", "plan.stages.b.days=0", "challenge=makeup"])) == []


def test_owned_traffic_without_a_pool_or_a_rule_is_told_and_each_remedy_silences_its_line():
    words = ["own_traffic=reviewed"]
    pool, rule = remarks(compose(words))
    assert pool.endswith("add private_domain=wecom")
    assert rule.startswith("own_traffic.begins=rule waits")
    assert remarks(compose([*words, "private_domain=wecom"])) == [rule]
    for remedy in ("policy=open_data", "own_traffic.begins=first_day"):
        assert remarks(compose([*words, remedy])) == [pool]


def test_owned_traffic_of_a_plan_is_looked_at_stage_by_stage():
    """It needs a pool in a stage in which it is weighed, wherever the plan begins."""
    stages, free = ["plan.stages.a.days=10", "plan.stages.b.days=0"], "own_traffic.begins=first_day"
    later = "plan.stages.b.options.private_domain=wecom"
    assert remarks(compose([*stages, "own_traffic=reviewed", free, later])) == []
    weighed = "plan.stages.b.options.own_traffic=reviewed"
    [line] = remarks(compose([*stages, weighed, free]))
    assert line.startswith("own_traffic has no pool")
    [line] = remarks(compose([*stages, weighed, free, "plan.stages.a.options.private_domain=wecom"]))
    assert line.startswith("own_traffic has no pool")
    assert remarks(compose([*stages, weighed, free, later])) == []
