"""Levers that a response overrides are in force as if the strategy had them, for its days and no longer."""

from __future__ import annotations

import numpy as np
import pytest

from sim.config import compose
from sim.core.errors import ConfigError
from sim.market import Market
from sim.world.schema import Source
from tests.conftest import LIVELY, live, small_market
from tests.market.worlds import digest

SURE = (
    "rules.named.it.figure=visits", "rules.named.it.against=given", "rules.named.it.reference=1",
    "rules.named.it.ratio=1.01", "rules.named.it.cost=0", "rules.named.it.daily_cost=0",
    "control.daily_budget=20", "control.alarm.ratio=100",
)  # fmt: skip
AT_ONCE = tuple(f"rules.named.it.{step}_hours=0" for step in ("read", "decide", "act"))


def market(levers: str, *words: str, days: int = 6, scenario: str = "baseline") -> Market:
    rule = (*SURE, *AT_ONCE, f"rules.named.it.levers={levers}") if levers else ()
    return live(small_market(scenario, *LIVELY, "control.daily_budget=20", *rule, *words, size=400), days)


def discounts(made: Market) -> np.ndarray:
    """Share of the catalogue's value that was given away, by day."""
    rows = made.records.orders
    given, value = (np.bincount(rows["day"], rows[c], 12) for c in ("discount_fen", "list_fen"))
    return given / np.maximum(value, 1)


def test_a_price_falls_while_the_response_lasts_and_is_as_before_afterwards():
    """Two days at 80% of the list, from the first morning on; the alarm is off while prices are low."""
    made = market("{pricing.list_level: 0.8}", "rules.named.it.days=2", "rules.named.it.ratio=1.01", days=3)
    share = discounts(made)
    assert share[0] < 0.1
    assert (share[1:3] > 0.19).all()


def test_it_ends():
    """Instruments show nothing after the first day: in force on the second and third, not on the fourth."""
    made = market("{pricing.list_level: 0.8}", "rules.named.it.days=2", days=2)
    for _ in range(3):
        made.world.observed.readings["visits"].clear()
        made.world.answers.on.clear()
        live(made, 1)
    share = discounts(made)
    assert (share[1:3] > 0.19).all()
    assert (share[3:5] < 0.1).all()
    assert made.records.answers["step"].tolist() == [0, 1, 2, 3]


def test_from_noon_on_when_it_begins_at_noon():
    made = market("{pricing.list_level: 0.8}", "rules.named.it.act_hours=9", days=2)
    rows = made.records.orders
    second = rows["day"] == 1
    afternoon = second & (rows["minute"] % 1440 >= 720)
    morning = second & ~afternoon
    assert rows["discount_fen"][morning].sum() < 0.1 * rows["list_fen"][morning].sum()
    assert rows["discount_fen"][afternoon].sum() >= 0.19 * rows["list_fen"][afternoon].sum()


@pytest.mark.parametrize(
    ("levers", "same"),
    [
        ("{pricing.list_level: 0.9}", "pricing.list_level=0.9"),
        ("{incentive.invite_reward: 3.0}", "incentive.invite_reward=3"),
        ("{private_domain.messages_per_week: 3.5}", "private_domain.messages_per_week=3.5"),
        ("{influencers.sessions_per_week: 3.0}", "influencers.sessions_per_week=3"),
        ("{logistics.capacity_ratio: 2.0}", "logistics.capacity_ratio=2"),
        ("{membership.discount: 0.2}", "membership.discount=0.2"),
        ("{control.daily_budget: 9.0, fraud.review: 0.9}", "control.daily_budget=9 fraud.review=0.9"),
    ],
)
def test_what_is_set_to_what_it_is_already_moves_nothing(levers, same):
    """A market whose response sets levers to the strategy's own values lives the days of one without."""
    words = ("private_domain=wecom", "incentive=flat_cash", *same.split())
    ones = [market(given, *words) for given in (levers, "")]
    assert (ones[0].records.answers["step"] == 2).any()
    for made in ones:
        for table in ("answers", "observed"):
            made.records.tables[table].clear()
    assert digest(ones[0]) == digest(ones[1])


def test_messages_follow_at_once():
    words = ("private_domain=wecom", "private_domain.join=1.0", "private_domain.messages_per_week=0")
    made = market("{private_domain.messages_per_week: 4.0}", *words, days=6)
    touched = made.records.visits["source"] == int(Source.PRIVATE_DOMAIN)
    assert touched.any()


def test_riders_are_hired_at_midnight():
    made = market("{logistics.capacity_ratio: 3.0}", "rules.named.it.act_hours=9", days=4)
    capacity = made.records.daily["capacity_orders"]
    assert capacity[0] == capacity[1] < capacity[2] == capacity[3]


def test_a_response_may_not_break_what_a_strategy_may_not():
    rule = ("rules.named.it.figure=visits", "rules.named.it.levers={private_domain.messages_per_week: 20.0}")
    with pytest.raises(ConfigError) as error:
        compose(["scenario=private_domain", *rule])
    assert any(
        "rules.named.it.levers: private_domain.messages_per_week" in line for line in error.value.problems
    )


@pytest.mark.parametrize("lever", ["group_buy.enabled: false", "private_domain.pool: none"])
def test_a_response_switches_nothing_on_or_off(lever):
    """What is offered leaves promises behind, which somebody has to keep."""
    rule = ("rules.named.it.figure=visits", f"rules.named.it.levers={{{lever}}}")
    with pytest.raises(ConfigError) as error:
        compose(["scenario=private_domain", "incentive=group_buy", "group_buy.enabled=true", *rule])
    assert any("switched on or off" in line for line in error.value.problems), error.value.problems


STAGES = ("plan.stages.a.days=3", "plan.stages.b.release=1")


def test_a_response_sets_its_levers_over_those_of_the_stage_in_force():
    """It moves the price alone; the reward is the second stage's from the fourth day on."""
    words = (*STAGES, "incentive=flat_cash", "incentive.invite_reward=5", "rules.named.it.days=60")
    made = market(
        "{pricing.list_level: 0.8}", *words, "plan.stages.b.levers.incentive.invite_reward=9", days=3
    )
    bound = made.bound
    assert (bound.pricing.list_level, bound.incentive.invite_reward) == (0.8, 5.0)
    live(made, 1)
    assert (made.bound.pricing.list_level, made.bound.incentive.invite_reward) == (0.8, 9.0)


def test_a_response_does_what_the_stage_in_force_says_of_it():
    """The alarm reviews so many accounts more than the strategy does, whichever stage has it in force."""
    alarm = ("control.alarm.against=given", "control.alarm.reference=0.001", "control.alarm.ratio=1.1")
    words = (*alarm, "control.answer.days=60", "fraud.review=0.1", "plan.stages.b.levers.fraud.review=0.3")
    made = live(small_market("flat_cash_referral", *LIVELY, *STAGES, *words, "sharing.invite_gain=2"), 3)
    more = made.config.control.alarm_review
    assert made.world.operator.review_intensity == pytest.approx(0.1 + more)
    live(made, 1)
    assert made.world.operator.review_intensity == pytest.approx(0.3 + more)


@pytest.mark.parametrize("stopped", [False, True])
def test_a_response_of_which_the_stage_in_force_knows_nothing_ends(stopped):
    """With the rule gone nobody would see that its monitor is calm, and it would be prolonged for ever."""
    rule = (*SURE, *AT_ONCE, "rules.named.it.days=2", "rules.named.it.levers={pricing.list_level: 0.8}")
    words = ["plan.stages.a.days=3", "plan.stages.b.release=1"]
    words += (
        rule if stopped else [f"plan.stages.a.levers.{word}" for word in rule if word.startswith("rules")]
    )
    if stopped:
        words += ["plan.stages.a.gate.figure=visits", "plan.stages.a.gate.value=-1"]
    made = market("", *words, days=3)
    assert made.bound.pricing.list_level == 0.8
    live(made, 1)
    assert made.bound.pricing.list_level == 1.0
    assert not made.world.answers.open
    assert made.records.answers["step"][-1] == 3
    live(made, 3)
    assert (discounts(made)[4:7] < 0.1).all()
