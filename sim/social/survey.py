"""Trust that is asked for: a score and a net promoter score of a sample of customers, and how sure they are.

The operator does not see what people trust; it asks some of them. Each answer costs money and takes days, and
who had good experiences answers more readily than who had bad ones (or less: the sign is an uncertainty), so
that what is measured has a sampling error and a bias. Both are reported beside the state that is estimated.
"""

from __future__ import annotations

from typing import Any, ClassVar, cast

import numpy as np

from sim.core.ledger import to_fen
from sim.core.lookup import first_by
from sim.core.normals import normals
from sim.core.params import Params, constant, lever, uncertainty
from sim.core.rng import Draw, keyed_uniforms
from sim.core.whole_numbers import whole_number
from sim.feature import Feature, Figure, Tables, act
from sim.mechanism import Phase
from sim.world.kinds import Purpose
from sim.world.money import affordable
from sim.world.people import Column
from sim.world.world import World

#: Highest mark of the question "would you recommend us", whose lowest is 0.
TOP = 10
_NEVER, _NOTHING = -10_000, -1


class SurveyParams(Params):
    """Whom the operator asks, and what comes of it."""

    enabled: bool = lever(False, "switch", "S068")
    """Customers are asked how far they trust the brand and how likely they would recommend it, on scales of
    eleven marks."""

    asked: float = lever(2.0, "people/1,000 people/day", "S068", ge=0, le=1000, span=(0, 20))
    """Customers who are asked; the sampling error falls with the root of their number, the cost does not."""

    rest_days: int = lever(30, "days", "A-1286", ge=1, le=365, span=(14, 90))
    """Days for which nobody is asked again."""

    cost: float = uncertainty(
        1.0, "CNY/person asked", "A-1287", ge=0, le=1000, span=(0.2, 5), scope="strategy"
    )
    """Sending, a small thank-you and reading the answer."""

    answers: float = uncertainty(
        0.3, "chance", "A-1288", ge=0.001, le=0.999, span=(0.1, 0.6), scope="strategy"
    )
    """Those who answer, of people with an experience half way between the worst and the best."""

    leaning: float = uncertainty(
        1.0, "log odds", "A-1289; of either sign", ge=-10, le=10, span=(-2.0, 3.0), scope="strategy"
    )
    """How much more readily the most satisfied answer than the least."""

    delay_days: float = uncertainty(2.0, "days", "A-1290", ge=0, le=90, span=(0.5, 7), scope="strategy")
    """Mean time until an answer is there."""

    noise: float = uncertainty(0.1, "0..1", "A-1291", ge=0.001, le=1, span=(0.05, 0.2), scope="strategy")
    """Standard deviation of a mark around ten times the trust of whoever gives it, as a share of ten."""

    readiness: float = uncertainty(
        2.5, "marks", "A-1409; Reichheld 2003", ge=-TOP, le=TOP, span=(1.5, 3.5), scope="strategy"
    )
    """How much higher a mark for recommending is than one for trust: set so that customers who trust as usual
    give the score of the median company (Reichheld 2003)."""

    promoter: int = constant(9, "marks", "Reichheld 2003", ge=1, le=TOP, scope="strategy")
    """Mark from which somebody counts as a promoter."""

    detractor: int = constant(6, "marks", "Reichheld 2003", ge=0, le=TOP, scope="strategy")
    """Mark up to which somebody counts as a detractor."""


def _error(values: np.ndarray) -> np.ndarray:
    """Standard error of a mean as an array of one; of none where there are fewer than two values."""
    enough = len(values) > 1
    return np.array([values.std(ddof=1) / np.sqrt(len(values))]) if enough else np.array([np.nan])


def _sign(marks: np.ndarray, params: Any) -> np.ndarray:
    """100 for promoters, -100 for detractors, 0 for others, by their marks for recommending."""
    return 100.0 * ((marks >= params.promoter).astype(np.float64) - (marks <= params.detractor))


def _mark(said: np.ndarray, more: float = 0.0) -> np.ndarray:
    """int8: the whole mark for trust as it is said, or for what is marked ``more`` higher."""
    marks: np.ndarray = np.rint(np.clip(TOP * said + more, 0, TOP)).astype(np.int8)
    return marks


def _answer(column: str) -> Any:
    def read(tables: Tables) -> np.ndarray:
        return tables["survey_answers"][column].astype(np.float64)

    return read


def _each(table: str) -> Any:
    return lambda tables: np.ones(len(tables[table]["day"]))


def _known(name: str, label: str, unit: str, column: str) -> Figure:
    """Mean over the days on which there are customers."""
    return Figure(
        name,
        label,
        unit,
        over=lambda t: np.nan_to_num(t["survey_days"][column]),
        per=lambda t: np.isfinite(t["survey_days"][column]),
    )


class Survey(Feature):
    """A score and a net promoter score that are asked for (S068)."""

    section = "survey"
    Params = SurveyParams
    world = True
    columns: ClassVar = {
        "survey_asked": Column("int32", "absolute day of the last question", start=_NEVER),
        "survey_due": Column(
            "int32", "absolute day on which an answer comes, -1 for none", start=_NOTHING, back="start"
        ),
        "survey_mark": Column("int8", "mark for trust on its way", start=0, back="start"),
        "survey_recommend": Column("int8", "mark for recommending on its way", start=0, back="start"),
        "survey_meant": Column("float32", "trust when asked", start=0, back="start"),
    }
    events: ClassVar = {
        "survey_answers": {
            "day": ("int32", "absolute day on which the answer is there"),
            "person": ("int64", "stable id"),
            "mark": ("int8", "trust, 0 to 10"),
            "recommend": ("int8", "how likely they would recommend the brand, 0 to 10"),
            "sign": ("float32", "100 promoter, -100 detractor, 0 neither"),
            "meant": ("float32", "trust of whoever answers, when asked, 0..1; the operator does not see it"),
        },
        "survey_days": {
            "day": ("int32", "absolute day"),
            "asked": ("int32", "people asked"),
            "fen": ("int64", "cost"),
            "trust": ("float64", "mean trust of all customers, which the answers estimate"),
            "promoters": ("float64", "net promoter score to be expected if all customers answered"),
        },
    }
    figures = (
        Figure(
            "survey_score",
            "Trust as customers say it",
            "0..1",
            over=lambda t: _answer("mark")(t) / TOP,
            per=_each("survey_answers"),
        ),
        Figure(
            "survey_score_error",
            "Its standard error",
            "0..1",
            over=lambda t: _error(_answer("mark")(t) / TOP),
        ),
        _known("survey_trust", "Trust of all customers", "0..1", "trust"),
        Figure(
            "survey_nps",
            "Net promoter score as asked",
            "points",
            over=_answer("sign"),
            per=_each("survey_answers"),
        ),
        Figure("survey_nps_error", "Its standard error", "points", over=lambda t: _error(_answer("sign")(t))),
        _known("survey_nps_known", "Net promoter score of all customers", "points", "promoters"),
        Figure(
            "survey_answered",
            "Questions answered",
            "share",
            over=_each("survey_answers"),
            per=lambda t: t["survey_days"]["asked"],
        ),
    )
    declares = (Purpose("survey_cost", "Questions to customers."),)

    @act(
        Phase.MEASURE,
        reads=[
            "people.id",
            "people.survey_due",
            "people.survey_mark~",
            "people.survey_recommend~",
            "people.survey_meant~",
        ],
        writes=["people.survey_due", "records.survey_answers"],
    )
    def take_in(self, world: World, draw: Draw) -> None:
        """Record the answers that have come by today, and forget that they were on their way."""
        people = cast("Any", world.people)
        here = np.flatnonzero((people.survey_due >= 0) & (people.survey_due <= world.day))
        cast("Any", world.records).survey_answers.append(
            day=np.full(len(here), world.day),
            person=people.id[here],
            mark=people.survey_mark[here],
            recommend=people.survey_recommend[here],
            sign=_sign(people.survey_recommend[here], self.params),
            meant=people.survey_meant[here],
        )
        people.survey_due[here] = _NOTHING

    @act(
        Phase.MEASURE,
        reads=[
            "people.id",
            "people.orders",
            "people.registered",
            "people.trust",
            "people.satisfaction",
            "people.survey_asked",
            "people.survey_due",
            "people.survey_mark",
            "people.survey_recommend",
            "people.survey_meant",
            "operator.allowance",
        ],
        writes=[
            "people.survey_asked",
            "people.survey_due",
            "people.survey_mark",
            "people.survey_recommend",
            "people.survey_meant",
            "records.survey_days",
            "records.spend",
            "ledger",
        ],
        offers=True,
    )
    def ask(self, world: World, draw: Draw) -> None:
        """Ask the next customers as far as there is money."""
        people, p = cast("Any", world.people), self.params
        customers = np.flatnonzero((people.orders > 0) & people.registered)
        rested = customers[world.day - people.survey_asked[customers] >= p.rest_days]
        ids = people.id[rested]
        turn = first_by(self._number(world, draw), keyed_uniforms(draw("survey.turn"), ids, 0), ids)
        seats = rested[turn]
        fen = to_fen(p.cost * len(seats))
        world.spend("survey_cost", fen)
        people.survey_asked[seats] = world.day
        self._answer(world, draw, seats)
        trust = people.trust[customers].astype(np.float64)
        known = self._signs(trust)
        cast("Any", world.records).survey_days.append(
            day=world.day,
            asked=len(seats),
            fen=fen,
            trust=float(trust.mean()) if len(trust) else np.nan,
            promoters=float(known.mean()) if len(known) else np.nan,
        )

    def _number(self, world: World, draw: Draw) -> int:
        """How many are asked today: whole people, a part of one by chance, none beyond the money."""
        number = whole_number(draw("survey.number"), self.params.asked * len(world.people) / 1000.0)
        return affordable(world, "survey_cost", 100.0 * self.params.cost, number)

    def _signs(self, trust: np.ndarray) -> np.ndarray:
        """Promoters less detractors to be expected of people with this trust, errors of marking included."""
        from sim.core.special import ndtr  # not needed by whoever only reads settings

        p = self.params
        # a mark is rounded, so that one begins half a mark below it
        above, below = (edge - p.readiness - TOP * trust for edge in (p.promoter - 0.5, p.detractor + 0.5))
        found: np.ndarray = 100.0 * (ndtr(-above / (TOP * p.noise)) - ndtr(below / (TOP * p.noise)))
        return found

    def _answer(self, world: World, draw: Draw, seats: np.ndarray) -> None:
        """Some of those asked answer, after a while; what they mean is their trust, with an error."""
        people, p = cast("Any", world.people), self.params
        odds = p.answers / (1.0 - p.answers) * np.exp(p.leaning * (people.satisfaction[seats] - 0.5))
        luck = [keyed_uniforms(draw("survey.answer"), people.id[seats], occasion) for occasion in range(4)]
        says = np.flatnonzero(luck[0] < odds / (1.0 + odds))
        who = seats[says]
        people.survey_due[who] = world.day + (-p.delay_days * np.log1p(-luck[1][says])).astype(np.int32)
        meant = people.trust[who].astype(np.float64)
        people.survey_meant[who] = meant
        error = p.noise * normals(1.0 - luck[2][says], luck[3][says])
        people.survey_mark[who] = _mark(meant + error)
        people.survey_recommend[who] = _mark(meant + error, p.readiness)
