"""Care for trust: a score of every customer from three signals, and personal attention to those it puts last.

The operator does not see what people trust. It scores its customers by what it knows of them: how their own
deliveries went (behaviour data), how those of their close acquaintances went (the relations between people),
and whether the goods that they would want proof of carry a report (certification). A few of the lowest are
written to in person each day; who trusts less than such a word can repair trusts more, the less the more
often it was done. Attention that the score sends to somebody who trusts anyway is wasted.
"""

from __future__ import annotations

from typing import Any, ClassVar, cast

import numpy as np

from sim.core.jit import njit
from sim.core.ledger import to_fen
from sim.core.lookup import first_by
from sim.core.params import Params, constant, lever, uncertainty
from sim.core.rng import Draw
from sim.core.whole_numbers import whole_number
from sim.feature import Feature, Figure, act, mean_over_days
from sim.mechanism import Phase
from sim.world.kinds import Purpose
from sim.world.money import affordable
from sim.world.people import Column
from sim.world.world import World

_NEVER = -10_000
#: Table of endorsements, where there are any: its last row says what share of categories shows a report.
_REPORTS = "endorsement_days"


class CareParams(Params):
    """Scores of customers, and attention to those who trust least by them."""

    enabled: bool = lever(False, "switch", "S069")
    """Customers are scored, and some are written to in person."""

    behaviour: float = lever(1.0, "weight", "S069", ge=0, le=100, span=(0, 3))
    """Weight of a customer's own deliveries in the score."""

    friends: float = lever(0.5, "weight", "S069", ge=0, le=100, span=(0, 3))
    """Weight of the deliveries of close acquaintances who are customers."""

    certificate: float = lever(0.2, "weight", "S069", ge=0, le=100, span=(0, 3))
    """Weight of reports for those who need proof."""

    follow: float = constant(
        0.5, "share of the gap", "A-1292; as trust.satisfaction_gain", ge=0.01, le=1, scope="strategy"
    )
    """Weight of the latest delivery in what is kept of a customer's own."""

    calls: float = lever(0.0, "people/1,000 people/day", "S067", ge=0, le=1000, span=(0, 10))
    """Customers who are written to in person, those with the lowest score first."""

    call_cost: float = uncertainty(
        4.0, "CNY/person", "A-1293", ge=0.01, le=1000, span=(1, 15), scope="strategy"
    )
    """Some minutes of somebody who knows the case, and a small gift."""

    rest_days: int = lever(30, "days", "A-1294", ge=1, le=365, span=(7, 90))
    """Days for which nobody is written to again."""

    repairs: float = uncertainty(
        0.3, "share of the gap", "A-1295", ge=0, le=1, span=(0.1, 0.6), scope="strategy"
    )
    """Part of the gap to ``repaired`` that the first word closes."""

    repaired: float = uncertainty(
        0.6, "0..1", "A-1296; as opinion.repaired", ge=0, le=1, span=(0.5, 0.8), scope="strategy"
    )
    """Trust up to which such a word can help; who trusts more is not moved."""

    tires: float = uncertainty(
        0.5, "log effect/word", "A-1297", ge=0, le=5, span=(0.1, 1.5), scope="strategy"
    )
    """Effect that is lost with every word that somebody has had before."""


def scores(
    signals: tuple[np.ndarray, np.ndarray, np.ndarray], weights: tuple[float, float, float]
) -> np.ndarray:
    """Weighted mean of three signals.

    Parameters
    ----------
    signals : tuple of float64[n]
        Own deliveries, those of close acquaintances, and reports, each 0..1.
    weights : tuple of float
        Their weights; all 0 counts as equal ones.

    Returns
    -------
    float64[n]
        0..1.
    """
    total = sum(weights)
    parts = [w / total if total else 1.0 / len(signals) for w in weights]
    return sum(
        (part * signal for part, signal in zip(parts, signals, strict=True)), np.zeros(len(signals[0]))
    )


@njit(cache=True)
def mean_of_close(indptr, indices, strength, value, seats):
    """float64[k]: mean of a value over the close acquaintances of some people who are among them, else 0.5.

    Parameters
    ----------
    indptr : int64[n + 1]; indices, strength : [n_ties]
        Acquaintances, and which of them are close.
    value : float32[n]
    seats : int64[k]
        People it is asked of, and those that count.
    """
    among = np.zeros(value.shape[0], np.bool_)
    among[seats] = True
    mean = np.full(seats.shape[0], 0.5)
    for k in range(seats.shape[0]):
        told, number = 0.0, 0
        for tie in range(indptr[seats[k]], indptr[seats[k] + 1]):
            if strength[tie] and among[indices[tie]]:
                told += value[indices[tie]]
                number += 1
        if number:
            mean[k] = told / number
    return mean


class Care(Feature):
    """Three signals of trust, and its upkeep (S067, S069)."""

    section = "care"
    Params = CareParams
    world = True
    columns: ClassVar = {
        "care_own": Column("float32", "how own deliveries went, 0..1, as the operator knows", start=0.5),
        "care_words": Column("int16", "times written to in person", start=0),
        "care_day": Column("int32", "absolute day of the last of them", start=_NEVER),
    }
    events: ClassVar = {
        "care_calls": {
            "day": ("int32", "absolute day"),
            "person": ("int64", "stable id"),
            "score": ("float32", "score by which the person was chosen, 0..1"),
            "trust": ("float32", "trust before, 0..1; the operator does not see it"),
            "gained": ("float32", "trust gained"),
        },
        "care_days": {
            "day": ("int32", "absolute day"),
            "score": ("float64", "mean score of customers"),
            "fit": ("float64", "correlation of score and trust over customers"),
        },
    }
    figures = (
        mean_over_days("care_score", "Score of customers by three signals", "0..1", "care_days", "score"),
        mean_over_days("care_fit", "How well the score follows trust", "correlation", "care_days", "fit"),
        Figure(
            "care_gain",
            "Trust gained by a word in person",
            "0..1",
            over=lambda t: t["care_calls"]["gained"].astype(np.float64),
            per=lambda t: np.ones(len(t["care_calls"]["day"])),
        ),
    )
    declares = (Purpose("care_cost", "Words in person to customers who trust little."),)

    @act(
        Phase.DECIDE,
        reads=[
            "people.id",
            "people.orders~",
            "people.registered~",
            "people.proof_need",
            "people.trust~",
            "people.care_own~",
            "people.care_words",
            "people.care_day",
            "records.endorsement_days~",
            "graph",
            "operator.allowance",
        ],
        writes=[
            "people.trust",
            "people.care_words",
            "people.care_day",
            "records.care_calls",
            "records.care_days",
            "records.spend",
            "ledger",
        ],
        offers=True,
    )
    def attend(self, world: World, draw: Draw) -> None:
        """Score all customers, and write to the lowest as far as people and money go."""
        people, p = cast("Any", world.people), self.params
        customers = np.flatnonzero((people.orders > 0) & people.registered)
        if not len(customers):
            return
        score = scores(self._signals(world, customers), (p.behaviour, p.friends, p.certificate))
        trust = people.trust[customers].astype(np.float64)
        flat = min(score.std(), trust.std()) < 1e-9
        cast("Any", world.records).care_days.append(
            day=world.day,
            score=float(score.mean()),
            fit=0.0 if flat else float(np.corrcoef(score, trust)[0, 1]),
        )
        rested = np.flatnonzero(world.day - people.care_day[customers] >= p.rest_days)
        chosen = rested[first_by(self._number(world, draw), score[rested], people.id[customers[rested]])]
        self._write(world, customers[chosen], score[chosen])

    def _signals(self, world: World, seats: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Own deliveries, those of close acquaintances who are customers (else none: .5), and reports."""
        people, graph = cast("Any", world.people), world.graph
        friends = mean_of_close(graph.indptr, graph.indices, graph.strength, people.care_own, seats)
        reports = getattr(world.records, _REPORTS, None)
        shown = 0.0
        if reports is not None and len(reports) and int(reports["day"][-1]) >= world.day - 1:
            shown = float(reports["shown"][-1])
        proof = 1.0 - people.proof_need[seats].astype(np.float64) * (1.0 - shown)
        return people.care_own[seats].astype(np.float64), friends, proof

    def _number(self, world: World, draw: Draw) -> int:
        """How many are written to today, a part of one by chance, none beyond the money."""
        number = whole_number(draw("care.number"), self.params.calls * len(world.people) / 1000.0)
        return affordable(world, "care_cost", 100.0 * self.params.call_cost, number)

    def _write(self, world: World, seats: np.ndarray, score: np.ndarray) -> None:
        """Pay for a word to these people, which closes a part of what is missing of trust."""
        people, p = cast("Any", world.people), self.params
        before = people.trust[seats].astype(np.float64)
        share = p.repairs * np.exp(-p.tires * people.care_words[seats])
        gained = share * np.maximum(0.0, p.repaired - before)
        people.trust[seats] = before + gained
        people.care_words[seats] += 1
        people.care_day[seats] = world.day
        world.spend("care_cost", to_fen(p.call_cost * len(seats)))
        cast("Any", world.records).care_calls.append(
            day=np.full(len(seats), world.day),
            person=people.id[seats],
            score=score,
            trust=before,
            gained=gained,
        )

    @act(
        Phase.SETTLE,
        reads=["people.id", "people.care_own", "records.deliveries"],
        writes=["people.care_own"],
    )
    def note(self, world: World, draw: Draw) -> None:
        """Keep how today's deliveries went, as the operator knows it the next morning."""
        people, done = cast("Any", world.people), world.records.deliveries
        seats = world.seats_of(done.today("person"))
        here = np.flatnonzero(seats >= 0)
        went = 1.0 - done.today("low_score")[here].astype(np.float64)
        sums = np.bincount(seats[here], went, len(people))
        number = np.bincount(seats[here], minlength=len(people))
        some = np.flatnonzero(number)
        gap = sums[some] / number[some] - people.care_own[some]
        people.care_own[some] += (1.0 - (1.0 - self.params.follow) ** number[some]) * gap
