"""Holds the market against public data and writes ``real_data.md``.

``python -m docs.real_data [SET ...]`` redoes all sets, or those named (``cdnow``, ``online_retail``,
``twitter15``, ``higgs``, ``olist``, ``twitch``, ``facebook``). The data lie beside the project
(``../shared/data``); a set whose file is absent is skipped by name and keeps what the page says. Markets are
played at draws found on the fitting days (``docs/fitted``).
"""

from __future__ import annotations

import gzip
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import date

import numpy as np

from docs.pages import DOCS, table, write_block
from docs.real_sets import DATA, WORLDS, Row, Shown, audiences, cascades, deliveries, networks, rows_of
from docs.real_shops import Course, one_kind
from sim.analysis.bgnbd import fit
from sim.calibration.data import Orders, orders
from sim.calibration.files.tables import Reading, read_orders
from sim.calibration.held_out import history, usual
from sim.calibration.simulated import orders_of
from sim.calibration.statistics.orders import GROUPS, later_orders
from sim.calibration.statistics.targets import measure, targets
from sim.calibration.tasks import HELD_OUT
from sim.config import assumptions_table, compose, market_sources
from sim.market import Market
from sim.measure.events import Events
from sim.report.fit import band, inside
from sim.store.draws import read_draws
from sim.studies.robustness.arms import with_values

PAGE = "real_data.md"
#: Worlds of markets: as they were when their draws were found.
SIZE = ("population.size=2500", "experiment.burn_in_days=90", "experiment.warmup_days=0")
#: First world of the page; the fit has seen those below.
FIRST = 500
CDNOW = "repeat/cdnow_to_1997-09-30.txt.gz"
ONLINE = "commerce/online_retail_invoices.csv.gz"


def usual_orders(real: Orders, until: float) -> Orders:
    """Orders by BG/NBD fitted before ``until`` of customers who begin as they did; values by one law."""
    _, repeats, last, seen = history(real, until)
    model = fit(repeats, last, seen)
    rng = np.random.Generator(np.random.Philox(1))
    begin = real.day[np.flatnonzero(np.diff(real.customer, prepend=-1))]
    rate = rng.gamma(model.r, 1.0 / model.alpha, len(begin))
    leave = rng.beta(model.a, model.b, len(begin))
    customer, day = [np.arange(len(begin))], [begin]
    now, alive = begin.copy(), np.ones(len(begin), bool)
    while alive.any():
        now = now + rng.exponential(1.0 / np.maximum(rate, 1e-12))
        alive &= now < real.days
        customer.append(np.flatnonzero(alive))
        day.append(now[alive])
        alive &= rng.random(len(alive)) >= leave
    named, when = np.concatenate(customer), np.concatenate(day)
    logs = np.log(real.value[real.value > 0])
    worth = np.exp(rng.normal(logs.mean(), logs.std(), len(named)))
    return orders(named, when, worth, real.days, real.cohort)


#: Statistics whose baseline would be taken from the data itself.
_NO_USUAL = ("value_log_sd",)


def market(
    name: str, real: Orders, until: float, settings: tuple[str, ...], course: Course | None = None
) -> list[Row]:
    """Statistics of all days, and orders on the days after ``until``, in worlds at draws of a fit.

    With a ``course``, simulated orders are counted as that shop's file would hold them.
    """
    found = targets({"orders": real}, 1)
    names = [one.name for one in found]
    declared = assumptions_table(market_sources().sections)
    draws = read_draws(DOCS / "fitted" / f"{name}.csv", [row.path for row in declared])
    base = compose([*SIZE, *settings, f"experiment.days={int(real.days)}"])
    worlds, later = [], []
    for n in range(WORLDS):
        config = with_values(base, draws.row(n * len(draws.values) // WORLDS))
        with tempfile.TemporaryDirectory() as cache:
            played = Market(config, FIRST + n, cache).run()
        held = orders_of(Events(played.tables(copy=False), played.window), real.cohort)
        held = course.invoiced(held) if course else held
        worlds.append(measure({"orders": held}, names))
        later.append([later_orders(held, until, group) for group in HELD_OUT])
    model = measure({"orders": usual_orders(real, until)}, names)
    baseline = np.where([one in _NO_USUAL for one in names], np.nan, model)
    return rows_of(found, np.array(worlds), baseline) + _held_out(real, until, np.array(later))


def _held_out(real: Orders, until: float, later: np.ndarray) -> list[Row]:
    expected = usual(real, until)
    early = np.bincount(real.customer, weights=real.day < until, minlength=real.customers)
    rows = []
    for n, group in enumerate(HELD_OUT):
        low, high = GROUPS[group] if group else (1, 10**9)
        mine = (real.counts - early)[(early >= low) & (early <= high)]
        error = float(mine.std(ddof=1) / np.sqrt(len(mine)))
        label = f"held_out_{group or 'all'}"
        rows.append(Row(label, later_orders(real, until, group), error, later[:, n], expected[group]))
    return rows


def cdnow() -> Shown:
    """New customers of an early web shop, followed for 39 weeks."""
    with gzip.open(DATA / CDNOW, "rt", encoding="utf-8") as text:  # the file has no header
        who, date_of, discs, worth = np.loadtxt(text, dtype=str).T
    iso = [f"{day[:4]}-{day[4:6]}-{day[6:]}" for day in date_of]
    day = (np.array(iso, "datetime64[D]") - np.datetime64("1997-01-01")).astype(float)
    real = orders(who, day, worth.astype(float), 273.0, 84.0)
    units = float(discs.astype(float)[day < 191.0].mean())
    settings = (
        *one_kind("virtual_ip", price=15, unit_cost=8, volume=0.3, stock_days=0.1, return_rate=0.02),
        f"choice.basket_mean={units - 1.0:.3f}",
        "population.budget_share=0.12",
    )
    how = (
        "2,500 people, new customers alone, followed as long. A shop of one kind of goods, of which nobody "
        f"has enough (`catalog.virtual_ip`), at one price; an order holds {units:.2f} of them, as on the "
        "fitting days. Lasting differences on. Chosen on the first 191 days; `held_out_*` are orders a "
        "customer on the 82 days after. Baseline: BG/NBD fitted on the same days, values by one lognormal "
        "law."
    )
    return Shown("CDNOW (repeat buying)", how, market("cdnow", real, 191.0, settings), _WHY_CDNOW)


_WHY_CDNOW = (
    "What is inside is no proof: the values were chosen by hand, and worlds of 2,500 people have some 300 "
    "new customers, so that bands are wide for frequent ones. Four sets of values were tried in one world "
    "each and read on the fitting days, but the rows of the held-out days stood beside them until the "
    "last; the set played here was put between the tried ones and had not been played before. Of those, "
    "`population.need_shape=1.2` made too few customers who order once, and `.needs_per_day=0.06` with "
    "`.need_shape=0.5` too many later orders of them; values spread as in the file once orders hold "
    "several discs and people differ in how many."
)


#: How much further needs move than the orders that come of them: who is out of stock already orders once.
_ANSWER = 1.55
#: Firms that order many units of what they need, on the day on which they need it, and nothing else.
_ONLINE = (
    "bursts=default",
    "population.budget_share=1",
    "choice.basket_mean=10",
    "needs.lifetime=1",
    "traffic.no_need_habit=0",
    "choice.cart_intercept=-5",
    "choice.cart_need=4",
)


def online_retail() -> Shown:
    """A year of a gift wholesaler's invoices."""
    whole = read_orders(DATA / ONLINE, Reading(drop=("negative", "missing")))
    real = whole.before(364.0)
    course = Course.of(real.before(196.0), date(2010, 12, 1))
    settings = (
        *one_kind("healing_home", price=5, unit_cost=2, volume=0.3, stock_days=0.1, return_rate=0.02),
        *course.settings("healing_home", _ANSWER),
        *_ONLINE,
    )
    how = (
        "2,500 people, everybody's orders in 52 weeks. Firms that buy one kind of goods "
        "(`catalog.healing_home`) on the day on which they need it (`needs.lifetime=1`), many units at once, "
        f"without a budget; weekdays, closed days, December ({course.december:.2f} times the trend) and "
        f"trend ({course.growth:+.0%} a year) of the file's fitting days, carried on. What comes on a closed "
        "day is invoiced on the next open one. Lasting differences on. Chosen on the first 196 days; "
        "`held_out_*` are orders a customer on the 168 days after. Baseline: BG/NBD on the same days, values "
        "by one lognormal law, days by a Poisson law."
    )
    rows = market("online_retail", real, 196.0, settings, course)
    flat = ("weekday_swing", "month_swing", "day_clumping")
    rows = [Row(r.name, r.real, r.error, r.worlds, 0.0 if r.name in flat else r.usual) for r in rows]
    return Shown("Online Retail (orders in time)", how, rows, _WHY_ONLINE)


_WHY_ONLINE = (
    "somewhat too many customers order once, at values chosen by hand. What is inside is no proof either: "
    "weekdays, closed days, December and trend are taken from the file. Four sets of values were tried in "
    "one world each and read on the fitting days, but the rows of the held-out days stood beside them "
    "until the last; the set played here had not been played before. With needs that live for seven days "
    "weekdays even out (`weekday_swing` 0); with needs that live for a day and people who also buy what "
    "they do not need, customers come back too seldom (1.8 orders in 196 days, real 2.8); without bursts "
    "and with needs that follow December as orders do, months and days differ too little (`month_swing` "
    "0.05, `day_clumping` 0.04)."
)


SETS: dict[str, tuple[tuple[str, ...], Callable[[], Shown]]] = {
    "cdnow": ((CDNOW,), cdnow),
    "online_retail": ((ONLINE,), online_retail),
    "twitter15": (
        ("cascades/twitter15_trees.csv.gz",),
        lambda: cascades("cascades/twitter15_trees.csv.gz"),
    ),
    "higgs": (
        ("cascades/higgs-retweet_network.edgelist.gz",),
        lambda: audiences("cascades/higgs-retweet_network.edgelist.gz"),
    ),
    "olist": (
        ("commerce/olist_classified_public_dataset.csv.gz", "commerce/olist_full_aggregates.json"),
        lambda: deliveries(
            "commerce/olist_classified_public_dataset.csv.gz", "commerce/olist_full_aggregates.json"
        ),
    ),
    "twitch": (
        ("graphs/twitch_DE_edges.csv.gz",),
        lambda: networks("graphs/twitch_DE_edges.csv.gz", "Twitch (network)", _WHY_NETWORK),
    ),
    "facebook": (
        ("graphs/facebook_combined.txt.gz",),
        lambda: networks("graphs/facebook_combined.txt.gz", "Facebook (network)", _WHY_NETWORK),
    ),
}
_WHY_NETWORK = (
    "Degrees and clustering are what `graph=like` is given. Whether people of many ties know one "
    "another is not: triangles are laid among people of like degree, which real networks do less."
)


def written(shown: Shown) -> str:
    """One set as it stands on the page."""
    rows = [list(_cells(row)) for row in shown.rows]
    head = ["statistic", "real", "error", "simulated, 95%", "baseline", "inside", "nearer than baseline"]
    why = [f"Outside, and why: {shown.why}"] if any(row[5] == "no" for row in rows) else [shown.why]
    return "\n\n".join([f"### {shown.title}", shown.how, table(head, rows), *why])


def _cells(row: Row) -> Iterator[str]:
    ends = band(row.worlds)
    verdict = inside(row.real, row.error, ends)
    yield from (f"`{row.name}`", f"{row.real:.3g}", f"{row.error:.1g}")
    yield f"{ends[0]:.3g} to {ends[1]:.3g}" if np.isfinite(ends).all() else "–"
    yield f"{row.usual:.3g}" if np.isfinite(row.usual) else "–"
    yield {True: "yes", False: "no", None: "–"}[verdict]
    gaps = abs(float(np.nanmean(row.worlds)) - row.real), abs(row.usual - row.real)
    yield "–" if not np.isfinite(gaps).all() else ("yes" if gaps[0] < gaps[1] else "no")


def counted(text: str) -> str:
    """How many verdicts of the page are which, set by set and in sum."""
    rows, total = [], np.zeros(4, int)
    for block in re.findall(r"### (.*?)\n(.*?)<!-- end", text, re.DOTALL):
        cells = [line.split("|") for line in block[1].splitlines() if line.startswith("| `")]
        inner = [cell[6].strip() for cell in cells if cell[6].strip() != "–"]
        nearer = [cell[7].strip() for cell in cells if cell[7].strip() != "–"]
        now = np.array([inner.count("yes"), len(inner), nearer.count("yes"), len(nearer)])
        total += now
        rows.append([block[0], f"{now[0]} of {now[1]}", f"{now[2]} of {now[3]}"])
    rows.append(["all", f"{total[0]} of {total[1]}", f"{total[2]} of {total[3]}"])
    return table(["set", "inside", "nearer than the baseline"], rows)


def main(names: list[str]) -> None:
    """Redo the sets named, or all."""
    for name in names or SETS:
        files, make = SETS[name]
        absent = [file for file in files if not (DATA / file).exists()]
        if absent:
            sys.stdout.write(f"skipped {name}: {absent[0]} is not there\n")
            continue
        write_block(PAGE, name, written(make()))
        sys.stdout.write(f"{name} written\n")
        sys.stdout.flush()
    write_block(PAGE, "verdicts", counted((DOCS / PAGE).read_text(encoding="utf-8")))


if __name__ == "__main__":
    main(sys.argv[1:])
