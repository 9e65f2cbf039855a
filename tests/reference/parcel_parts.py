"""What the slow parcel model is made of: orders, the map, shifts, results, rounds and parcels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import simpy


@dataclass(frozen=True)
class Order:
    """One order: identity, minute of acceptance, where from and to, what it is."""

    order_id: int
    minute: int
    zone: int
    node: int
    service: int
    layer: int
    litres: float
    life_days: float
    cancel_minute: int = -1


@dataclass(frozen=True)
class Map:
    """Zones: district, distance from the front warehouse (km), stop on the truck's route."""

    district: Sequence[int]
    distance_km: Sequence[float]
    stop: Sequence[int]


@dataclass(frozen=True)
class Duty:
    """A shift: start and end minute of the day, riders, presence, riders kept for instant rounds."""

    start: int
    end: int
    riders: int
    presence: float
    guard: int


@dataclass
class Result:
    """What became of a parcel."""

    order_id: int
    minute: int
    tick: int
    spoiled: bool


@dataclass
class Round:
    """Parcels that one rider carries."""

    key: tuple[int, ...]
    instant: bool
    zone: int
    parcels: list[Parcel] = field(default_factory=list)
    packed: int = 0


class Parcel:
    """One parcel: its order, its way so far and the event it waits for."""

    def __init__(self, env: simpy.Environment, order: Order) -> None:
        self.env, self.order = env, order
        self.turn = env.event()
        self.packed_at = 0
        self.arrived_at = 0
        self.attempts = 0
        self.has_left = False
        self.cancelled = False
        self.way: list[tuple[str, int]] = []

    def next_turn(self) -> simpy.Event:
        """The event that whoever carries the parcel triggers next."""
        self.turn = self.env.event()
        return self.turn
