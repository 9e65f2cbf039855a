"""A platform as a partner: its gift is seen, its part is paid to the fen, and it stays while that pays."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.operator.platform_ally import PlatformAllyParams, Standing, decide, offered
from sim.world.platforms import PLATFORMS
from sim.world.schema import Source
from tests.conftest import LIVELY, live, small_market

DOUYIN = PLATFORMS.index("douyin")
MARKET = ("control=media", "influencers=none", "sessions=none", *LIVELY)
#: One that never leaves.
LOYAL = (
    "platform_ally=traffic",
    "platform_ally.leaves=0",
    "platform_ally.traffic=1",
    "platform_ally.share=0.1",
)
DAYS = 12


def play(*words: str, days: int = DAYS):
    return live(small_market("baseline", *MARKET, *words, size=1000), days).world


@pytest.fixture(scope="module")
def allied():
    return play(*LOYAL)


@pytest.fixture(scope="module")
def alone():
    return play()


def test_a_member_shows_the_brand_to_more_people_from_the_first_day_on(allied, alone):
    """Impressions of the first day, on which ranks are alike: twice as many there, as many elsewhere."""
    shown = []
    for world in (alone, allied):
        media = world.records.media
        shown.append(media["organic_impressions"][media["day"] == 0])
    assert shown[1][DOUYIN] == pytest.approx(2 * shown[0][DOUYIN], abs=1)
    assert np.delete(shown[1], DOUYIN).tolist() == np.delete(shown[0], DOUYIN).tolist()


def test_a_member_takes_a_lower_commission(allied, alone):
    """A tenth less of each order's commission there; elsewhere what it was."""
    for world, rate in ((alone, 1.0), (allied, 0.9)):
        orders = world.records.orders
        usual = world.platforms.commission[orders["surface"]] * orders["paid_fen"]
        owed = orders["commission_fen"] - orders["campaign_commission_fen"]
        there = orders["surface"] == DOUYIN
        assert there.sum() > 50
        assert owed[there].sum() == pytest.approx(rate * usual[there].sum(), rel=0.002)
        assert owed[~there].sum() == pytest.approx(usual[~there].sum(), rel=0.002)


def test_its_part_is_paid_to_the_fen(allied):
    """Payments for what was handed over, less refunds, order by order."""
    orders, days = allied.records.orders, allied.records.tables["platform_ally_days"]
    surface = dict(zip(orders["order_id"].tolist(), orders["surface"].tolist(), strict=True))
    paid = np.zeros(DAYS)
    for table, column, sign in (("deliveries", "paid_fen", 1), ("returns", "refund_fen", -1)):
        rows = getattr(allied.records, table)
        for day, order, fen in zip(rows["day"], rows["order_id"], rows[column], strict=True):
            paid[day] += sign * int(fen) * (surface.get(int(order)) == DOUYIN)
    assert days["part_fen"].tolist() == np.floor(0.1 * paid + 0.5).tolist()
    assert allied.ledger.balance["platform_ally_part"] == days["part_fen"].sum() > 0
    assert allied.ledger.balance["platform_ally_upkeep"] == 100 * DAYS


def test_its_books_of_the_first_day_by_hand(allied):
    """It gets its part and the commission on half of what unpaid traffic sold; half of that is its gift."""
    orders, days = allied.records.orders, allied.records.tables["platform_ally_days"]
    assert len(days) == DAYS
    here = (orders["day"] == 0) & (orders["surface"] == DOUYIN)
    owed = (orders["commission_fen"] - orders["campaign_commission_fen"])[here]
    unpaid = np.isin(orders["source"], (Source.ORGANIC_FEED, Source.SEARCH)) & (orders["origin"] == DOUYIN)
    assert owed[(orders["source"] == Source.SEARCH)[here]].sum() > 0
    media = allied.records.media
    price = media["organic_impressions"][DOUYIN] * media["cpm_fen"][DOUYIN] / 1000.0
    assert days["got"][0] == pytest.approx(days["part_fen"][0] + 0.5 * owed[unpaid[here]].sum())
    assert days["gave"][0] == pytest.approx(PlatformAllyParams().sells * 0.5 * price + owed.sum() / 9.0)


def test_who_is_let_go_for_want_of_money_knows_what_it_left():
    """It compares later offers with this one, as a platform does that leaves by itself."""
    world = play(*LOYAL, "control=default", "platform_ally.upkeep=1000", "platform_ally.share=0.01", days=3)
    days = world.records.tables["platform_ally_days"]
    assert days["gives"].tolist() == [True, False, False]
    assert days["cover"][0] == pytest.approx(days["got"][0] / days["gave"][0])
    assert days["left_share"][0] == 0.01
    assert days["left_sales"][0] == days["sales"][0]


def test_what_is_paid_there_of_late_does_not_rise_by_itself(allied):
    """The mean of the days so far while they are few; otherwise every offer would improve by itself."""
    days = allied.records.tables["platform_ally_days"]
    assert len(days) == DAYS
    mean = np.cumsum(days["part_fen"] / 0.1) / np.arange(1, DAYS + 1)
    assert days["sales"] == pytest.approx(mean, abs=5.0)  # parts are whole fen


def test_a_platform_that_gets_nothing_leaves_and_its_traffic_with_it():
    """With certainty once its memory is over; the day after, impressions are what ranks earn."""
    words = (
        "platform_ally.share=0",
        "platform_ally.sells=1",
        "platform_ally.traffic=1",
        "platform_ally.rebate=0.9",
    )
    world = play("platform_ally=traffic", *words, "platform_ally.memory=3", "platform_ally.leaves=1")
    days = world.records.tables["platform_ally_days"]
    assert days["day"].tolist() == list(range(DAYS))  # it looks at its books every day
    assert days["gives"][:4].all()
    assert not days["member"][-1]
    assert (world.platforms.unpaid_traffic == 1.0).all()
    assert (world.platforms.commission_rise == 0.0).all()
    assert days["part_fen"][~days["gives"]].sum() == 0


def test_who_is_covered_in_part_leaves_in_proportion():
    p, luck = PlatformAllyParams(leaves=0.2), (np.arange(1000) + 0.5) / 1000
    for got, chance in ((0.0, 0.2), (50.0, 0.1), (100.0, 0.0)):
        now = Standing(True, -100, got, 100.0, 1000.0, 0.0, 0.0, 0.0)
        gone = [not decide(p, now, 0, one).member for one in luck]
        assert np.mean(gone) == pytest.approx(chance, abs=0.001)


@pytest.mark.parametrize(
    ("share", "sales", "since", "chance"),
    [
        (0.06, 1000.0, -100, 0.05),
        (0.03, 2000.0, -100, 0.05),
        (0.03, 1000.0, -100, 0.0),
        (0.06, 1000.0, -10, 0.0),
    ],
)
def test_a_platform_comes_back_after_a_probation_if_more_is_offered(share, sales, since, chance):
    """It left with half of its gift covered by 3% of 1,000; twice the offer covers half as much again."""
    p, luck = PlatformAllyParams(share=share, returns=0.1), (np.arange(1000) + 0.5) / 1000
    now = Standing(False, since, 0.0, 60.0, sales, 0.5, 0.03, 1000.0)
    assert offered(p, now) == pytest.approx(0.5 * share * sales / 30.0)
    back = [decide(p, now, 0, one).member for one in luck]
    assert np.mean(back) == pytest.approx(chance, abs=0.001)


def test_an_alliance_without_an_effect_moves_no_money():
    world = play(
        "platform_ally=traffic",
        *(f"platform_ally.{name}=0" for name in ("traffic", "rebate", "share", "upkeep")),
    )
    alone = play()
    assert world.ledger.balance.get("platform_ally_part", 0) == 0
    assert math.isclose(world.records.orders["paid_fen"].sum(), alone.records.orders["paid_fen"].sum())
