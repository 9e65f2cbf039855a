"""The table in the business's own units says what the runs say, times the people each one stands for."""

from __future__ import annotations

import numpy as np
import pytest

from sim.cli import tables
from sim.report.business import business_of, rows, window
from sim.report.comparison import Comparison
from sim.report.html import render
from sim.store.results import load_results
from sim.store.store import Store
from tests.report.synthetic import CONFIG, DAYS, fake_run

TOLD = {"stated": True, "consumers": 30_000.0, "currency": "USD", "rate": 7.5}
PEOPLE, DAYS_A_MONTH = 150, 365 / 12
#: Four digits are told.
HALF_A_STEP = 0.5001e-3


def compared(folder, business=TOLD, start="2026-03-01"):
    store = Store(folder)
    for replication in range(3):
        for name, lift in (("baseline", 0.0), ("cash", 0.06)):
            run = fake_run(name, replication, lift)
            run.info |= {"business": business, "start": start, "consumers": PEOPLE}
            store.write(run, {**CONFIG})
    return Comparison.of(load_results(folder))


def cell(comparison, label, scenario):
    found = next(row for row in rows(comparison, business_of(comparison)) if row.label == label)
    level, interval = found.cells[comparison.scenarios.index(scenario)]
    return float(level.split()[0].replace(",", "")), interval


def test_levels_are_multiplied_and_brought_to_a_month(tmp_path):
    comparison = compared(tmp_path)
    levels = comparison.results.values("cash")
    each = TOLD["consumers"] / PEOPLE
    spent = levels["all_in_spend"].mean() * each / TOLD["rate"] / DAYS * DAYS_A_MONTH
    assert cell(comparison, "Spent, all in", "cash")[0] == pytest.approx(spent, rel=HALF_A_STEP, abs=0.5)
    orders = (levels["kept_orders_new"] + levels["kept_orders_existing"]).mean() * each / DAYS
    assert cell(comparison, "Kept orders", "cash")[0] == pytest.approx(orders, rel=HALF_A_STEP, abs=0.5)
    users = levels["new_users"].mean() * each / DAYS * DAYS_A_MONTH
    assert cell(comparison, "New users", "cash")[0] == pytest.approx(users, rel=HALF_A_STEP, abs=0.5)


def test_margins_differ_by_what_is_said_and_carry_the_mark_of_the_other_tables(tmp_path):
    comparison = compared(tmp_path)
    margins = [cell(comparison, "Contribution margin", name)[0] for name in ("cash", "baseline")]
    change, interval = cell(comparison, "Margin against the baseline", "cash")
    rounding = sum(max(0.5, HALF_A_STEP * abs(margin)) for margin in (*margins, change))
    assert change == pytest.approx(margins[0] - margins[1], abs=rounding)
    profit = comparison.difference("cash", "contribution_per_1000")
    low, high = (float(x.strip("()").replace(",", "")) for x in interval.split(" .. "))
    assert np.sign([low, high]).tolist() == np.sign([profit["low"], profit["high"]]).tolist()


def test_terminal_and_page_show_it_and_the_dates(tmp_path):
    comparison = compared(tmp_path)
    assert tables.business(comparison) is not None
    assert window(comparison) == "2026-03-01 to 2026-04-09"
    page = render(comparison)
    assert "In your own units" in page
    assert "A market of 30,000 consumers, of whom each simulated one stands for 200" in page
    assert "USD a month" in page
    assert "2026-03-01 to 2026-04-09" in page


def test_nothing_is_told_of_a_business_that_nobody_named(tmp_path):
    comparison = compared(tmp_path, {**TOLD, "stated": False}, "")
    assert tables.business(comparison) is None
    assert window(comparison) == ""
    assert "In your own units" not in render(comparison)
