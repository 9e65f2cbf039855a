"""Three endorsements that stand in for notes: an authority's report, influencers' tests, what others bought.

Whoever needs proof and has read little misses it (``choice.order_proof``); each endorsement closes a part of
what is missing, and all together never more than all of it. A report takes its time before it may be shown,
tests grow old, and a purchase history says little where little is bought.
"""

from __future__ import annotations

from typing import Any, ClassVar, cast

import numpy as np

from sim.core.ledger import to_fen
from sim.core.params import Params, lever, uncertainty
from sim.core.rng import Draw, keyed_uniforms
from sim.core.whole_numbers import whole_number
from sim.feature import Feature, Figure, Moment, act
from sim.mechanism import Mechanism, Phase
from sim.world.catalog import CATEGORIES
from sim.world.kinds import Purpose
from sim.world.world import World


class EndorsementParams(Params):
    """Report, tests and purchase history."""

    enabled: bool = lever(False, "switch", "S070")
    """Endorsements are shown where goods are looked at."""

    report: float = lever(0.5, "share of categories", "A-1075", ge=0, le=1)
    """Categories with an authority's test report or certificate; for which, is drawn once."""

    report_days: int = uncertainty(21, "days", "A-1076", ge=0, le=720, span=(7, 60), scope="strategy")
    """Days that are paid for a category before its report is there, which the authority takes; who waits for
    a certificate waits until then."""

    report_weight: float = uncertainty(
        0.5, "share of missing proof", "A-1077", ge=0, le=1, span=(0.2, 0.8), scope="strategy"
    )
    """What a report closes."""

    report_cost: float = uncertainty(
        0.6, "CNY/1,000 people/day", "A-1078", ge=0, le=100, span=(0.2, 2.0), scope="strategy"
    )
    """Testing and certifying all categories."""

    report_scarcity: float = uncertainty(
        1.0, "ratio/share of categories", "A-1280", ge=0, le=20, span=(0.2, 3.0), scope="strategy"
    )
    """Rise of what a further category costs with the share that has a report: those whose suppliers hold the
    papers come first, those that need tests of their own last."""

    tests: float = lever(3.0, "tests/week", "S070", ge=0, le=200, span=(0, 20))
    """Tests by influencers of middle size that are shown beside the goods."""

    test_days: float = uncertainty(30.0, "days", "A-1079", ge=1, le=720, span=(14, 90), scope="strategy")
    """Mean time for which a test counts as new."""

    tests_enough: float = uncertainty(8.0, "tests", "A-1080", ge=0.1, le=1000, span=(3, 20), scope="strategy")
    """New tests at which two thirds of their effect are reached."""

    test_weight: float = uncertainty(
        0.35, "share of missing proof", "A-1081", ge=0, le=1, span=(0.1, 0.7), scope="strategy"
    )
    """What any number of tests closes for somebody who relies on influencers as people usually do."""

    test_cost: float = uncertainty(
        4.0, "CNY/test/1,000 people", "A-1082", ge=0, le=1000, span=(1, 12), scope="strategy"
    )
    """Sample, fee and boosting, of which a larger market takes more."""

    history: bool = lever(True, "switch", "S070")
    """How many bought a category of late is shown."""

    history_days: int = lever(30, "days", "A-1281", ge=1, le=365, span=(7, 90))
    """Days of orders that the history shows."""

    history_weight: float = uncertainty(
        0.25, "share of missing proof", "A-1083", ge=0, le=1, span=(0.1, 0.5), scope="strategy"
    )
    """What a long history closes."""

    history_enough: float = uncertainty(
        10.0, "orders/1,000 people", "A-1084", ge=0.1, le=10_000, span=(3, 50), scope="strategy"
    )
    """Orders shown at which two thirds of its effect are reached."""

    history_cost: float = uncertainty(
        0.1, "CNY/1,000 people/day", "A-1085", ge=0, le=100, span=(0.02, 0.5), scope="strategy"
    )
    """Keeping and showing it."""


def report_fen(params: EndorsementParams) -> float:
    """What reports cost a thousand people and day, fen: each further category costs more than the last."""
    share, rise = params.report, params.report_scarcity
    return 100.0 * params.report_cost * share * (1.0 + rise * share) / (1.0 + rise)


def closed(report: np.ndarray, tests: np.ndarray, history: np.ndarray) -> np.ndarray:
    """Share of missing proof that several endorsements close, each a share of what the others leave.

    Parameters
    ----------
    report, tests, history : float64[n]
        What each closes alone, 0..1.
    """
    left: np.ndarray = (1.0 - report) * (1.0 - tests) * (1.0 - history)
    return 1.0 - left


class Endorsement(Feature):
    """Endorsements beside the goods (S070, S013)."""

    section = "endorsement"
    Params = EndorsementParams
    world = True
    events: ClassVar = {
        "endorsement_days": {
            "day": ("int32", "absolute day"),
            "report": ("bool", "work on the report, or its upkeep, was paid"),
            "share": ("float64", "categories for which it was, share"),
            "shown": ("float64", "categories whose report is there and shown, share"),
            "tests": ("int32", "tests made"),
            "history": ("bool", "the purchase history was paid"),
            "fen": ("int64", "what all of it cost"),
        }
    }
    figures = (
        Figure(
            "endorsement_tests",
            "Tests by influencers",
            "tests",
            over=lambda t: t["endorsement_days"]["tests"],
        ),
    )
    declares = (Purpose("endorsement_cost", "Reports, tests and purchase histories."),)

    def __init__(self, params: EndorsementParams, proof: float, reliance: float) -> None:
        super().__init__(params)
        self.proof, self.reliance = proof, reliance

    @classmethod
    def build(cls, config: Any, moment: Moment) -> list[Mechanism]:
        """Its acts, with what missing proof costs an order."""
        own = config.section(cls.section)
        return cls(own, config.choice.order_proof, config.choice.usual_reliance).acts()

    @act(
        Phase.DECIDE,
        reads=["operator.allowance"],
        writes=["records.endorsement_days", "records.spend", "ledger"],
        offers=True,
    )
    def prepare(self, world: World, draw: Draw) -> None:
        """Pay today's endorsements, each as far as there is money for it."""
        p, thousand = self.params, len(world.people) / 1000.0
        tests = whole_number(draw("endorsement.tests"), p.tests / 7.0)
        wanted = {
            "report": round(report_fen(p) * thousand),
            "tests": to_fen(p.test_cost * tests * thousand),
            "history": to_fen(p.history_cost * thousand),
        }
        on = {"report": p.report > 0.0, "tests": tests > 0, "history": bool(p.history)}
        total = 0
        for name, fen in wanted.items():
            on[name] = on[name] and world.affords("endorsement_cost", fen)
            world.spend("endorsement_cost", fen if on[name] else 0)
            total += fen if on[name] else 0
        days = cast("Any", world.records).endorsement_days
        days.append(
            day=world.day,
            report=on["report"],
            share=p.report if on["report"] else 0.0,
            shown=0.0,
            tests=tests if on["tests"] else 0,
            history=on["history"],
            fen=total,
        )
        days.today("shown")[:] = self._there(days, draw).mean()

    def _there(self, days: Any, draw: Draw) -> np.ndarray:
        """bool[n_categories]: whose report was paid for its days, is there, and is kept up today."""
        numbers = np.arange(len(CATEGORIES), dtype=np.int64)
        paid = days["share"][:, None] > keyed_uniforms(draw.timeless("endorsement.report"), numbers, 0)
        there: np.ndarray = paid[-1] & (paid.sum(axis=0) > self.params.report_days)
        return there

    @act(
        Phase.BUY,
        reads=[
            "flow.visits",
            "people.proof_need",
            "people.notes~",
            "people.kol_reliance",
            "records.endorsement_days",
            "records.orders~",
        ],
        writes=["flow.terms"],
        offers=True,
    )
    def vouch(self, world: World, draw: Draw) -> None:
        """Close a part of the proof that this daypart's visitors miss."""
        people, visits = world.people, world.flow.visits
        seats, category = visits["seat"], visits["category"]
        report, tests, history = self._shown(world, draw)
        relies = people.kol_reliance[seats].astype(np.float64) / self.reliance
        part = closed(report[category], np.minimum(1.0, tests * relies), history[category])
        missing = self.proof * people.proof_need[seats] / (1.0 + people.notes[seats])
        world.flow.order.add("endorsement", part * missing)

    def _shown(self, world: World, draw: Draw) -> tuple[np.ndarray, float, np.ndarray]:
        """What report (by category), tests and history (by category) close today."""
        p, days = self.params, cast("Any", world.records).endorsement_days
        none = np.zeros(len(CATEGORIES))
        if not len(days):
            return none, 0.0, none
        new = float((days["tests"] * np.exp(-(world.day - days["day"]) / p.test_days)).sum())
        tests = p.test_weight * (1.0 - np.exp(-new / p.tests_enough))
        history = none
        if days["history"][-1]:
            orders = world.records.orders
            late = int(np.searchsorted(orders["day"], world.day - p.history_days))
            sold = np.bincount(orders["category"][late:], minlength=len(CATEGORIES))
            history = p.history_weight * (
                1.0 - np.exp(-1000.0 * sold / (len(world.people) * p.history_enough))
            )
        return p.report_weight * self._there(days, draw), float(tests), history
