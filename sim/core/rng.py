"""Keyed randomness: every draw is a pure function of who, when, what for and which.

``u = hash(seed, purpose, day, stable id, occasion)``. No draw depends on how many draws came
before it, so two runs that differ in one lever share every other draw (common random
numbers), rows may be relabelled, and mechanisms may be left out without re-dealing the rest.
The mixer is the finaliser of splitmix64 (Steele, Lea & Flood 2014), applied once to the
(seed, purpose, day) stream and twice to the (id, occasion) pair. ``Generator(Philox)`` is
used only for building a world (graph, attributes), never for living in it.
"""

from __future__ import annotations

import hashlib
import math
from functools import cache, lru_cache

import numpy as np

from sim.core.jit import njit

_GOLDEN = 0x9E3779B97F4A7C15
_MIX1 = 0xBF58476D1CE4E5B9
_MIX2 = 0x94D049BB133111EB
_ODD = 0xD1342543DE82EF95
_MASK = 0xFFFFFFFFFFFFFFFF

_U_GOLDEN = np.uint64(_GOLDEN)
_U_MIX1 = np.uint64(_MIX1)
_U_MIX2 = np.uint64(_MIX2)
_U_ODD = np.uint64(_ODD)
_TO_UNIT = 2.0**-53


@cache
def purpose_key(name: str) -> int:
    """Stable 64-bit key of a purpose name such as ``"visit.organic"``."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


def mix_int(z: int) -> int:
    """The splitmix64 finaliser on a Python int (the kernels' twin)."""
    z &= _MASK
    z = ((z ^ (z >> 30)) * _MIX1) & _MASK
    z = ((z ^ (z >> 27)) * _MIX2) & _MASK
    return z ^ (z >> 31)


@lru_cache(4096)
def _seeded(seed: int, purpose: str) -> int:
    """The part of a stream's key that is the same on every day."""
    return mix_int(seed * _GOLDEN + purpose_key(purpose))


def stream_key(seed: int, purpose: str, day: int) -> np.uint64:
    """Key of one (seed, purpose, day) stream, handed to kernels as their first argument."""
    return np.uint64(mix_int(_seeded(seed, purpose) + (day + 1) * _ODD))


@lru_cache(4096)
def _timeless_key(seed: int, purpose: str) -> np.uint64:
    """Key of a stream that does not depend on the day."""
    return stream_key(seed, purpose, -1)


@njit(inline="always")
def mix(z):
    """The splitmix64 finaliser on uint64."""
    z = (z ^ (z >> np.uint64(30))) * _U_MIX1
    z = (z ^ (z >> np.uint64(27))) * _U_MIX2
    return z ^ (z >> np.uint64(31))


@njit(inline="always")
def keyed_bits(stream, who, occasion):
    """64 random bits for ``who`` (int) on ``occasion`` (int) in ``stream`` (uint64)."""
    z = mix(stream + np.uint64(who) * _U_GOLDEN)
    return mix(z ^ (np.uint64(occasion) * _U_ODD + _U_MIX1))


@njit(inline="always")
def keyed_uniform(stream, who, occasion):
    """Uniform draw in the open interval (0, 1): 53 bits, never 0 and never 1."""
    return (np.float64(keyed_bits(stream, who, occasion) >> np.uint64(11)) + 0.5) * _TO_UNIT


@njit(inline="always")
def person_key(stream, who):
    """First half of :func:`keyed_uniform`, for loops that draw on several occasions for one person."""
    return mix(stream + np.uint64(who) * _U_GOLDEN)


@njit(inline="always")
def occasion_key(occasion):
    """Key of an occasion for :func:`unit_of`."""
    return np.uint64(occasion) * _U_ODD + _U_MIX1


@njit(inline="always")
def unit_of(person, occasion):
    """:func:`keyed_uniform` from :func:`person_key` and :func:`occasion_key`."""
    return (np.float64(mix(person ^ occasion) >> np.uint64(11)) + 0.5) * _TO_UNIT


@njit(inline="always")
def keyed_exponential(stream, who, occasion):
    """Unit exponential draw."""
    return -math.log(keyed_uniform(stream, who, occasion))


@njit(inline="always")
def rings_later(u, rate, best):
    """Whether an exponential clock, ``-log(u) / rate``, surely does not ring before ``best``.

    It is at least ``(1 - u) / rate``, which spares the logarithm; the bound allows for rounding.
    """
    return (1.0 - u) * (1.0 - 1e-12) >= best * rate


@njit(inline="always")
def keyed_normal(stream, who, occasion):
    """Standard normal draw (Box-Muller on two occasions derived from one)."""
    u = keyed_uniform(stream, who, 2 * occasion)
    v = keyed_uniform(stream, who, 2 * occasion + 1)
    return math.sqrt(-2.0 * math.log(u)) * math.cos(2.0 * math.pi * v)


@njit(inline="always")
def keyed_poisson(stream, who, occasion, mean):
    """Poisson draw by inversion of one uniform; for means up to about 30."""
    u = keyed_uniform(stream, who, occasion)
    p = math.exp(-mean)
    total = p
    count = 0
    while u > total and count < 1000:
        count += 1
        p *= mean / count
        total += p
    return count


@njit(cache=True)
def keyed_uniforms(stream, who, occasion):
    """Vector of :func:`keyed_uniform` over ``who`` (int64[n]) at one ``occasion``."""
    out = np.empty(who.shape[0], np.float64)
    for i in range(who.shape[0]):
        out[i] = keyed_uniform(stream, who[i], occasion)
    return out


@njit(inline="always")
def hash_id(a, b, c):
    """Id of a lineage ``(a, b, c)`` (arrivals, orders, invitations): int64 in 0..2**53 - 1.

    Floats, spreadsheets and JavaScript keep every digit of such a number; a left join makes floats of ids.
    """
    z = mix(np.uint64(a) * _U_GOLDEN + _U_ODD)
    z = mix(z ^ (np.uint64(b) * _U_ODD + _U_MIX1))
    z = mix(z ^ (np.uint64(c) * _U_GOLDEN + _U_MIX2))
    return np.int64(z >> np.uint64(11))


def uniform_py(stream: int, who: int, occasion: int) -> float:
    """:func:`keyed_uniform` in plain Python, bit for bit the same (for reference twins)."""
    z = mix_int(int(stream) + (who & _MASK) * _GOLDEN)
    z = mix_int(z ^ (((occasion & _MASK) * _ODD + _MIX1) & _MASK))
    return ((z >> 11) + 0.5) * _TO_UNIT


def hash_id_py(a: int, b: int, c: int) -> int:
    """:func:`hash_id` in plain Python, bit for bit the same."""
    z = mix_int((a & _MASK) * _GOLDEN + _ODD)
    z = mix_int(z ^ (((b & _MASK) * _ODD + _MIX1) & _MASK))
    z = mix_int(z ^ (((c & _MASK) * _GOLDEN + _MIX2) & _MASK))
    return z >> 11


class Draw:
    """The key-maker handed to mechanisms: ``draw("visit.organic")`` is today's stream.

    Parameters
    ----------
    seed : int
        Seed of the replication (already mixed with the replication number).
    day : int
        Absolute day; ``day.py`` advances it.
    """

    __slots__ = ("_keys", "_keys_of", "day", "seed")

    def __init__(self, seed: int, day: int = 0) -> None:
        self.seed = seed
        self.day = day
        self._keys: dict[str, np.uint64] = {}
        self._keys_of = seed, day

    def __call__(self, purpose: str) -> np.uint64:
        """Stream of ``purpose`` for the current day."""
        if self._keys_of != (self.seed, self.day):
            self._keys, self._keys_of = {}, (self.seed, self.day)
        key = self._keys.get(purpose)
        if key is None:
            key = self._keys[purpose] = stream_key(self.seed, purpose, self.day)
        return key

    def timeless(self, purpose: str) -> np.uint64:
        """Stream of ``purpose`` that does not depend on the day (persistent traits)."""
        return _timeless_key(self.seed, purpose)


def replication_seed(seed: int, replication: int) -> int:
    """Seed of one replication: disjoint streams for every (seed, replication) pair."""
    return mix_int(mix_int(seed * _GOLDEN + 1) + replication * _ODD) >> 1


def builder(seed: int, purpose: str) -> np.random.Generator:
    """A Philox generator for building one part of a world."""
    return np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, purpose_key(purpose)])))
