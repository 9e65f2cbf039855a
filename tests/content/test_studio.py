"""A studio: stations in a row against queueing theory, what pieces cost, and what review is for."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest

from sim.content.attributes import gain
from sim.content.line import DONE, GENERATE, OPTIMISE, REFINE, REVIEW, WRITE, following, station, work
from sim.content.studio import Studio
from sim.core.clock import MINUTES_PER_DAY
from sim.core.rng import Draw
from sim.world.library import DRAFTS, none_of
from tests.conftest import live, small_market

FIGURES = {one.name: one for one in Studio.figures}
LINE = ("control=media", "content_pool=pool", "studio=three_stations")
REPLICATIONS = 40


@cache
def lived(*words: str, days: int = 20, size: int = 400):
    return live(small_market("baseline", *LINE, *words, size=size), days)


def figure(market, name: str) -> float:
    return FIGURES[f"studio_{name}"].value(market.records.tables)


def drafts_at(minutes: np.ndarray, **sent: bool) -> dict[str, np.ndarray]:
    """Machine pieces whose briefs come at these minutes, sent on to the stations named."""
    n = len(minutes)
    rows = none_of(DRAFTS)
    made = {name: np.zeros(n, values.dtype) for name, values in rows.items()}
    made |= {"id": np.arange(n) + 1, "minute": minutes.copy(), "machine": np.ones(n, bool)}
    made |= {name: np.full(n, flag) for name, flag in sent.items()}
    made["station"] = following(made, -1)
    return made


def through(seed: int, rate: float, n: int, minutes: dict[int, float], servers: dict[int, int], **sent: bool):
    """Poisson briefs that are worked off day by day, round the clock; minutes of brief, end, and waits."""
    rng = np.random.default_rng(seed)
    briefs = np.cumsum(rng.exponential(1.0 / rate, n))
    drafts = drafts_at(briefs, **sent)
    teams = {k: station(k, minutes.get(k, 1.0), 0.0, 24.0) for k in range(5)}
    for number, team in teams.items():
        team.staff(servers.get(number, 1), 0)
    waits = np.full((5, n), np.nan)
    day = 0
    while (drafts["station"] != DONE).any():
        day += 1
        for number, served in work(Draw(seed, day), teams, drafts, day * MINUTES_PER_DAY):
            waits[number, served["row"]] = served["waited"]
    return briefs, drafts["minute"], waits


@pytest.mark.exact
def test_three_stations_in_a_row_are_as_slow_as_jackson_says():
    """Poisson briefs through exponential stations: the mean times add up, 1 / (mu - lambda) each."""
    minutes = {GENERATE: 8.0, OPTIMISE: 5.0, REFINE: 7.0}
    rate, n, warm = 0.1, 6_000, 500
    means = []
    for seed in range(REPLICATIONS):
        briefs, ends, _ = through(seed, rate, n, minutes, {}, optimised=True, refined=True)
        means.append(float((ends - briefs)[warm:].mean()))
    theory = sum(1.0 / (1.0 / m - rate) for m in minutes.values())
    error = np.std(means, ddof=1) / math.sqrt(REPLICATIONS)
    # ends are rounded up to whole minutes at each of the three stations
    assert theory - 3 * error < np.mean(means) < theory + 3 * error + 3.0
    assert error < 0.03 * theory


@pytest.mark.exact
def test_review_that_is_overloaded_threefold_waits_as_a_fluid():
    """Three times too much to check: the n-th piece waits for n / 2 tasks less the time it came in.

    Its wait is the work before it, shared by all who check, less the time until it came; the standard error
    is that of the replications.
    """
    n, servers, service = 3_000, 2, 15.0
    rate = 3.0 * servers / service
    gaps = []
    for seed in range(REPLICATIONS):
        briefs, _, waits = through(
            seed, rate, n, {GENERATE: 0.02, REVIEW: service}, {GENERATE: 50, REVIEW: servers}, reviewed=True
        )
        order = np.argsort(briefs)
        gaps.append(float(waits[REVIEW, order[-1]]))
    theory = n * service / servers - n / rate
    error = np.std(gaps, ddof=1) / math.sqrt(REPLICATIONS)
    assert abs(np.mean(gaps) - theory) < 3 * error + 2 * service
    assert error < 0.02 * theory


def test_pieces_go_where_they_are_sent():
    hand = drafts_at(np.zeros(1), machine=False, optimised=True, refined=True, reviewed=True)
    assert following(hand, -1).tolist() == [WRITE]
    assert following(hand, WRITE).tolist() == [DONE]
    for sent, path in (
        ({}, [GENERATE, DONE]),
        ({"optimised": True}, [GENERATE, OPTIMISE, DONE]),
        ({"refined": True, "reviewed": True}, [GENERATE, REFINE, REVIEW, DONE]),
        ({"optimised": True, "refined": True}, [GENERATE, OPTIMISE, REFINE, DONE]),
        ({"optimised": True, "reviewed": True}, [GENERATE, OPTIMISE, REVIEW, DONE]),
    ):
        drafts = drafts_at(np.zeros(1), **sent)
        at, seen = -1, []
        while at != DONE:
            at = int(following(drafts, at)[0])
            seen.append(at)
        assert seen == path


#: So many briefs that whoever makes pieces always has one to make.
BUSY = ("studio.briefs=60", "studio.hours=24", "studio.opens=0", "content_pool.pieces=1")


def test_a_machine_generates_three_times_what_somebody_writes():
    """200% faster, both without a rest (S053): counts of a renewal process, three standard errors."""
    hand = lived(*BUSY, "studio.machine_share=0", days=25)
    machine = lived(*BUSY, "studio.machine_share=1", "studio.optimised=0", "studio.refined=0",
                    "studio.reviewed=0", days=25)  # fmt: skip
    wrote, generated = figure(hand, "pieces"), figure(machine, "pieces")
    assert abs(wrote - 25 * 12) < 3 * math.sqrt(25 * 12) + 2
    assert abs(generated - 25 * 36) < 3 * math.sqrt(25 * 36) + 2


def test_three_stations_make_a_piece_for_40_percent_less():
    """Busy people either way; writing takes 120 minutes, refining 60, machines a tenth of it (S059).

    Without stories of users and experts, which cost the same whoever writes.
    """
    days, plain = 60, ("content.hybrid_share=0", "content_pool.pieces=1")
    hand = lived("studio.briefs=40", "studio.machine_share=0", *plain, days=days)
    line = lived("studio.briefs=20", "studio.machine_share=1", "studio.reviewed=0", *plain, days=days)
    per_piece = []
    for market, tasks in ((hand, 4), (line, 8)):
        costs = market.records.tables["studio_costs"]["work_fen"].sum() / 100.0
        made = figure(market, "pieces")
        assert abs(made - days * tasks) < 3 * math.sqrt(days * tasks) + tasks
        per_piece.append(costs / made)
    # machines are paid for all that was asked for, of which refinement has done a part
    assert per_piece[1] < 0.75 * per_piece[0]
    even = lived("studio.briefs=8", "studio.machine_share=1", "studio.reviewed=0", *plain, days=days)
    ratio = figure(even, "unit_cost") / per_piece[0]
    assert ratio == pytest.approx(0.6, abs=3 * 0.6 * math.sqrt(2 / (days * 4)))


def test_what_stations_cannot_do_waits_and_comes_late():
    fast, slow = lived(days=30), lived("studio.briefs=20", days=30)
    assert figure(slow, "hours") > 2.0 * figure(fast, "hours")
    assert len(slow.world.library.drafts["id"]) > 100 > len(fast.world.library.drafts["id"])
    none = lived("studio.refiners=0", "studio.writers=0")
    assert np.isnan(figure(none, "hours"))


RISKY = ("studio.machine_share=1", "studio.briefs=30", "studio.refined=0", "studio.machines=3",
         "studio.claim_share=1", "studio.reviewers=9")  # fmt: skip


def test_unchecked_claims_are_wrong_in_35_of_100_and_reviewed_ones_in_hardly_any():
    """S058, four standard errors; review finds 95 of 100."""
    skipped, checked = lived(*RISKY, "studio.reviewed=0", days=30), lived(*RISKY, days=30)
    for market, chance in ((skipped, 0.35), (checked, 0.35 * 0.05)):
        done = market.records.tables["studio_finished"]
        n = int(done["claims"].sum())
        assert n > 150
        assert abs(done["wrong"][done["claims"]].mean() - chance) < 4 * math.sqrt(chance * (1 - chance) / n)
        assert not done["wrong"][~done["claims"]].any()
    fined = [figure(one, "fined") for one in (skipped, checked)]
    assert fined[0] > 4 * max(1, fined[1])


def test_attributes_of_goods_make_machine_copy_say_more_and_make_up_less():
    """S054: clicks rise with attributes, ever less; wrong claims fall as the share that is missing.

    From 60% to 90% a quarter is left of what was missing, so 35% wrong claims come down to 8.75%; four
    standard errors. A clerk's shift is 480 minutes, and an article takes 15 ln 4 of them.
    """
    bare, filled = (lived(*RISKY, "studio.reviewed=0", "studio.caught=0", f"studio.clerks={n}", days=20)
                    for n in (0, 2))  # fmt: skip
    done = filled.records.tables["studio_finished"]
    assert figure(bare, "attributes") == pytest.approx(0.6)
    assert set(np.unique(done["attributes"]).tolist()) == {0.9}
    for market, chance in ((bare, 0.35), (filled, 0.0875)):
        table = market.records.tables["studio_finished"]
        n = int(table["claims"].sum())
        assert n > 90
        assert abs(table["wrong"][table["claims"]].mean() - chance) < 4 * math.sqrt(chance * (1 - chance) / n)
    costs = [one.records.tables["studio_costs"]["work_fen"].sum() for one in (bare, filled)]
    assert costs[1] - costs[0] == 20 * 2 * 16  # two shifts of 8 hours at 2 fen
    gained = [one.world.library.click.mean() for one in (bare, filled)]
    more = (1 - math.exp(-0.9 / 0.5)) / (1 - math.exp(-0.6 / 0.5))
    pieces = filled.records.tables["content_pool_pieces"]
    assert pieces["informed"][pieces["machine"] > 0] == pytest.approx(more)
    assert 1.0 < gained[1] / gained[0] < (1 + 0.18 * more) / 1.18 * 1.02


def test_clerks_fill_in_as_much_as_their_shift_allows_and_thin_attributes_are_made_up():
    """One clerk does 480 / (15 ln 4) = 23.08 articles a day, the first that are asked for."""
    many = lived(*RISKY, "studio.briefs=60", "studio.clerks=1", "studio.reviewed=0", days=20)
    drafts = many.records.tables["studio_finished"]["attributes"]
    assert set(np.unique(drafts).tolist()) == {0.6, 0.9}
    filled = (drafts == 0.9).sum() + (many.world.library.drafts["attributes"] == 0.9).sum()
    assert filled == pytest.approx(20 * 480 / (15 * math.log(4)), abs=4 * math.sqrt(20) / 2)
    thin = lived(*RISKY, "studio.reviewed=0", "studio.attributes_known=0.3", days=20)
    table = thin.records.tables["studio_finished"]
    chance, n = 0.35 * 0.7 / 0.4, int(table["claims"].sum())
    assert abs(table["wrong"][table["claims"]].mean() - chance) < 4 * math.sqrt(chance * (1 - chance) / n)
    assert (thin.records.tables["content_pool_pieces"]["informed"] <= 1.0).all()
    params = thin.config.studio
    share = np.linspace(0.0, 0.9, 4)
    assert (np.diff(gain(params, share), 2) < 0).all()


def test_a_penalty_costs_money_and_traffic_and_the_piece_is_gone():
    market = lived(*RISKY, "studio.reviewed=0", "studio.caught=0.3", days=12)
    table = market.records.tables["studio_penalties"]
    assert len(table["piece"]) > 5
    assert market.world.ledger.balance["studio_fines"] == 2000 * len(table["piece"])  # 50 CNY x 400 people
    last = {int(p): int(d) for p, d in zip(table["platform"], table["day"], strict=True)}
    for platform, day in last.items():
        assert market.world.platforms.ban_until[platform] == day + 1 + 7
        assert market.world.platforms.ban_loss[platform] == 0.3
    shown = market.records.tables["content_pool_shown"]
    for piece, day in zip(table["piece"], table["day"], strict=True):
        assert not ((shown["piece"] == piece) & (shown["day"] > day)).any()
    assert not len(lived(*RISKY, "studio.found=1", "studio.caught=0.3", days=12)
                   .records.tables["studio_penalties"]["piece"])  # fmt: skip


def test_the_books_hold_what_shifts_machines_and_review_cost():
    market = lived("content.hybrid_share=0")
    costs, balance = market.records.tables["studio_costs"], market.world.ledger.balance
    assert costs["work_fen"].sum() == balance["studio_work"]
    assert costs["review_fen"].sum() == balance["studio_review"] == 20 * 16  # 8 hours at 2 fen
    wages = 20 * 2 * 16
    stages = (balance["studio_work"] - wages) / 0.2
    asked = 20 * 4
    assert 0 < stages <= 2 * asked * 1.3


@pytest.mark.parametrize(
    ("lever", "by_hand", "refined", "raw"),
    [
        (("content_pool.original=1",), 2.0, 2.0, 2.0),  # twice the cost of a piece
        (("content_pool.tested=0.6",), 0.5 * 1.5, 0.0, 0.0),  # a tenth is usual; machines test nothing
        (("content_pool.scene=0.5",), 0.45 * 0.5, 0.45 * 0.5, 0.0),  # of the nine tenths without a test
        # a fifth is usual; twice the cost of a piece, and dearer by four times the share that is mixed
        (("content.hybrid_share=0.5",), 0.5 * 6.0 - 0.2 * 3.6, 0.5 * 6.0 - 0.2 * 3.6, 0.0),
    ],
)
def test_what_pieces_of_the_line_show_costs_as_much_as_by_hand(lever, by_hand, refined, raw):
    """Ten days of eight briefs at 0.1 CNY x 400 people / 1,000 for each cost of a piece; no other piece."""
    line = ("content_pool.pieces=0", "studio.briefs=8", "studio.machine_cost=0")
    machine = (*line, "studio.machine_share=1")
    kinds = (
        ((*line, "studio.machine_share=0"), by_hand),
        ((*machine, "studio.refined=1"), refined),
        ((*machine, "studio.refined=0"), raw),
    )
    for words, ratio in kinds:
        plain, asked = (
            lived(*words, *more, days=10).world.ledger.balance["studio_work"] for more in ((), lever)
        )
        assert asked - plain == 10 * round(8 * 4 * ratio)


def test_refined_copy_is_less_a_machines_and_optimised_copy_comes_to_the_point_sooner():
    raw = lived("studio.machine_share=1", "studio.refined=0", "studio.optimised=0")
    done = lived("studio.machine_share=1", "studio.refiners=3")
    machine = [m.records.tables["content_pool_pieces"] for m in (raw, done)]
    assert set(np.unique(machine[0]["machine"]).tolist()) == {0.0, 1.0}
    assert set(np.unique(machine[1]["machine"]).tolist()) == {0.0, 0.4}
    same = np.intersect1d(machine[0]["piece"][machine[0]["machine"] > 0],
                          machine[1]["piece"][machine[1]["machine"] > 0])  # fmt: skip
    hooks = [dict(zip(t["piece"].tolist(), t["hook"].tolist(), strict=True)) for t in machine]
    assert len(same) > 10
    assert all(hooks[1][k] == pytest.approx(0.8 * hooks[0][k]) for k in same.tolist())
