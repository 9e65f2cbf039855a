"""A flow of one district and rides of the same length, for what riders and trucks do by themselves."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import simpy

from sim.logistics import kernel_params as use
from sim.logistics import parcels as col
from sim.logistics import yard
from sim.logistics.crew import Shift
from sim.logistics.flow import Flow, Tours
from sim.logistics.parcels import ParcelTable
from sim.logistics.riders import call

DAY = 1440
OUT = 14
#: Ticks from setting out to being back: out, one at the door, and back.
RIDE = 2 * OUT + 1


class Street:
    """One tick a minute; no standard round leaves after 20:00; trucks leave at 10:00 and 15:00."""

    def __init__(
        self,
        *shifts: Shift,
        recall: int = 0,
        sold: float = 1.0,
        litres: float = 1.0,
        out: int = OUT,
        last_standard: int = 1200,
        per_minute: int = 1,
    ) -> None:
        zones = 100
        vector = np.zeros(20)
        vector[[use.S_TICKS, use.S_MINUTES_PER_KM]] = 1.0
        vector[use.S_RESOLD] = sold
        region = SimpleNamespace(
            n_nodes=2, n_fronts=1, district=np.zeros(zones, np.int64), stop=np.zeros(zones, np.int64),
            distance_km=np.full(zones, float(out)),
            spacing=np.ones(zones),
        )  # fmt: skip
        settings = SimpleNamespace(
            vector=vector, ageing=np.zeros((4, 6)), compartments=np.full(3, litres), restock=np.zeros(4),
            trucks=np.array([600, 900]), rounds=np.array([0]), waves=np.array([30, 30, 0]),
            day=DAY * per_minute, last_standard=last_standard * per_minute,
        )  # fmt: skip
        self.tours = Tours(10, 10, float(out), 0, np.array([7000]), recall)
        self.settings, self.shifts = settings, shifts
        self.env, self.table = simpy.Environment(), ParcelTable(4)
        goods = (np.full((2, 1), 1000), np.zeros(1, np.int64))
        hands = (settings, self.hands(shifts), self.tours)
        parts: tuple[Any, ...] = (self.env, region, self.table, use.streams(5), goods, *hands)
        self.flow = Flow(*parts)

    def hands(self, shifts: tuple[Shift, ...]) -> Any:
        """Capacity with the given riders."""
        return SimpleNamespace(plans=[shifts], pickers=np.array([1, 1]), inspectors=1)

    def parcels(self, zones: list[int], **marks: int) -> np.ndarray:
        """Rows of parcels for the given doors, orders 0, 1, ... as they are made; other marks by name."""
        made = self.table.used
        rows = self.table.take(len(zones))
        data = self.table.data
        data[rows] = col.NEVER
        data[rows, col.ORDER] = made + np.arange(len(zones))
        data[rows, col.ZONE] = zones
        fixed = {"PRODUCT": 0, "NODE": 0, "QUANTITY": 1, "LAYER": 1, "SERVICE": 3, "KIND": col.DELIVERY}
        for name, value in {**fixed, "STATE": col.MOVING, "MINUTE": 0, **marks}.items():
            data[rows, getattr(col, name)] = value
        self.table.volume[rows] = 1.0
        return rows

    def call(self, zone: int, at: int, instant: bool = False) -> int:
        """One parcel calls for a rider; its row."""
        front = {"NODE": 1, "STATE": col.AT_NODE, "READY": at} if instant else {}
        rows = self.parcels([zone], **front)
        call(yard.Held(*self.flow.held), 1, rows, int(instant), (at, zone, 0))
        self.flow._wake = min(self.flow._wake, at)
        return int(rows[0])

    def calls(self, zones: np.ndarray, ticks: np.ndarray, instant: np.ndarray) -> np.ndarray:
        """Many calls; their rows."""
        lists = (zones.tolist(), ticks.tolist(), instant.tolist())
        return np.array([self.call(*one) for one in zip(*lists, strict=True)])

    def started(self) -> list[tuple[int, int]]:
        """Tick and door of every round that has left, in that order."""
        data = self.table.data[self.table.in_use()]
        gone = data[data[:, col.START] != col.NEVER]
        return sorted(zip(gone[:, col.START].tolist(), gone[:, col.ZONE].tolist(), strict=True))

    @property
    def busy(self) -> int:
        """Riders on the road."""
        return int(self.flow.sites[1, yard.BUSY])
