"""Cohorts against people followed one by one, orders against orders followed one by one."""

from collections import Counter

import numpy as np
import pytest

from sim.measure.breakdown import breakdown
from sim.measure.events import Events
from sim.measure.kpis import average_order_value, order_conversion
from sim.world.schema import GROUPS, Source
from tests.report.synthetic import DAYS, FIRST, blank, fake_run


def drawn(rng, new, visits):
    """Registrations all over the window, and visits and orders of these people and of others."""
    tables = dict(fake_run().tables)
    person = rng.permutation(1000)[:new]
    tables["registrations"] = blank(
        "registrations", new, person=person, day=FIRST + rng.integers(0, DAYS, new),
        seen_new=rng.random(new) < 0.9, fake=rng.random(new) < 0.2, caught=rng.random(new) < 0.1,
    )  # fmt: skip
    who = rng.choice(np.append(person, np.arange(1000, 1100)), visits)
    tables["visits"] = blank("visits", visits, person=who, day=np.sort(FIRST + rng.integers(0, DAYS, visits)))
    bought = np.flatnonzero(rng.random(visits) < 0.4)
    tables["orders"] = blank(
        "orders", len(bought), person=who[bought], day=tables["visits"]["day"][bought],
        lifetime_order=1 + rng.integers(0, 3, len(bought)), order_id=np.arange(len(bought)),
    )  # fmt: skip
    return tables


def followed(tables):
    """Every person's life, week by week."""
    counts = Counter()
    registrations, visits, orders = (tables[name] for name in ("registrations", "visits", "orders"))
    for n, person in enumerate(registrations["person"]):
        if not registrations["seen_new"][n] or registrations["fake"][n] or registrations["caught"][n]:
            continue
        since = registrations["day"][n]
        cohort, age = f"week_{(since - FIRST) // 7}", 0
        while since + 7 * (age + 1) <= FIRST + DAYS:
            days = range(since + 7 * age, since + 7 * (age + 1))
            ordered = [(d, k) for p, d, k in zip(orders["person"], orders["day"], orders["lifetime_order"],
                                                 strict=True) if p == person]  # fmt: skip
            counts["cohort_people", cohort, age] += 1
            counts["cohort_active", cohort, age] += any(
                p == person and d in days for p, d in zip(visits["person"], visits["day"], strict=True)
            )
            counts["cohort_ordered", cohort, age] += any(d in days for d, _ in ordered)
            counts["cohort_repurchased", cohort, age] += any(
                k >= 2 and since <= d < days.stop for d, k in ordered
            )
            age += 1
    return counts


@pytest.mark.exact
@pytest.mark.parametrize(("new", "visits"), [(40, 500), (3, 20), (0, 30), (5, 0)])
def test_cohorts_are_those_of_people_followed_one_by_one(new, visits):
    tables = drawn(np.random.default_rng([new, visits]), new, visits)
    table = breakdown(tables, (FIRST, FIRST + DAYS))
    found = {
        (figure, item, int(x)): int(value)
        for figure, item, x, value in zip(
            table["figure"], table["item"], table["x"], table["value"], strict=True
        )
        if figure.startswith("cohort_")
    }
    assert found == dict(followed(tables))


@pytest.mark.exact
def test_orders_and_revenue_are_of_kept_orders_cell_by_cell():
    """Followed order by order: a cancelled order is in no cell, so that cells sum to the indicators."""
    tables = dict(fake_run(visits=3000).tables)
    orders, visits = tables["orders"], tables["visits"]
    gone = np.random.default_rng(5).permutation(len(orders["order_id"]))[: len(orders["order_id"]) // 4]
    tables["cancellations"] = blank(
        "cancellations", len(gone), order_id=orders["order_id"][gone], day=orders["day"][gone],
        minute=orders["minute"][gone], refund_fen=orders["paid_fen"][gone],
    )  # fmt: skip
    known = dict(zip(visits["visit_id"].tolist(), visits["registered_before"].tolist(), strict=True))
    told, cancelled = Counter(), set(gone.tolist())
    for n in range(len(orders["order_id"])):
        if n in cancelled:
            continue
        part = "existing" if known[int(orders["visit_id"][n])] else "new"
        told["orders", Source(int(orders["source"][n])).name.lower(), part] += 1
        times = "first" if orders["lifetime_order"][n] == 1 else "repeat"
        told["order_count", GROUPS[orders["group"][n]], times] += 1
        told["revenue", GROUPS[orders["group"][n]], times] += int(orders["paid_fen"][n])
    found = cells(breakdown(tables, (FIRST, FIRST + DAYS)), {"orders": 1, "order_count": 1, "revenue": 100})
    assert found == told
    events = Events(tables, (FIRST, FIRST + DAYS))
    sums = {figure: sum(v for (f, *_), v in told.items() if f == figure) for figure, *_ in told}
    assert order_conversion(events) == sums["orders"] / len(visits["day"])
    assert average_order_value(events) == pytest.approx(sums["revenue"] / 100 / sums["order_count"])


def cells(table, units):
    """Whole counts of some figures by figure, item and part, where there are any."""
    rows = zip(table["figure"], table["item"], table["part"], table["value"], strict=True)
    return Counter({(f, i, p): round(v * units[f]) for f, i, p, v in rows if f in units and v})
