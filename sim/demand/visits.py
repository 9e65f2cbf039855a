"""Visits: every source is a clock, and the first to ring before the daypart ends brings a visit.

A source that shows a person ``n`` impressions with click probability ``c`` has the hazard
``-n ln(1 - c)``; a touch from a friend, a post or a message has ``-ln(1 - c)``. Each source
draws its own exponential clock, so that adding or removing one never re-deals the others, and
the chance of a visit is one minus the product of all chances of none. The source whose clock
rings first gets the credit (that is credit, not cause: cause is the twin run).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from sim.core.clock import DAYPARTS
from sim.core.jit import njit
from sim.core.rng import Draw, hash_id, keyed_uniform, occasion_key, person_key, unit_of
from sim.demand.exposure import TrafficParams, daypart_clock, daypart_shares
from sim.mechanism import Phase
from sim.world.platforms import OWN_SITE
from sim.world.schema import Source
from sim.world.touches import shown
from sim.world.world import World

if TYPE_CHECKING:
    from sim.content.notes import ContentParams

#: Sources whose touches are something to read, and leave a note with whoever sees them.
_READING = (Source.INFLUENCER_POST, Source.SPONSORED_POST, Source.LIVESTREAM)
_TOLD = (Source.SHARE, Source.INVITATION)
_FEED, _SEARCH, _PAID, _DIRECT = (
    int(s) for s in (Source.ORGANIC_FEED, Source.SEARCH, Source.PAID_MEDIA, Source.DIRECT)
)
_MAX_CHANCE = 0.9
_LN2 = math.log(2.0)
#: Bounds are widened by this, so that rounding cannot dismiss a clock that rings.
_SLACK = 1.0 + 1e-9


@njit(inline="always")
def _minute(time, clock, start):
    """Absolute minute of a clock that rings at ``time`` (0..1) of a daypart's activity."""
    hour = 0
    while clock[hour + 1] <= time:
        hour += 1
    inside = (time - clock[hour]) / (clock[hour + 1] - clock[hour])
    return start + hour * 60 + np.int64(inside * 60.0)


@njit(inline="always")
def _rings(u, impressions, cap, tiredness):
    """Hazard of a source if its clock rings in this daypart, else 0; ``u`` is its draw.

    ``cap`` is the chance of a person who is not tired: where even that would not ring (by the
    cheap bound ``1 - exp(-h) <= n c / (1 - c)``), nothing more is computed.
    """
    if u >= impressions * cap / (1.0 - cap):
        return 0.0
    hazard = -impressions * math.log(1.0 - cap * math.exp(-tiredness))
    return hazard if u < 1.0 - math.exp(-hazard) else 0.0


@njit(cache=True)
def _read(seats, persons, sources, categories, weight, needed, people_id, notes, category_notes):
    """Leave a note with everybody present who sees something to read, in all and on the category."""
    for k in range(seats.shape[0]):
        i, c = seats[k], categories[k]
        worth = weight[sources[k]]
        if worth == 0.0 or people_id[i] != persons[k]:
            continue
        notes[i] += worth
        if c >= 0 and needed[c] > 0:
            category_notes[i, c] += worth


@njit(cache=True)
def _race_touches(stream, day_start, start, end, seats, persons, minutes, sources, origins, chances, touches,
                  people_id, need, need_response, best, by_source, by_origin, by_touch, seen):  # fmt: skip
    """First ring among individual touches (rows); those of people who have left are dropped."""
    for k in range(seats.shape[0]):
        i = seats[k]
        if people_id[i] != persons[k]:
            continue
        seen[i] |= np.int32(1) << np.int32(sources[k])
        chance = min(_MAX_CHANCE, chances[k] * (need_response if need[i] >= 0 else 1.0))
        u = keyed_uniform(stream, persons[k], touches[k])
        if u >= chance:
            continue
        time = math.log(1.0 - u) / math.log(1.0 - chance)
        first = max(minutes[k], start)
        minute = first + np.int64(time * (end - first))
        if minute < best[i] or (minute == best[i] and by_touch[i] >= 0 and touches[k] < touches[by_touch[i]]):
            best[i] = minute
            by_source[i] = sources[k]
            by_origin[i] = origins[k]
            by_touch[i] = k


@njit(cache=True)
def _suspects(stream, daypart, shares, feed_chance, paid_chance, registered_response, need_response, search,
              traffic,
              people_id, group, registered, need, habit, affinity, paid, feed):  # fmt: skip
    """Seats of which some feed's clock might ring, by the cheap bound ``1 - exp(-h) <= n c / (1 - c)``.

    Nineteen in twenty people are dismissed here; the race itself is run for the rest.
    """
    n_platforms = affinity.shape[1]
    key = np.empty((4, n_platforms), np.uint64)
    for source in range(4):
        for p in range(n_platforms):
            key[source, p] = occasion_key((daypart << 16) + (source << 8) + p)
    bound = np.empty((2, 2, 2))
    for known in range(2):
        for wants in range(2):
            lift = (registered_response if known else 1.0) * (need_response if wants else 1.0)
            for k in range(2):
                cap = min(_MAX_CHANCE, (paid_chance if k else feed_chance) * lift)
                bound[known, wants, k] = cap / (1.0 - cap) * _SLACK
    seats = np.empty(people_id.shape[0], np.int64)
    size = 0
    for i in range(people_id.shape[0]):
        person = person_key(stream, people_id[i])
        wants = need[i] >= 0
        by_feed, by_paid = bound[int(registered[i]), int(wants), 0], bound[int(registered[i]), int(wants), 1]
        share = shares[group[i]] * _SLACK
        maybe = unit_of(person, key[_DIRECT, 0]) <= share * habit[i]
        for p in range(n_platforms):
            maybe |= (unit_of(person, key[_FEED, p]) <= feed[i, p] * by_feed) | (
                unit_of(person, key[_PAID, p]) <= paid[i, p] * by_paid
            )
        if wants:
            for p in range(n_platforms):
                maybe |= unit_of(person, key[_SEARCH, p]) <= share * affinity[i, p] * search[p] * traffic[p]
        if maybe:
            seats[size] = i
            size += 1
    return seats[:size]


@njit(cache=True)
def _race_feeds(stream, daypart, start, shares, clocks, feed_chance, paid_chance, registered_response,
                need_response,
                no_need, fatigue_effect, search, traffic, own_site, people_id, group, registered, need, habit,
                affinity, paid, feed, fatigue, best, by_source, by_origin, by_touch, seen):  # fmt: skip
    """First ring among feeds, paid media, search and direct visits; merged with the touches' race."""
    for i in _suspects(stream, daypart, shares, feed_chance, paid_chance, registered_response,
                       need_response, search,
                       traffic, people_id, group, registered, need, habit, affinity, paid, feed):  # fmt: skip
        who = people_id[i]
        wants = need[i] >= 0
        share = shares[group[i]]
        lift = (registered_response if registered[i] else 1.0) * (need_response if wants else 1.0)
        feed_cap = min(_MAX_CHANCE, feed_chance * lift)
        paid_cap = min(_MAX_CHANCE, paid_chance * lift)
        for p in range(affinity.shape[1]):
            if affinity[i, p] == 0.0:
                continue
            for source in range(3):
                if source == _FEED:
                    impressions, cap, tired = feed[i, p], feed_cap, fatigue_effect * fatigue[i, p]
                elif source == _PAID:
                    impressions, cap, tired = paid[i, p], paid_cap, fatigue_effect * fatigue[i, p]
                elif wants:
                    # a search that is made is a visit: its rate is the hazard itself
                    impressions = share * affinity[i, p] * search[p] * traffic[p] / _LN2
                    cap, tired = 0.5, 0.0
                else:
                    continue
                if impressions <= 0.0:
                    continue
                u = keyed_uniform(stream, who, (daypart << 16) + (source << 8) + p)
                hazard = _rings(u, impressions, cap, tired)
                if hazard > 0.0:
                    seen[i] |= np.int32(1) << np.int32(source)
                    minute = _minute(-math.log(1.0 - u) / hazard, clocks[group[i]], start)
                    if minute < best[i]:
                        best[i] = minute
                        by_source[i] = source
                        by_origin[i] = p
                        by_touch[i] = -1
        if registered[i] and habit[i] > 0.0:
            hazard = share * habit[i] * (1.0 if wants else no_need)
            u = keyed_uniform(stream, who, (daypart << 16) + (_DIRECT << 8))
            if u < 1.0 - math.exp(-hazard):
                seen[i] |= np.int32(1) << np.int32(_DIRECT)
                minute = _minute(-math.log(1.0 - u) / hazard, clocks[group[i]], start)
                if minute < best[i]:
                    best[i] = minute
                    by_source[i] = _DIRECT
                    by_origin[i] = own_site
                    by_touch[i] = -1


@njit(cache=True)
def _look(surface_stream, browse_stream, day, daypart, seats, people_id, group, need, by_source, by_origin,
          by_touch,
          touch_category, sends_on, weight, own_site):  # fmt: skip
    """Surface and category of each visit, and its id."""
    n = seats.shape[0]
    surface = np.empty(n, np.int8)
    category = np.empty(n, np.int8)
    visit_id = np.empty(n, np.int64)
    for k in range(n):
        i = seats[k]
        who = people_id[i]
        visit_id[k] = hash_id(who, day, daypart)
        origin = by_origin[i]
        moves = keyed_uniform(surface_stream, who, daypart) < sends_on[origin]
        surface[k] = own_site if moves else origin
        shown = touch_category[by_touch[i]] if by_touch[i] >= 0 else -1
        if shown >= 0:
            category[k] = shown
        elif need[i] >= 0:
            category[k] = need[i]
        else:
            best = math.inf
            for c in range(weight.shape[1]):
                if weight[group[i], c] > 0.0:
                    u = keyed_uniform(browse_stream, who, (daypart << 8) + c)
                    clock = -math.log(u) / weight[group[i], c]
                    if clock < best:
                        best = clock
                        category[k] = c
    return surface, category, visit_id


class Visits:
    """Who visits in this daypart, when, from where, and looking for what."""

    name = "visits"
    phase = Phase.BUY
    reads = frozenset({"people.id", "people.group", "people.registered~", "people.need_category~",
                       "people.habit~",
                       "people.affinity", "people.paid_impressions", "people.feed_impressions",
                       "people.fatigue~",
                       "operator.terms.linked", "operator.terms.content",
                       "agendas.touches", "platforms.traffic", "platforms.ban~"})  # fmt: skip
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
        best, by_source, by_origin, by_touch, seen = self._race(world, draw, due)
        seats = np.flatnonzero(best < np.iinfo(np.int64).max)
        order = np.lexsort((world.people.id[seats], best[seats]))
        seats = seats[order]
        world.flow.visits = self._describe(
            world, draw, due, seats, (best, by_source, by_origin, by_touch, seen)
        )

    def _see(self, world: World, draw: Draw, due: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Touches that their platforms show today; what there is to read is remembered."""
        open_share = world.platforms.open_share(world.day)[due["origin"]]
        seen = shown(draw, due["person"], due["touch"], open_share)
        if not seen.all():
            due = {name: column[seen] for name, column in due.items()}
        _read(due["seat"], due["person"], due["source"], due["category"], self.note_worth,
              world.catalog.notes_needed, world.people.id, world.people.notes,
              world.people.category_notes)  # fmt: skip
        return due

    def _race(self, world: World, draw: Draw, due: dict[str, np.ndarray]) -> tuple[np.ndarray, ...]:
        n = len(world.people)
        people, p, d = world.people, self.params, world.clock.daypart
        best = np.full(n, np.iinfo(np.int64).max)
        race = (
            best,
            np.zeros(n, np.int8),
            np.zeros(n, np.int8),
            np.full(n, -1, np.int32),
            np.zeros(n, np.int32),
        )
        _race_touches(
            draw("visit.touch"), world.clock.midnight, world.clock.start, world.clock.end, due["seat"],
            due["person"],
            due["minute"], due["source"], due["origin"], due["chance"], due["touch"], people.id,
            people.need_category, p.need_response, *race,
        )  # fmt: skip
        platforms = world.platforms
        lift = self.lift if world.operator.terms.content else self.plain_lift
        lift *= 1.0 + p.linked_click if world.operator.terms.linked_ids else 1.0
        _race_feeds(
            draw("visit.feed"), d, world.clock.start, self.shares[:, d].copy(), self.clocks[:, d].copy(),
            self.chance * lift, self.paid_chance * lift, p.registered_response, p.need_response,
            p.no_need_habit,
            p.fatigue_effect, platforms.search,
            platforms.open_share(world.day) * platforms.unpaid_traffic, OWN_SITE,
            people.id, people.group,
            people.registered, people.need_category, people.habit, people.affinity, people.paid_impressions,
            people.feed_impressions, people.fatigue, *race,
        )  # fmt: skip
        return race

    def _describe(self, world: World, draw: Draw, due: dict[str, np.ndarray], seats: np.ndarray,
                  race: tuple[np.ndarray, ...]) -> dict[str, np.ndarray]:  # fmt: skip
        best, by_source, by_origin, by_touch, seen = race
        people = world.people
        surface, category, visit_id = _look(
            draw("visit.surface"), draw("visit.browse"), world.day, world.clock.daypart, seats, people.id,
            people.group, people.need_category, by_source, by_origin, by_touch, due["category"],
            world.platforms.sends_on, world.catalog.group_weight, OWN_SITE,
        )  # fmt: skip
        row = by_touch[seats]
        touched = row >= 0
        at = np.where(touched, row, 0)

        def of_touch(column: str, none: float) -> np.ndarray:
            if not len(due[column]):
                return np.full(len(seats), none, due[column].dtype)
            return np.where(touched, due[column][at], none).astype(due[column].dtype)

        return {
            "visit_id": visit_id, "seat": seats.astype(np.int32), "person": people.id[seats],
            "minute": best[seats], "source": by_source[seats], "origin": by_origin[seats],
            "surface": surface, "category": category, "sources_seen": seen[seats],
            "touch": of_touch("touch", -1), "sender": of_touch("sender", -1),
            "discount": of_touch("discount", 0.0), "commission": of_touch("commission", 0.0),
            "rewarded": of_touch("rewarded", False),
        }  # fmt: skip


assert (_FEED, _SEARCH, _PAID) == (0, 1, 2)
assert DAYPARTS < 2**8
