"""Pieces that show what reviews praise: what is read, what is made of it, and whom it pleases."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest

from sim.commerce.reviews import ReviewsParams
from sim.content.praised import pleases
from sim.content.studio_params import StudioParams
from sim.core.lookup import rows_of
from sim.core.params import declared
from sim.core.rng import Draw
from sim.world.topics import TOPICS, topic_shares, topics_of
from tests.conftest import LIVELY, live, small_market

LINE = (
    "control=media", "content_pool=pool", "content_pool.pieces=1", "studio=three_stations",
    "studio.briefs=12", "studio.machine_share=1", "studio.refined=0", "studio.reviewed=0", "studio.wrong=0",
    "reviews.enabled=true", "reviews.writes=1", "reviews.read_most=1000", *LIVELY,
)  # fmt: skip
#: A machine that reads all topics as they are meant, and one that takes each for any.
WELL, BLIND = "reviews.machine_right=1", f"reviews.machine_right={1 / TOPICS}"


_BOUNDS = next(one for one in declared(ReviewsParams) if one.path == "first_topic").bounds


@cache
def lived(*words: str, days: int = 25):
    return live(small_market("baseline", *LINE, *words, size=800), days)


@pytest.mark.exact
def test_topics_are_drawn_as_often_as_they_matter_and_categories_differ_in_the_first():
    """Half, a quarter, an eighth, an eighth, turned round by category; four standard errors."""
    shares = topic_shares(Draw(1), 0.5)
    assert np.sort(shares, axis=1) == pytest.approx(np.tile([0.125, 0.125, 0.25, 0.5], (len(shares), 1)))
    assert len(set(shares.argmax(axis=1).tolist())) > 1
    n = 40_000
    found = topics_of(np.tile(shares[0], (n, 1)), np.random.default_rng(3).random(n))
    seen = np.bincount(found, minlength=TOPICS) / n
    assert (np.abs(seen - shares[0]) < 4 * np.sqrt(shares[0] * (1 - shares[0]) / n)).all()


@pytest.mark.exact
@pytest.mark.parametrize("first", _BOUNDS.values())
def test_the_first_topic_matters_to_most_wherever_it_may_lie(first):
    """At both bounds its share is the largest of a category's, and all shares are what is left of it."""
    left = (1.0 - first) ** np.arange(TOPICS)
    by_hand = np.append(first * left[:-1], left[-1])
    shares = np.sort(topic_shares(Draw(1), first), axis=1)
    assert shares == pytest.approx(np.tile(np.sort(by_hand), (len(shares), 1)))
    assert shares[:, -1] == pytest.approx(first)


def test_a_topic_pleases_those_to_whom_it_matters_and_bores_all_others():
    """With 50% more and 20% fewer clicks, a topic of half of the people gains 15%, one of an eighth loses."""
    shares = np.array([[0.5, 0.25, 0.125, 0.125]])
    found = pleases(StudioParams(), shares, np.zeros(3, np.int64), np.array([0, 2, -1]))
    assert found.tolist() == pytest.approx([1 + 0.5 * 0.5 - 0.2 * 0.5, 1 + 0.5 * 0.125 - 0.2 * 0.875, 1.0])


def test_topics_are_read_with_the_readers_errors():
    """All as they were written, or one in four; four standard errors."""
    for words, right in ((WELL, 1.0), (BLIND, 1 / TOPICS)):
        tables = lived("studio.from_reviews=1", words).records.tables
        read, written = tables["reviews_read"], tables["reviews_written"]
        n = len(read["day"])
        same = read["topic"] == written["topic"][rows_of(written["order_id"], read["order_id"])]
        assert n > 400
        assert abs(same.mean() - right) <= 4 * math.sqrt(right * (1 - right) / n)


def test_pieces_that_show_what_reviews_praise_are_clicked_more_where_topics_are_read_well():
    """S057: from some hundred reviews most first topics are found; who cannot read shows what bores.

    A topic takes a machine another stage, and needs three reviews that praise it.
    """
    plain, well, blind = (lived(*words) for words in ((), ("studio.from_reviews=1", WELL),
                                                     ("studio.from_reviews=1", BLIND)))  # fmt: skip
    assert (plain.records.tables["studio_finished"]["topic"] < 0).all()
    pieces = [one.records.tables["content_pool_pieces"] for one in (well, blind)]
    first = topic_shares(Draw(0), 0.5).max()
    gained = [one["pleases"][one["topic"] >= 0] for one in pieces]
    assert min(len(one) for one in gained) > 60
    assert gained[0].mean() > 1.05 > gained[1].mean()
    assert gained[0].max() == pytest.approx(1 + 0.5 * first - 0.2 * (1 - first))
    click = [one.world.library.click[:, :5].mean() for one in (plain, well, blind)]
    assert click[1] > 1.01 * max(click[0], click[2])
    done = well.records.tables
    early = done["studio_finished"]["day"] < done["reviews_read"]["day"][2]
    assert (done["studio_finished"]["topic"][early] < 0).all()
    briefs = sum((t["topic"] >= 0).sum() for t in (done["studio_finished"], well.world.library.drafts))
    more = well.world.ledger.balance["studio_work"] - plain.world.ledger.balance["studio_work"]
    assert more == pytest.approx(briefs * 0.005 * 0.8 * 100, abs=25)  # a stage of 0.5 fen, whole fen a day
    assert more > 0


def test_where_nobody_reads_reviews_pieces_show_no_topic():
    market = lived("studio.from_reviews=1", "reviews.read_most=0", days=8)
    assert (market.records.tables["studio_finished"]["topic"] < 0).all()
    off = lived("studio.from_reviews=1", "reviews.enabled=false", days=4)
    assert (off.records.tables["studio_finished"]["topic"] < 0).all()
