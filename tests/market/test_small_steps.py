"""A lever at its null and at its smallest step give the same market: only a switch makes a jump.

Every lever of the market that is a number and can be 0 (or, for the list level, 1) is walked from
there by one part in a billion (a reward: one fen), with the same random numbers, in a market in
which all options are in force at once. What was recorded may differ by what a threshold's luck
allows, and by the label that says whether a reward was promised.
"""

from __future__ import annotations

import json

import numpy as np
import pytest

from sim.core.params import declared
from sim.market import Market
from sim.registry import SECTIONS
from tests.conftest import LIVELY, live, small_config, small_market

pytestmark = pytest.mark.property

STEP = 1e-9
#: Money that is paid in whole fen moves by one.
STEPS = {"incentive.invite_reward": 0.01}
DAYS = 5
#: A fen of somebody's budget may tip a visit, and that visit others: so many events, and this share of them.
LUCK = (4.0, 0.04)
#: Everything that can be switched on, and money for it; levers of warehouses have tests of their own.
ALL_ON = (
    *LIVELY, "incentive=three_tier", "incentive.levels=2", "group_buy=beside_referral", "pricing.rule=coupon",
    "private_domain=wecom", "private_domain.join=1.0", "influencers.sessions_per_week=7",
    "affiliates.join=1.0", "affiliates.posts=1.0", "sharing.invite_gain=0.5", "fraud.opportunists=0.5",
    "sharing.invite_base=0.1", "control.daily_budget=4",
)  # fmt: skip
#: Budgets are cut to whole fen: where nobody passes anything on, a fen does not go round.
CALM = ("sharing=none", "group_buy.enabled=false")
#: A reference that any passing-on is far above.
GIVEN = ("control.alarm.against=given", "control.alarm.reference=0.001")
#: Levers that only one design or rule reads.
NEEDS = {
    "incentive.task_first": ("incentive.design=task_ladder",),
    "incentive.task_second": ("incentive.design=task_ladder",),
    "control.media_budget": ("control.budget_rule=media",),
    "control.alarm_review": ("control.alarm.ratio=1.01", *GIVEN),
    "control.alarm.reference": ("control.alarm.against=given",),
    "fraud.reviewers.staff": ("fraud.review_by=team",),
    "fraud.reviewers.opens": ("fraud.review_by=team", "fraud.reviewers.staff=40"),
}
#: Whole numbers: their smallest step is one, and what it changes is not small.
WHOLE = {"incentive.clawback_days"}
NULL = {"pricing.list_level": 1.0}
ELSEWHERE = {"logistics", "returns", "supply"}


def levers() -> list[str]:
    """Every number that the operator sets and that has a null, outside the warehouses."""
    found = []
    for section, model in SECTIONS.items():
        for parameter in declared(model, f"{section}."):
            number = isinstance(parameter.default, float)
            null = parameter.path in NULL or parameter.bounds.get("ge") == 0.0
            if parameter.kind == "lever" and number and null and section not in ELSEWHERE:
                found.append(parameter.path)
    return found


#: Settings of a market -> what was recorded in it: the null of most levers is where they are anyway.
KNOWN: dict[str, dict[str, float]] = {}


def lived(path: str, value: float) -> dict[str, float]:
    """What is recorded in a few days of everybody with one lever at a value."""
    calm = CALM if path.split(".")[0] in ("channel_mix", "control") else ()
    others = (word for word in ALL_ON if word.partition("=")[0] != path)
    words = (*others, *calm, *NEEDS.get(path, ()), f"{path}={value:.10f}")
    config = small_config("baseline", *words, size=300)
    settings = json.dumps(config.resolved, sort_keys=True, default=str)
    if settings not in KNOWN:
        KNOWN[settings] = totals(live(Market(config), DAYS))
    return KNOWN[settings]


def totals(market: Market) -> dict[str, float]:
    """What was recorded, as counts and sums; a promised reward's label aside."""
    r = market.records
    counts = {name: float(len(table)) for name, table in r.tables.items() if name not in ("spend", "rewards")}
    counts |= {
        f"visits from {s}": float(n) for s, n in enumerate(np.bincount(r.visits["source"], minlength=12))
    }
    return counts | {
        "paid": float(r.orders["paid_fen"].sum()) / 1e4,
        "discounts": float(r.orders["discount_fen"].sum()) / 1e4,
        "registered": float(r.daily["registered"][-1]),
        "members": float(r.daily["members"][-1]),
        "in the private domain": float(r.daily["private_domain"][-1]),
        "grouped": float((r.orders["group_buy"] >= 0).sum()),
        "reviewed and turned away": float(r.registrations["caught"].sum()),
        "spend": float(r.spend["fen"].sum()) / 1e4,
    }


def test_every_lever_with_a_null_is_walked():
    assert len(levers()) >= 25
    assert set(NEEDS) <= set(levers())


@pytest.mark.parametrize("path", levers())
def test_the_smallest_step_from_the_null_changes_nothing_to_speak_of(path):
    null = NULL.get(path, 0.0)
    step = STEPS.get(path, STEP)
    without, with_it = lived(path, null), lived(path, null + step)
    moved = {
        name: (value, with_it[name])
        for name, value in without.items()
        if abs(with_it[name] - value) > LUCK[0] + LUCK[1] * value
    }
    assert moved == {}, f"{path}: from {null} to {null + step}"


def test_an_invitation_without_a_reward_is_an_invitation():
    """The first fen of a reward changes what is paid and called paid, not who comes."""
    nothing, fen = (
        live(small_market("flat_cash_referral", *LIVELY, "sharing.invite_base=0.2",
                          f"incentive.invite_reward={reward}", size=400), 6)
        for reward in (0.0, 0.01)
    )  # fmt: skip
    for market in (nothing, fen):
        assert (market.records.touches["source"] == 9).sum() > 50
        assert (market.records.registrations["inviter"] >= 0).sum() > 5
    assert not nothing.records.visits["rewarded"].any()
    invited = fen.records.visits["source"] == 9
    assert fen.records.visits["rewarded"][invited].mean() > 0.9  # those of the first day are under way
    assert len(nothing.records.registrations) == pytest.approx(len(fen.records.registrations), abs=2)
    more, less = fen.kpis()["organic_traffic_share"], nothing.kpis()["organic_traffic_share"]
    assert less > more  # what was promised a reward is not organic
