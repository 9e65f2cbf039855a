"""A plan in a market that is not at rest: shocks that overlap, a festival, responses, everything at work."""

from __future__ import annotations

import numpy as np
import pytest

from sim.world.platforms import PLATFORMS
from tests.conftest import LIVELY, live, small_market
from tests.market.worlds import differences, events, persons

#: Two shocks that overlap from the second stage into the third, and 618 with its pre-sale, inside the plan.
TIME = (
    "experiment.days=9", "calendar=china", "calendar.start=2025-06-14", "calendar.mid_year.presale_days=2",
    "shock=platform_loss", "shock.platform=wechat", "shock.start=2", "shock.days=5", "shock.size=0.5",
    "shock.recovery=0", "shock.also.more.kind=platform_loss", "shock.also.more.platform=wechat",
    "shock.also.more.start=5", "shock.also.more.days=3", "shock.also.more.size=0.3",
    "shock.also.more.recovery=0",
)  # fmt: skip
BUSY = (
    *LIVELY, *TIME, "incentive=three_tier", "incentive.levels=2", "incentive.invite_reward=60",
    "sharing.invite_gain=2", "sharing.invite_click=1", "group_buy.enabled=true", "private_domain=wecom",
    "private_domain.join=1", "sessions=daily", "fraud=team", "fraud.review=0.5", "control.daily_budget=5",
    "control.alarm.against=given", "control.alarm.reference=0.001", "control.alarm.ratio=1.1",
    "control.answer.days=2", "instruments.every=daypart", "channel_mix.linked_ids=true",
)  # fmt: skip
DAYS = 9


def plan(**levers):
    """Three stages of three days, each with its levers."""
    words = ["plan.stages.a.days=3", "plan.stages.b.days=3", "plan.stages.c.release=1"]
    return [*words, *(f"plan.stages.{stage}.levers.{word}" for stage, word in levers.items())]


@pytest.fixture(scope="module")
def plain():
    return live(small_market("baseline", *BUSY, size=300), DAYS)


def test_stages_that_say_the_same_leave_every_bit_of_a_busy_market_as_it_was(plain):
    """Whatever mechanisms remember outside the world would be lost between stages, and show here."""
    same = plan(a="pricing.list_level=1.0", b="incentive.invite_reward=60", c="sessions.enabled=true")
    staged = live(small_market("baseline", *BUSY, *same, size=300), DAYS)
    assert len(plain.records.answers) > 0
    assert len(plain.records.rewards) > 0
    assert len(plain.records.group_buys) > 0
    mine, theirs = events(plain.world), events(staged.world)
    for of in ("stages", "stage_days"):
        mine.pop(of)
    assert differences(mine, theirs) == []
    assert differences(persons(plain.world), persons(staged.world)) == []
    assert plain.world.ledger.balance == staged.world.ledger.balance


def test_shocks_go_on_over_the_bounds_of_stages_and_meet():
    """Each takes its share of what the other leaves."""
    market = small_market("baseline", *LIVELY, *TIME, *plan(b="pricing.list_level=0.9"), size=300)
    at, traffic = PLATFORMS.index("wechat"), []
    for _ in range(DAYS):
        market.step()
        traffic.append(float(market.world.platforms.traffic[at]))
    assert traffic == pytest.approx([1, 1, 0.5, 0.5, 0.5, 0.35, 0.35, 0.7, 1])


def test_a_festival_falls_into_a_plan_on_its_dates_whatever_the_stages_are():
    """Pre-sale on the 14th and 15th, the festival from the 16th to the 18th, the dip after it."""
    demand = []
    for words in ((), plan(b="pricing.list_level=0.9")):
        market = small_market("baseline", *LIVELY, *TIME, *words, size=300)
        found = []
        for _ in range(DAYS):
            market.step()
            found.append(market.world.conditions.demand.copy())
        demand.append(np.array(found))
    assert np.array_equal(demand[0], demand[1])
    calendar = market.config.calendar
    weekday = np.array([calendar.weekday[day % 7] for day in (5, 6, 0, 1, 2, 3, 4, 5, 6)])
    level = demand[0][:, 0] / weekday
    festival = calendar.mid_year
    lifts = [festival.presale] * 2 + [festival.lift] * 3 + [festival.dip] * 4
    assert level / level[0] == pytest.approx(np.array(lifts) / lifts[0], rel=0.02)


def test_a_gate_takes_the_calendar_out_of_what_it_looks_at():
    """The festival doubles needs; a gate on visits a day looks at a usual day's."""
    words = ("plan.stages.a.days=5", "plan.stages.b.release=1", "plan.stages.a.gate.figure=visits")
    words = (*words, "plan.stages.a.gate.rule=at_least", "plan.stages.a.gate.over=3")
    market = live(small_market("baseline", *LIVELY, *TIME, *words, size=300), 6)
    visits, rows = market.records.visits["day"], market.records.stages
    counted = np.isin(visits, [2, 3, 4]).sum()
    demand = market.world.observed.readings["visits"]
    factors = [
        float(reading.per[0]) for reading in demand if reading.minute in (3 * 1440, 4 * 1440, 5 * 1440)
    ]
    assert min(factors) > 1.5
    assert rows["value"][1] == pytest.approx(counted / sum(factors))
