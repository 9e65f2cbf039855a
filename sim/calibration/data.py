"""What is known of a market, real or simulated alike: orders, cascades, deliveries and ties."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class Orders:
    """Orders of one stretch of time, sorted by customer, then time.

    Attributes
    ----------
    customer : int64[n]
        Numbers 0.. without gaps.
    day : float64[n]
        Days since the stretch began, with their fraction.
    value : float64[n]
        What the order came to; 0 where nothing is known.
    days : float
        Length of the stretch.
    cohort : float
        Days in which customers came if all are followed from their first order; 0 if they are not.
    """

    customer: np.ndarray
    day: np.ndarray
    value: np.ndarray
    days: float
    cohort: float = 0.0

    @property
    def customers(self) -> int:
        """How many customers there are."""
        return int(self.customer[-1]) + 1 if len(self.customer) else 0

    @property
    def counts(self) -> np.ndarray:
        """int64[customers]: orders of each."""
        return np.bincount(self.customer, minlength=self.customers)

    def before(self, day: float) -> Orders:
        """The first ``day`` days; customers without an order in them are left out."""
        kept = self.day < day
        return orders(self.customer[kept], self.day[kept], self.value[kept], day, min(self.cohort, day))

    def of_customers(self, chosen: np.ndarray) -> Orders:
        """Orders of some customers, each as often as it is chosen, numbered anew.

        Parameters
        ----------
        chosen : int64[m]
            Numbers of customers.
        """
        counts = self.counts
        start = np.concatenate(([0], np.cumsum(counts)))[:-1]
        many = counts[chosen]
        offset = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
        rows = np.repeat(start[chosen], many) + offset
        who = np.repeat(np.arange(len(chosen)), many)
        return replace(self, customer=who, day=self.day[rows], value=self.value[rows])


def orders(
    customer: np.ndarray, day: np.ndarray, value: np.ndarray, days: float, cohort: float = 0.0
) -> Orders:
    """Orders in any sequence and with any numbers of customers, sorted and numbered.

    Parameters
    ----------
    customer : int64[n]
    day, value : float64[n]
    days, cohort : float
        As in :class:`Orders`.
    """
    _, number = np.unique(customer, return_inverse=True)
    rank = np.lexsort((day, number))
    return Orders(number[rank].astype(np.int64), day[rank], value[rank], days, cohort)


@dataclass(frozen=True)
class Cascades:
    """Passings-on, one row for everybody who passed something on; roots stand as their own rows.

    Attributes
    ----------
    root : int64[n]
        Number of the cascade, 0.. without gaps; rows are sorted by it.
    parent : int64[n]
        Row of who it came from; -1 for the root.
    minute : float64[n]
        Minutes since the root's.
    """

    root: np.ndarray
    parent: np.ndarray
    minute: np.ndarray

    @property
    def cascades(self) -> int:
        """How many there are."""
        return int(self.root[-1]) + 1 if len(self.root) else 0

    def of_roots(self, chosen: np.ndarray) -> Cascades:
        """Some cascades, each as often as it is chosen, numbered anew."""
        counts = np.bincount(self.root, minlength=self.cascades)
        start = np.concatenate(([0], np.cumsum(counts)))[:-1]
        many = counts[chosen]
        new_start = np.cumsum(many) - many
        offset = np.arange(many.sum()) - np.repeat(new_start, many)
        rows = np.repeat(start[chosen], many) + offset
        shift = np.repeat(new_start - start[chosen], many)
        parent = np.where(self.parent[rows] >= 0, self.parent[rows] + shift, -1)
        return Cascades(np.repeat(np.arange(len(chosen)), many), parent, self.minute[rows])


@dataclass(frozen=True)
class Deliveries:
    """Deliveries that had a promise.

    Attributes
    ----------
    hours : float64[n]
        From order to hand-over.
    late_days : float64[n]
        Days after the promise; negative if before.
    low : float64[n]
        1 for a low score, 0 for another, nan where none is known.
    """

    hours: np.ndarray
    late_days: np.ndarray
    low: np.ndarray

    def rows(self, chosen: np.ndarray) -> Deliveries:
        """Some deliveries."""
        return Deliveries(self.hours[chosen], self.late_days[chosen], self.low[chosen])


@dataclass(frozen=True)
class Ties:
    """A network seen person by person.

    Attributes
    ----------
    degree : float64[n]
        Acquaintances of each.
    clustering : float64[n]
        Share of pairs of one's acquaintances who know one another; 0 for fewer than two.
    """

    degree: np.ndarray
    clustering: np.ndarray

    def rows(self, chosen: np.ndarray) -> Ties:
        """Some people."""
        return Ties(self.degree[chosen], self.clustering[chosen])
