"""Visits: every source is a clock, and the first to ring before the daypart ends brings a visit.

A source that shows a person ``n`` impressions with click probability ``c`` has the hazard
``-n ln(1 - c)``; a touch from a friend, a post or a message has ``-ln(1 - c)``. Each source
draws its own exponential clock, so that adding or removing one never re-deals the others, and
the chance of a visit is one minus the product of all chances of none. The source whose clock
rings first gets the credit (that is credit, not cause: cause is the twin run).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.core.fields import fields_of
from sim.core.jit import njit
from sim.core.rng import Draw
from sim.demand.exposure import TrafficParams, daypart_clock, daypart_shares
from sim.demand.race import (
    Activity,
    Crowd,
    Moment,
    Race,
    Response,
    Touches,
    look,
    new_race,
    race_feeds,
    race_touches,
)
from sim.mechanism import Phase
from sim.world.schema import Source
from sim.world.touches import shown
from sim.world.world import World

if TYPE_CHECKING:
    from sim.content.notes import ContentParams

#: Sources whose touches are something to read, and leave a note with whoever sees them.
_READING = (Source.INFLUENCER_POST, Source.SPONSORED_POST, Source.LIVESTREAM)
_TOLD = (Source.SHARE, Source.INVITATION)


@njit(cache=True)
def _read(touches, weight, needed, people_id, notes, category_notes):
    """Leave a note with everybody present who sees something to read, in all and on the category."""
    for k in range(touches.seat.shape[0]):
        i, c = touches.seat[k], touches.category[k]
        worth = weight[touches.source[k]]
        if worth == 0.0 or people_id[i] != touches.person[k]:
            continue
        notes[i] += worth
        if c >= 0 and needed[c] > 0:
            category_notes[i, c] += worth


class Visits:
    """Who visits in this daypart, when, from where, and looking for what."""

    name = "visits"
    phase = Phase.BUY
    reads = frozenset(
        {
            "people.id",
            "people.group",
            "people.registered~",
            "people.need_category~",
            "people.habit~",
            "people.affinity",
            "people.paid_impressions",
            "people.feed_impressions",
            "people.fatigue~",
            "operator.terms.linked",
            "operator.terms.content",
            "agendas.touches",
            "platforms.traffic",
            "platforms.ban~",
        }
    )
    writes = frozenset({"flow.visits", "agendas.touches", "people.notes", "people.category_notes"})

    def __init__(self, params: TrafficParams, content: ContentParams) -> None:
        self.params = params
        self.chance = content.click_chance
        self.paid_chance = content.paid_click_chance
        self.lift, self.plain_lift = content.lift(), content.plain_lift()
        self.shares = daypart_shares(params)
        self.clocks = daypart_clock(params)
        self.note_worth = np.zeros(len(Source))
        self.note_worth[[int(s) for s in _READING]] = 1.0
        self.note_worth[[int(s) for s in _TOLD]] = params.told_note

    def act(self, world: World, draw: Draw) -> None:
        """Run the race and hand the visits on, in order of minute and person."""
        due = self._see(world, draw, world.agendas["touches"].take(world.clock.end))
        crowd = fields_of(Crowd, world.people)
        race = self._race(world, draw, due, crowd)
        seats = np.flatnonzero(race.best < np.iinfo(np.int64).max)
        order = np.lexsort((world.people.id[seats], race.best[seats]))
        world.flow.visits = self._describe(world, draw, due, seats[order], crowd, race)

    def _see(self, world: World, draw: Draw, due: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Touches that their platforms show today; what there is to read is remembered."""
        open_share = world.platforms.open_share(world.day)[due["origin"]]
        seen = shown(draw, due["person"], due["touch"], open_share)
        if not seen.all():
            due = {name: column[seen] for name, column in due.items()}
        people, touches = world.people, fields_of(Touches, due)
        _read(
            touches,
            self.note_worth,
            world.catalog.notes_needed,
            people.id,
            people.notes,
            people.category_notes,
        )
        return due

    def _race(self, world: World, draw: Draw, due: dict[str, np.ndarray], crowd: Crowd) -> Race:
        """Let all clocks run: touches first, then feeds, search and habit."""
        clock, race = world.clock, new_race(len(world.people))
        moment = Moment(clock.daypart, clock.start, clock.end)
        response = self._response(world)
        race_touches(draw("visit.touch"), moment, fields_of(Touches, due), crowd, response.need, race)
        race_feeds(draw("visit.feed"), moment, response, self._activity(world), crowd, race)
        return race

    def _response(self, world: World) -> Response:
        """How people answer to what they see today."""
        p, terms = self.params, world.operator.terms
        lift = self.lift if terms.content else self.plain_lift
        lift *= 1.0 + p.linked_click if terms.linked_ids else 1.0
        return Response(
            feed=self.chance * lift,
            paid=self.paid_chance * lift,
            registered=p.registered_response,
            need=p.need_response,
            no_need_habit=p.no_need_habit,
            fatigue=p.fatigue_effect,
        )

    def _activity(self, world: World) -> Activity:
        """When people are about in this daypart, and what search gives."""
        d, platforms = world.clock.daypart, world.platforms
        return Activity(
            shares=self.shares[:, d].copy(),
            clocks=self.clocks[:, d].copy(),
            search=platforms.search,
            traffic=platforms.open_share(world.day) * platforms.unpaid_traffic,
        )

    def _describe(
        self,
        world: World,
        draw: Draw,
        due: dict[str, np.ndarray],
        seats: np.ndarray,
        crowd: Crowd,
        race: Race,
    ) -> dict[str, np.ndarray]:
        """The visits as columns: who, when, from where, looking for what, and by which touch."""
        surface, category, visit_id = look(
            draw("visit.surface"),
            draw("visit.browse"),
            world.day,
            world.clock.daypart,
            seats,
            crowd,
            race,
            due["category"],
            world.platforms.sends_on,
            world.catalog.group_weight,
        )
        row = race.by_touch[seats]
        touched = row >= 0
        at = np.where(touched, row, 0)

        def of_touch(column: str, none: float) -> np.ndarray:
            if not len(due[column]):
                return np.full(len(seats), none, due[column].dtype)
            return np.where(touched, due[column][at], none).astype(due[column].dtype)

        return {
            "visit_id": visit_id,
            "seat": seats.astype(np.int32),
            "person": world.people.id[seats],
            "minute": race.best[seats],
            "source": race.by_source[seats],
            "origin": race.by_origin[seats],
            "surface": surface,
            "category": category,
            "sources_seen": race.seen[seats],
            "touch": of_touch("touch", -1),
            "sender": of_touch("sender", -1),
            "discount": of_touch("discount", 0.0),
            "commission": of_touch("commission", 0.0),
            "rewarded": of_touch("rewarded", False),
        }
