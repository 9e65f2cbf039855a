"""The all-in budget binds every spender, and price cuts cost the same by any name."""

from __future__ import annotations

import numpy as np
import pytest

from sim.market import Market
from sim.world.accounts import Account
from sim.world.schema import Spend
from tests.conftest import LIVELY, live, small_market
from tests.market.test_reconciliation import random_settings

DAYS = 8


def allowance_fen(market: Market, days: int) -> int:
    """What the window's days may cost, fen, from the settings alone."""
    return days * round(market.config.control.daily_budget * len(market.world.people) * 100)


def spent_fen(market: Market) -> int:
    return int(market.records.spend["fen"].sum())


def test_without_money_nothing_is_spent_and_every_day_says_so():
    market = live(small_market("baseline", *LIVELY, "control.daily_budget=0", size=600), DAYS)
    assert spent_fen(market) == 0
    assert set(market.records.campaign_stops["day"].tolist()) == set(range(DAYS))
    assert market.kpis()["days_without_money"] == DAYS
    assert market.kpis()["first_day_without_money"] == 1


#: Levers that promise somebody money, set as high as they go.
PROMISES = {
    "bundles": ("pricing.bundle_discount=0.9",),
    "coupons": ("pricing=coupon", "pricing.coupon_share=1", "pricing.coupon_discount=0.9"),
    "first orders": ("pricing.new_user_discount=0.9",),
    "list prices": ("pricing.list_level=0.5",),
    "member prices": ("membership.discount=0.5",),
    "groups": ("group_buy.enabled=true", "group_buy.discount=0.8"),
    "rewards": ("incentive=flat_cash", "incentive.invite_reward=200", "incentive.recipient_coupon=0.9"),
    "tiers": ("incentive=three_tier", "incentive.invite_reward=200", "incentive.levels=2"),
    "affiliates": ("affiliates.commission=0.6",),
    "hosts": ("influencers.sessions_per_week=70", "influencers.session_discount=0.8"),
    "own sessions": ("sessions=daily", "sessions.discount=0.8"),
}


def lived_without_money(words: tuple[str, ...]) -> dict[str, list[int]]:
    """What happens in a few days of a market that has no allowance, and who has joined what."""
    market = live(small_market("baseline", *LIVELY, "control.daily_budget=0", *words), 4)
    people, tables = market.world.people, market.tables()
    events = {
        f"{table}.{column}": tables[table][column].tolist()
        for table, columns in (
            ("visits", ("minute", "source")),
            ("orders", ("order_id", "quantity", "paid_fen")),
            ("touches", ("minute", "receiver")),
            ("registrations", ("person",)),
        )
        for column in columns
    }
    return events | {"members": people.member.tolist(), "affiliates": people.affiliate.tolist()}


@pytest.fixture(scope="module")
def penniless() -> dict[str, list[int]]:
    return lived_without_money(("affiliates.commission=0.01",))


@pytest.mark.property
@pytest.mark.parametrize("what", PROMISES)
def test_what_cannot_be_paid_for_moves_nobody(what, penniless):
    """No order, unit, member, seller or visit is won by a concession for which there is no money."""
    assert lived_without_money(PROMISES[what]) == penniless


@pytest.mark.parametrize("design", ["flat_cash", "three_tier", "task_ladder"])
def test_a_reward_beyond_all_means_stays_within_the_allowance(design):
    words = (f"incentive={design}", "incentive.invite_reward=200", "sharing.invite_gain=2.0")
    market = live(small_market("baseline", *LIVELY, *words, size=600), DAYS)
    assert 0 < spent_fen(market) <= allowance_fen(market, DAYS)
    assert Spend.REWARD in market.records.campaign_stops["kind"]


@pytest.mark.property
@pytest.mark.parametrize("seed", range(20))
def test_random_settings_never_spend_more_than_their_allowance(seed):
    """To the fen and on every single day, promises included; capacity is hired whatever is left."""
    words = [w for w in random_settings(seed) if w != "control=media"]
    market = small_market("baseline", *words, *LIVELY, size=400, replication=seed)
    for day in range(1, DAYS + 1):
        market.step()
        promised = int(market.world.agendas["promises"].columns["fen"].sum())
        capacity = market.world.ledger.balance.get(Account.CAPACITY.key, 0)
        assert spent_fen(market) + promised <= max(allowance_fen(market, day), capacity + promised)


def test_what_was_promised_is_paid_although_the_fund_is_empty():
    words = ("incentive=three_tier", "incentive.invite_reward=30", "sharing.invite_gain=2.0",
             "sharing.invite_click=0.6", "fraud=none", "turnover=none",
             "control.daily_budget=1.5")  # fmt: skip
    market = live(small_market("baseline", *LIVELY, *words, size=600), 14)
    r = market.records
    assert Spend.REWARD in r.campaign_stops["kind"]
    promised = set(r.rewards["invitee"][r.rewards["stage"] == 1].tolist())
    assert promised < set(r.registrations["person"][r.registrations["inviter"] >= 0].tolist())
    handed_over, times = np.unique(r.deliveries["person"], return_counts=True)
    for stage in (2, 3):
        paid = set(r.rewards["invitee"][r.rewards["stage"] == stage].tolist())
        assert paid == promised & set(handed_over[times >= stage - 1].tolist())
    assert len(promised) > 3


@pytest.mark.parametrize("replication", [2, 9])  # worlds that have so dear a day
def test_the_baseline_of_a_small_market_does_not_stop(replication):
    """Its days differ much; on the dearest, the concessions take several times their usual share."""
    market = live(small_market("baseline", size=1500, replication=replication), 30)
    assert market.kpis()["days_without_money"] == 0
    spend = market.records.spend
    given = np.bincount(spend["day"], spend["fen"] * (spend["kind"] == Spend.DISCOUNT), minlength=30)
    assert given.max() > 2.5 * given.mean() > 0


def test_savings_are_kept_at_hand_and_the_rest_goes_to_media():
    """Without any other spend a day's allowance is saved once; then media get all of it, to the fen."""
    words = ("pricing.new_user_discount=0", "membership=none", "content.cost_per_1000=0", "fraud=none",
             "influencers=none", "affiliates=none", "sessions=none", "control.even_people=400")  # fmt: skip
    market = live(small_market("baseline", *words, "control.days_at_hand=1.5", size=400), 60)
    saved = allowance_fen(market, 60) - spent_fen(market)
    assert saved == pytest.approx(1.5 * allowance_fen(market, 1), rel=0.01)


def everybody_pays(market: Market) -> Market:
    market.world.people.member[:] = True
    market.world.people.last_order_day[:] = 0
    return market


@pytest.mark.parametrize("rule", ["media", "all_in"])
def test_ten_percent_off_is_the_same_offer_by_any_name(rule):
    """List price, coupon and member's price for all: same orders to the bit, same spend, same media."""
    same = (f"control.budget_rule={rule}", "membership.join_discount=0", "turnover=none")
    offers = (
        ("pricing.list_level=0.9", "membership.discount=0"),
        ("pricing=coupon", "pricing.coupon_share=1", "pricing.coupon_discount=0.1", "membership.discount=0"),
        ("membership.discount=0.1",),
    )
    found = [
        live(everybody_pays(small_market("baseline", *LIVELY, *same, *o, size=500)), DAYS) for o in offers
    ]
    usual = live(
        everybody_pays(small_market("baseline", *LIVELY, *same, "membership.discount=0", size=500)), DAYS
    )
    assert len(found[0].records.orders) != len(usual.records.orders)
    for other in found[1:]:
        for name in ("orders", "visits", "media", "spend", "journal"):
            table, again = found[0].records.tables[name], other.records.tables[name]
            for column in table.schema:
                np.testing.assert_array_equal(table[column], again[column], err_msg=f"{name}.{column}")
        assert found[0].kpis() == pytest.approx(other.kpis(), nan_ok=True, abs=0, rel=0)


def test_a_discount_off_a_raised_price_is_no_concession_above_the_catalogue():
    market = live(small_market("baseline", *LIVELY, "pricing.list_level=1.2", "influencers=none"), 4)
    orders = market.records.orders
    assert len(orders) > 20
    assert (orders["discount_fen"] == 0).all()
    assert (orders["list_fen"] == orders["paid_fen"]).all()
