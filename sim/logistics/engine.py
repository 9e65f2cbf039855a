"""The logistics engine of a market: what the day asks of fulfilment, answered by the flow and the stock.

The market reserves goods, hands parcels over with their minutes, lets SimPy run to the end of
the daypart and reads what was handed over; at midnight stock is reviewed and the day's costs
come back by account. Parcels, units and waiting times are checked every midnight, and a
snapshot is stock, ages and goods on order: open parcels are handed in again by the caller.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np
import simpy

from sim.core.errors import ConfigError, RunError
from sim.core.fields import fields_of
from sim.core.language import tr
from sim.logistics import parcels as col
from sim.logistics.admission import Shelves, Waiting, admit_returns, call_off, check_minutes
from sim.logistics.capacity import Capacity, plan_capacity
from sim.logistics.checks import StageBook, open_units, still_open
from sim.logistics.cold_chain import NONE, check_products
from sim.logistics.costs import CostBook
from sim.logistics.exits import hand_over, report
from sim.logistics.flow import Flow, Tours
from sim.logistics.kernel_params import R_SUPPLIER, Settings, streams
from sim.logistics.kernels import T_RIDER
from sim.logistics.network import REGIONAL, ProductArrays, Region, fixed_sizes
from sim.logistics.params import LogisticsParams, ReturnsParams, SupplyParams
from sim.logistics.parcels import ParcelTable
from sim.logistics.quotes import quoted_hours
from sim.logistics.stock import Stock
from sim.logistics.timelines import check_places, check_time_lines
from sim.world.fulfilment import ENDLESS, Delivered, Inspected, Parcels

#: Weight of the last day in the rider minutes that promises allow for.
BUSY_SMOOTHING = 0.2


class Network:
    """Fulfilment of one region; implements :class:`sim.world.fulfilment.LogisticsEngine`.

    Parameters
    ----------
    params, returns, supply
        Parameters of the three sections.
    products : ProductArrays
        Layers, volumes, shelf lives, unit costs, design demand.
    n_consumers : int
        Consumers served; sets the number of zones and front warehouses.
    seed : int
        Seed of the replication.
    start_minute : int
        Absolute minute at which the engine's clock starts.

    Raises
    ------
    ConfigError
        If the catalog holds goods that the network cannot keep cold.
    """

    def __init__(
        self,
        params: LogisticsParams,
        returns: ReturnsParams,
        supply: SupplyParams,
        products: ProductArrays,
        n_consumers: int,
        seed: int,
        start_minute: int,
    ) -> None:
        if problems := check_products(params, products.layer):
            raise ConfigError(problems)
        self.params, self.returns, self.supply = params, returns, supply
        self.products = products.typed()
        self.n_consumers = n_consumers
        self.region = Region(params, n_consumers, seed)
        self.stock = Stock(self.region, self.products, params, supply)
        self.table, self._waiting = ParcelTable(), Waiting()
        self.env = simpy.Environment(initial_time=start_minute * params.ticks_per_minute)
        self._streams = streams(seed)
        self._shortfall = 0.0
        self._capacity = self._plan(self._shortfall)
        self._settings = self._derive()
        goods, hands = (self.stock.assigned, self.stock.left), (self._settings, self._capacity, self._tours())
        self.flow = Flow(self.env, self.region, self.table, self._streams, goods, *hands)
        self._set_classes()
        self.costs = CostBook(params, supply, returns, self.region)
        self.stages = StageBook(int(self.env.now))
        self._fresh = True
        self._busy = float(self._capacity.rider_minutes.sum()) / params.capacity_ratio
        self._moves = 0
        self._quoted_at = (-1, -1)
        self._quoted = np.empty(0)
        self._receiving = -1
        self.further = np.zeros(len(self.products.layer))

    # --- configuration -------------------------------------------------------------------------

    @property
    def n_zones(self) -> int:
        """Number of zones; consumers' zones lie in [0, n_zones)."""
        return self.region.n_zones

    def people_below(self) -> np.ndarray:
        """float64[n_zones]: share of people in a zone and those before it; empty where zones are alike."""
        return self.region.people_below()

    def reconfigure(self, params: LogisticsParams, returns: ReturnsParams, supply: SupplyParams) -> None:
        """Switch to other capacities, promises and policies; queues and stock stay.

        Raises
        ------
        ConfigError
            If the number of zones or front warehouses or the tick would change, or goods
            could no longer be kept cold.
        """
        problems = check_products(params, self.products.layer)
        old, new = (fixed_sizes(p, self.n_consumers) for p in (self.params, params))
        problems += [
            tr(
                "logistics.{key} belongs to the world and cannot change with a strategy; set it in both",
                key=key,
            )
            for key in old
            if old[key] != new[key]
        ]
        if problems:
            raise ConfigError(problems)
        self.params, self.returns, self.supply = params, returns, supply
        self.stock.configure(params, supply)
        self.costs.configure(params, supply, returns)
        self._apply()

    def shock_riders(self, share: float) -> None:
        """From now on a ``share`` (0..1) of rider time is missing, until called with 0."""
        self._shortfall = min(1.0, max(0.0, share))
        self._apply()

    def shock_suppliers(self, share: float) -> None:
        """From now on a ``share`` (0..1) of deliveries from suppliers is late beyond the usual."""
        self.stock.suppliers_short = min(1.0, max(0.0, share))

    def hasten_suppliers(self, haste: float) -> None:
        """From now on suppliers answer faster: their lead is divided by one plus ``haste``."""
        self.stock.haste = max(0.0, haste)

    def capacity_orders_per_day(self) -> float:
        """Drops a day that riders and pick teams can do at present: compare it with orders a day."""
        return self._capacity.orders_per_day

    def wages_per_day(self) -> int:
        """Fen a day of the rider shifts that are hired, used or not, missing riders included."""
        return round(float(self._plan(0.0).rider_minutes.sum()) / 60.0 * self.params.rider_fen_per_hour)

    def stock_on_hand(self) -> tuple[int, int]:
        """Units on the shelves of all nodes, and their cost in fen."""
        return self.stock.on_hand()

    def on_shelves(self) -> np.ndarray:
        """int64[n_products]: units on the shelves of all nodes; digital goods never run out."""
        return np.where(self.products.layer == NONE, ENDLESS, self.stock.held.sum(axis=0))

    def for_sale(self) -> np.ndarray:
        """int64[n_products, n_zones]: units of which one order from a zone could be given the most now."""
        return self.stock.for_sale()

    def bring(self, product: np.ndarray, quantity: np.ndarray, days: np.ndarray) -> None:
        """Goods made to order reach the regional centre, ``days`` old; each order's are handed in next."""
        self.stock.bring(product, quantity, days)

    def expect(self, ratio: np.ndarray) -> None:
        """Order for demand that is this much higher (float64[n_products], 1 = usual) at the next midnight."""
        self.stock.expected[:] = ratio

    def lengthen(self, hours: np.ndarray) -> None:
        """From now on promises are longer (float64[n_products], hours), for a way before the region's own."""
        self.further = np.asarray(hours, np.float64)

    def goods_fen(self) -> int | None:
        """Cost in fen of every unit the brand owns: on shelves, set aside, in transit and under way."""
        rows = self.table.in_use()
        return self.stock.owned_fen(open_units(self.table.data, rows, self.stock.assigned))

    def _plan(self, shortfall: float) -> Capacity:
        return plan_capacity(
            self.params, self.returns, self.region, self.products, self.n_consumers, shortfall
        )

    def _derive(self) -> Settings:
        return Settings.of(self.params, self.returns, self.region.share, self._capacity.inspector_presence)

    def _apply(self) -> None:
        self._moves += 1
        self._capacity = self._plan(self._shortfall)
        self._settings = self._derive()
        self.flow.configure(self._settings, self._capacity, self._tours())
        self._set_classes()

    def _set_classes(self) -> None:
        self._classes = self.region.class_by_layer(self.params)
        self._regional = self.region.regional_class(self.params)
        bears = {"bears": self._settings.transit_life}
        self._shelves = tuple(fields_of(Shelves, bears, self.stock, self.stock.products))

    def _tours(self) -> Tours:
        p = self.params
        metres = 2000.0 * p.trunk_km + 1000.0 * p.branch_km * self.region.district_zones
        return Tours(
            p.instant_round_drops,
            p.standard_round_drops,
            p.local_km,
            round(self.returns.reverse_hours * 60 * p.ticks_per_minute),
            metres.astype(np.int64),
            round((p.idle_resale_share > 0) * p.idle_recall_minutes * p.ticks_per_minute),
        )

    # --- promises ------------------------------------------------------------------------------

    def service(self) -> np.ndarray:
        """int8[n_products, n_zones]: service class offered; -1 = none (digital goods)."""
        return self._classes[self.products.layer]

    def quote_hours(self) -> np.ndarray:
        """float64[n_products, n_zones]: hours that an order placed now would be promised."""
        by_class = self._quote()
        by_layer = np.where(
            self._classes < 0, np.inf, by_class[self._classes, np.arange(self.region.n_zones)]
        )
        return np.asarray(by_layer[self.products.layer] + self.further[:, None], np.float64)

    def _quote(self) -> np.ndarray:
        """float64[5, n_zones]: promises now; computed once while neither clock nor queues have moved."""
        at = int(self.env.now), self._moves
        if self._quoted_at != at:
            self._quoted = quoted_hours(self.params, self.region, self._capacity, self.flow, self._busy)
            self._quoted_at = at
        return self._quoted

    def promised_service(self, product: np.ndarray, zone: np.ndarray, node: np.ndarray) -> np.ndarray:
        """int8[n]: class of each order once its ``node`` is known (slower from the regional centre)."""
        layer = self.products.layer[product]
        offered = self._classes[layer, zone]
        return np.where(np.asarray(node) == REGIONAL, np.maximum(offered, self._regional[layer]), offered)

    def promised_hours(self, product: np.ndarray, zone: np.ndarray, node: np.ndarray) -> np.ndarray:
        """float64[n]: hours promised now to orders served from ``node``."""
        by_class = self._quote()
        return np.asarray(
            by_class[self.promised_service(product, zone, node), zone] + self.further[product], np.float64
        )

    # --- orders --------------------------------------------------------------------------------

    def reserve(self, product: np.ndarray, zone: np.ndarray, quantity: np.ndarray) -> np.ndarray:
        """int32[n]: node that sets the goods aside, row by row.

        The zone's front warehouse where the product is offered instantly and in stock, else the
        regional centre, else -1.
        """
        return self.stock.reserve(product, zone, quantity)

    def submit(self, parcels: Parcels) -> None:
        """Accept parcels whose goods are reserved.

        Raises
        ------
        RunError
            If a minute lies before the engine's clock.
        ConservationError
            If no goods were set aside for a parcel.
        """
        if len(parcels.order_id) == 0:
            return
        check_minutes(parcels, int(self.env.now), self.params.ticks_per_minute)
        self._moves += 1
        self._waiting.forget()
        self.flow.accept(parcels, self._shelves)

    def cancel(self, order_id: np.ndarray) -> np.ndarray:
        """bool[n]: True where the parcel has not left its node; its goods are back on the shelf."""
        data, now = self.table.data, int(self.env.now)
        rows, found = self._waiting.find(data, np.asarray(order_id, np.int64))
        self._moves += 1
        if len(rows):
            call_off(data, rows, now)
            self.stock.put_back(data, rows)
            self.flow.call_off(rows)
        return found

    def take_back(self, parcels: Parcels) -> None:
        """Accept return requests: collected on a next-day round of the customer's zone."""
        if len(parcels.order_id) == 0:
            return
        check_minutes(parcels, int(self.env.now), self.params.ticks_per_minute)
        self._moves += 1
        rows = admit_returns(self.table, parcels, self.products.layer)
        data = self.table.data
        self.flow.collect(rows, data[rows, col.MINUTE] * self.params.ticks_per_minute)

    def run_until(self, minute: int) -> None:
        """Run SimPy up to (not including) absolute ``minute``."""
        until = int(minute) * self.params.ticks_per_minute
        if until < self.env.now:
            raise RunError(f"logistics: the clock cannot run back to minute {minute}")
        if until > self.env.now:
            self.flow.run(until)
        if self.env.now != until:
            raise RunError(f"logistics: the clock stands at tick {self.env.now}, not {until}")

    def delivered(self) -> Delivered:
        """Parcels handed over since the last call, by time and order id."""
        data, rows = self.table.data, self.flow.handed_over()
        told, spoiled = report(data, rows, self.params.ticks_per_minute)
        self.costs.spoiled(hand_over(data, rows, self.stock.delivered, self.products.unit_cost_fen))
        return Delivered(told[0], told[1], told[2], spoiled)

    def inspected(self) -> Inspected:
        """Returns inspected since the last call, by time and order id; good ones are back on the shelf."""
        data, rows = self.table.data, self.flow.inspected()
        told, scrapped = report(data, rows, self.params.ticks_per_minute)
        good = rows[~scrapped]
        self.stock.restock(data[good, col.PRODUCT], data[good, col.QUANTITY])
        return Inspected(told[0], told[1], told[2], ~scrapped)

    def close_day(self, day: int) -> dict[str, int]:
        """Review stock, check parcels and goods, free closed rows.

        Call it at midnight, after :meth:`delivered` and :meth:`inspected`.

        Returns
        -------
        dict of str to int
            Fen by account: ``logistics_storage, logistics_handling, logistics_trunk,
            logistics_rider, logistics_packaging, logistics_reverse, spoilage`` (cost value of
            goods discarded and of parcels spoiled on the way) and ``purchases`` (cost value of
            supplier receipts; the opening stock is booked on the first day).

        Raises
        ------
        ConservationError
            If parcels, units or waiting times do not balance.
        """
        data = self.table.data
        rows = self.table.in_use()
        self.stock.check(open_units(data, rows, self.stock.assigned))
        check_time_lines(data, rows)
        check_places(data, rows, self.flow.waiting())
        self.stages.close(data, rows, int(self.env.now))
        # a cancelled parcel's row is never used again: a wave, truck or round may still hold it
        closed = (data[rows, col.STATE] == col.DONE) & (data[rows, col.REPORTED] == 1)
        self.table.give_back(rows[closed])
        discarded, shipped = self.stock.review(day, self._streams[R_SUPPLIER])
        bill = self.costs.close(
            self.flow.tally, self.stock, self._capacity, discarded, shipped, self.params.ticks_per_minute
        )
        busy = self.flow.tally[T_RIDER] / self.params.ticks_per_minute
        self._busy += BUSY_SMOOTHING * (busy - self._busy)
        self.flow.tally[:] = 0
        self._schedule_receipt()
        self._fresh = False
        return bill

    def _schedule_receipt(self) -> None:
        """One event for tomorrow's arrivals, if anything arrives."""
        if not self.stock.due():
            return
        now, day = int(self.env.now), self._settings.day
        at = round(self.supply.receipt_hour * 60 * self.params.ticks_per_minute)
        tick = now - now % day + at
        tick = tick if tick >= now else tick + day
        if tick != self._receiving:
            self._receiving = tick
            self.env.process(self._receipt(tick))

    def _receipt(self, tick: int) -> Generator[simpy.Event, Any, None]:
        yield self.env.timeout(tick - int(self.env.now))
        self.stock.receive()

    def state(self) -> dict[str, np.ndarray]:
        """Stock, ages and goods on order; open parcels' goods are set aside at their nodes again."""
        data = self.table.data
        rows = self.table.in_use()
        rows = rows[still_open(data, rows)]
        cells = data[rows, col.NODE], data[rows, col.PRODUCT], data[rows, col.AGE]
        kept = self.stock.state(cells, data[rows, col.QUANTITY])
        return {**kept, "fresh": np.array([self._fresh]), "busy": np.array([self._busy])}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Take up a state before any parcel is submitted; the caller submits open parcels again."""
        self.stock.restore(state)
        self._busy = float(state["busy"][0])
        if not bool(state["fresh"][0]):
            self.stock.purchase_fen = 0
            self._fresh = False
        self._schedule_receipt()
