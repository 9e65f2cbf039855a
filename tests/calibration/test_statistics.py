"""Statistics against what is known of their law, and real files against facts that were told of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.analysis.bgnbd import fit
from sim.calibration.data import Cascades, Orders, Ties, orders
from sim.calibration.files.tables import Reading, read_cascades
from sim.calibration.held_out import history
from sim.calibration.statistics import orders as of_orders
from sim.calibration.statistics import others
from sim.calibration.statistics.targets import covariance, dealt, measure, targets

DATA = Path(__file__).parents[3] / "shared" / "data"


def by_days(level: np.ndarray, seed: int = 1) -> Orders:
    """Orders of many customers at a Poisson law whose mean is told day by day."""
    rng = np.random.default_rng(seed)
    many = rng.poisson(level)
    day = np.repeat(np.arange(len(level)), many) + rng.random(many.sum())
    return orders(rng.integers(0, 5000, len(day)), day, np.ones(len(day)), float(len(level)))


def test_days_that_differ_by_luck_alone_are_not_clumped():
    flat = [by_days(np.full(280, 20.0), seed) for seed in range(40)]
    clumped = np.array([of_orders.day_clumping(o) for o in flat])
    assert abs(clumped.mean()) < 3 * clumped.std() / np.sqrt(40)


@pytest.mark.parametrize("level", [6.0, 60.0])
def test_weekdays_swing_alike_at_any_volume(level):
    week = np.array([1.3, 1.1, 1.0, 1.0, 1.2, 0.8, 0.6])
    known = float(week.std(ddof=1) / week.mean())
    seen = np.array([of_orders.weekday_swing(by_days(level * np.tile(week, 40), seed)) for seed in range(20)])
    assert abs(seen.mean() - known) < 0.02 + 3 * seen.std() / np.sqrt(20)


def test_a_closed_weekday_is_no_quiet_one():
    week = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 1.0])
    assert of_orders.weekday_swing(by_days(40.0 * np.tile(week, 30))) < 0.06


def test_values_between_customers():
    """One-way analysis of variance: variance 0.3 between customers, 0.7 within."""
    rng = np.random.default_rng(4)
    who = np.repeat(np.arange(3000), rng.integers(1, 6, 3000))
    logs = rng.normal(0, np.sqrt(0.3), 3000)[who] + rng.normal(0, np.sqrt(0.7), len(who))
    held = orders(who, rng.random(len(who)) * 90, np.exp(logs), 90.0)
    assert of_orders.value_between_share(held) == pytest.approx(0.3, abs=0.04)
    assert of_orders.value_log_sd(held) == pytest.approx(1.0, abs=0.03)


def test_orders_counted_by_hand():
    """Three kinds of customers: once; twice, 10 and 80 days apart; five times, each day."""
    rows = [(n, 5.0) for n in range(20)]
    rows += [(100 + n, d) for n in range(10) for d in (5.0, 15.0)] + [
        (200 + n, d) for n in range(10) for d in (5.0, 85.0)
    ]
    rows += [(300 + n, d) for n in range(10) for d in range(1, 6)]
    who, day = np.array(rows, float).T
    held = orders(who, day, np.ones(len(who)), 100.0)
    assert of_orders.one_order_share(held) == 0.4
    assert of_orders.repeat_within(held, 30.0) == 0.4
    assert of_orders.repeat_within(held, 90.0) == 0.6
    assert of_orders.later_orders(held, 50.0) == 10 / 50
    assert of_orders.later_orders(held, 50.0, "once") == 10 / 30
    assert of_orders.later_orders(held, 50.0, "many") == 0.0
    assert of_orders.top_tenth_share(held) == 25 / 110


def test_a_cascade_counted_by_hand():
    """A root with two children, one of whom has two more."""
    c = Cascades(
        np.zeros(5, np.int64), np.array([-1, 0, 0, 1, 1]), np.array([0.0, 10.0, 100.0, 30.0, 2000.0])
    )
    names = ["childless_share", "children_mean", "root_share", "depth", "first_hour_share", "first_day_share"]
    assert measure({"cascades": c}, names).tolist() == [0.75, 0.5, 0.5, 2.0, 0.5, 0.75]
    twice = c.of_roots(np.array([0, 0]))
    assert measure({"cascades": twice}, names).tolist() == [0.75, 0.5, 0.5, 2.0, 0.5, 0.75]
    assert twice.cascades == 2


def test_tails_of_known_laws():
    rng = np.random.default_rng(3)
    drawn = rng.zipf(2.4, 20_000)
    root = np.zeros(1, np.int64)
    parent = np.concatenate([[-1], np.zeros(len(drawn)), np.repeat(1 + np.arange(len(drawn)), drawn)]).astype(
        int
    )
    whole = Cascades(np.zeros(len(parent), np.int64), parent, np.zeros(len(parent)))
    assert others.children_tail(whole) == pytest.approx(2.4, abs=0.03)
    assert others.hill(rng.pareto(1.5, 40_000) + 1.0) == pytest.approx(2.5, abs=0.1)
    assert others.gini(np.ones(50)) == 0.0
    assert measure({"edges": Ties(np.array([1.0, 1.0, 2.0, 4.0]), root)}, ["one_friend_share"])[0] == 0.5


def test_errors_by_bootstrap_are_those_of_a_mean():
    rng = np.random.default_rng(5)
    who = np.repeat(np.arange(1000), rng.poisson(2.0, 1000) + 1)
    held = orders(who, rng.random(len(who)) * 60, np.ones(len(who)), 60.0)
    found = {one.name: one for one in targets({"orders": held}, 1)}
    usual = held.counts.std(ddof=1) / np.sqrt(1000)
    assert found["orders_per_customer"].error == pytest.approx(usual, rel=0.2)
    both = covariance([found["orders_per_customer"], found["one_order_share"]])
    counts = held.counts
    known = np.corrcoef(counts, counts == 1)[0, 1]
    assert both[0, 1] / np.sqrt(both[0, 0] * both[1, 1]) == pytest.approx(known, abs=0.15)
    again = dealt(held, "customers", rng)
    assert again.customers == 1000


def test_bg_nbd_finds_known_rates():
    """Customers drawn by the model itself (r .8, alpha 10, a 1.2, b 3), 39 weeks."""
    rng = np.random.default_rng(1)
    n, days = 6000, 273.0
    begin, rate, leave = rng.random(n) * 80, rng.gamma(0.8, 1 / 10.0, n), rng.beta(1.2, 3.0, n)
    rows = [(k, begin[k]) for k in range(n)]
    for k in range(n):
        when = begin[k]
        while (when := when + rng.exponential(1 / rate[k])) < days:
            rows.append((k, when))
            if rng.random() < leave[k]:
                break
    who, day = np.array(rows).T
    held = orders(who, day, np.ones(len(who)), days)
    _, repeats, last, seen = history(held, 150.0)
    model = fit(repeats, last, seen)
    expected = model.expected(repeats, last, seen, days - 150.0).mean()
    assert expected == pytest.approx(of_orders.later_orders(held, 150.0), rel=0.05)
    assert model.r / model.alpha == pytest.approx(0.08, rel=0.2)


def test_cascades_of_twitter_are_as_they_were_told():
    """Facts that others counted: childless .899, mean children .24, tail 2.39, root .76, within a day .90."""
    path = DATA / "cascades" / "twitter15_trees.csv.gz"
    if not path.exists():
        pytest.skip(f"{path.name} is not there")
    read = read_cascades(path, Reading(drop=("negative",)))
    names = ["childless_share", "children_mean", "children_tail", "root_share", "first_day_share"]
    assert measure({"cascades": read}, names) == pytest.approx([0.899, 0.24, 2.39, 0.76, 0.90], rel=0.04)
