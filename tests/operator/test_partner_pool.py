"""The alliance's pool: paid by size, it evens out what strikes one, and has little for what strikes all."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.core.records import Table
from sim.core.rng import Draw
from sim.operator.partner_pool import POOL, Purse, brands_claim, insure, partners_losses, shared, strengths
from sim.operator.partners_params import PartnersParams
from sim.world.schema import ORDERS
from tests.conftest import LIVELY, live, small_config, small_market
from tests.operator.test_partners import Office, firms

#: Eight partners of one size; what is paid in is what is lost on the mean: 0.01 x 3 days, and the fee.
FAIR = PartnersParams(
    firms=8, insured=1.0, premium=0.03 / 0.9, pool_fee=0.1, strikes=0.01, strike_days=3.0, earns=100.0
)
DAYS = 3000


def lived(p: PartnersParams, common: float = 0.0, days: int = DAYS):
    """The pool's table after days on which the brand earns and loses nothing."""
    office, stand = Office(0), firms(8)
    office.records.partners_pool = Table("partners_pool", POOL)
    office.records.orders = Table("orders", ORDERS)
    for day in range(days):
        office.day = day
        office.records.partners_pool.begin_day()
        insure(office, Draw(9, day), p, stand, np.ones(8), (0.0, common))
    return office.records.partners_pool


def test_what_strikes_one_is_paid_by_all_and_no_fen_is_lost():
    """Losses are what chance and size say, the pool's books close, and most of what is claimed is paid."""
    table, earns = lived(FAIR), 100.0 * 100
    each = np.full(8, earns)
    losses = np.array([partners_losses(Draw(9, day), FAIR, each, 0.0) for day in range(DAYS)])
    mean, error = losses.mean() / earns, losses.std() / earns / math.sqrt(losses.size)
    assert abs(mean - 0.03) < 4.0 * error
    assert table["claims"] == pytest.approx(losses.sum(axis=1))
    paid_in = DAYS * 0.9 * 8 * FAIR.premium * earns
    assert table["money"][-1] == pytest.approx(paid_in - (table["paid"] * table["claims"]).sum())
    assert (table["money"] >= -1e-6).all()
    covered = (table["paid"] * table["claims"]).sum() / table["claims"].sum()
    assert covered > 0.75  # the pool begins empty, and is short in bad years


def test_what_strikes_all_finds_no_more_than_is_there():
    """Everybody loses half of the earnings a day: what is paid in on a day is paid out, and no more."""
    table = lived(PartnersParams(**FAIR.model_dump() | {"strikes": 0.0}), common=0.5, days=100)
    assert table["paid"] == pytest.approx(np.full(100, 0.9 * FAIR.premium / 0.5))
    assert table["money"] == pytest.approx(np.zeros(100), abs=1e-6)


@pytest.mark.parametrize(("money", "share"), [(0.0, 0.0), (15.0, 0.5), (30.0, 1.0), (99.0, 1.0)])
def test_claims_are_paid_in_proportion(money, share):
    assert shared(money, np.array([10.0, 20.0])) == share
    assert shared(money, np.zeros(2)) == 1.0


def test_the_brand_claims_what_it_earned_less_good_days_counted():
    p, purse = PartnersParams(insured=0.5, memory=30.0), Purse()
    purse, claim = brands_claim(p, purse, 10.0, True)
    assert claim == 0.0  # nobody knows yet what is usual
    for earned in (80.0, 120.0):
        purse, claim = brands_claim(p, purse, earned, False)
        assert claim == 0.0
    assert purse.usual == 100.0
    claims = []
    for earned in (60.0, 120.0, 70.0):
        purse, claim = brands_claim(p, purse, earned, True)
        claims.append(claim)
    assert claims == [20.0, 0.0, 5.0]  # half of 40, of 20 and of 50 in all, less what was claimed
    assert brands_claim(p, purse, 100.0, False)[0].short == 0.0


def test_shocks_of_a_platform_strike_the_brand_alone_and_those_of_consumers_all():
    words = (
        "shock.kind=platform_loss",
        "shock.start=2",
        "shock.days=3",
        "shock.size=0.6",
        "shock.recovery=0",
    )
    both = (*words, "shock.also={a:{kind:downturn,start:4,size:0.3,days:1,recovery:0}}")
    shocks = list(small_config("baseline", *both).shock.listed().values())
    assert [strengths(shocks, day) for day in (1, 2, 4, 5)] == [(0, 0), (0.6, 0), (0.6, 0.3), (0, 0)]


def play(*words: str):
    return played(*words).world


def played(*words: str):
    market = small_market(
        "baseline", "partners=marketing", "partners.reach=0", "partners.earns=30000", "partners.strikes=0",
        "partners.leaves=0", "shock.kind=platform_loss", "shock.platform=douyin", "shock.start=12",
        "shock.days=6", "shock.recovery=0", "shock.size=0.9", "control=media", *LIVELY, *words, size=1000,
    )  # fmt: skip
    return live(market, 20)


def test_a_platforms_fall_is_paid_from_what_partners_put_in():
    """Everything but the pool is as it was, and what the pool pays is all that differs in the books."""
    world, alone = play("partners.insured=1"), play()
    table = world.records.tables["partners_pool"]
    orders = world.records.orders
    earned = np.bincount(
        orders["day"], orders["paid_fen"] - orders["goods_fen"] - orders["commission_fen"], 20
    )
    assert (
        earned.tolist()
        == np.bincount(
            alone.records.orders["day"],
            alone.records.orders["paid_fen"]
            - alone.records.orders["goods_fen"]
            - alone.records.orders["commission_fen"],
            20,
        ).tolist()
    )
    short = np.maximum.accumulate(np.cumsum(earned[:12].mean() - earned[12:18]))[-1]
    assert short > 0
    assert table["out_fen"].sum() == pytest.approx(short, abs=10)
    assert table["out_fen"][:12].sum() == table["out_fen"][18:].sum() == 0
    assert not {"partners_insured", "partners_claims"} & alone.ledger.balance.keys()
    assert world.ledger.balance["partners_insured"] == table["in_fen"].sum()
    assert world.ledger.balance["partners_claims"] == -table["out_fen"].sum() < 0


def test_what_the_pool_pays_enlarges_no_budget():
    """The same premiums go to a pool that pays and to one that keeps all: media get the same of either."""
    words = ("partners.insured=1", "control=default", "control.daily_budget=0.5", "firm_value=daily")
    markets = [played(*words, "firm_value.period=3", f"partners.pool_fee={fee}") for fee in (0, 1)]
    worlds = [market.world for market in markets]
    pays, keeps = (world.records.tables["partners_pool"] for world in worlds)
    assert pays["out_fen"].sum() > 0 == keeps["out_fen"].sum()
    assert pays["in_fen"].tolist() == keeps["in_fen"].tolist()
    media = [world.records.media["spend_fen"].tolist() for world in worlds]
    assert sum(media[0]) > 0
    assert media[0] == media[1]
    assert worlds[0].free_fen() == worlds[1].free_fen()
    assert worlds[0].operator.spent_fen == worlds[0].records.spend["fen"].sum()
    earned = sum(world.ledger.balance["cash"] * sign for world, sign in zip(worlds, (1, -1), strict=True))
    assert earned == pays["out_fen"].sum()
    margin, profit = (
        [market.kpis()[name] for market in markets]
        for name in ("contribution_margin", "profit_on_kept_orders")
    )
    assert margin[0] > margin[1]
    assert profit[0] == pytest.approx(profit[1])
    days = [world.records.tables["firm_value_days"] for world in worlds]
    brought = [(one["value"] - one["equity"])[6:] for one in days]  # by customers
    assert brought[0] == pytest.approx(brought[1])


def test_what_the_pool_pays_is_no_technology_that_support_pays_back():
    """Support of joint research is what it is without a pool, on the days on which the pool pays as well."""
    words = ("partners.agreement=supply", "partners.research=10", "partners.breaks=0", "policy=support")
    days = [play(*words, *more).records.tables["policy_days"] for more in ((), ("partners.insured=1",))]
    assert days[0]["relief_fen"].min() > 0
    assert days[1]["relief_fen"].tolist() == days[0]["relief_fen"].tolist()


def test_what_is_usual_is_the_mean_of_days_without_a_shock():
    """The pool begins while a shock is on, as it does where an alliance is made in a crisis."""
    world = play("partners.insured=1", "shock.start=0")
    table, orders = world.records.tables["partners_pool"], world.records.orders
    fen = orders["paid_fen"] - orders["goods_fen"] - orders["commission_fen"]
    calm = np.bincount(orders["day"], fen, 20)[6:]
    assert table["in_fen"][:6].sum() == table["out_fen"].sum() == 0
    assert table["usual"][6:] == pytest.approx(np.cumsum(calm) / np.arange(1, 15))
