"""Recorded chances are those that the decisions were made with: success minus chance is a martingale.

Whatever came before, a decision and its chance differ by 0 on average, so that over many decisions
the sum of differences over sqrt(sum p (1 - p)) is a standard normal z. It is taken over all visits
and over each part of them that is known when they begin, and must stay within 4; parts with a variance
below 10 are left out, because the normal limit would not hold.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from sim.commerce.booking import Prices, Visitors, Wishes, bill_visits
from sim.core.fields import fields_of
from sim.core.rng import Draw
from sim.day import EVERY_DAYPART, MORNING
from sim.market import Market
from sim.mechanism import Phase
from sim.social.fraud import Fraud, _cheat, best_gain
from sim.world.schema import Source
from tests.conftest import LIVELY, live, small_market

pytestmark = pytest.mark.exact

DAYS, SIZE, WORLDS = 10, 800, 2
ENOUGH = 10.0
#: What a visitor is offered hangs on what the visits before left in the fund, unless that is ample.
AMPLE = "control.daily_budget=50"
#: Scenario and settings: every rule that a chance depends on has its occasion.
MARKETS = {
    "list": ("baseline",),
    "mismatch": ("baseline", "content.match_accuracy=0.4", "choice.mismatch=3"),
    "coupon": ("baseline", "pricing=coupon", "pricing.coupon_share=0.5", "pricing.coupon_discount=0.4"),
    "new users": ("baseline", "pricing.new_user_discount=0.3", "membership.discount=0.2"),
    "poor, bundles": ("baseline", "pricing.bundle_discount=0.3", "choice.bundle_response=3",
                      "population.budget_share=0.02", "choice.basket_mean=0.8"),
    "group": ("group_buy", "group_buy.uptake=0.7", "group_buy.discount=0.3"),
    "invitations": ("three_tier_referral", "sharing.invite_gain=2", "sharing.invite_click=0.8",
                    "incentive.recipient_coupon=0.3"),
    "live": ("private_domain", "influencers=livestream", "influencers.sessions_per_week=7",
             "affiliates.join=0.5", "choice.late_night_lift=3"),
    "quick": ("instant_retail", "channel_mix.linked_ids=true", "platforms.wechat.sends_on=0.7"),
    "empty shelves": ("baseline", "logistics.design_orders_per_1000_consumers=2"),
}  # fmt: skip


def lively(name: str, world: int, *ample: str, size: int = SIZE) -> Market:
    """One of the markets after some days."""
    scenario, *more = MARKETS[name]
    settings = {word.split("=")[0]: word for word in (*LIVELY, *more, *ample)}
    return live(small_market(scenario, *settings.values(), size=size, replication=world), DAYS)


def parts(visits: dict[str, np.ndarray]) -> Iterator[tuple[str, np.ndarray]]:
    """Sets of visits that are known when they begin: all, by source, by place, by time, by chance."""
    yield "all", np.ones(len(visits["source"]), bool)
    for source in Source:
        yield source.name, visits["source"] == source
    for name in ("category", "surface", "group"):
        for value in np.unique(visits[name]):
            yield f"{name} {value}", visits[name] == value
    yield "crossed", visits["origin"] != visits["surface"]
    yield "known", visits["registered_before"]
    yield "night", visits["minute"] % 1440 >= 1320
    p = visits["order_probability"]
    for low, high in ((0.0, 0.05), (0.05, 0.2), (0.2, 0.5), (0.5, 1.0)):
        yield f"chance {low}-{high}", (p > low) & (p <= high)


def z_scores(success: np.ndarray, p: np.ndarray, among: Iterator[tuple[str, np.ndarray]]) -> dict[str, float]:
    """z of each part that is large enough."""
    found = {}
    for name, part in among:
        spread = float((p[part] * (1.0 - p[part])).sum())
        if spread >= ENOUGH:
            found[name] = float((success[part] - p[part]).sum()) / np.sqrt(spread)
    return found


@pytest.mark.parametrize("name", MARKETS)
def test_orders_and_their_chances_differ_by_luck_alone(name):
    worlds = [lively(name, world) for world in range(WORLDS)]
    columns = worlds[0].records.visits.schema
    visits = {c: np.concatenate([m.records.visits[c] for m in worlds]) for c in columns}
    p = visits["order_probability"].astype(float)
    wanted = visits["order"] | visits["refused"]
    assert ((p >= 0) & (p <= 1)).all()
    assert not wanted[p == 0].any()
    z = z_scores(wanted, p, parts(visits))
    assert len(z) >= 8
    assert {part: value for part, value in z.items() if abs(value) >= 4} == {}
    if name == "empty shelves":
        assert visits["refused"].sum() > 20


class Redrawn(Draw):
    """Today's draws anew; what is drawn for longer stays."""

    def __init__(self, draw: Draw, number: int) -> None:
        super().__init__(draw.seed, draw.day)
        self.other = Draw(10**6 + number, draw.day)

    def __call__(self, purpose: str) -> np.uint64:
        return self.other(purpose)


def chances_to_order(world):
    """Chance of an order of each visit that checkout would write down; nothing is booked."""
    commission = world.platforms.commission_due(world.platforms.commission_rise)
    prices = Prices(world.catalog.price_fen, world.catalog.cost_fen, commission)
    wishes, visitors = fields_of(Wishes, world.flow.visits), fields_of(Visitors, world.people)
    return bill_visits(
        world.day, world.clock.daypart, wishes, prices, world.catalog.layer, visitors
    )[1]  # fmt: skip


@pytest.mark.parametrize("name", ["list", "poor, bundles", "group", "mismatch", "late at night"])
def test_a_visit_lived_again_and_again_orders_as_often_as_its_chance_says(name):
    """Match, cart, order and basket of one daypart's visits are drawn 3,000 times."""
    night = name == "late at night"
    market, times = lively("live" if night else name, 1, AMPLE, size=1200), 3000
    world, draw = market.world, market.draw
    draw.day = world.day
    world.begin_day()
    for phase in (*MORNING, *EVERY_DAYPART[:2]):
        for mechanism in market.schedule[phase]:
            mechanism.act(world, draw)
    visit, choice = (m for m in market.schedule[Phase.BUY] if m.name in ("visits", "choice"))
    visit.act(world, draw)
    if night:  # too rare to wait for: everybody looks at healing home goods an hour after midnight
        late = {"category": 7, "minute": world.clock.midnight + 60, "source": int(Source.SHARE)}
        for column, value in late.items():
            world.flow.visits[column][:] = value
    reference, read = world.people.reference.copy(), world.people.category_notes.copy()
    ordered, chance = 0, None
    for number in range(times):
        world.people.reference[:] = reference
        world.people.category_notes[:] = read
        choice.act(world, Redrawn(draw, number))
        again = chances_to_order(world)
        chance = again if chance is None else chance
        assert np.array_equal(again, chance)
        ordered = ordered + world.flow.visits["order"].astype(int)
    p = chance.astype(float)
    assert (p > 0.02).sum() >= 8
    # 4.5 standard errors, one visit in 150,000; a variance of at least 10 successes' worth
    z = (ordered - times * p) / np.sqrt(np.maximum(ENOUGH, times * p * (1.0 - p)))
    assert np.abs(z).max() < 4.5


CHEATS = ("fraud.opportunists=0.5", "fraud.attempts=0.3", "fraud.review=0.6", "fraud.false_positive=0.3",
          AMPLE, "incentive.invite_reward=60",
          "sharing.invite_gain=2", "sharing.invite_click=0.8", "orders.register_invited=0.9")  # fmt: skip


@pytest.mark.parametrize("world", range(3))
def test_fakes_and_verdicts_differ_from_their_means_by_luck_alone(world):
    """Fakes are Poisson given their mean, so their variance is the mean."""
    market = live(
        small_market("flat_cash_referral", *LIVELY, *CHEATS, size=SIZE, replication=world), 2 * DAYS
    )
    daily, joined = market.records.daily, market.records.registrations
    fakes, mean = joined["fake"].sum(), daily["fakes_expected"].sum()
    assert mean > 100
    assert abs(fakes - mean) / np.sqrt(mean) < 4
    found, mean = (joined["fake"] & joined["caught"]).sum(), daily["fakes_caught_expected"].sum()
    assert abs(found - mean) / np.sqrt(mean) < 4
    p = joined["caught_probability"].astype(float)
    split = [("fake", joined["fake"]), ("honest", ~joined["fake"])]
    z = z_scores(joined["caught"], p, iter(split))
    assert set(z) == {"fake", "honest"}
    assert max(abs(value) for value in z.values()) < 4


def test_cheats_lived_again_and_again_make_as_many_fakes_as_expected():
    market = live(small_market("flat_cash_referral", *LIVELY, *CHEATS, size=SIZE), DAYS)
    world, people = market.world, market.world.people
    fraud = next(m for m in market.mechanisms if isinstance(m, Fraud))
    p = fraud.params
    gain, _ = best_gain(p, fraud.incentive, world.operator.review_intensity)
    who = Draw(world.seed).timeless("fraud.opportunist")
    made = [
        _cheat(who, Draw(10**6 + k)("fraud.attempt"), world.day, p.opportunists, p.attempts, gain, people.id,
               people.registered, people.cost_of_faking)
        for k in range(2000)
    ]  # fmt: skip
    means = {expected for _, _, expected in made}
    assert len(means) == 1
    mean = means.pop()
    assert mean > 1
    assert abs(np.mean([len(ids) for _, ids, _ in made]) - mean) < 4 * np.sqrt(mean / len(made))
