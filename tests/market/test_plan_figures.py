"""Figures of the plan that are inputs arrive in the simulated market as they stand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.config import compose
from sim.core.clock import daypart_bounds
from sim.demand.exposure import hour_shares
from sim.market import Market
from sim.social.incentives import IncentiveParams
from sim.world.catalog import CATEGORIES
from sim.world.observed import total
from sim.world.platforms import PLATFORMS, Platforms
from sim.world.schema import Source
from tests.conftest import LIVELY, live, small_market

pytestmark = pytest.mark.property

DOUYIN = PLATFORMS.index("douyin")


@pytest.fixture(scope="module")
def crowd() -> Market:
    return small_market("baseline", size=20_000)


def test_f035_men_among_douyin_users(crowd):
    people = crowd.world.people
    men = people.male[people.affinity[:, DOUYIN] > 0]
    assert men.mean() == pytest.approx(0.48, abs=3 * math.sqrt(0.48 * 0.52 / len(men)))


def test_f036_douyin_in_lower_tier_cities(crowd):
    people = crowd.world.people
    assert (people.affinity[people.lower_tier, DOUYIN] > 0).mean() > 0.65


def test_f019_and_f023_silver_incomes_and_reliance_of_the_young(crowd):
    people = crowd.world.people
    assert np.median(people.income[people.group == 0]) >= 12_000
    young = people.kol_reliance[people.group == 1]
    assert young.mean() == pytest.approx(0.91, abs=0.02)  # cut at 1 on the upper side


def test_f010_attention_on_second_tier_platforms_is_40_percent_dearer():
    c = compose(["scenario=baseline"])
    cpm = Platforms(c.platforms).cpm
    second = np.array([getattr(getattr(c.platforms, name), "second_tier", False) for name in PLATFORMS])
    first = ~second & (cpm > 0)
    assert cpm[second].mean() == pytest.approx(1.4 * cpm[first].mean(), rel=1e-9)


def test_f075_the_young_are_most_active_at_23():
    shares = hour_shares(compose(["scenario=baseline"]).traffic)
    assert int(shares[1].argmax()) == 23


def test_f075_more_visits_of_the_young_at_23_than_in_any_other_hour():
    market = live(small_market("baseline", "population.cyber_share=0.7", *LIVELY, size=3000), 4)
    v = market.records.visits
    hours = np.bincount((v["minute"][(v["group"] == 1) & (v["touch"] == -1)] % 1440) // 60, minlength=24)
    first, end = (m // 60 for m in daypart_bounds(4))
    assert (first, end) == (22, 24)
    assert hours[23] > hours[22] - 3 * math.sqrt(hours[22])
    assert hours[23] >= np.delete(hours, (22, 23)).max() - 3 * math.sqrt(hours[23])


def test_f060_completion_of_mixed_content_at_the_usual_mix():
    c = compose(["scenario=baseline"]).content
    gain = (c.completion(c.usual_hybrid) - c.plain_completion) / c.usual_hybrid
    assert c.plain_completion + gain == pytest.approx(0.65)


def test_f062_the_task_ladder_has_three_paid_steps():
    amounts, cash = IncentiveParams(design="task_ladder").schedule()
    assert len(amounts) == 3
    assert (amounts > 0).all()
    assert cash.all()


def test_f070_linked_identities_bring_34_percent_more_clicks():
    """Counted where clicks are rare, so that one clock does not take another's visit."""
    rare = ("content.click_chance=0.008", "content.paid_click_chance=0.008", "sharing=none",
            "influencers=none", "affiliates=none", "private_domain=none", "traffic.fatigue_effect=0",
            "population.initial_registered=0", "population.needs_per_day=0.001")  # fmt: skip

    def clicks(linked: str) -> int:
        total = 0
        for world in range(4):
            market = small_market("baseline", *rare, f"channel_mix.linked_ids={linked}",
                                  "channel_mix.linked_ids_cost=0", size=6000, replication=world)  # fmt: skip
            source = live(market, 3).records.visits["source"]
            total += int(np.isin(source, [int(Source.ORGANIC_FEED), int(Source.PAID_MEDIA)]).sum())
        return total

    without, linked = clicks("false"), clicks("true")
    assert without > 300
    # nested thinnings: the same draws, so that only the extra clicks are a matter of luck
    assert linked / without == pytest.approx(1.34, abs=3 * math.sqrt(0.34 / without) + 0.02)


def test_f049_to_f053_sessions_begin_in_their_slots():
    hour = small_market("baseline", size=100).world.catalog.live_hour
    names = {"fresh": 8, "sustainable_office": 12, "mother_baby": 20, "healing_home": 23}
    c = compose(["scenario=baseline"]).catalog
    for name, start in names.items():
        assert getattr(c, name).live_hour == start
    market = live(small_market("baseline", "influencers.sessions_per_week=70", size=600), 5)
    posts = market.records.posts
    sessions = posts["source"] == int(Source.LIVESTREAM)
    assert sessions.sum() > 20
    assert (posts["minute"][sessions] % 1440 == 60 * hour[posts["category"][sessions]]).all()


def test_f098_size_of_a_platform_loss_by_default():
    assert compose(["scenario=platform_loss"]).shock.size == 0.40


def test_f064_three_times_the_markets_own_level_raises_review_and_slows_honest_sharing():
    """The reference is what this market did before the strategy; nothing it does moves it."""
    words = ("population.size=1500", "experiment.burn_in_days=0", "experiment.warmup_days=14", *LIVELY)
    market = Market(compose(["scenario=flat_cash_referral", *words, "sharing.invite_gain=5.0"]))
    live(market, 28)
    rows, control = market.records.answers, market.config.control
    assert control.alarm.ratio == 3.0
    first = market.world.observed.between("fission", 0, 14 * 1440)
    usual = total(first, "over").sum() / total(first, "per").sum()
    assert (rows["reference"] >= usual).all()
    assert (rows["level"] >= 3.0 * rows["reference"]).all()
    assert len(rows) >= 3
    review = market.records.daily["review_intensity"]
    assert review[:14].max() == market.config.fraud.review
    assert review[-1] == pytest.approx(market.config.fraud.review + control.alarm_review)


def test_review_slows_and_deters_honest_invitations():
    def invited(review: float) -> Market:
        words = (
            "control.daily_budget=50",
            "sharing.invite_gain=0.5",
            "fraud.opportunists=0",
            "fraud.false_positive=0",
        )
        return live(
            small_market("flat_cash_referral", *LIVELY, *words, f"fraud.review={review}", size=600), 4
        )

    none, all_ = invited(0.0), invited(1.0)
    sent = [int((m.records.touches["source"] == int(Source.INVITATION)).sum()) for m in (none, all_)]
    assert sent[1] < 0.9 * sent[0]
    wait = all_.config.fraud.review_hours * 60
    later = [np.median(m.records.touches["minute"][m.records.touches["generation"] == 1] % 1440)
             for m in (none, all_)]  # fmt: skip
    assert wait == 720
    assert later[0] != later[1]


def test_a_downturn_lowers_orders_order_value_and_prices_accepted_together():
    """Confidence reaches need, choice, basket and returns; deals and cheap goods lose least."""

    def lived(size: float, *more: str) -> tuple[float, float, float]:
        orders, paid, visits = 0, 0, 0
        for world in range(3):
            shock = ("shock=downturn", "shock.start=0", f"shock.size={size}")
            market = live(small_market("baseline", *LIVELY, *shock, *more, size=1500, replication=world), 8)
            orders += len(market.records.orders)
            paid += int(market.records.orders["paid_fen"].sum())
            visits += len(market.records.visits)
        return orders, paid / orders, orders / visits

    usual, hit = lived(0.0), lived(0.3)
    assert hit[0] < 0.9 * usual[0]
    assert hit[1] < usual[1]  # cheaper goods and fewer units an order
    assert hit[2] < usual[2]  # and fewer of those who look
    bundles = lived(0.0, "pricing.bundle_discount=0.15"), lived(0.3, "pricing.bundle_discount=0.15")
    assert bundles[1][1] < bundles[0][1]


@pytest.mark.parametrize("wear", [0.4, 0.75, 1.2])
def test_mixed_content_is_no_free_lever(wear):
    """What it wins per CNY falls; response or cost make a share between 0 and 1 the best."""
    c = compose(["scenario=baseline"]).content.model_copy(update={"hybrid_wear": wear})
    shares = np.linspace(0.0, 1.0, 101)
    at = [c.model_copy(update={"hybrid_share": float(s)}) for s in shares]
    lift, cost = np.array([x.lift() for x in at]), np.array([x.daily_cost() for x in at])
    assert (np.diff(lift, 2) < 0).all()
    assert (np.diff(cost, 2) > 0).all()
    best = shares[np.argmax(50.0 * lift - cost)]  # if a day's traffic is worth what the media cost
    assert 0.0 < best < 1.0


def test_f031_three_notes_on_baby_food_sell_it_and_notes_on_other_goods_do_not():
    """Nothing read, much read on all other goods, and much read on baby food, in the same worlds."""
    baby = CATEGORIES.index("mother_baby")

    def sold(on_baby: float, on_others: float) -> int:
        orders = 0
        for world in range(2):
            words = (*LIVELY, "membership.discount=0", "control.daily_budget=4")
            market = small_market("baseline", *words, size=800, replication=world)
            assert market.world.catalog.notes_needed[baby] == 3
            market.world.people.category_notes[:] = on_others
            market.world.people.category_notes[:, baby] = on_baby
            orders += int((live(market, 3).records.orders["category"] == baby).sum())
        return orders

    unread = sold(0.0, 0.0)
    assert sold(0.0, 20.0) == unread > 5
    assert sold(20.0, 0.0) > 1.3 * unread
