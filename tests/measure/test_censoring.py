"""Observing for longer or shorter must not move indicators of people whose time is not up yet.

Everybody orders and visits at a constant, known rate and registers on a known day; the same events
are observed through a short and through a long window. Truths are closed forms, tolerances four
standard errors.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from sim.core.clock import MINUTES_PER_DAY
from sim.measure.guardrails import measure
from sim.world.schema import SCHEMAS, Spend
from tests.measure.tables import kept_journal, tables

PEOPLE, DAYS = 6000, 120
ORDERS, VISITS = 0.02, 0.45  # a day and person
PAID, COST = 5000, 3000  # fen an order, fen spent a registration
WINDOWS = [(0, 45), (0, 70), (0, DAYS)]


def columns(name, n, **values):
    """A table of ``n`` rows, zero where nothing is said."""
    return {
        column: np.broadcast_to(values.get(column, 0), n).astype(dtype)
        for column, (dtype, _) in SCHEMAS[name].items()
    }


def poisson(rng, start, rate):
    """People and minutes of events at a constant rate from each person's start to the last day."""
    left = DAYS * MINUTES_PER_DAY - start
    events = rng.poisson(rate / MINUTES_PER_DAY * left)
    person = np.repeat(np.arange(PEOPLE), events)
    minute = np.repeat(start, events) + rng.random(len(person)) * np.repeat(left, events)
    order = np.argsort(minute, kind="stable")
    return person[order], minute[order].astype(np.int64)


@pytest.fixture(scope="module")
def observed():
    """Event tables: half the people were there on day 0, the others register evenly over all days."""
    rng = np.random.default_rng(30)
    joined = np.where(np.arange(PEOPLE) < PEOPLE // 2, 0, rng.integers(0, DAYS * MINUTES_PER_DAY, PEOPLE))
    buyer, bought = poisson(rng, joined, ORDERS)
    visitor, came = poisson(rng, joined, VISITS)
    new = np.arange(PEOPLE // 2, PEOPLE)
    new = new[np.argsort(joined[new], kind="stable")]
    day = joined[new] // MINUTES_PER_DAY
    out = tables()
    out["orders"] = columns(
        "orders", len(buyer), order_id=np.arange(len(buyer)), person=buyer, minute=bought,
        day=bought // MINUTES_PER_DAY, paid_fen=PAID, list_fen=PAID, lifetime_order=2, group_buy=-1,
        service=-1,
    )  # fmt: skip
    # A person's first visit is the one of registering, on the day of it.
    who, when = np.r_[visitor, new], np.r_[came, joined[new]]
    order = np.argsort(when, kind="stable")
    out["visits"] = columns(
        "visits", len(who), visit_id=np.arange(len(who)), person=who[order], minute=when[order],
        day=when[order] // MINUTES_PER_DAY,
    )  # fmt: skip
    out["registrations"] = columns(
        "registrations", len(new), person=new, minute=joined[new], day=day, inviter=-1, seen_new=True
    )
    out["spend"] = columns("spend", len(new), day=day, kind=int(Spend.MEDIA), fen=COST)
    out["deliveries"] = columns(
        "deliveries", len(buyer), order_id=np.arange(len(buyer)), person=buyer, minute=bought,
        day=bought // MINUTES_PER_DAY, service=-1,
    )  # fmt: skip
    out["journal"] = kept_journal(out)
    out["cohort"] = columns("cohort", PEOPLE // 2, person=np.arange(PEOPLE // 2), orders=1)
    return out


@pytest.mark.property
@pytest.mark.parametrize("window", WINDOWS)
def test_people_whose_month_is_not_up_are_not_judged(observed, window):
    truth = 1 - math.exp(-30 * ORDERS)
    found = measure(observed, window)
    orders = observed["orders"]
    first = {}
    for person, minute in zip(orders["person"], orders["minute"], strict=True):
        first.setdefault(int(person), int(minute))
    end = window[1] * MINUTES_PER_DAY
    judged = sum(minute + 30 * MINUTES_PER_DAY <= end for minute in first.values())
    error = math.sqrt(truth * (1 - truth) / judged)
    assert abs(found["repurchase_30d"] - truth) < 4 * error
    assert abs(found["repurchase_30d_gross"] - truth) < 4 * error  # nothing is cancelled here
    cohort = math.sqrt(truth * (1 - truth) / (PEOPLE // 2))
    assert abs(found["cohort_repurchase_30d"] - truth) < 4 * cohort


def test_counting_everybody_would_be_biased(observed):
    """What the rule above guards against: of all buyers of the short window far fewer come back in it."""
    orders = observed["orders"]
    end = WINDOWS[0][1] * MINUTES_PER_DAY
    by_person: dict[int, list[int]] = {}
    for person, minute in zip(orders["person"], orders["minute"], strict=True):
        if minute < end:
            by_person.setdefault(int(person), []).append(int(minute))
    again = [len(m) > 1 and m[1] < m[0] + 30 * MINUTES_PER_DAY for m in by_person.values()]
    assert np.mean(again) < 1 - math.exp(-30 * ORDERS) - 0.08


@pytest.mark.property
@pytest.mark.parametrize("window", WINDOWS)
def test_retention_leaves_out_who_came_on_the_last_day(observed, window):
    truth = 1 - math.exp(-VISITS)
    joined = observed["registrations"]["day"]
    judged = int((joined < window[1] - 1).sum())
    found = measure(observed, window)["next_day_retention"]
    assert abs(found - truth) < 4 * math.sqrt(truth * (1 - truth) / judged)


@pytest.mark.property
@pytest.mark.parametrize("window", WINDOWS)
def test_payback_counts_the_time_each_was_there(observed, window):
    """Cost over profit a day: 30 CNY over 0.02 orders of 50 CNY, 30 days; error of a Poisson count."""
    joined = observed["registrations"]["minute"] / MINUTES_PER_DAY
    exposure = float(np.maximum(window[1] - joined, 0).sum())
    truth = COST / (ORDERS * PAID)
    found = measure(observed, window)["payback_days"]
    assert found == pytest.approx(truth, rel=4 / math.sqrt(ORDERS * exposure))


def test_payback_by_day_of_registration_would_be_biased(observed):
    """Half a day too much of everybody's time makes a payback measured in a short window too long."""
    minute = observed["registrations"]["minute"]
    over = []
    for _, end in WINDOWS:
        here = minute[minute < end * MINUTES_PER_DAY]
        exact = (end * MINUTES_PER_DAY - here).sum() / MINUTES_PER_DAY
        over.append((end - here // MINUTES_PER_DAY).sum() / exact)
    assert all(short > long > 1 for short, long in pairwise(over))
    assert over[0] > 1.02
