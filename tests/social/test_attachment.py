"""Attachment: answers build it, silence and time take it away, it speaks for carts, and people are paid."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.core.ledger import to_fen
from sim.social.attachment import HOSTS, Attachment, AttachmentParams
from sim.stations.pool import TICKS
from sim.stations.queues import worked
from tests.conftest import LIVELY, live, small_market

ON = ("control=media", *LIVELY, "turnover.enabled=false", "attachment.enabled=true")


def answered(staff: float, *words: str, days: int = 8):
    """A market in which a third of visits and deliveries make somebody write, with so many who answer."""
    more = ("attachment.writes=0.33", f"attachment.hosts.staff={staff}", *words)
    return live(small_market("baseline", *ON, *more, size=800), days).world


@pytest.fixture(scope="module")
def served():
    return answered(20.0, days=10)


def first_carts(felt: float) -> dict[int, bool]:
    """Carts of the first eight hours by visit, where everybody feels so much at first."""
    words = ("attachment.cart=2", "population.needs_per_day=2")
    market = small_market("baseline", *ON, *words, size=3000)
    market.open_window()
    market.world.people.attachment_felt[:] = felt
    visits = live(market, 1).world.records.visits
    mine = visits["minute"] < 480
    return dict(zip(visits["visit_id"][mine].tolist(), visits["cart"][mine].tolist(), strict=True))


def test_attachment_speaks_for_carts():
    """At first people are the same: by common draws attachment only adds carts."""
    warm, cold = first_carts(1.0), first_carts(0.0)
    both = warm.keys() & cold.keys()
    assert len(both) > 60
    assert all(cold[one] <= warm[one] for one in both)
    assert sum(cold[one] for one in both) < sum(warm[one] for one in both)


def test_what_is_felt_follows_answer_by_answer(served):
    """Told again from what was recorded, one person and one answer at a time."""
    p, felt = AttachmentParams(), dict.fromkeys(served.people.id.tolist(), 0.0)
    told = served.records.tables["attachment_replies"]
    for day in range(10):
        felt = {person: one * math.exp(-1.0 / p.days) for person, one in felt.items()}
        today = [row for row in range(len(told)) if told["day"][row] == day]
        for row in (row for row in today if told["answered"][row]):
            person = int(told["person"][row])
            share = p.touched * math.exp(-told["waited_hours"][row] / p.late_hours)
            felt[person] += share * (1.0 - felt[person])
        for row in (row for row in today if not told["answered"][row]):
            felt[int(told["person"][row])] *= 1.0 - p.snub
    expected = np.array([felt[person] for person in served.people.id.tolist()])
    assert served.people.attachment_felt == pytest.approx(expected, rel=1e-4)
    assert expected.max() > 0.2


def test_as_many_write_as_are_said_to(served):
    """A third of visits and deliveries of people who are here, within four standard errors."""
    n = len(served.records.visits) + len(served.records.deliveries)
    wrote = len(served.records.tables["attachment_replies"])
    assert abs(wrote / n - 0.33) < 4.0 * math.sqrt(0.33 * 0.67 / n)


def test_few_people_answer_few_and_more_cost_more(served):
    few = answered(2.0, days=10)
    one, other = (world.records.tables["attachment_replies"]["answered"].mean() for world in (few, served))
    assert one < other - 0.1
    assert few.people.attachment_felt.mean() < served.people.attachment_felt.mean()
    wage = AttachmentParams().hosts.wage * AttachmentParams().hosts.hours * 100
    hours = 2.0 * len(few.people) / 10_000  # less than one person works a part of the shift
    assert few.ledger.balance["attachment_cost"] == pytest.approx(10 * wage * hours, rel=0.01)
    assert served.ledger.balance["attachment_cost"] == 10 * wage * 2


def test_an_answer_that_comes_late_touches_less_and_silence_hurts():
    p = AttachmentParams(touched=0.4, late_hours=5.0, snub=0.2)
    felt, seats = np.array([0.5, 0.5, 0.5, 0.5], np.float32), np.array([0, 1, 2])
    Attachment(p)._touch(felt, seats, np.array([True, True, False]), np.array([0.0, 5.0, np.nan]))
    assert felt == pytest.approx([0.5 + 0.4 * 0.5, 0.5 + 0.4 * math.exp(-1.0) * 0.5, 0.4, 0.5])


def test_nobody_answers_where_nobody_works():
    world = answered(0.0, days=4)
    assert not world.records.tables["attachment_replies"]["answered"].any()
    assert not world.people.attachment_felt.any()


def test_nobody_answers_once_nobody_is_paid():
    """Three days with people who answer and three without: then nothing is heard, and attachment fades."""
    lengths = ("experiment.days=3", "experiment.after_days=3")
    more = ("attachment.writes=0.33", "attachment.hosts.staff=20", *lengths)
    market = live(small_market("baseline", *ON, *more, size=800), 3)
    felt = market.world.people.attachment_felt.astype(float)
    paid, team = market.world.ledger.balance["attachment_cost"], market.world.teams[HOSTS]
    begun = worked(market.world.clock.midnight * TICKS, *team.shift)
    hours = np.maximum(0, team.free - begun).sum() / (60.0 * TICKS)  # of what was begun, which is paid for
    paid += to_fen(team.params.wage * hours)
    live(market, 3)
    told = market.records.tables["attachment_replies"]
    assert paid == market.world.ledger.balance["attachment_cost"] > 0
    assert told["answered"].any()
    assert told["day"].max() < 3
    faded = felt * math.exp(-3.0 / AttachmentParams().days)
    assert market.world.people.attachment_felt == pytest.approx(faded, rel=1e-4)
