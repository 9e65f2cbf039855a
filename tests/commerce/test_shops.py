"""Own stores: who lives near one, what it costs, and what a code to scan does."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.commerce.shops import Shops, ShopsParams
from sim.world.platforms import PLATFORMS
from tests.conftest import LIVELY, live, small_market

VISITED = (
    "shops.enabled=true", "shops.number=1", "shops.catches=1", "shops.visits=0.5", "control=media",
    "influencers=none", *LIVELY,
)  # fmt: skip


def play(*words: str, days: int = 5):
    return live(small_market("baseline", *VISITED, *words, size=1000), days).world


@pytest.fixture(scope="module")
def codes():
    return play("shops.codes=true", "shops.follows=1")


def of(world, source: str) -> np.ndarray:
    found: np.ndarray = world.records.visits["source"] == world.kinds.source(source)
    return found


def test_further_stores_catch_fewer_and_only_who_lives_near_comes(codes):
    """1 - exp(-1) of people live near; nobody else is seen in a store, four standard errors."""
    share = 1.0 - math.exp(-1.0)
    came = np.unique(codes.records.tables["shops_visits"]["person"])
    assert (
        len(came) <= 1000 * share + 4.0 * math.sqrt(1000 * share * (1.0 - share)) + 50
    )  # people come and go
    assert len(came) > 300
    near = [ShopsParams(number=n).near() for n in (1.0, 2.0, 3.0)]
    assert near[1] - near[0] > near[2] - near[1] > 0.0


def test_visits_are_lived_in_the_store_or_sent_on(codes):
    origin = codes.records.visits["origin"][of(codes, "shops_visit")]
    assert (origin == PLATFORMS.index("offline")).all()
    assert of(codes, "shops_visit").sum() == len(codes.records.tables["shops_visits"])


def test_scanned_is_a_share_and_leads_online_the_next_day(codes):
    table = codes.records.tables["shops_visits"]
    n = len(table)
    assert abs(table["scanned"].mean() - 0.3) < 4.0 * math.sqrt(0.21 / n)
    led = codes.records.visits
    rows = np.flatnonzero(of(codes, "shops_scan"))
    assert len(rows) > 20
    scanned = set(zip(table["person"][table["scanned"]].tolist(), table["day"][table["scanned"]].tolist(),
                      strict=True))  # fmt: skip
    for person, day in zip(led["person"][rows].tolist(), led["day"][rows].tolist(), strict=True):
        assert (person, day - 1) in scanned
    assert (led["origin"][rows] == PLATFORMS.index("own_site")).all()


def test_codes_raise_the_odds_of_orders_in_the_store_alone(codes):
    terms, orders = codes.records.order_terms, codes.records.orders
    mine = codes.records.term_names(terms["term"]) == "order.shops"
    assert terms["value"][mine] == pytest.approx(math.log(1.37))
    inside = orders["source"] == codes.kinds.source("shops_visit")
    assert sorted(terms["order_id"][mine].tolist()) == sorted(orders["order_id"][inside].tolist())
    plain = play()
    chance = [
        one.records.visits["order_probability"][of(one, "shops_visit")].mean() for one in (plain, codes)
    ]
    assert chance[0] < chance[1] < 1.37 * chance[0]
    assert not of(plain, "shops_scan").any()


def test_staff_is_paid_whether_anybody_comes_or_not():
    p = ShopsParams()
    empty = play("shops.visits=0", "shops.number=2", "shops.codes=true", days=3)
    assert not len(empty.records.tables["shops_visits"])
    assert empty.ledger.balance["shops_cost"] == 3 * round(100 * 2 * (p.staff + p.code_cost))
    assert Shops.on(small_market("baseline", "shops=codes", size=300).config)


#: An allowance of which nothing else takes a part.
ALL_FOR_STORES = (
    "control=default", "channel_mix.douyin=0", "channel_mix.wechat=0", "channel_mix.xiaohongshu=0",
    "channel_mix.taobao_live=0", "channel_mix.jd=0",
    "sessions.per_week=0", "pricing=list", "pricing.new_user_discount=0", "membership.discount=0",
    "private_domain=none", "affiliates=none",
)  # fmt: skip


@pytest.mark.parametrize(("budget", "opens", "hangs"), [(2.4, 0, 0), (2.6, 1, 0), (3.1, 1, 1)])
def test_stores_without_money_stay_shut_and_codes_without_money_hang_nowhere(budget, opens, hangs):
    """Staff takes 2.5 CNY a consumer and day, codes half a yuan: what there is no money for is not there."""
    world = play(
        "shops.codes=true", "shops.number=100", "shops.code_cost=5", *ALL_FOR_STORES,
        f"control.daily_budget={budget}", days=1,
    )  # fmt: skip
    table = world.records.tables["shops_visits"]
    people = len(world.people)
    assert people == 1000
    assert world.ledger.balance.get("shops_cost", 0) == 100 * people * (2.5 * opens + 0.5 * hangs)
    assert (len(table) > 50) == bool(opens)
    assert table["scanned"].any() == bool(hangs)
    assert (world.records.term_names(world.records.order_terms["term"]) == "order.shops").any() == bool(hangs)
