"""Service and its staff: contacts please or hurt, are rated, and a ranking pays those who are rated best.

Some deliveries lead to a contact with one of the staff, who please by ability and effort. Customers or
colleagues rate a part of the contacts; their points make a ranking, and the first share a bonus. Each of
the staff makes the effort that pays in such a contest (Lazear & Rosen 1981): more for a larger prize, less
the more chance decides, because few contacts are rated, and less the more tired they are. Nothing else moves
quality, so that the share of favourable ratings follows from what people find worth their while.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any, ClassVar, NamedTuple, cast

import numpy as np

from sim.core.ledger import to_fen
from sim.core.normals import normals
from sim.core.params import Params
from sim.core.rng import Draw, keyed_uniforms
from sim.feature import Feature, Figure, act
from sim.mechanism import Phase
from sim.social.service_params import ServiceParams
from sim.world.kinds import Purpose
from sim.world.world import World

_WEEK = 7
_HALVINGS = 40
#: How a contact was rated: not at all, by the customer, or by a colleague.
UNRATED, BY_CUSTOMER, BY_PEER = range(3)


class Crew(NamedTuple):
    """Staff, one row each: effort 0..1, and remembered weeks of full effort."""

    effort: np.ndarray
    tired: np.ndarray


class Contacts(NamedTuple):
    """Contacts of a day: order, seat, number of the one of the staff, and whether it pleased."""

    id: np.ndarray
    seat: np.ndarray
    staff: np.ndarray
    pleased: np.ndarray


def ability(draw: Draw, number: int, params: ServiceParams) -> np.ndarray:
    """float64[number]: logits of a pleasing contact of each of the staff without effort; theirs for ever."""
    stream, staff = draw.timeless("service.ability"), np.arange(number, dtype=np.int64)
    u, v = (keyed_uniforms(stream, staff, occasion) for occasion in (0, 1))
    return np.asarray(math.log(params.usual / (1.0 - params.usual)) + params.ability * normals(u, v))


def chance(level: np.ndarray) -> np.ndarray:
    """float64[n]: chance that a contact pleases, from its logit."""
    found: np.ndarray = 1.0 / (1.0 + np.exp(-level))
    return found


def effort(
    params: ServiceParams, base: np.ndarray, tired: np.ndarray, ratings: float, seen: float
) -> np.ndarray:
    """Effort at which the gain of its last part is what that costs, float64[n], 0..1.

    Parameters
    ----------
    params : ServiceParams
    base : float64[n]
        Logits without effort.
    tired : float64[n]
        Remembered weeks of full effort.
    ratings : float
        Ratings that one of the staff has between two rankings.
    seen : float
        Share of the difference between good and bad contacts that ratings show, 0..1.

    Notes
    -----
    The gain falls with effort, because the better somebody is the less there is to gain, and the cost rises:
    they meet once, and halving finds where.
    """
    low, high = np.zeros(len(base)), np.ones(len(base))
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        cost = params.effort_cost * (1.0 + params.tires * tired) * middle
        more = gain(params, base + params.effect * middle, ratings, seen) > cost
        low, high = np.where(more, middle, low), np.where(more, high, middle)
    return low


def gain(params: ServiceParams, level: np.ndarray, ratings: float, seen: float) -> np.ndarray:
    """CNY that a little more effort gains, per unit of it, at these logits, float64[n].

    Near the threshold of a ranking a small rise of one's mean rating raises the chance to win by the density
    of the normal law at the winners' quantile, over the standard deviation of what ranks: chance in the
    ratings, and ability (Lazear & Rosen 1981).
    """
    if ratings <= 0.0:
        return np.zeros(len(level))
    wobble = chance(level) * (1.0 - chance(level))
    spread = np.sqrt(wobble / ratings + (seen * params.ability * wobble) ** 2)
    density = NormalDist().pdf(NormalDist().inv_cdf(params.winners))
    prize = params.bonus / params.winners
    return np.asarray(prize * density * seen * params.effect * wobble / spread, np.float64)


def winning(params: ServiceParams, number: int) -> int:
    """How many of so many staff share the bonus: at least one, and never all, who would be sure of it."""
    return min(max(1, round(params.winners * number)), number - 1)


class Service(Feature):
    """Contacts with staff who are rated and work for it (S068)."""

    section = "service"
    Params: ClassVar[type[Params]] = ServiceParams
    world = True
    events: ClassVar = {
        "service_contacts": {
            "day": ("int32", "absolute day"),
            "person": ("int64", "stable id"),
            "staff": ("int32", "number of the one of the staff"),
            "pleased": ("bool", "the contact pleased"),
            "rated": ("int8", "0 not rated, 1 by the customer, 2 by a colleague"),
            "favourable": ("bool", "and was called good"),
        },
        "service_rankings": {
            "day": ("int32", "absolute day of a ranking"),
            "staff": ("int32", "number of the one of the staff"),
            "ratings": ("int64", "since the ranking before"),
            "points": ("float64", "share of them that were good; -1 without a rating"),
            "prize": ("int64", "paid for it, fen"),
            "effort": ("float64", "until the next ranking, 0..1"),
            "tired": ("float64", "remembered weeks of full effort"),
        },
    }
    figures = (
        Figure(
            "service_pleased",
            "Contacts with service that please",
            "share",
            over=lambda t: t["service_contacts"]["pleased"],
            per=lambda t: np.ones(len(t["service_contacts"]["day"])),
        ),
        Figure(
            "service_favourable",
            "Favourable ratings of service",
            "share",
            over=lambda t: t["service_contacts"]["favourable"],
            per=lambda t: t["service_contacts"]["rated"] > UNRATED,
        ),
        Figure(
            "service_effort",
            "Effort of staff for their ratings",
            "0..1",
            over=lambda t: t["service_rankings"]["effort"],
            per=lambda t: np.ones(len(t["service_rankings"]["day"])),
        ),
    )
    declares = (Purpose("service_cost", "Ratings of service, and bonuses of staff."),)

    @act(
        Phase.DECIDE,
        reads=[
            "records.deliveries~",
            "records.service_contacts",
            "records.service_rankings",
            "people.id",
            "people.trust",
            "operator.allowance",
        ],
        writes=[
            "people.trust",
            "records.service_contacts",
            "records.service_rankings",
            "records.spend",
            "ledger",
        ],
    )
    def serve(self, world: World, draw: Draw) -> None:
        """Rank the staff on the day for it; then serve those whose parcel came yesterday."""
        p = self.params
        number = max(1, round(p.staff * len(world.people) / 10_000.0))
        base = ability(draw, number, p)
        crew = self._crew(world, number)
        if world.day % p.every_days == 0:
            crew = self._close(world, draw, base, crew)
        done = world.records.deliveries
        here = done["day"] == world.day - 1
        ids, seats = done["order_id"][here], world.seats_of(done["person"][here])
        asks = (seats >= 0) & (keyed_uniforms(draw("service.asks"), ids, 0) < p.contacts)
        ids, seats = ids[asks], seats[asks]
        staff = (keyed_uniforms(draw("service.staff"), ids, 0) * number).astype(np.int64)
        quality = chance(base + p.effect * crew.effort)[staff]
        pleased = keyed_uniforms(draw("service.pleases"), ids, 0) < quality
        self._move_trust(world, seats, pleased)
        self._rate(world, draw, Contacts(ids, seats, staff, pleased), number > 1)

    def _crew(self, world: World, number: int) -> Crew:
        """The staff as the last ranking left them; newcomers are rested and make no effort."""
        weeks = cast("Any", world.records).service_rankings
        crew = Crew(np.zeros(number), np.zeros(number))
        if len(weeks):
            last = weeks["day"] == weeks["day"][-1]
            rows = np.flatnonzero(last & (weeks["staff"] < number))
            crew.effort[weeks["staff"][rows]] = weeks["effort"][rows]
            crew.tired[weeks["staff"][rows]] = weeks["tired"][rows]
        return crew

    def _move_trust(self, world: World, seats: np.ndarray, pleased: np.ndarray) -> None:
        """A contact that pleases closes a part of what is missing of trust; any other costs a part of it."""
        p, trust = self.params, world.people.trust
        for here, share, aim in ((pleased, p.pleases, 1.0), (~pleased, p.hurts, 0.0)):
            who, times = np.unique(seats[here], return_counts=True)
            trust[who] += ((1.0 - (1.0 - share) ** times) * (aim - trust[who])).astype(trust.dtype)

    def _rate(self, world: World, draw: Draw, met: Contacts, colleagues: bool) -> None:
        """Let customers, and otherwise colleagues where there are any, rate a part, if it can be paid."""
        p, ids = self.params, met.id
        luck = keyed_uniforms(draw("service.rates"), ids, 0)
        peer = keyed_uniforms(draw("service.peers"), ids, 0) < (p.peers if colleagues else 0.0)
        rated = np.where(luck < p.rated, BY_CUSTOMER, np.where(peer, BY_PEER, UNRATED))
        fen = to_fen(p.rating_cost * int((rated > UNRATED).sum()))
        if not world.affords("service_cost", fen):
            rated, fen = np.full(len(ids), UNRATED), 0
        world.spend("service_cost", fen)
        kind = keyed_uniforms(draw("service.lenient"), ids, 0) < p.lenient
        cast("Any", world.records).service_contacts.append(
            day=np.full(len(ids), world.day),
            person=world.people.id[met.seat],
            staff=met.staff,
            pleased=met.pleased,
            rated=rated,
            favourable=(rated > UNRATED) & (met.pleased | (kind & (rated == BY_PEER))),
        )

    def _close(self, world: World, draw: Draw, base: np.ndarray, crew: Crew) -> Crew:
        """Rank by what was rated since the last time, pay the first, and let all choose their effort anew.

        Nobody makes an effort for a bonus that there was no money for, until one is paid again.
        """
        p, contacts, number = self.params, cast("Any", world.records).service_contacts, len(base)
        weeks = cast("Any", world.records).service_rankings
        since = int(weeks["day"][-1]) if len(weeks) else world.day - p.every_days
        days = world.day - since
        late = (contacts["day"] >= since) & (contacts["rated"] > UNRATED)
        late &= contacts["staff"] < number
        ratings = np.bincount(contacts["staff"][late], minlength=number)
        good = np.bincount(contacts["staff"][late], contacts["favourable"][late], number)
        points = np.where(ratings > 0, good / np.maximum(ratings, 1), -1.0)
        prizes = self._pay(world, draw, points, days)
        peers = float((contacts["rated"][late] == BY_PEER).mean()) if late.any() else 0.0
        tired = crew.tired * np.exp(-days / p.rest_days) + crew.effort * days / _WEEK
        coming = float(ratings.mean()) * (p.every_days / days) if prizes.any() else 0.0
        there = p.model_copy(update={"winners": winning(p, number) / number}) if number > 1 else p
        chosen = effort(there, base, tired, coming, 1.0 - p.lenient * peers)
        weeks.append(
            day=np.full(number, world.day),
            staff=np.arange(number),
            ratings=ratings,
            points=points,
            prize=prizes,
            effort=chosen,
            tired=tired,
        )
        return Crew(chosen, tired)

    def _pay(self, world: World, draw: Draw, points: np.ndarray, days: int) -> np.ndarray:
        """int64[n]: fen paid to each, the bonus of all for some days shared by the first.

        Chance decides between equals.
        """
        p, number = self.params, len(points)
        winners = min(int((points >= 0.0).sum()), winning(p, number))
        prizes = np.zeros(number, np.int64)
        if not winners:
            return prizes
        each = to_fen(p.bonus * days / _WEEK * number / winners)
        if world.affords("service_cost", each * winners):
            turn = keyed_uniforms(draw("service.turn"), np.arange(number, dtype=np.int64), 0)
            prizes[np.lexsort((turn, -points))[:winners]] = each
            world.spend("service_cost", each * winners)
        return prizes
