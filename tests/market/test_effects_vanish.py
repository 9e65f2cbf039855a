"""An effect is gone when its cause is switched off, and a lever at zero is as good as no lever at all."""

from __future__ import annotations

import numpy as np
import pytest

from sim.market import Market
from sim.world.schema import Source, Spend
from tests.conftest import LIVELY, live, small_market
from tests.market.worlds import digest, events

#: Rewards are promised while the fund lasts, and a fund for 400 people is soon empty.
REFERRAL = (
    "control.daily_budget=50", "incentive.invite_reward=100", "sharing.invite_gain=1.0",
    "sharing.invite_click=0.6", "fraud.opportunists=0.5", "fraud.attempts=1",
)  # fmt: skip


def run(scenario: str, *overrides: str, days: int = 6) -> Market:
    return live(small_market(scenario, *LIVELY, *overrides), days)


def visits_from(market: Market, *sources: Source) -> int:
    return int(np.isin(market.records.visits["source"], [int(s) for s in sources]).sum())


# --- switched off ------------------------------------------------------------------------------


def test_without_trust_bad_deliveries_change_nothing_that_people_do():
    """A low score works through memory, what is told, rank and returns; with these closed, not at all.

    Nobody loses patience here: a parcel refused at the door is a low score of its own. Spoiled goods
    are scored by a chance of their own, which goes with the others.
    """
    closed = (
        "sharing.good_delivery=0",
        "platforms.score_weight=0",
        "aftersales.return_low=1",
        "aftersales.complain=0",
        "aftersales.late_patience=1000",
    )
    every = ("low_on_time", "low_3_days", "low_7_days", "low_beyond", "low_spoiled")

    def lived(trust: str, low: float) -> Market:
        return run(
            "baseline", f"trust={trust}", *closed, *(f"aftersales.{name}={low}" for name in every), days=10
        )

    good, bad = lived("none", 0.0), lived("none", 1.0)
    assert bad.records.deliveries["low_score"].all()
    assert not good.records.deliveries["low_score"].any()
    for table in ("visits", "orders"):
        for column, values in events(good.world)[table].items():
            assert (values == events(bad.world)[table][column]).all(), (table, column)
    assert (good.world.people.habit == bad.world.people.habit).all()

    good, bad = lived("default", 0.0), lived("default", 1.0)
    assert good.world.people.trust.mean() > bad.world.people.trust.mean()
    assert good.world.people.habit.sum() > bad.world.people.habit.sum()


def test_without_word_of_mouth_only_customers_change_their_minds():
    def minds(pull: float) -> Market:
        return run("baseline", f"trust.word_of_mouth={pull}", "trust.forgetting=0", "turnover=none", days=10)

    silent, talking = minds(0.0), minds(0.1)
    for market, moved in ((silent, False), (talking, True)):
        people = market.world.people
        customers = [market.records.deliveries["person"], market.records.cancellations["person"]]
        bystanders = ~np.isin(people.id, np.concatenate(customers))
        assert (people.trust[bystanders] != np.float32(0.5)).any() == moved
        assert (people.trust[~bystanders] != np.float32(0.5)).any()


def test_without_fraud_there_are_no_fakes_and_no_reviewers():
    honest, tempted = run("flat_cash_referral", *REFERRAL, "fraud=none"), run("flat_cash_referral", *REFERRAL)
    assert tempted.records.registrations["fake"].any()
    assert not honest.records.registrations["fake"].any()
    assert not honest.records.registrations["caught"].any()
    assert not honest.records.rewards["fake"].any()
    assert not (honest.records.spend["kind"] == Spend.REVIEW).any()


def test_worthless_accounts_are_not_faked():
    """What cannot bring more than it costs is not made."""
    dear = run("flat_cash_referral", *REFERRAL, "population.faking_median=1000", "population.faking_sigma=0")
    assert not dear.records.registrations["fake"].any()


def test_without_sharing_nobody_is_told_anything():
    silent, talking = (
        run("flat_cash_referral", *REFERRAL, f"sharing={on}", "affiliates=none") for on in ("none", "default")
    )
    assert len(silent.records.touches) == 0
    assert visits_from(silent, Source.SHARE, Source.INVITATION) == 0
    assert len(talking.records.touches) > 100
    assert visits_from(talking, Source.SHARE, Source.INVITATION) > 10


def test_without_incentive_no_reward_is_promised_or_paid():
    market = run("baseline", *REFERRAL)
    assert len(market.records.rewards) == 0
    assert visits_from(market, Source.INVITATION) > 0  # people invite their friends unpaid, too
    assert not market.records.visits["rewarded"].any()
    assert (market.records.touches["reward_fen"] == 0).all()
    assert market.world.ledger.balance.get("rewards", 0) == 0


def test_without_media_nobody_comes_by_an_advertisement():
    without, with_media = run("baseline", "media=none"), run("baseline")
    assert visits_from(with_media, Source.PAID_MEDIA) > 0
    assert visits_from(without, Source.PAID_MEDIA) == 0
    assert without.records.media["spend_fen"].sum() == 0
    # the feed is not bought
    assert visits_from(without, Source.ORGANIC_FEED) > 0
    first = without.records.media["day"] == 0
    both = [m.records.media["organic_impressions"][first] for m in (without, with_media)]
    assert (both[0] == both[1]).all()


def test_media_switched_off_after_a_while_fade_with_their_carry_over():
    """What a strategy stops buying must not go on for nothing."""
    words = ("media=none", "media.carry_over=0.0", "experiment.warmup_days=3")
    market = live(small_market("baseline", *LIVELY, *words), 6)
    paid = market.records.visits["day"][market.records.visits["source"] == Source.PAID_MEDIA]
    assert len(paid) > 0
    assert paid.max() < 3


def test_without_compliance_nobody_is_banned():
    strict = ("compliance.ban_risk=1.0", "compliance.ban_ceiling=1.0")
    free, ruled = (
        run("flat_cash_referral", *REFERRAL, *strict, f"compliance={on}") for on in ("none", "default")
    )
    assert (free.world.platforms.ban_until == 0).all()
    assert (ruled.world.platforms.ban_until > 0).any()


def test_without_turnover_everybody_stays():
    market = run("baseline", "turnover=none")
    assert (market.world.people.id == np.arange(len(market.world.people))).all()
    assert market.records.daily["exits"].sum() == 0


def test_prices_of_attention_rise_with_spend_only_by_the_slope():
    def prices(slope: float, budget: float) -> np.ndarray:
        words = ("control=media", f"control.media_budget={budget}", f"platforms.price_slope={slope}")
        media = run("baseline", *words, days=1).records.media
        return media["cpm_fen"][media["platform"] < 5]

    assert (prices(0.0, 0.01) == prices(0.0, 1.0)).all()
    assert (prices(0.25, 0.01) < prices(0.25, 1.0)).all()


def test_exposure_saturates_only_below_its_ceiling():
    """Ten times the impressions are ten times the exposure where the ceiling is far; near it, less."""

    def exposure(ceiling: float, budget: float) -> float:
        free = ("platforms.price_slope=0", "media.carry_over=0", "control=media")
        rule = (f"control.media_budget={budget}", f"media.saturation={ceiling}")
        market = live(small_market("baseline", *free, *rule, size=4000), 1)
        return float(market.world.platforms.paid_scale.sum())

    assert exposure(20.0, 0.002) * 10 == pytest.approx(exposure(20.0, 0.02), rel=0.04)
    assert exposure(0.05, 0.2) < 2 * exposure(0.05, 0.02)


# --- levers at zero ----------------------------------------------------------------------------

SILENT = ("channel_mix.influencer_share=0",)
CASH = ("incentive=flat_cash", *REFERRAL)
#: Case -> overrides without the lever, overrides with the lever at zero.
NO_OPS = {
    "a downturn of no size": ("shock=none", "shock=downturn shock.size=0 shock.start=1"),
    "a platform that loses nothing": ("shock=none", "shock=platform_loss shock.size=0 shock.start=1"),
    "riders who all come": ("shock=none", "shock=rider_shortage shock.size=0 shock.start=1"),
    "coupons worth nothing": ("pricing=list", "pricing=coupon pricing.coupon_discount=0"),
    "coupons nobody holds": ("pricing=list", "pricing=coupon pricing.coupon_share=0"),
    "rewards of nothing": ("incentive=none", "incentive=flat_cash incentive.invite_reward=0"),
    "group-buy nobody takes": ("incentive=none", "incentive=group_buy group_buy.uptake=0"),
    "affiliates nobody becomes": ("affiliates=none", "affiliates.join=0"),
    "a room in which nothing is shown": ("sessions=none", "sessions=daily sessions.per_week=0"),
    "rivals who do not follow": ("rival=none", "rival.follow=0"),
    "a market nobody leaves": ("turnover=none", "turnover.exit_rate=0"),
    "a private domain nobody enters": ("private_domain=none", "private_domain=wecom private_domain.join=0"),
    "bans that never come": (
        ("compliance=none", *CASH), ("compliance.ban_risk=0", *CASH)
    ),
    "influencers with nothing to say": (
        ("influencers=none", *SILENT), ("influencers.own_posts=0", "influencers.sessions_per_week=0", *SILENT)
    ),
    "identities linked for nothing": (
        "choice.unlinked=0",
        "channel_mix.linked_ids=true channel_mix.linked_ids_cost=0 choice.unlinked=0 traffic.linked_click=0",
    ),
    "media without money": (
        ("media=none", "control=media", "control.media_budget=0"), ("control=media", "control.media_budget=0")
    ),
    "cheats there are none of": (
        ("fraud=none", "control.alarm_review=0", *CASH),
        (*CASH, "control.alarm_review=0", "fraud.opportunists=0", "fraud.review=0"),
    ),
}  # fmt: skip


def words(overrides: str | tuple[str, ...]) -> tuple[str, ...]:
    return tuple(overrides.split()) if isinstance(overrides, str) else overrides


@pytest.mark.parametrize("case", NO_OPS)
def test_a_lever_at_zero_is_no_lever(case):
    without, at_zero = (digest(run("baseline", *words(overrides), days=5)) for overrides in NO_OPS[case])
    assert without == at_zero


@pytest.mark.parametrize(
    "lever",
    ["pricing.list_level=1.1", "pricing.new_user_discount=0.3", "private_domain=wecom", "trust.gain=0.5",
     "sharing.pass_on=0.9", "channel_mix=short_video", "content=hybrid", "turnover.exit_rate=0.01"],
)  # fmt: skip
def test_and_a_lever_that_is_pulled_is_felt(lever):
    """The same comparison can tell worlds apart."""
    assert digest(run("baseline", days=5)) != digest(run("baseline", lever, days=5))


def test_a_coupon_for_the_invited_is_felt():
    """Where people invite: in a market of its own, because few do so in five days unpaid."""
    plain, coupon = (
        run("flat_cash_referral", *REFERRAL, f"incentive.recipient_coupon={share}", days=5)
        for share in (0.0, 0.3)
    )
    v = plain.records.visits
    assert ((v["source"] == Source.INVITATION) & ~v["registered_before"]).sum() > 50
    by_invitation = [
        m.records.orders["discount_fen"][m.records.orders["source"] == Source.INVITATION].sum()
        for m in (plain, coupon)
    ]
    assert by_invitation[1] > by_invitation[0]
    assert digest(plain) != digest(coupon)
