"""Each lever of fulfilment moves what is recorded over its span, and each has its price or its limit.

The network is played alone with a given stream of orders (common random numbers: the draws are keyed
to orders), dense enough that whole riders and rounds of several drops exist; a lever is given at both
ends of its span, everything else as shipped.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pytest

from sim.core.params import declared
from sim.logistics.engine import Network
from sim.logistics.network import ProductArrays
from sim.logistics.params import LogisticsParams, ReturnsParams, SupplyParams
from tests.logistics.conftest import DAY, Shop

SECTIONS = {"logistics": LogisticsParams, "returns": ReturnsParams, "supply": SupplyParams}
#: Both ends to try where the declaration has no span.
ENDS: dict[str, tuple[Any, Any]] = {
    "sensors": (False, True),
    "quote_rule": ("queue", "fixed"),
    "idle_resale_share": (0.0, 1.0),
    "thirty_minute_radius_km": (0.0, 3.0),
    "near_class_ambient": (2, 3),
    "near_class_chilled": (1, 3),
    "near_class_frozen": (1, 3),
    "far_class_ambient": (3, 4),
    "far_class_chilled": (3, 4),
    "far_class_frozen": (3, 4),
    "morning_truck_hour": (2.0, 8.0),
    "afternoon_truck_hour": (12.0, 18.0),
    "morning_round_hour": (7.5, 11.0),
    "evening_round_hour": (14.0, 19.0),
}
#: What else is set while a lever is tried: an overload, or a design in which parcels come its way.
BESIDE: dict[str, tuple[tuple[str, Any], ...]] = {
    "longest_promise_hours": (("capacity_ratio", 0.5),),
    "community_chilled_c": (("near_class_chilled", 3),),
}


def levers() -> list[tuple[str, str, Any, Any]]:
    """Section, name and both ends of every lever declared."""
    out = []
    for section, model in SECTIONS.items():
        for about in declared(model):
            if about.kind == "lever":
                low, high = ENDS.get(about.path, about.span)
                out.append((section, about.path, low, high))
    return out


def products() -> ProductArrays:
    """Twelve products, among them fresh ones that keep a few days."""
    layer = np.array([1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 0], np.int8)
    life = np.array([400.0] * 4 + [5.0, 5.0, 7.0, 9.0, 180.0, 180.0, 180.0, 0.0])
    return ProductArrays(layer, np.full(12, 2.0), life, np.full(12, 1500), np.full(12, 25.0))


@lru_cache
def played(section: str = "", name: str = "", value: Any = None) -> dict[str, Any]:
    """Twelve days of 240 orders, some of which come back: what the market would see of them."""
    changed = {s: {} for s in SECTIONS} | ({section: {name: value}} if section else {})
    p = LogisticsParams(
        **{"design_orders_per_1000_consumers": 12.0, "capacity_ratio": 1.0}
        | dict(BESIDE.get(name, ()))
        | changed["logistics"]
    )
    network = Network(
        p, ReturnsParams(**changed["returns"]), SupplyParams(**changed["supply"]), products(), 20_000, 3, 0
    )
    shop, seen = Shop(network), {"fen": {}, "minute": {}, "spoiled": {}, "inspected": {}, "promised": 0.0}
    for day in range(12):
        for part in range(4):
            start = day * DAY + part * 360
            parcels = shop.orders(60, start, start + 360)
            network.submit(parcels)
            network.run_until(start + 360)
            got = network.delivered()
            seen["minute"].update(zip(got.order_id.tolist(), got.minute.tolist(), strict=True))
            seen["spoiled"].update(zip(got.order_id.tolist(), got.spoiled.tolist(), strict=True))
            if part == 3 and len(parcels.order_id):
                back = [column[: len(parcels.order_id) // 4] for column in parcels]
                back[2] = np.full(len(back[0]), (day + 1) * DAY)
                network.take_back(type(parcels)(*back))
            looked = network.inspected()
            seen["inspected"].update(zip(looked.order_id.tolist(), looked.minute.tolist(), strict=True))
        for account, fen in network.close_day(day).items():
            seen["fen"][account] = seen["fen"].get(account, 0) + fen
        hours = network.quote_hours()
        seen["promised"] += float(hours[np.isfinite(hours)].sum())
    seen["refused"] = 12 * 240 - shop.n
    return seen


@pytest.mark.parametrize(("section", "name", "low", "high"), levers(), ids=[row[1] for row in levers()])
def test_every_lever_moves_a_recorded_number(section: str, name: str, low: Any, high: Any) -> None:
    """Some minute, spoilage, promise, refusal or bill differs between both ends of the span."""
    assert played(section, name, low) != played(section, name, high)


def total(seen: dict[str, Any]) -> int:
    """The whole bill, fen, without what was bought."""
    return sum(fen for account, fen in seen["fen"].items() if account != "purchases")


@pytest.mark.parametrize(
    ("section", "name", "better", "worse"),
    [
        ("logistics", "community_chilled_c", 2.0, 10.0),
        ("logistics", "community_frozen_c", -20.0, -8.0),
        ("logistics", "sensors", True, False),
        ("logistics", "chilled_room_litres_per_1000", 40, 2),
        ("logistics", "frozen_room_litres_per_1000", 60, 2),
        ("logistics", "truck_ambient_litres", 2000, 30),
        ("logistics", "truck_chilled_litres", 600, 10),
        ("logistics", "truck_frozen_litres", 400, 10),
        ("returns", "inspectors_per_1000_orders", 2.0, 0.3),
        ("supply", "supplier_lead_days", 1, 10),
    ],
)
def test_what_is_better_costs_more(section: str, name: str, better: Any, worse: Any) -> None:
    """The better end serves at least as well in every respect and better in one, and its plant costs more."""
    good, bad = played(section, name, better), played(section, name, worse)
    plant = ("logistics_storage", "logistics_trunk", "logistics_packaging", "logistics_reverse")
    assert sum(good["fen"][a] for a in plant) > sum(bad["fen"][a] for a in plant)
    serves = (
        sum(bad["spoiled"].values()) - sum(good["spoiled"].values()),
        len(good["minute"]) - len(bad["minute"]),
        sum(bad["inspected"].get(i, 99 * DAY) - m for i, m in good["inspected"].items()),
        bad["refused"] - good["refused"],
        bad["fen"]["spoilage"] - good["fen"]["spoilage"],
    )
    assert max(serves) > 0


@pytest.mark.parametrize("name", ["front_wave_minutes", "regional_wave_minutes"])
def test_shorter_waves_promise_sooner_and_walk_further(name: str) -> None:
    """In waves four times as long a parcel costs a quarter less to pick: half is walking, which halves."""
    usual = {"front_wave_minutes": 5, "regional_wave_minutes": 30}[name]
    short, long = (played("logistics", name, minutes) for minutes in (usual, 4 * usual))
    cheaper = short["fen"]["logistics_handling"] - long["fen"]["logistics_handling"]
    assert 0.05 < cheaper / short["fen"]["logistics_handling"] < 0.25
    assert short["promised"] < long["promised"]


def test_sold_idle_time_is_not_there_at_once() -> None:
    """Sold idle time earns less than the wage, less for each further hour, and rounds leave later."""
    none, half, everything = (played("logistics", "idle_resale_share", s) for s in (0.0, 0.5, 1.0))
    saved = [none["fen"]["logistics_rider"] - s["fen"]["logistics_rider"] for s in (half, everything)]
    assert 0 < saved[1] < 2 * saved[0]
    shared = set(none["minute"]) & set(everything["minute"])
    later = np.array([everything["minute"][i] - none["minute"][i] for i in sorted(shared)])
    assert later.mean() > 5.0
    assert everything["promised"] > none["promised"]
