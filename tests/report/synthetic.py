"""Runs made of drawn events, to exercise store, scorecard and report without a market."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sim.core.clock import MINUTES_PER_DAY
from sim.measure.guardrails import measure
from sim.measure.kpis import KPIS
from sim.world.schema import SCHEMAS, Source, Spend
from tests.measure.tables import kept_journal

CONFIG = {
    "experiment": {"name": "trial", "days": 40, "seed": 1, "replications": 3, "first_replication": 0},
    "pricing": {"coupon": 0.0},
    "paths": {"results": "somewhere"},
}
FIRST, DAYS = 30, 40


@dataclass
class FakeRun:
    tables: dict
    window: tuple[int, int]
    info: dict
    kpis: dict
    daily: dict
    timings: dict = field(default_factory=lambda: {"simulate": 1.25})


def fake_run(
    scenario="baseline", replication=0, lift=0.0, experiment="trial", seed=1, visits=600, note="", days=DAYS
):
    """One run whose visits convert better by ``lift``; the same replication draws the same world."""
    tables = events(np.random.default_rng([seed, replication]), lift, visits, days)
    info = {
        "experiment": experiment,
        "scenario": scenario,
        "description": note,
        "seed": seed,
        "replication": replication,
        "key": f"{scenario[:20]}_{experiment}_{seed}_{replication}_{int(1000 * (1 + lift))}_{days}",
        "world": f"w{seed}_{replication}",
        "graph": "20,000 people, power law 2.5",
        "python": "3.12",
        "represents": 50,
    }
    window = (FIRST, FIRST + days)
    levels = measure(tables, window)
    daily = {kpi.name: np.linspace(0.1, 0.2 + lift, days) + 0.01 * replication for kpi in KPIS}
    return FakeRun(tables, window, info, levels, daily)


def events(rng, lift=0.0, visits=600, days=DAYS):
    """All event tables, consistent in their ids."""
    tables = {
        name: {c: np.zeros(0, dtype) for c, (dtype, _) in schema.items()} for name, schema in SCHEMAS.items()
    }
    tables["visits"] = visits_table(rng, visits, lift, days)
    tables["orders"] = orders_table(rng, tables["visits"])
    tables["deliveries"] = deliveries_table(rng, tables["orders"])
    tables["touches"] = blank("touches", 200, root=np.sort(rng.integers(0, 60, 200)), day=FIRST)
    tables["registrations"] = blank(
        "registrations", 50, person=np.arange(50) + 10_000, seen_new=True, day=FIRST + np.arange(50) % days
    )
    kinds = np.repeat(np.arange(len(Spend)), days)
    tables["spend"] = blank(
        "spend",
        len(kinds),
        kind=kinds,
        day=FIRST + np.tile(np.arange(days), len(Spend)),
        fen=1000 + 100 * kinds,
    )
    tables["daily"] = blank(
        "daily",
        days,
        day=FIRST + np.arange(days),
        registered=1000,
        members=100 + np.arange(days),
        logistics_fen=500,
        spoilage_fen=20,
    )
    tables["cohort"] = blank("cohort", 150, person=np.arange(150), orders=np.arange(150) % 3)  # fmt: skip
    return tables | {"journal": kept_journal(tables)}


def blank(name, n, **columns):
    """A table of ``n`` rows, zero where nothing is said."""
    table = {c: np.zeros(n, dtype) for c, (dtype, _) in SCHEMAS[name].items()}
    for column, values in columns.items():
        table[column][:] = values
    return table


def visits_table(rng, n, lift, days):
    day = np.sort(FIRST + rng.integers(0, days, n))
    cart = rng.random(n) < 0.2 + lift
    order = cart & (rng.random(n) < 0.3)
    person = rng.integers(0, n // 4, n)
    return blank(
        "visits", n, visit_id=np.arange(n), person=person, group=person % 3, day=day,
        minute=day * MINUTES_PER_DAY + rng.integers(0, MINUTES_PER_DAY, n),
        source=rng.integers(0, len(Source), n), origin=rng.integers(0, 3, n), surface=rng.integers(0, 3, n),
        registered_before=rng.random(n) < 0.5, cart=cart, order=order,
    )  # fmt: skip


def orders_table(rng, visits):
    rows = np.flatnonzero(visits["order"])
    n = len(rows)
    price = 5000 + rng.integers(0, 4000, n)
    kept = {c: visits[c][rows] for c in ("visit_id", "person", "group", "day", "minute", "source")}
    return blank(
        "orders", n, **kept, order_id=np.arange(n), list_fen=price, discount_fen=price // 10,
        paid_fen=price - price // 10, goods_fen=price // 2, commission_fen=300, campaign_commission_fen=100,
        lifetime_order=1 + rng.integers(0, 3, n), quantity=1,
        promised_minute=kept["minute"] + 120,
    )  # fmt: skip


def deliveries_table(rng, orders):
    n = len(orders["order_id"])
    minute = orders["minute"] + rng.integers(20, 200, n)
    return blank(
        "deliveries", n, order_id=orders["order_id"], person=orders["person"], day=minute // MINUTES_PER_DAY,
        minute=minute, ordered_minute=orders["minute"], promised_minute=orders["promised_minute"],
        service=rng.integers(0, 3, n), paid_fen=orders["paid_fen"],
    )  # fmt: skip
