"""What a strategy leaves: people are paid for the work in hand, and nothing is bought any more."""

from __future__ import annotations

import numpy as np

from sim.content.line import WRITE
from sim.core.ledger import to_fen
from tests.conftest import live, small_market

POOL = ("control=media", "content_pool=pool")
LINE = (*POOL, "studio=three_stations")


def test_people_whom_the_strategy_leaves_are_paid_for_the_work_in_hand_alone():
    """Writers are far behind when the strategy ends: every hour they still write is paid, and no shift."""
    words = ("studio.machine_share=0", "studio.briefs=20", "studio.writers=2", "studio.opens=0",
             "studio.hours=24", "studio.clerks=2", "experiment.days=4",
             "experiment.after_days=6")  # fmt: skip
    market = live(small_market("baseline", *LINE, *words), 4)
    world, writers, wage = market.world, market.world.library.stations[WRITE], market.config.studio.wage
    before = {name: world.ledger.balance[name] for name in ("studio_work", "studio_review")}
    behind = np.maximum(0, writers.free - world.clock.midnight * 60).sum() / 3600.0
    assert behind > 4.0
    live(market, 6)
    assert world.ledger.balance["studio_work"] - before["studio_work"] == to_fen(behind * wage * 0.4)
    assert world.ledger.balance["studio_review"] == before["studio_review"]
    costs, finished = (world.records.tables[name] for name in ("studio_costs", "studio_finished"))
    assert costs["work_fen"].sum() == world.ledger.balance["studio_work"]
    assert (finished["day"] >= 4).any()  # what they had in hand came out


def test_a_line_with_fewer_people_is_paid_for_what_those_who_left_had_in_hand():
    words = ("studio.machine_share=0", "studio.briefs=20", "studio.writers=2", "studio.opens=0",
             "studio.hours=24", "studio.reviewers=0", "studio.refiners=0")  # fmt: skip
    market = live(small_market("baseline", *LINE, *words), 4)
    world, p = market.world, market.config.studio
    market.levers.change({"studio.writers": 1, "studio.briefs": 0.0})
    behind = np.maximum(0, world.library.stations[WRITE].free - world.clock.midnight * 60).max() / 3600.0
    before, wage = world.ledger.balance["studio_work"], p.wage * 0.4
    live(market, 1)
    assert len(world.library.stations[WRITE]) == 1
    assert world.ledger.balance["studio_work"] - before == to_fen(24.0 * wage) + to_fen(behind * wage)


def test_a_pool_that_the_strategy_leaves_buys_nothing_and_goes_back_to_usual_pieces():
    words = ("content_pool.pieces=12", "content_pool.original=0.5", "content_pool.tested=0.6",
             "content_pool.scene=0.5", "content_pool.adapted=2", "content_pool.learn=1",
             "content_pool.trial_videos=50", "content_pool.list_size=5", "content.hybrid_share=0.6",
             "experiment.days=4", "experiment.after_days=4")  # fmt: skip
    market = live(small_market("baseline", *POOL, *words), 4)
    before, tables = dict(market.world.ledger.balance), market.records.tables
    live(market, 4)
    for purpose in ("content_pool_pieces", "content_pool_data"):
        assert market.world.ledger.balance[purpose] == before[purpose] > 0
    shown, made = tables["content_pool_shown"], tables["content_pool_pieces"]
    assert not shown["place"][shown["day"] >= 4].any()
    later = made["day"] >= 4
    assert later.sum() == 4 * 6
    assert not made["scene"][later].any()
    assert (made["fits"][later] == 1 << made["home"][later].astype(np.int64)).all()
