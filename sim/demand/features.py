"""Features of demand: needs, media, feeds, visits, choices, rivals, and who comes and goes."""

from __future__ import annotations

from typing import Any

from sim.demand.bidders import Bidders
from sim.demand.brand import Brand
from sim.demand.bursts import Bursts
from sim.demand.calendar import Calendar, CalendarParams
from sim.demand.choice import Choice
from sim.demand.choice_params import ChoiceParams
from sim.demand.decision import Decision
from sim.demand.exposure import Exposure, TrafficParams
from sim.demand.labels import Labels
from sim.demand.lifecycle import Lifecycle
from sim.demand.long_tail import LongTail
from sim.demand.media import Media, MediaParams, Ranking
from sim.demand.memory import Memory
from sim.demand.needs import Needs, NeedsParams
from sim.demand.profiles import Profiles
from sim.demand.pull import Pull
from sim.demand.rival import RivalParams, Rivals
from sim.demand.taste_drift import TasteDrift
from sim.demand.turnover import Turnover, TurnoverParams
from sim.demand.visits import Visits
from sim.feature import Moment, SourceTerm, built_in
from sim.mechanism import Mechanism
from sim.world.rhythm import Rhythm, RhythmParams
from sim.world.schema import Source


def _choice(c: Any, at: Moment) -> list[Mechanism]:
    """The two decisions, and what people bring to them by themselves."""
    direct = SourceTerm("direct", "order", (Source.DIRECT,), c.choice.order_direct)
    return [Pull(c.choice), direct, Choice(c.choice, c.content)]


def _needs(c: Any, at: Moment) -> list[Mechanism]:
    """What people come to want, and how that changes over the years where it does."""
    drift: list[Mechanism] = [TasteDrift(c.needs.drift)] if c.needs.drift > 0.0 else []
    return [*drift, Needs(c.needs, c.population)]


FEATURES = (
    built_in("turnover", TurnoverParams, lambda c, at: [Turnover(c.turnover, c.population, at.catalog)]),
    built_in(
        "calendar",
        CalendarParams,
        lambda c, at: [Calendar(c.calendar, at.first_day)],
        on=lambda c: not c.calendar.flat,
    ),
    Bursts,
    built_in("needs", NeedsParams, _needs),
    Lifecycle,
    Bidders,
    LongTail,
    built_in("rhythm", RhythmParams),
    # feeds go on showing what nobody pays for, so media act even where none are bought
    built_in(
        "media",
        MediaParams,
        lambda c, at: [
            Media(c.media, c.platforms, Rhythm.of(c, at.hours)),
            Ranking(c.media, c.platforms),
        ],
        on=lambda _: True,
    ),
    built_in(
        "traffic",
        TrafficParams,
        lambda c, _: [
            Exposure(c.traffic),
            Visits(c.traffic, c.content, c.media),
            Memory(c.traffic, c.media),
        ],
    ),
    Profiles,
    Brand,
    built_in("choice", ChoiceParams, _choice),
    Labels,
    Decision,
    built_in("rival", RivalParams, lambda c, _: [Rivals(c.rival)]),
)
