"""Stock: where every unit is, how old it is, and base-stock replenishment at midnight.

Goods lie on shelves by node, product and age, are set aside for orders oldest first (FEFO),
leave with parcels, and are ordered up to a level that follows smoothed demand: fronts from the
regional centre for next morning, the regional centre from suppliers after a lead time. Units
received must equal units on shelves, set aside, in transit, under way, delivered or discarded.
"""

from __future__ import annotations

import math

import numpy as np

from sim.core.errors import ConservationError
from sim.core.rng import uniform_py
from sim.logistics.cold_chain import CHILLED, FROZEN, NONE
from sim.logistics.lots import AGES, age_lots, order_suppliers, put_on_shelf, replenish_fronts, reserve_rows
from sim.logistics.network import NEXT_DAY, REGIONAL, ProductArrays, Region
from sim.logistics.params import LogisticsParams, SupplyParams
from sim.world.fulfilment import ENDLESS

#: Cold rooms of the regional centre, relative to all front warehouses' together.
REGIONAL_ROOM = 3.0


def cold_rooms(p: LogisticsParams, region: Region) -> dict[int, np.ndarray]:
    """Litres of chilled and of frozen room at each node (float64[n_nodes]), by layer."""
    rooms = {}
    for layer, litres in (
        (CHILLED, p.chilled_room_litres_per_1000),
        (FROZEN, p.frozen_room_litres_per_1000),
    ):
        room = np.full(region.n_nodes, litres * region.thousands)
        room[REGIONAL] *= REGIONAL_ROOM * region.n_fronts
        rooms[layer] = room
    return rooms


class Stock:
    """Units by node, product and age, with the counters that must balance.

    Attributes
    ----------
    shelf, aside, transit : int32[n_nodes, n_products, AGES]
        For sale; set aside for orders not yet submitted; on the morning truck to a front.
    assigned : int64[n_nodes, n_products]
        With parcels that have not left their node.
    suppliers_short : float
        Share of suppliers' deliveries that come late beyond the usual.
    haste : float
        By how much faster than usual suppliers answer: the lead is divided by one plus it.
    expected : float64[n_products]
        Demand that somebody foresees for the next review, relative to the forecast.
    pipeline : int32[days, n_products]
        Ordered from suppliers, by midnights until the day of receipt (0: the day that begins).
    left, delivered, discarded, received, restocked : int64[n_products]
        Units since the books were opened.
    purchase_fen, made_fen : int
        What was bought from suppliers, and made to order, since the last bill, at usual cost.
    forecast : float64[n_nodes, n_products]
        Smoothed units a day asked of each node (the regional row holds the whole region's).
    """

    def __init__(self, region: Region, products: ProductArrays, p: LogisticsParams, s: SupplyParams) -> None:
        n = len(products.layer)
        nodes = region.n_nodes
        self.region, self.products = region, products
        self.shelf, self.aside, self.transit = (np.zeros((nodes, n, AGES), np.int32) for _ in range(3))
        self.held = np.zeros((nodes, n), np.int64)
        self.assigned = np.zeros((nodes, n), np.int64)
        self.demand = np.zeros((nodes, n), np.int64)
        self.left, self.delivered, self.discarded, self.received, self.restocked = (
            np.zeros(n, np.int64) for _ in range(5)
        )
        self.suppliers_short = 0.0
        self.haste = 0.0
        self.expected = np.ones(n)
        self.pipeline = np.zeros((s.supplier_lead_days + s.supplier_late_days + 1, n), np.int32)
        life = np.maximum(1.0, products.shelf_life_days)
        self.step_days = np.maximum(1, np.ceil(life / AGES)).astype(np.int64)
        self.configure(p, s)
        self.forecast = self._design_forecast()
        self.purchase_fen = self.made_fen = 0
        self._stock_up()

    def configure(self, p: LogisticsParams, s: SupplyParams) -> None:
        """Put parameters in force; goods stay where they are."""
        self.params, self.supply = p, s
        classes = self.region.class_by_layer(p)
        front = 1 + self.region.district[None, :]
        self.node_of = np.where(classes < 0, -1, np.where(classes < NEXT_DAY, front, REGIONAL)).astype(
            np.int64
        )
        life = np.maximum(1.0, self.products.shelf_life_days)
        sellable = np.ceil(life * (1.0 - s.sell_by_share) / self.step_days)
        self.last_step = np.clip(sellable, 1, AGES - 1).astype(np.int64)
        days = s.supplier_lead_days + s.supplier_late_days + 1
        if days > len(self.pipeline):
            grown = np.zeros((days, self.pipeline.shape[1]), np.int32)
            grown[: len(self.pipeline)] = self.pipeline
            self.pipeline = grown

    def _design_forecast(self) -> np.ndarray:
        """Design demand by node: each zone asks for an equal share."""
        share = self.products.demand_per_day / self.region.n_zones
        out = np.zeros(self.held.shape)
        for node in range(1, self.region.n_nodes):
            zones = (self.node_of == node).sum(axis=1)
            out[node] = share * zones[self.products.layer]
        out[REGIONAL] = self.products.demand_per_day * (self.products.layer > 0)
        return out

    def levels(self) -> np.ndarray:
        """Order-up-to level of each node and product, units: int64[n_nodes, n_products].

        Demand over lead time and review plus safety stock, not more than is sold within its
        shelf life, and scaled down where a cold room would overflow.
        """
        s = self.supply
        served = np.zeros(self.forecast.shape)
        for node in range(1, self.region.n_nodes):
            served[node] = (self.node_of == node).any(axis=1)[self.products.layer]
        served[REGIONAL] = 1.0
        days = np.full((self.region.n_nodes, 1), 2.0)
        days[REGIONAL] = self.lead_days() + 1.0
        mean = self.forecast * days * served * self.expected
        level = mean + s.safety_factor * np.sqrt(s.variance_to_mean * mean)
        sold = self.forecast * (self.last_step * self.step_days)[None, :]
        level = np.ceil(np.minimum(level, np.maximum(sold, served * (self.forecast > 0))))
        return self._fit_rooms(level).astype(np.int64)

    def _fit_rooms(self, level: np.ndarray) -> np.ndarray:
        """Scale chilled and frozen levels down to the cold rooms' litres."""
        p = self.params
        for layer, room in cold_rooms(p, self.region).items():
            of_layer = self.products.layer == layer
            need = level[:, of_layer] @ self.products.volume[of_layer]
            scale = np.minimum(1.0, room / np.maximum(need, 1e-9))
            level[:, of_layer] = np.floor(level[:, of_layer] * scale[:, None] + 1e-9)
        return level

    def _stock_up(self) -> None:
        """Open with full shelves of fresh goods; booked as the first day's purchases."""
        level = self.levels()
        level[REGIONAL] = np.maximum(0, level[REGIONAL] - level[1:].sum(axis=0))
        self.shelf[:, :, 0] = level
        self.held += level
        total = level.sum(axis=0)
        self.received += total
        self.purchase_fen += int(total @ self.products.unit_cost_fen)

    def reserve(self, product: np.ndarray, zone: np.ndarray, quantity: np.ndarray) -> np.ndarray:
        """Set goods aside in row order; see the logistics protocol."""
        return reserve_rows(
            self.shelf,
            self.aside,
            self.demand,
            self.node_of,
            np.asarray(product, np.int64),
            np.asarray(zone, np.int64),
            np.asarray(quantity, np.int64),
            self.products.layer,
            self.held,
        )

    def put_back(self, data: np.ndarray, rows: np.ndarray) -> None:
        """Let the goods of cancelled parcels (rows of their table) return to the shelf at their age."""
        put_on_shelf(data, rows, self.shelf, self.held, self.assigned)

    def for_sale(self) -> np.ndarray:
        """int64[n_products, n_zones]: units that the front warehouse of a zone or the regional centre has.

        One order is never served from two nodes, so that it is the larger of the two.
        """
        layer = self.products.layer
        near = self.node_of[layer]
        held = self.held[near, np.arange(len(layer))[:, None]]
        there = np.maximum(held, self.held[REGIONAL][:, None])
        return np.where((layer == NONE)[:, None], ENDLESS, there)

    def restock(self, product: np.ndarray, quantity: np.ndarray) -> None:
        """Returned goods that are as new go back on the regional shelf."""
        np.add.at(self.restocked, product, quantity)
        np.add.at(self.held[REGIONAL], product, quantity)
        np.add.at(self.shelf[REGIONAL, :, 0], product, quantity.astype(np.int32))

    def bring(self, product: np.ndarray, quantity: np.ndarray, days: np.ndarray) -> None:
        """Set goods made to order aside at the regional centre; ``days`` (float64[n]) is their age."""
        age = np.minimum(days / self.step_days[product], AGES - 1).astype(np.int64)
        np.add.at(self.aside[REGIONAL], (product, age), quantity.astype(np.int32))
        np.add.at(self.received, product, quantity)
        self.made_fen += int(quantity @ self.products.unit_cost_fen[product])

    def due(self) -> bool:
        """Whether anything arrives next morning."""
        return bool(self.pipeline.any() or self.transit.any())

    def receive(self) -> None:
        """The morning's arrivals: front replenishment and the suppliers' first line."""
        units = self.transit.sum(axis=2, dtype=np.int64)
        self.shelf += self.transit
        self.transit[:] = 0
        arrived = self.pipeline[0].astype(np.int64)
        self.pipeline[:-1] = self.pipeline[1:]
        self.pipeline[-1] = 0
        self.shelf[REGIONAL, :, 0] += arrived.astype(np.int32)
        units[REGIONAL] += arrived
        self.held += units
        self.received += arrived
        self.purchase_fen += int(arrived @ self.products.unit_cost_fen)

    def review(self, day: int, stream: np.uint64) -> tuple[np.ndarray, np.ndarray]:
        """Midnight: forecast, age, discard, order.

        Returns
        -------
        discarded, shipped : int64[n_products]
            Units thrown away today; units sent to the front warehouses.
        """
        s = self.supply
        asked = self.demand.astype(np.float64)
        asked[REGIONAL] = asked.sum(axis=0)
        self.forecast += s.forecast_smoothing * (asked - self.forecast)
        self.demand[:] = 0
        thrown = np.zeros(self.held.shape, np.int64)
        age_lots(self.shelf, self.aside, day, self.step_days, self.last_step, thrown)
        self.held -= thrown
        discarded = thrown.sum(axis=0)
        self.discarded += discarded
        level = self.levels()
        self.expected[:] = 1.0
        shipped = replenish_fronts(self.shelf, self.transit, level)
        self.held[REGIONAL] -= shipped
        order_suppliers(
            self.shelf,
            self.pipeline,
            level[REGIONAL],
            day,
            self._lead_of(day, stream),
            s.supplier_late_days,
            s.supplier_late_probability + (1.0 - s.supplier_late_probability) * self.suppliers_short,
            stream,
        )
        return discarded, shipped

    def lead_days(self) -> float:
        """Mean days from an order to its receipt, at least one."""
        return max(1.0, self.supply.supplier_lead_days / (1.0 + self.haste))

    def _lead_of(self, day: int, stream: np.uint64) -> int:
        """Whole days of the orders of one midnight: drawn where the mean is none."""
        mean = self.lead_days()
        whole = math.floor(mean)
        return whole + (mean > whole and uniform_py(int(stream), -1, day) < mean - whole)

    def check(self, under_way: np.ndarray) -> None:
        """Raise unless every unit is accounted for.

        Parameters
        ----------
        under_way : int64[n_products]
            Units with parcels that have left their node and are not yet handed over.

        Raises
        ------
        ConservationError
            Naming the product (and node) and both counts.
        """
        shelves = self.shelf.sum(axis=2, dtype=np.int64)
        if (wrong := np.argwhere(shelves != self.held)).size:
            node, p = wrong[0]
            raise ConservationError(
                f"stock: node {node}, product {p}: {shelves[node, p]} units lie on the shelf, "
                f"the books say {self.held[node, p]}"
            )
        aside = self.aside.sum(axis=2, dtype=np.int64)
        transit = self.transit.sum(axis=(0, 2), dtype=np.int64)
        have = (
            (shelves + aside + self.assigned).sum(axis=0)
            + transit
            + under_way
            + self.delivered
            + self.discarded
        )
        if (lost := np.flatnonzero(have != self.received + self.restocked)).size:
            p = lost[0]
            raise ConservationError(
                f"stock: product {p}: {self.received[p] + self.restocked[p]} units came in, "
                f"{have[p]} are accounted for"
            )
        if (lost := np.flatnonzero(self.left != self.delivered + under_way)).size:
            p = lost[0]
            raise ConservationError(
                f"stock: product {p}: {self.left[p]} units left their nodes, "
                f"{self.delivered[p] + under_way[p]} were delivered or are under way"
            )

    def on_hand(self) -> tuple[int, int]:
        """Units on all shelves, and their cost in fen."""
        by_product = self.held.sum(axis=0)
        return int(by_product.sum()), int(by_product @ self.products.unit_cost_fen)

    def owned_fen(self, under_way: np.ndarray) -> int:
        """Cost in fen of every unit owned; ``under_way`` (int64[n_products]) has left its node."""
        lots = self.shelf.sum(axis=0) + self.aside.sum(axis=0) + self.transit.sum(axis=0)
        units = lots.sum(axis=1, dtype=np.int64) + self.assigned.sum(axis=0) + under_way
        return int(units @ self.products.unit_cost_fen)

    def state(self, open_cells: tuple[np.ndarray, ...], open_units: np.ndarray) -> dict[str, np.ndarray]:
        """Stock and orders as arrays; open parcels' goods are set aside again at their cells."""
        aside = self.aside.copy()
        np.add.at(aside, open_cells, open_units.astype(np.int32))
        kept = {n: getattr(self, n).copy() for n in ("shelf", "transit", "pipeline", "forecast", "demand")}
        return {**kept, "aside": aside}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Take up shelves, goods set aside and on order; the books open anew with what is there."""
        self.shelf[:] = state["shelf"]
        self.aside[:] = state["aside"]
        self.transit[:] = state["transit"]
        days = max(len(self.pipeline), len(state["pipeline"]))
        self.pipeline = np.zeros((days, self.pipeline.shape[1]), np.int32)
        self.pipeline[: len(state["pipeline"])] = state["pipeline"]
        self.forecast[:] = state["forecast"]
        self.demand[:] = state["demand"]
        self.held[:] = self.shelf.sum(axis=2)
        for counter in (self.assigned, self.left, self.delivered, self.discarded, self.restocked):
            counter[:] = 0
        self.received[:] = (self.shelf + self.aside + self.transit).sum(axis=(0, 2))

    def layer_litres(self) -> np.ndarray:
        """float64[4]: litres on shelves and set aside, by layer."""
        units = (
            self.held.sum(axis=0) + self.aside.sum(axis=(0, 2), dtype=np.int64) + self.assigned.sum(axis=0)
        )
        return np.bincount(self.products.layer, units * self.products.volume, minlength=4)
