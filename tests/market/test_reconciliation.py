"""One set of books: every money indicator is the ledger's, and no posting goes without its event."""

from __future__ import annotations

import functools
from itertools import permutations

import numpy as np
import pytest

from sim.config import describe_scenarios, market_sources
from sim.core.errors import ConservationError
from sim.market import Market
from sim.measure.events import Events
from sim.measure.money import books
from sim.world.accounts import BALANCE_SHEET, RESULT, SPENDING, Account
from sim.world.kinds import CAMPAIGN
from tests.conftest import LIVELY, live, small_market

DAYS = 10
SETTINGS = 30
#: Options of features that spend, refund or price in a way of their own.
FEATURES = (
    "ambassadors=retained", "attachment=answered", "bidders=four", "care=three_signals", "challenge=makeup",
    "circles=led", "cocreation=new_products", "cocreation=votes", "community=three_levels",
    "content_pool=pool", "craft=classes", "cross_border=bonded", "cross_border=customers_abroad",
    "cross_border=direct", "cross_border=two_places", "data_platform=hourly", "decision=informed",
    "dynamic_prices=cover", "endorsement=three", "expression=marked", "labels=certified", "links=watched",
    "onboarding=three_steps", "opinion=answered", "origin=fresh", "own_site=settling", "partners=alliance",
    "partners=marketing", "platform_ally=traffic", "points=exchange", "policy=open_data", "policy=support",
    "recovery=packages", "remix=two_days", "reviews=read", "service=ranked", "sessions=daily",
    "shelf_feedback=hourly", "shops=codes", "studio=three_stations", "survey=asked", "touchpoints=three",
    "tracing=bad_batches", "tracing=traced", "virtual_hosts=nights",
)  # fmt: skip


def fen(cny: float) -> int:
    return round(cny * 100)


def random_settings(seed: int) -> list[str]:
    """A valid strategy by chance: every money lever somewhere, plant and warehouse as they come."""
    rng = np.random.default_rng(seed)
    choose = {
        "incentive": ("none", "flat_cash", "three_tier", "task_ladder", "group_buy"),
        "private_domain": ("none", "wecom"), "pricing": ("list", "coupon", "bundle"),
        "logistics": ("standard", "tight", "instant"), "influencers": ("default", "livestream", "none"),
        "shock": ("none", "downturn", "rider_shortage"), "control": ("default", "media"),
        "fraud": ("default", "strict", "team"), "group_buy": ("default", "beside_referral", "large_groups"),
        "calendar": ("flat", "china"), "affiliates": ("default", "none"),
    }  # fmt: skip
    words = [f"{group}={rng.choice(options)}" for group, options in choose.items()]
    levels = {
        "control.daily_budget": rng.uniform(0.02, 1.0), "incentive.invite_reward": rng.uniform(0, 60),
        "pricing.list_level": rng.uniform(0.8, 1.2), "membership.discount": rng.uniform(0, 0.2),
        "logistics.capacity_ratio": rng.uniform(0.5, 2.0), "fraud.review": rng.uniform(0, 1),
        "incentive.clawback_days": rng.integers(0, 8), "pricing.new_user_discount": rng.uniform(0, 0.2),
        "fraud.reviewers.staff": rng.uniform(0, 60), "group_buy.discount": rng.uniform(0, 0.4),
        "affiliates.commission": rng.uniform(0, 0.3), "incentive.recipient_coupon": rng.uniform(0, 0.3),
    }  # fmt: skip
    return words + [f"{key}={value:.4g}" for key, value in levels.items()]


def reconcile(market: Market) -> None:
    """Every money figure against the balances that the window moved, to the fen."""
    events, got, r = Events(market.tables(), market.window), market.kpis(), market.records
    kinds, balance = market.world.kinds, market.world.ledger.balance
    assert balance.keys() <= kinds.accounts.keys()
    moved = {number: balance.get(name, 0) for name, number in kinds.accounts.items()}
    for account, change in moved.items():
        assert int(events.moved_fen(account).sum()) == change, account
    added = goods = income = 0
    for kind, name in kinds.accounts_of_added().items():
        beside = kinds.booking(kind).beside
        table, other = (r.goods_costs, r.spend) if beside else (r.spend, r.goods_costs)
        assert int(table["fen"][table["kind"] == kind].sum()) == balance.get(name, 0), name
        assert kind not in other["kind"]
        (one,) = (one for one in kinds.added if one.name == name)
        goods += balance.get(name, 0) * one.of_goods
        income -= balance.get(name, 0) * one.income
        added += balance.get(name, 0) * (not beside)
    equity = sum(moved[account] for account in BALANCE_SHEET)
    assert equity == -sum(moved[account] for account in RESULT) - added - goods + income
    assert fen(got["contribution_margin"] * events.days) == equity
    campaign = sum(moved[account] for account in CAMPAIGN) + added
    assert fen(got["profit_on_kept_orders"]) == equity + campaign - income
    assert fen(got["all_in_spend"]) == sum(moved[account] for account, _ in SPENDING.values()) + added
    assert fen(sum(books(events).values())) == equity
    assert int(r.spend["fen"].sum()) == fen(got["all_in_spend"]) == market.world.operator.spent_fen
    into_cash = (r.journal["debit"] == Account.CASH) & (r.journal["credit"] == Account.DEPOSITS)
    assert fen(got["revenue"]) == int(r.journal["fen"][into_cash].sum())
    assert moved[Account.CAPACITY] + moved[Account.LOGISTICS_RIDER] >= 0
    assert int(r.daily["logistics_fen"].sum()) == sum(
        moved[a] for a in Account if a.name.startswith("LOGISTICS_") or a is Account.CAPACITY
    )


@pytest.mark.property
@pytest.mark.parametrize("scenario", sorted(describe_scenarios(market_sources())))
def test_every_scenario_agrees_with_its_ledger_to_the_fen(scenario):
    reconcile(live(small_market(scenario, *LIVELY, size=400), DAYS))


@pytest.mark.property
@pytest.mark.parametrize("option", FEATURES)
def test_every_feature_with_money_agrees_with_its_ledger_to_the_fen(option):
    reconcile(live(small_market("baseline", option, *LIVELY, size=400), DAYS))


@pytest.mark.property
def test_all_features_with_money_at_once_agree_with_their_ledger_to_the_fen():
    together = {option.partition("=")[0]: option for option in FEATURES}
    market = live(small_market("baseline", "lifecycle=win_back", *together.values(), *LIVELY, size=400), DAYS)
    reconcile(market)
    balance = market.world.ledger.balance
    paid = {name for name in market.world.kinds.accounts_of_added().values() if balance.get(name, 0)}
    # accounts of most of them have moved, or the sums above would say little
    assert len(paid) > len(market.world.kinds.added) // 2


@pytest.mark.property
@pytest.mark.parametrize("seed", range(SETTINGS))
def test_random_settings_agree_with_their_ledger_to_the_fen(seed):
    reconcile(live(small_market("baseline", *random_settings(seed), *LIVELY, size=400, replication=seed), 8))


@pytest.mark.property
def test_margins_differ_by_what_ledgers_differ():
    """Also where one of the two pays for more capacity, which counts once."""
    usual, more = (
        live(small_market("baseline", *LIVELY, f"logistics.capacity_ratio={ratio}", size=400), DAYS)
        for ratio in (1.0, 2.0)
    )
    margin = [fen(m.kpis()["contribution_margin"] * DAYS) for m in (usual, more)]
    equity = [
        sum(m.world.ledger.balance.get(account.key, 0) for account in BALANCE_SHEET) for m in (usual, more)
    ]
    assert margin[1] - margin[0] == equity[1] - equity[0]


@pytest.mark.property
def test_margins_differ_by_what_ledgers_differ_with_promises_outstanding():
    """Two levels of rewards and open groups at the window's end: their value is in both, to the fen."""
    promising = ("control.daily_budget=50", "incentive.invite_reward=30", "incentive.levels=2")
    found = []
    for scenario in ("baseline", "referral_with_groups"):
        market = live(small_market(scenario, *LIVELY, *promising, size=400), DAYS)
        reconcile(market)
        equity = sum(market.world.ledger.balance.get(account.key, 0) for account in BALANCE_SHEET)
        found.append((fen(market.kpis()["contribution_margin"] * DAYS), equity))
        open_promises = len(market.world.agendas["promises"])
        assert (open_promises > 0) == (scenario != "baseline")
    assert found[1][0] - found[0][0] == found[1][1] - found[0][1]


@functools.cache
def busy() -> Market:
    return live(small_market("flat_cash_referral", *LIVELY, "control.daily_budget=5", size=300), 5)


def test_a_stray_fen_between_any_two_accounts_is_caught_with_day_and_amounts():
    market = busy()
    world = market.world
    day = world.day
    world.check()
    for credit, debit in permutations(Account, 2):
        world.ledger.pay(credit.key, debit.key, 1)
        with pytest.raises(ConservationError) as caught:
            world.check()
        world.ledger.pay(credit.key, debit.key, -1)
        words = str(caught.value)
        assert f"day {day}: account '" in words
        assert f"'{credit.key}'" in words or f"'{debit.key}'" in words
    world.check()


def test_an_account_that_nobody_knows_is_named():
    world = busy().world
    world.ledger.pay("cash", "petty_cash", 1)
    with pytest.raises(
        ConservationError, match="account 'petty_cash' moved by 1 fen, the day's events say 0"
    ):
        world.check()
    world.ledger.pay("cash", "petty_cash", -1)
    del world.ledger.today["cash", "petty_cash"]
    del world.ledger.balance["petty_cash"]


@pytest.mark.parametrize("pair", [("revenue", "cash"), ("cash", "refunds"), ("cash", "media")])
def test_a_mechanism_that_posts_without_an_event_stops_the_day(pair):
    market = live(small_market("baseline", *LIVELY, size=300), 2)
    mechanism = market.schedule[max(market.schedule)][0]
    act = mechanism.act

    class Leaking:
        name, phase, reads, writes = mechanism.name, mechanism.phase, mechanism.reads, mechanism.writes

        def act(self, world, draw):
            act(world, draw)
            world.ledger.pay(*pair, 1)

    market.schedule[mechanism.phase][0] = Leaking()
    with pytest.raises(ConservationError, match=rf"day 2: account '({pair[0]}|{pair[1]})' moved by"):
        market.step()
