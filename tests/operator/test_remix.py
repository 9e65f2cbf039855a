"""A commission rises: goods that no longer pay leave in time, come back, and a late answer pays for it."""

from __future__ import annotations

import numpy as np
import pytest

from sim.operator.remix import away, known
from sim.world.catalog import CATEGORIES
from sim.world.platforms import PLATFORMS
from tests.conftest import LIVELY, live, small_market

DOUYIN = PLATFORMS.index("douyin")
#: A platform that takes a fifth from the fourth day on, and gives it back ten days later.
STRIKE = (
    "shock.kind=commission_rise", "shock.platform=douyin", "shock.start=3", "shock.days=10",
    "shock.recovery=0",
    "shock.size=0.95", "platforms.douyin.commission=0.2", "control=media", *LIVELY,
)  # fmt: skip


@pytest.fixture(scope="module")
def lived():
    """The same three worlds without an answer, with one in 48 hours, and with one after eight days."""
    words = {
        "never": (),
        "in time": ("remix=two_days", "remix.least_margin=0.1"),
        "late": ("remix=two_days", "remix.least_margin=0.1", "remix.response_hours=192"),
    }
    return {
        name: [live(small_market("baseline", *STRIKE, *more, replication=r), 22) for r in range(3)]
        for name, more in words.items()
    }


def test_goods_move_when_the_time_is_over_and_come_back_as_many_hours_after_the_old_terms(lived):
    for name, hours in (("in time", 48), ("late", 192)):
        for market in lived[name]:
            moves, alarms = (market.records.tables[f"remix_{table}"] for table in ("moves", "alarms"))
            begun, over = alarms["minute"][[0, -1]]
            assert (begun, over) == (3 * 1440, 13 * 1440)
            gone, back = moves["minute"][moves["away"]], moves["minute"][~moves["away"]]
            assert set(gone.tolist()) == {begun + hours * 60}
            assert set(back.tolist()) == {over + hours * 60}
            assert len(gone) == len(back)
            assert not away(market.world).any()


def test_what_moves_is_what_no_longer_pays(lived):
    """Margin by hand: one less cost over price, less 0.2 x 1.95, below 0.1."""
    market = lived["in time"][0]
    moves, catalog = market.records.tables["remix_moves"], market.world.catalog
    left = 1.0 - catalog.cost_fen / catalog.price_fen - 0.2 * 1.95
    assert set(moves["category"].tolist()) == set(np.flatnonzero(left < 0.1).tolist())
    assert set(moves["platform"].tolist()) == {DOUYIN}


def of_visitors_there(market, gone):
    """Orders of goods that move by visitors of the platform, in the days when only an answer in time holds.

    Returns
    -------
    owed : int
        Platforms' commission, fen.
    margin : float
        What is left of the price after goods and commission, per CNY paid.
    own : int
        How many were placed on another surface than the platform.
    """
    orders = market.records.tables["orders"]
    at = (orders["day"] >= 5) & (orders["day"] < 11) & (orders["origin"] == DOUYIN)
    at &= np.isin(orders["category"], gone) & (orders["campaign_commission_fen"] == 0)
    paid, owed = orders["paid_fen"][at].sum(), orders["commission_fen"][at].sum()
    left = paid - owed - orders["goods_fen"][at].sum()
    return int(owed), float(left / paid), int((orders["surface"][at] != DOUYIN).sum())


def test_an_answer_in_time_keeps_the_margin_that_a_late_one_loses(lived):
    """S047: in time nothing is owed for what moved and its margin holds; a late answer pays till it comes."""
    for never, soon, late in zip(lived["never"], lived["in time"], lived["late"], strict=True):
        gone = np.unique(soon.records.tables["remix_moves"]["category"])
        owed, margin, own = of_visitors_there(soon, gone)
        owed_late, margin_late, _ = of_visitors_there(late, gone)
        owed_never, margin_never, _ = of_visitors_there(never, gone)
        assert owed == 0 < min(owed_late, owed_never)
        assert own > 0
        assert margin > max(margin_late, margin_never) + 0.2


def test_some_follow_to_the_own_site_and_the_others_look_at_what_is_left(lived):
    """Binomial, four standard errors of 40%."""
    followed = np.concatenate([m.records.tables["remix_led"]["followed"] for m in lived["in time"]])
    assert len(followed) > 100
    assert abs(followed.mean() - 0.4) < 4 * np.sqrt(0.4 * 0.6 / len(followed))


def test_being_ready_sooner_costs_more(lived):
    def paid(market):
        spend = market.records.tables["spend"]
        kind = market.world.kinds.booking("remix_cost").kind
        return int(spend["fen"][spend["kind"] == kind].sum())

    watch = 5.0 / 48 * 0.4 * 22 * 100  # CNY per 1,000 people, 400 people, 22 days, fen
    moves = len(lived["in time"][0].records.tables["remix_moves"]) * 0.5 * 0.4 * 100
    assert paid(lived["in time"][0]) == pytest.approx(watch + moves, abs=30)
    assert paid(lived["late"][0]) == pytest.approx(watch / 4 + moves, abs=30)


def test_money_for_advertisements_moves_and_none_is_lost():
    from types import SimpleNamespace

    from sim.core.rng import Draw
    from sim.operator.remix import Remix, RemixParams

    n = len(PLATFORMS)
    moves = {
        "platform": np.full(1, DOUYIN), "category": np.zeros(1, np.int8), "away": np.ones(1, bool),
        "minute": np.zeros(1),
    }  # fmt: skip
    media = np.full(n, 1000)
    weight = np.full((3, len(CATEGORIES)), 1.0 / len(CATEGORIES))
    world = SimpleNamespace(
        records=SimpleNamespace(remix_moves=moves), people=SimpleNamespace(group=np.zeros(10, np.int8)),
        catalog=SimpleNamespace(group_weight=weight), operator=SimpleNamespace(media_fen=media),
    )  # fmt: skip
    Remix(RemixParams(media=1.0)).move_media(world, Draw(1))
    found = world.operator.media_fen
    assert found[DOUYIN] == 1000 - 1000 // len(CATEGORIES)
    assert 0 <= media.sum() - found.sum() < n  # whole fen


def test_the_last_notice_counts_and_a_notice_is_not_known_before():
    alarms = {
        "minute": np.array([100, 200]), "platform": np.full(2, DOUYIN), "rise": np.array([0.5, 0.0]),
    }  # fmt: skip
    assert [known(alarms, minute)[DOUYIN] for minute in (99, 100, 199, 200)] == [0.0, 0.5, 0.5, 0.0]
