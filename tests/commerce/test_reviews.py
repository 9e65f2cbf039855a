"""Reviews: who reads them, with what errors, what is made anew for them, and what they do for an order."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pytest

from sim.commerce.reviews import FLAW, LATE, PRAISE, SUITS_NOT, Reviews, ReviewsParams, chance_to_write
from sim.core.records import Table
from sim.core.rng import Draw
from sim.world.catalog import CATEGORIES
from sim.world.terms import TermSum
from tests.conftest import LIVELY, live, small_market

N = len(CATEGORIES)


class Goods(NamedTuple):
    """Of a catalogue, what a new product changes."""

    return_rate: np.ndarray


class People(SimpleNamespace):
    def __len__(self) -> int:
        return 1000


class Shop:
    """A thousand people, tables of reviews, and money."""

    def __init__(self, day: int = 0) -> None:
        self.day, self.spent = day, 0
        self.people = People()
        self.records = SimpleNamespace(
            **{name: Table(name, schema) for name, schema in Reviews.events.items()}
        )
        self.catalog = Goods(np.full(N, 0.1))

    def wrote(self, words: list[int], category: int = 0, detail: float = 1.0) -> Shop:
        before, n = len(self.records.reviews_written), len(words)
        self.records.reviews_written.append(
            day=np.full(n, self.day), person=np.arange(n), order_id=before + np.arange(n), category=category,
            word=np.array(words), detail=detail, topic=0,
        )  # fmt: skip
        return self

    def free_fen(self) -> float:
        return math.inf

    def affords(self, _: str, fen: int) -> bool:
        return True

    def spend(self, _: str, fen: int) -> None:
        self.spent += fen


def feature(**params: float | str) -> Reviews:
    return Reviews(ReviewsParams.model_validate(params), np.full(N, 0.1))


@pytest.mark.parametrize(("reader", "right", "cost"), [("people", 0.9, 30), ("machine", 0.7, 2)])
def test_a_reader_takes_words_as_they_were_meant_with_its_accuracy_and_price(reader, right, cost):
    """Binomial, four standard errors; a word that is missed is any other alike."""
    shop, n = Shop().wrote([FLAW] * 8000), 8000
    one = feature(reader=reader, read_most=1000, people_right=0.9, machine_right=0.7, people_days=0,
                  people_cost=0.3, machine_cost=0.02)  # fmt: skip
    for _ in range(8):
        one._read(shop, Draw(1))
    taken = shop.records.reviews_read["word"]
    assert len(taken) == n
    assert abs((taken == FLAW).mean() - right) < 4 * math.sqrt(right * (1 - right) / n)
    other = np.bincount(taken, minlength=5)[[PRAISE, LATE, 2, SUITS_NOT]]
    assert other.min() > 0.8 * n * (1 - right) / 4
    assert shop.spent == cost * n


def test_what_cannot_be_read_today_waits_the_oldest_first_and_people_take_days():
    one, shop = feature(reader="people", read_most=10, people_days=2), Shop().wrote([PRAISE] * 25)
    read = []
    for day in range(6):
        shop.day = day
        one._read(shop, Draw(1))
        read.append(len(shop.records.reviews_read))
    assert read == [0, 0, 10, 20, 25, 25]
    assert shop.records.reviews_read["order_id"].tolist() == list(range(25))


def decided(words: list[int], **params: float) -> Shop:
    shop = Shop().wrote(words, category=3)
    one = feature(machine_right=1.0, read_most=1000, threshold=0.2, least=5, development_days=10, **params)
    one._read(shop, Draw(1))
    for day in range(12):
        shop.day = day
        one.sell(shop, Draw(1))
        one.develop(shop, Draw(1))
    return shop


@pytest.mark.parametrize(
    ("words", "made"),
    [([FLAW] * 5 + [PRAISE] * 20, 1), ([FLAW] * 5 + [PRAISE] * 21, 0), ([FLAW] * 4, 0)],
)
def test_a_product_is_made_anew_where_its_flaw_stands_out_and_often_enough(words, made):
    """A fifth of 25 or of 26 reviews, and five at least; then it counts anew: one decision follows."""
    shop = decided(words)
    assert len(shop.records.reviews_products) == made
    assert shop.spent == (10_000 + len(words) if made else len(words))


def test_fewer_goods_come_back_for_the_flaw_once_the_product_is_there():
    """By hand: base * (1 - share of the flaw * what was mended), in that category alone."""
    flaw = feature(flaw=0.4).flaws(Draw(1))
    assert 0.0 <= flaw.min() < flaw.max() <= 0.8
    shop = decided([FLAW] * 5, flaw=0.4, mended=0.5)
    expected = np.full(N, 0.1)
    expected[3] *= 1.0 - 0.5 * flaw[3]
    assert shop.catalog.return_rate == pytest.approx(expected)
    early = Shop()
    feature(flaw=0.4).sell(early, Draw(1))
    assert early.catalog.return_rate == pytest.approx(np.full(N, 0.1))


@pytest.mark.parametrize(
    ("words", "sign"), [([PRAISE] * 8, 1.0), ([FLAW] * 8, -1.0), ([PRAISE, LATE] * 4, 0.0)]
)
def test_detailed_reviews_move_orders_by_what_they_say_and_the_more_the_less_each(words, sign):
    """Conviction times 1 - exp(-detail / enough), by the praise among them."""
    found = []
    for detail in (0.0, 0.5, 1.0):
        shop = Shop(day=5).wrote(words, category=3, detail=detail)
        shop.flow = SimpleNamespace(visits={"category": np.array([3, 4])}, order=TermSum("order"))
        feature(conviction=0.4, detail_enough=3.0).convince(shop, Draw(1))
        found.append(shop.flow.order.total(2))
    expected = [sign * 0.4 * (1 - math.exp(-8 * d / 3.0)) for d in (0.0, 0.5, 1.0)]
    assert [one[0] for one in found] == pytest.approx(expected, abs=1e-7)
    assert [one[1] for one in found] == [0.0] * 3


def test_a_gift_wins_reviews_each_coin_fewer():
    chance = [chance_to_write(ReviewsParams(gift=gift)) for gift in (0.0, 1.0, 2.0, 100.0)]
    assert chance[0] == pytest.approx(0.08)
    assert chance[1] - chance[0] > chance[2] - chance[1] > 0
    assert chance[3] == pytest.approx(0.08 + 0.92 * 0.4)


WORDS = (*LIVELY, "reviews=read", "reviews.writes=1", "reviews.read_most=1000", "reviews.machine_right=1",
         "reviews.flaw=0.5", "reviews.mended=1", "reviews.development_days=1", "reviews.least=3",
         "reviews.development_cost=0", "reviews.conviction=0", "aftersales.return_days=1",
         "catalog.apparel.return_rate=0.6", "control=media")  # fmt: skip


def test_in_a_market_what_buyers_write_makes_fewer_of_them_send_goods_back():
    """The same worlds, with and without acting on what is read; words agree with reasons."""
    back = []
    for threshold in (1.0, 0.02):
        world = live(small_market("baseline", *WORDS, f"reviews.threshold={threshold}", size=800), 20).world
        requests = world.records.return_requests
        back.append(int((requests["day"] >= 8).sum()))
        products = world.records.tables["reviews_products"]
        assert bool(len(products)) == (threshold < 1.0)
        written = world.records.tables["reviews_written"]
        assert np.isin(written["order_id"][written["word"] == FLAW], requests["order_id"]).all()
    assert back[1] < 0.85 * back[0]


def test_in_a_market_a_machine_reads_at_once_for_less_and_errs_more():
    """The same buyers write; who reads them decides when, at what cost, and how often words are misread."""
    late, cost, right = [], [], []
    words = (
        "reviews=read",
        "reviews.writes=1",
        "reviews.read_most=1000",
        "reviews.threshold=1",
        "reviews.conviction=0",
        "reviews.people_right=1",
        "reviews.machine_right=0.6",
        "control=media",
    )
    for reader in ("people", "machine"):
        market = live(small_market("baseline", *LIVELY, *words, f"reviews.reader={reader}", size=600), 10)
        read, written = (market.records.tables[f"reviews_{name}"] for name in ("read", "written"))
        at = slice(len(read))  # in the order in which they were written
        assert (read["order_id"] == written["order_id"][at]).all()
        late.append(set((read["day"] - written["day"][at]).tolist()))
        right.append((read["word"] == written["word"][at]).mean())
        cost.append(market.world.ledger.balance["reviews_cost"] / len(read))
        assert len(read) > 100
    assert late == [{2}, {0}]
    assert cost == [50.0, 1.0]
    assert right[0] == 1.0
    assert abs(right[1] - 0.6) < 4 * math.sqrt(0.6 * 0.4 / 100)
