"""Cohort counts against people followed one by one."""

from collections import Counter

import numpy as np
import pytest

from sim.experiment.breakdown import breakdown
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
