"""Visits: every source is a clock, and the first to ring before the daypart ends brings a visit.

A source that shows a person ``n`` impressions with click probability ``c`` has the hazard
``-n ln(1 - c)``; a touch from a friend, a post or a message has ``-ln(1 - c)``. Each source
has draws of its own (feeds, search, paid media and habit for the whole day, see
:mod:`sim.demand.day_clock`), so that adding or removing one never re-deals the others, and
the chance of a visit is one minus the product of all chances of none. The source whose clock
rings first gets the credit (that is credit, not cause: cause is the twin run).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from sim.core.clock import DAYPART_STARTS
from sim.core.fields import fields_of
from sim.core.jit import njit
from sim.core.rng import Draw
from sim.demand.day_clock import Crowd, Offer, Response, further_points
from sim.demand.exposure import TrafficParams, day_clock
from sim.demand.lanes import race_lane
from sim.demand.media import MediaParams
from sim.demand.race import (
    NEVER,
    Moment,
    Race,
    Touches,
    clear,
    count_impressions,
    look,
    new_race,
    race_points,
    race_touches,
)
from sim.mechanism import Phase
from sim.world.attention import nothing_listed
from sim.world.kinds import MOST_SOURCES
from sim.world.platforms import PLATFORMS
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
            "people.activity",
            "people.affinity",
            "people.fatigue",
            "flow.shown",
            "flow.lanes",
            "platforms.scale",
            "operator.terms.linked",
            "operator.terms.content",
            "agendas.touches",
            "platforms.traffic",
            "platforms.ban~",
        }
    )
    writes = frozenset(
        {
            "flow.visits",
            "flow.moments",
            "flow.shown",
            "agendas.touches",
            "people.notes",
            "people.category_notes",
            "people.fatigue",
        }
    )

    def __init__(self, params: TrafficParams, content: ContentParams, media: MediaParams) -> None:
        self.params = params
        self.targeting = media.targeting
        self.chance = content.click_chance
        self.paid_chance = content.paid_click_chance
        self.lift, self.plain_lift = content.lift(), content.plain_lift()
        self.clocks = day_clock(params)
        self.race = new_race(0)
        self.note_worth = np.zeros(MOST_SOURCES)
        self.note_worth[[int(s) for s in _READING]] = 1.0
        self.note_worth[[int(s) for s in _TOLD]] = params.told_note

    def act(self, world: World, draw: Draw) -> None:
        """Run the race and hand the visits on, in order of minute and person."""
        due, clock = self._see(world, draw, world.agendas["touches"].take(world.clock.end)), world.clock
        crowd, race = fields_of(Crowd, world.people), self._cleared(world)
        moment = Moment(clock.daypart, clock.start, clock.end, clock.midnight)
        race_touches(
            draw("visit.touch"), moment, fields_of(Touches, due), crowd, self.params.need_response, race
        )
        fed = self._race_feeds(world, draw, moment, crowd, race)
        reached = np.concatenate([due["seat"], fed, *self._race_lanes(world, draw, moment, crowd, race)])
        seats = np.unique(reached[race.best[reached] < NEVER]).astype(np.int64)
        seats = seats[np.lexsort((world.people.id[seats], race.best[seats]))]
        tiring = self.params.fatigue_per_impression
        count_impressions(seats, clock.daypart + 1, crowd, world.flow.shown, self.targeting, tiring)
        world.flow.visits = self._describe(world, draw, due, seats, crowd, race)
        clear(reached, race)

    def _cleared(self, world: World) -> Race:
        """The race of the last daypart, which was cleared after use; a new one for other people."""
        if len(self.race.best) != len(world.people):
            self.race = new_race(len(world.people))
        return self.race

    def _race_feeds(self, world: World, draw: Draw, moment: Moment, crowd: Crowd, race: Race) -> np.ndarray:
        """Let feeds, search, paid media and habit compete; seats of all whom they might have brought."""
        response, offer, moments = self._response(world), self._offer(world), world.flow.moments
        if moments.listed is None:
            moments.listed = nothing_listed(len(world.people), len(offer.feed))
        start = DAYPART_STARTS[moment.daypart]
        points = further_points(draw("visit.day"), start, self.clocks, crowd, offer, response, moments.listed)
        if len(points):
            moments.add(np.searchsorted(DAYPART_STARTS, points["minute"], side="right") - 1, points)
        points = moments.take(moment.daypart)
        race_points(moment, points, offer, response, crowd, world.flow.shown, race)
        seats: np.ndarray = points["seat"]
        return seats

    def _race_lanes(
        self, world: World, draw: Draw, moment: Moment, crowd: Crowd, race: Race
    ) -> Iterator[np.ndarray]:
        """Let sources that features declare compete, as far as platforms show them; seats they reach."""
        open_share = world.platforms.open_share(world.day)
        for name, (pull, platform) in sorted(world.flow.lanes.pulls.items()):
            source, origin = world.kinds.source(name), PLATFORMS.index(platform)
            shown = pull * open_share[origin]
            yield race_lane(draw(f"visit.{name}"), moment, self.clocks, shown, source, origin, crowd, race)

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
            tiring=p.fatigue_per_impression,
        )

    def _offer(self, world: World) -> Offer:
        """What platforms show today, and what search gives."""
        platforms = world.platforms
        search = platforms.search * (platforms.open_share(world.day) * platforms.unpaid_traffic)
        return Offer(platforms.paid_scale, platforms.feed_scale, search, self.targeting)

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
        touched = np.flatnonzero(row >= 0)
        row = row[touched]

        def of_touch(column: str, none: float) -> np.ndarray:
            values = np.full(len(seats), none, due[column].dtype)
            values[touched] = due[column][row]
            return values

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
