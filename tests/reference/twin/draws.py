"""Chance, as the twin asks for it: by what for, who and which occasion.

:class:`KeyedDraws` answers as the engine does, so that the two can be compared event by event.
:class:`MesaDraws` ignores the keys and takes the next number of the model's generator, which
is what an ordinary Mesa model does.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.core.rng import hash_id_py, stream_key, uniform_py

if TYPE_CHECKING:
    from tests.reference.twin.consumer import Consumer

LASTING = -1


class Draws:
    """Distributions made of uniform draws in (0, 1)."""

    def begin(self, day: int) -> None:
        """A new day: yesterday's streams are over."""

    def uniform(self, purpose: str, who: int, occasion: int) -> float:
        """A draw of today."""
        raise AssertionError("subclasses answer")

    def lasting(self, purpose: str, who: int, occasion: int) -> float:
        """A draw that is the same on every day."""
        raise AssertionError("subclasses answer")

    def new_id(self, a: int, b: int, c: int) -> int:
        """Id of an event with the lineage ``(a, b, c)``."""
        raise AssertionError("subclasses answer")

    def choose(self, purpose: str, event: int, among: Sequence[Consumer], size: int) -> list[Consumer]:
        """``size`` different people, each set of them equally likely."""
        raise AssertionError("subclasses answer")

    def exponential(self, purpose: str, who: int, occasion: int) -> float:
        """Mean 1."""
        return -math.log(self.uniform(purpose, who, occasion))

    def normal(self, purpose: str, who: int, occasion: int) -> float:
        """Mean 0, standard deviation 1 (Box and Muller's pair of occasions)."""
        radius = math.sqrt(-2.0 * math.log(self.uniform(purpose, who, 2 * occasion)))
        return radius * math.cos(2.0 * math.pi * self.uniform(purpose, who, 2 * occasion + 1))

    def poisson(self, purpose: str, who: int, occasion: int, mean: float) -> int:
        """Number of events of a small mean, by inversion."""
        u = self.uniform(purpose, who, occasion)
        count, p = 0, math.exp(-mean)
        total = p
        while u > total and count < 1000:
            count += 1
            p *= mean / count
            total += p
        return count


class KeyedDraws(Draws):
    """The engine's draws in plain Python."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.day = 0
        self._today: dict[str, int] = {}
        self._lasting: dict[str, int] = {}

    def begin(self, day: int) -> None:
        self.day = day
        self._today = {}

    def uniform(self, purpose: str, who: int, occasion: int) -> float:
        if purpose not in self._today:
            self._today[purpose] = int(stream_key(self.seed, purpose, self.day))
        return uniform_py(self._today[purpose], who, occasion)

    def lasting(self, purpose: str, who: int, occasion: int) -> float:
        if purpose not in self._lasting:
            self._lasting[purpose] = int(stream_key(self.seed, purpose, LASTING))
        return uniform_py(self._lasting[purpose], who, occasion)

    def new_id(self, a: int, b: int, c: int) -> int:
        return hash_id_py(a, b, c)

    def choose(self, purpose: str, event: int, among: Sequence[Consumer], size: int) -> list[Consumer]:
        return sorted(among, key=lambda friend: self.uniform(purpose, event, 2 * friend.id + 1))[:size]


class MesaDraws(Draws):
    """The next number of the model's own generator, whatever it is for."""

    def __init__(self, generator: random.Random) -> None:
        self.random = generator
        self._ids = itertools.count(1)

    def uniform(self, purpose: str, who: int, occasion: int) -> float:
        return self.random.random() or 2.0**-54

    lasting = uniform

    def new_id(self, a: int, b: int, c: int) -> int:
        return next(self._ids)

    def choose(self, purpose: str, event: int, among: Sequence[Consumer], size: int) -> list[Consumer]:
        return self.random.sample(among, size)

    def exponential(self, purpose: str, who: int, occasion: int) -> float:
        return self.random.expovariate(1.0)

    def normal(self, purpose: str, who: int, occasion: int) -> float:
        return self.random.gauss(0.0, 1.0)
