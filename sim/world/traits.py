"""What people are like, compiled: traits, use of platforms and rates of needs, drawn once for each id."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.core.jit import njit
from sim.core.rng import keyed_exponential, keyed_normal, keyed_uniform


class Traits(NamedTuple):
    """Who is on which seat, and the columns of traits to fill (see the population's ``COLUMNS``)."""

    id: np.ndarray
    male: np.ndarray
    lower_tier: np.ndarray
    income: np.ndarray
    price_sensitivity: np.ndarray
    kol_reliance: np.ndarray
    proof_need: np.ndarray
    belonging: np.ndarray
    taste: np.ndarray
    activity: np.ndarray
    cost_of_faking: np.ndarray


class Tables(NamedTuple):
    """Who is on which seat, and the rows by platform and by category to fill."""

    id: np.ndarray
    male: np.ndarray
    lower_tier: np.ndarray
    affinity: np.ndarray
    need_rate: np.ndarray
    need_total: np.ndarray
    basket: np.ndarray
    exit_pace: np.ndarray


class Typical(NamedTuple):
    """What is typical of each consumer group, float64[n_groups]."""

    income: np.ndarray
    kol_reliance: np.ndarray
    proof_need: np.ndarray
    belonging: np.ndarray


class Ways(NamedTuple):
    """What whoever sits on the seats is like by age, in the order of the seats.

    mixture : float64[k, n_groups], how much of each group's ways, rows sum to 1; reach : float64[k], factor
    on the chance to use a platform.
    """

    mixture: np.ndarray
    reach: np.ndarray


class Spread(NamedTuple):
    """Shares, medians and spreads within the groups (see ``PopulationParams``)."""

    lower_tier_share: float
    male_share: float
    income_sigma: float
    sensitivity_sigma: float
    income_sensitivity: float
    reliance_spread: float
    trait_spread: float
    taste_sd: float
    activity_sigma: float
    faking_median: float
    faking_sigma: float


class Reach(NamedTuple):
    """Chance to use a platform by group, and what city tier and sex make of it, float64[.., n_platforms]."""

    by_group: np.ndarray
    by_tier: np.ndarray
    by_sex: np.ndarray


class Needs(NamedTuple):
    """How unlike people are in their use of platforms, in what they need and buy at once, and in staying."""

    affinity_spread: float
    needs_per_day: float
    need_shape: float
    basket_sigma: float
    basket_needs: float
    exit_spread: float


@njit(inline="always")
def _around(spread, u):
    """Uniform around 1, within ``spread`` on either side."""
    return 1.0 + spread * (2.0 * u - 1.0)


@njit(inline="always")
def _gamma(stream, who, occasion, shape):
    """Gamma draw (Marsaglia & Tsang 2000) from keyed occasions, shape > 0, scale 1."""
    boost = 1.0
    if shape < 1.0:
        boost = keyed_uniform(stream, who, occasion) ** (1.0 / shape)
        shape = shape + 1.0
    d = shape - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    value = d
    for attempt in range(64):
        x = keyed_normal(stream, who, occasion * 4 + 2 * attempt + 2)
        v = (1.0 + c * x) ** 3
        if v > 0.0:
            u = keyed_uniform(stream, who, occasion * 16 + 1000 * attempt + 7)
            if math.log(u) < 0.5 * x * x + d - d * v + d * math.log(v):
                value = d * v
                break
    return value * boost


@njit(inline="always")
def _mixed(mixture, k, column):
    """The groups' values in a person's own mixture."""
    total = 0.0
    for g in range(column.shape[0]):
        total += mixture[k, g] * column[g]
    return total


@njit(inline="always")
def _basket(stream, who, level, needs):
    """Units beyond the first relative to the mean: lognormal luck times a power of the needs, mean 1."""
    shape, power = needs.need_shape, needs.basket_needs
    usual = math.exp(math.lgamma(shape + power) - math.lgamma(shape) - power * math.log(shape))
    luck = math.exp(needs.basket_sigma * keyed_normal(stream, who, 500) - 0.5 * needs.basket_sigma**2)
    return luck * level**power / usual


@njit(cache=True)
def draw_traits(stream, seats, people, mixture, typical, spread):
    """Fill the traits of whoever sits on ``seats``."""
    for k in range(seats.shape[0]):
        i = seats[k]
        who = people.id[i]
        usual, reliance = _mixed(mixture, k, typical.income), _mixed(mixture, k, typical.kol_reliance)
        proof, belonging = _mixed(mixture, k, typical.proof_need), _mixed(mixture, k, typical.belonging)
        people.male[i] = keyed_uniform(stream, who, 1) < spread.male_share
        people.lower_tier[i] = keyed_uniform(stream, who, 2) < spread.lower_tier_share
        people.income[i] = usual * math.exp(spread.income_sigma * keyed_normal(stream, who, 10))
        # richer people mind prices less; the mean over a group stays near one
        people.price_sensitivity[i] = math.exp(spread.sensitivity_sigma * keyed_normal(stream, who, 11))
        people.price_sensitivity[i] *= (usual / people.income[i]) ** spread.income_sensitivity
        around = _around(spread.reliance_spread, keyed_uniform(stream, who, 3))
        people.kol_reliance[i] = min(1.0, reliance * around)
        around = _around(spread.trait_spread, keyed_uniform(stream, who, 4))
        people.proof_need[i] = min(1.0, proof * around)
        around = _around(spread.trait_spread, keyed_uniform(stream, who, 5))
        people.belonging[i] = min(1.0, belonging * around)
        people.taste[i] = spread.taste_sd * keyed_normal(stream, who, 12)
        sigma = spread.activity_sigma
        people.activity[i] = math.exp(sigma * keyed_normal(stream, who, 13) - 0.5 * sigma**2)
        faking = math.exp(spread.faking_sigma * keyed_normal(stream, who, 14))
        people.cost_of_faking[i] = spread.faking_median * faking


@njit(cache=True)
def draw_tables(stream, seats, people, ways, reach, needs, weight):
    """Fill the use of platforms and the rates of needs of whoever sits on ``seats``."""
    affinity, need_rate = people.affinity, people.need_rate
    for k in range(seats.shape[0]):
        i = seats[k]
        who = people.id[i]
        tier, sex = np.int64(people.lower_tier[i]), np.int64(people.male[i])
        for p in range(affinity.shape[1]):
            chance = _mixed(ways.mixture, k, reach.by_group[:, p]) * ways.reach[k]
            chance *= reach.by_tier[tier, p] * reach.by_sex[sex, p]
            uses = keyed_uniform(stream, who, 100 + p) < chance
            affinity[i, p] = (
                _around(needs.affinity_spread, keyed_uniform(stream, who, 200 + p)) if uses else 0.0
            )
        level = _gamma(stream, who, 300, needs.need_shape) / needs.need_shape
        total = 0.0
        for c in range(need_rate.shape[1]):
            share = _mixed(ways.mixture, k, weight[:, c]) * keyed_exponential(stream, who, 400 + c)
            need_rate[i, c] = needs.needs_per_day * level * share
            total += need_rate[i, c]
        people.need_total[i] = total
        people.basket[i] = _basket(stream, who, level, needs)
        people.exit_pace[i] = 1.0
        if needs.exit_spread > 0.0:
            shape = needs.exit_spread**-2.0
            people.exit_pace[i] = _gamma(stream, who, 600, shape) / shape
