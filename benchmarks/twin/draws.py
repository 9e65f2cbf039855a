"""Chance, as the yardstick asks for it: by what for, who and which occasion.

:class:`MesaDraws` ignores these and takes the next number of the model's generator, which is what an ordinary
Mesa model does.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.twin.consumer import Consumer


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


class MesaDraws(Draws):
    """The next number of the model's own generator, whatever it is for."""

    def __init__(self, generator: random.Random) -> None:
        self.random = generator
        self._ids = itertools.count(1)

    def uniform(self, purpose: str, who: int, occasion: int) -> float:
        """Uniform in (0, 1)."""
        return self.random.random() or 2.0**-54

    lasting = uniform

    def new_id(self, a: int, b: int, c: int) -> int:
        """The next number."""
        return next(self._ids)

    def choose(self, purpose: str, event: int, among: Sequence[Consumer], size: int) -> list[Consumer]:
        """``size`` different people."""
        return self.random.sample(among, size)

    def exponential(self, purpose: str, who: int, occasion: int) -> float:
        """Mean 1."""
        return self.random.expovariate(1.0)

    def normal(self, purpose: str, who: int, occasion: int) -> float:
        """Mean 0, standard deviation 1."""
        return self.random.gauss(0.0, 1.0)
