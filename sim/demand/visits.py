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
from sim.core.rng import Draw
from sim.demand.arrivals import Notes, Places, Streams, Tiring, Told, arrive, compete
from sim.demand.day_clock import Crowd, Offer, Response, further_points
from sim.demand.exposure import TrafficParams, day_clock
from sim.demand.lanes import race_lane
from sim.demand.media import MediaParams
from sim.demand.race import Moment, Race, Touches, new_race
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


_NOBODY = np.zeros(0, np.int64)
#: Columns of a visit, in the order in which they are written down (:func:`sim.demand.arrivals.arrive`).
_WRITTEN = (
    "visit_id",
    "seat",
    "person",
    "minute",
    "source",
    "origin",
    "surface",
    "category",
    "sources_seen",
    "touch",
    "sender",
    "discount",
    "commission",
    "rewarded",
)


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
            "conditions.search",
            "operator.terms.linked",
            "operator.terms.content",
            "library.shown",
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
        people, clock, shown = world.people, world.clock, world.flow.shown
        open_share = world.platforms.open_share(world.day)
        due = _see(draw, world.agendas["touches"].take(clock.end), open_share)
        crowd, race = fields_of(Crowd, people), self._cleared(world)
        moment = Moment(clock.daypart, clock.start, clock.end, clock.midnight)
        offer, response = self._offer(world, open_share), self._response(world)
        points = self._points(world, draw, crowd, offer, response)
        notes = Notes(self.note_worth, world.catalog.notes_needed, people.notes, people.category_notes)
        touches = fields_of(Touches, due)
        compete(draw("visit.touch"), moment, touches, points, offer, response, crowd, shown, race, notes)
        visits = arrive(
            Streams(draw("visit.surface"), draw("visit.browse")),
            world.day,
            moment,
            fields_of(Told, due),
            points,
            self._reached_by_lanes(world, draw, moment, crowd, race),
            crowd,
            shown,
            race,
            Places(world.platforms.sends_on, world.catalog.group_weight),
            Tiring(self.targeting, self.params.fatigue_per_impression),
        )
        world.flow.visits = dict(zip(_WRITTEN, visits, strict=True))

    def _cleared(self, world: World) -> Race:
        """The race of the last daypart, which was cleared after use; a new one for other people."""
        if len(self.race.best) != len(world.people):
            self.race = new_race(len(world.people))
        return self.race

    def _points(self, world: World, draw: Draw, crowd: Crowd, offer: Offer, response: Response) -> np.ndarray:
        """Moments of this daypart, after those that have become possible since the last are listed."""
        moments, daypart = world.flow.moments, world.clock.daypart
        if moments.listed is None:
            moments.listed = nothing_listed(len(world.people), len(offer.feed))
        start = DAYPART_STARTS[daypart]
        moments.add(
            *further_points(draw("visit.day"), start, self.clocks, crowd, offer, response, moments.listed)
        )
        return moments.take(daypart)

    def _reached_by_lanes(
        self, world: World, draw: Draw, moment: Moment, crowd: Crowd, race: Race
    ) -> np.ndarray:
        """Let sources that features declare compete; int64[k], seats of all whom they might have brought."""
        if not world.flow.lanes.pulls:
            return _NOBODY
        return np.concatenate([*self._race_lanes(world, draw, moment, crowd, race)])

    def _race_lanes(
        self, world: World, draw: Draw, moment: Moment, crowd: Crowd, race: Race
    ) -> Iterator[np.ndarray]:
        """Let sources that features declare compete, as far as platforms show them; seats they reach."""
        open_share = world.platforms.open_share(world.day)
        for name, (pull, platform) in sorted(world.flow.lanes.pulls.items()):
            source, origin = world.kinds.source(name), PLATFORMS.index(platform)
            shown = pull * open_share[origin]
            yield race_lane(draw(f"visit.{name}"), moment, self.clocks, shown, source, origin, crowd, race)

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
            click=world.library.click,
        )

    def _offer(self, world: World, open_share: np.ndarray) -> Offer:
        """What platforms show today, and what search gives."""
        platforms = world.platforms
        search = platforms.search * world.conditions.search * (open_share * platforms.unpaid_traffic)
        paid = platforms.paid_scale * platforms.paid_slots[world.clock.daypart]
        return Offer(paid, platforms.feed_scale, search, self.targeting)


def _see(draw: Draw, due: dict[str, np.ndarray], open_share: np.ndarray) -> dict[str, np.ndarray]:
    """Touches that their platforms show today."""
    if open_share.min() >= 1.0:
        return due
    seen = shown(draw, due["person"], due["touch"], open_share[due["origin"]])
    return due if seen.all() else {name: column[seen] for name, column in due.items()}
