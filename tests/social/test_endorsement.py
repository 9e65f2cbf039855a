"""Endorsements close what proof is missing, never more; reports take their time, tests grow old, all cost."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core.records import Table
from sim.core.rng import Draw
from sim.social.endorsement import Endorsement, EndorsementParams, closed, report_fen
from sim.world.catalog import CATEGORIES
from sim.world.terms import TermSum
from tests.conftest import LIVELY, live, small_market

SHARE = st.floats(0.0, 1.0)
NEED, RELIANCE = 0.8, 0.5


@pytest.mark.property
@given(SHARE, SHARE, SHARE, SHARE)
def test_together_they_close_more_than_each_alone_and_never_more_than_all(a, b, c, more):
    """Three independent chances that the gap is closed: one minus the product of what each leaves."""
    one, two, three = (float(closed(*map(np.float64, x))) for x in ((a, 0, 0), (a, b, 0), (a, b, c)))
    assert one == pytest.approx(a)
    assert two == pytest.approx(a + b - a * b)
    assert one - 1e-12 <= two <= three + 1e-12 <= 1.0 + 2e-12
    # what a further endorsement adds is less, the more is closed already
    assert closed(np.float64(a), np.float64(more), np.float64(0)) - one <= more + 1e-12


class People(SimpleNamespace):
    """A thousand people, of whom three visit."""

    def __len__(self) -> int:
        return 1000


class OfVisits:
    """A world of three visitors to one category: one needs proof, one needs none, one has read nine notes."""

    day = 60

    def __init__(self, days: list[tuple[int, bool, int, bool]], sold: int = 0, share: float = 1.0) -> None:
        self.people = People(
            proof_need=np.array([NEED, 0.0, NEED], np.float32), notes=np.array([0.0, 0.0, 9.0], np.float32),
            kol_reliance=np.full(3, RELIANCE, np.float32),
        )  # fmt: skip
        visits = {"seat": np.arange(3), "category": np.zeros(3, np.int8)}
        self.flow = SimpleNamespace(visits=visits, order=TermSum("order"))
        table = Table("endorsement_days", Endorsement.events["endorsement_days"])
        for day, report, tests, history in days:
            paid = share * report
            table.append(day=day, report=report, share=paid, shown=0.0, tests=tests, history=history, fen=0)
        orders = {"day": np.full(sold, 50), "category": np.zeros(sold, np.int8)}
        self.records = SimpleNamespace(endorsement_days=table, orders=orders)


def vouched(days: list[tuple[int, bool, int, bool]], sold: int = 0, **words: float) -> np.ndarray:
    """What is added to each visitor's order; a world of reports on everything."""
    world = OfVisits(days, sold)
    params = EndorsementParams(report=1.0, **words)
    Endorsement(params, proof=0.6, reliance=RELIANCE).vouch(world, Draw(1))
    return world.flow.order.total(3)


def test_whoever_misses_no_proof_is_not_moved_and_notes_leave_less_to_close():
    found = vouched([(d, True, 0, False) for d in range(30, 61)], report_days=10, report_weight=0.5)
    assert found == pytest.approx([0.5 * 0.6 * NEED, 0.0, 0.5 * 0.6 * NEED / 10.0])


def test_a_report_is_shown_when_its_days_are_paid():
    days = [(d, True, 0, False) for d in range(41, 61)]
    assert vouched(days, report_days=20)[0] == 0.0
    assert vouched(days, report_days=19)[0] > 0.0
    assert vouched([*days, (61, False, 0, False)], report_days=19)[0] == 0.0  # nobody paid for it today


def test_tests_grow_old_and_further_ones_add_less():
    """Weight times 1 - exp(-new / enough), each test counting exp(-age / days)."""
    day = 60

    def by_hand(*tests: tuple[int, int]) -> float:
        new = sum(n * np.exp(-(day - made) / 30.0) for made, n in tests)
        return 0.35 * (1.0 - np.exp(-new / 8.0)) * 0.6 * NEED

    for tests in ([(60, 4)], [(30, 4)], [(30, 4), (60, 8)]):
        rows = [(made, False, n, False) for made, n in tests]
        assert vouched(rows, report_days=0)[0] == pytest.approx(by_hand(*tests))
    four, eight, twelve = (vouched([(day, False, n, False)])[0] for n in (4, 8, 12))
    assert twelve - eight < eight - four


def test_a_history_says_as_much_as_was_bought():
    some, many = (vouched([(60, False, 0, True)], sold=n)[0] for n in (10, 1000))
    assert some == pytest.approx(0.25 * (1.0 - np.exp(-1.0)) * 0.6 * NEED)
    assert many == pytest.approx(0.25 * 0.6 * NEED)


def test_a_history_shows_the_days_that_the_operator_says():
    """What was sold ten days ago is in a history of ten days and not in one of nine."""
    rows = [(60, False, 0, True)]
    assert [vouched(rows, sold=50, history_days=n)[0] > 0.0 for n in (9, 10)] == [False, True]


@pytest.mark.property
@given(SHARE, SHARE, st.floats(0.0, 20.0))
def test_a_further_report_costs_more_than_the_last_and_all_cost_what_is_said(a, b, rise):
    """Convex in the share of categories, so that money for them has a diminishing return."""
    cost = [
        report_fen(EndorsementParams(report=x, report_scarcity=rise, report_cost=0.6))
        for x in (a, (a + b) / 2, b, 1.0)
    ]
    assert cost[1] <= (cost[0] + cost[2]) / 2 + 1e-9
    assert cost[3] == pytest.approx(60.0)


def test_reports_cover_their_share_of_categories_and_more_covers_more():
    rows = [(60, True, 0, False)]

    def covered(share: float) -> set[int]:
        feature = Endorsement(EndorsementParams(report=share, report_days=0), 0.6, RELIANCE)
        world = OfVisits(rows, share=share)
        return set(np.flatnonzero(feature._shown(world, Draw(3))[0]).tolist())

    assert covered(0.0) == set()
    assert covered(0.3) <= covered(0.7) <= covered(1.0) == set(range(len(CATEGORIES)))


def test_a_category_added_later_waits_for_its_own_report():
    """Half of the categories for five days, then all: the others are there after five days of their own."""
    words = ("endorsement=three", "endorsement.report=0.5", "endorsement.report_days=4",
             "endorsement.tests=0", "endorsement.report_cost=0", "endorsement.history_cost=0")  # fmt: skip
    market = live(small_market("baseline", *words), 6)
    half = market.records.tables["endorsement_days"]["shown"][-1]
    assert 0.0 < half < 1.0
    market.levers.change({"endorsement.report": 1.0})
    shown = live(market, 6).records.tables["endorsement_days"]["shown"]
    assert (shown[:4] == 0.0).all()
    assert (shown[4:10] == half).all()
    assert (shown[10:] == 1.0).all()


def test_they_sell_where_proof_counts_and_cost_what_they_say():
    words = (*LIVELY, "control=media", "choice.order_proof=3", "population.proof_need_other=1")

    def lived(*more: str):
        return [live(small_market("baseline", *words, *more, size=600, replication=k), 12) for k in range(2)]

    plain, vouching = lived(), lived("endorsement=three", "endorsement.report=1", "endorsement.report_days=2")
    sold = [sum(len(m.records.orders) for m in worlds) for worlds in (plain, vouching)]
    assert sold[1] > 1.05 * sold[0]
    days = vouching[0].records.tables["endorsement_days"]
    # report 0.6 and history 0.1 a thousand people and day, four a test and thousand
    expected = [round(100 * 0.6 * (0.6 + 0.1 + 4 * n)) for n in days["tests"].tolist()]
    assert days["fen"].tolist() == pytest.approx(expected, abs=2)
    assert vouching[0].world.ledger.balance["endorsement_cost"] == days["fen"].sum()


def test_without_money_nothing_is_shown():
    market = live(small_market("baseline", *LIVELY, "endorsement=three", "control.daily_budget=0"), 3)
    days = market.records.tables["endorsement_days"]
    assert not days["fen"].any()
    assert not any(days[name].any() for name in ("report", "tests", "history"))
