"""Keyed draws: as good as random on large samples, the same in Python and in kernels, and nobody's order."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit
from scipy import stats

from sim.core import rng
from sim.core.rng import (
    Draw,
    builder,
    hash_id,
    hash_id_py,
    keyed_bits,
    keyed_exponential,
    keyed_normal,
    keyed_poisson,
    keyed_uniform,
    keyed_uniforms,
    replication_seed,
    stream_key,
    uniform_py,
)

N = 10_000_000
#: Two-sided level of each of the few dozen tests on large samples; seeds are fixed, so they stay put.
ALPHA = 1e-4
Z = float(stats.norm.isf(ALPHA / 2))

ints = st.integers(-(2**63), 2**63 - 1)
seeds = st.integers(0, 2**63 - 1)


def fill_by_id(stream: np.uint64, occasion: int = 0, n: int = N) -> np.ndarray:
    return keyed_uniforms(stream, np.arange(n), occasion)


@njit
def fill_by_occasion(stream, who, n):
    out = np.empty(n)
    for k in range(n):
        out[k] = keyed_uniform(stream, who, k)
    return out


@njit
def fill_by_stream(streams, who):
    out = np.empty(streams.shape[0])
    for k in range(streams.shape[0]):
        out[k] = keyed_uniform(streams[k], who, 0)
    return out


@njit
def count_bits(stream, n):
    """How often each of the 64 bits is set, and how often two neighbouring bits are both set."""
    ones = np.zeros(64, np.int64)
    both = np.zeros(63, np.int64)
    for i in range(n):
        bits = keyed_bits(stream, i, 0)
        for b in range(64):
            if bits >> np.uint64(b) & np.uint64(1):
                ones[b] += 1
                if b > 0 and bits >> np.uint64(b - 1) & np.uint64(1):
                    both[b - 1] += 1
    return ones, both


def samples() -> dict[str, np.ndarray]:
    """Draws that differ in one part of the key only."""
    days = np.array([stream_key(1, "a", d) for d in range(100_000)], np.uint64)
    names = np.array([stream_key(1, f"purpose.{d}", 0) for d in range(100_000)], np.uint64)
    worlds = np.array([stream_key(replication_seed(1, r), "a", 0) for r in range(100_000)], np.uint64)
    plain = np.array([stream_key(s, "a", 0) for s in range(100_000)], np.uint64)
    return {
        "ids": fill_by_id(stream_key(1, "a", 0)),
        "occasions": fill_by_occasion(stream_key(1, "a", 0), 17, N),
        "days": fill_by_stream(days, 5),
        "purposes": fill_by_stream(names, 5),
        "replications": fill_by_stream(worlds, 5),
        "seeds": fill_by_stream(plain, 5),
    }


@pytest.fixture(scope="module")
def drawn() -> dict[str, np.ndarray]:
    return samples()


PARTS = ("ids", "occasions", "days", "purposes", "replications", "seeds")


@pytest.mark.parametrize("part", PARTS)
def test_draws_are_uniform_whatever_part_of_the_key_moves(drawn, part):
    seen = np.bincount((drawn[part] * 1000).astype(np.int64), minlength=1000)
    assert ALPHA < stats.chisquare(seen).pvalue < 1 - ALPHA


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("lag", [1, 2, 7, 1440])
def test_neighbouring_keys_are_uncorrelated(drawn, part, lag):
    u = drawn[part] - 0.5
    correlation = float(u[lag:] @ u[:-lag]) / (len(u) - lag) * 12.0
    assert abs(correlation) < Z / math.sqrt(len(u) - lag)


@pytest.mark.parametrize("part", PARTS)
def test_pairs_fill_the_square_evenly(drawn, part):
    u = drawn[part]
    cell = (u[::2] * 20).astype(np.int64) * 20 + (u[1::2] * 20).astype(np.int64)
    assert ALPHA < stats.chisquare(np.bincount(cell, minlength=400)).pvalue < 1 - ALPHA


def test_streams_of_one_person_are_uncorrelated_with_each_other():
    base = fill_by_id(stream_key(1, "a", 3), 0, 1_000_000) - 0.5
    others = {
        "purpose": fill_by_id(stream_key(1, "b", 3), 0, 1_000_000),
        "day": fill_by_id(stream_key(1, "a", 4), 0, 1_000_000),
        "seed": fill_by_id(stream_key(2, "a", 3), 0, 1_000_000),
        "occasion": fill_by_id(stream_key(1, "a", 3), 1, 1_000_000),
    }
    for name, other in others.items():
        correlation = float(np.mean(base * (other - 0.5))) * 12.0
        assert abs(correlation) < Z / math.sqrt(len(base)), name


def test_every_bit_is_fair_and_its_own():
    n = 2_000_000
    ones, both = count_bits(stream_key(1, "bits", 0), n)
    assert np.all(np.abs(ones - n / 2) < Z * math.sqrt(n) / 2)
    assert np.all(np.abs(both - n / 4) < Z * math.sqrt(n * 3 / 16))


def test_one_changed_bit_of_an_id_changes_half_of_the_bits():
    stream = stream_key(1, "avalanche", 0)
    generator = np.random.default_rng(1)
    flips = []
    for who in generator.integers(0, 2**62, 300).tolist():
        bits = int(keyed_bits(stream, who, 0))
        flips += [(bits ^ int(keyed_bits(stream, who ^ (1 << b), 0))).bit_count() for b in range(0, 62, 7)]
    assert abs(np.mean(flips) - 32) < Z * 4 / math.sqrt(len(flips))
    assert np.std(flips) == pytest.approx(4, rel=0.1)


def test_neither_zero_nor_one_is_drawn(drawn):
    for u in drawn.values():
        assert u.min() > 0.0
        assert u.max() < 1.0


@njit
def fill_kind(stream, kind, mean, n):
    out = np.empty(n)
    for i in range(n):
        if kind == 0:
            out[i] = keyed_exponential(stream, i, 0)
        elif kind == 1:
            out[i] = keyed_normal(stream, i, 0)
        else:
            out[i] = keyed_poisson(stream, i, 0, mean)
    return out


@pytest.mark.exact
def test_exponential_draws_have_exponential_moments():
    x = fill_kind(stream_key(1, "exponential", 0), 0, 0.0, 1_000_000)
    root = math.sqrt(len(x))
    assert abs(x.mean() - 1.0) < 3 * 1.0 / root
    assert abs((x**2).mean() - 2.0) < 3 * math.sqrt(24.0 - 4.0) / root
    assert abs((x**3).mean() - 6.0) < 3 * math.sqrt(720.0 - 36.0) / root


@pytest.mark.exact
def test_normal_draws_have_normal_moments():
    x = fill_kind(stream_key(1, "normal", 0), 1, 0.0, 1_000_000)
    root = math.sqrt(len(x))
    assert abs(x.mean()) < 3 / root
    assert abs((x**2).mean() - 1.0) < 3 * math.sqrt(2.0) / root
    assert abs((x**3).mean()) < 3 * math.sqrt(15.0) / root
    assert abs((x**4).mean() - 3.0) < 3 * math.sqrt(105.0 - 9.0) / root
    assert stats.kstest(x[:100_000], "norm").pvalue > ALPHA


@pytest.mark.exact
@pytest.mark.parametrize("mean", [0.0, 0.05, 1.0, 7.5, 30.0])
def test_poisson_draws_have_poisson_moments(mean):
    n = 1_000_000
    x = fill_kind(stream_key(1, "poisson", int(mean * 100)), 2, mean, n)
    assert abs(x.mean() - mean) <= 3 * math.sqrt(mean / n)
    assert abs(((x - mean) ** 2).mean() - mean) <= 3 * math.sqrt((mean + 2 * mean**2) / n)
    none = math.exp(-mean)
    assert abs((x == 0).mean() - none) <= 3 * math.sqrt(none * (1 - none) / n)


@pytest.mark.property
@settings(deadline=None)  # the first example compiles
@given(seeds, st.text(max_size=20), st.integers(-1, 10**6), ints, ints)
def test_python_and_kernel_draw_the_same(seed, purpose, day, who, occasion):
    stream = stream_key(seed, purpose, day)
    expected = uniform_py(int(stream), who, occasion)
    assert float(keyed_uniform(stream, np.int64(who), np.int64(occasion))) == expected
    assert float(keyed_uniforms(stream, np.array([who]), np.int64(occasion))[0]) == expected


@pytest.mark.property
@settings(deadline=None)  # the first example compiles
@given(ints, ints, ints)
def test_python_and_kernel_hash_the_same(a, b, c):
    value = hash_id_py(a, b, c)
    assert int(hash_id(np.int64(a), np.int64(b), np.int64(c))) == value
    assert 0 <= value < 2**53
    assert int(float(value)) == value


def test_hashed_ids_do_not_collide():
    """Lineages of the kind a market uses: people, days, small third parts."""
    seen = {hash_id_py(p, d, k) for p in range(60) for d in range(60) for k in range(60)}
    assert len(seen) == 60**3


def test_a_stream_is_one_purpose_on_one_day():
    draw = Draw(7)
    assert draw("a") == stream_key(7, "a", 0) != draw("b")
    draw.day = 3
    assert draw("a") == stream_key(7, "a", 3)
    assert draw.timeless("a") == stream_key(7, "a", -1) == Draw(7, 99).timeless("a")


def test_replications_and_building_generators_are_apart():
    keys = {replication_seed(seed, r) for seed in range(200) for r in range(200)}
    assert len(keys) == 200**2
    assert all(0 <= k < 2**63 for k in keys)
    assert builder(1, "a").random() == builder(1, "a").random() != builder(1, "b").random()


_DRAW = re.compile(r"\b(?:draw|weekly)(?:\.timeless)?\(\s*\"([^\"]+)\"")
_BUILDER = re.compile(r"\bbuilder\([^()]*,\s*\"([^\"]+)\"\)")


def owners(pattern: re.Pattern[str]) -> dict[str, set[str]]:
    """Purpose -> the classes (or module functions) whose source names it."""
    found: dict[str, set[str]] = {}
    root = Path(rng.__file__).parents[1]
    for path in sorted(root.rglob("*.py")):
        owner = path.stem
        for line in path.read_text().splitlines():
            if head := re.match(r"(?:class|def) (\w+)", line):
                owner = f"{path.relative_to(root)}:{head[1]}"
            for purpose in pattern.findall(line):
                found.setdefault(purpose, set()).add(owner)
    return found


@pytest.mark.parametrize("pattern", [_DRAW, _BUILDER], ids=["living", "building"])
def test_every_purpose_has_one_owner(pattern):
    found = owners(pattern)
    assert len(found) > 3
    assert {purpose: who for purpose, who in found.items() if len(who) > 1} == {}


def test_nothing_uses_the_global_random_state():
    root = Path(rng.__file__).parents[1]
    wrong = re.compile(r"np\.random\.(?!Generator|Philox|SeedSequence)\w+|^import random|^from random")
    hits = [
        f"{path.relative_to(root)}: {line.strip()}"
        for path in sorted(root.rglob("*.py"))
        for line in path.read_text().splitlines()
        if wrong.search(line)
    ]
    assert hits == []
