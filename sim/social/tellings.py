"""What a passing-on is: how it begins, and what it is to whoever hears it; compiled.

:mod:`sim.social.sharing` says who shares and what it costs, :mod:`sim.network.cascade` who passes on to whom.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.core.clock import MINUTES_PER_DAY
from sim.core.jit import njit
from sim.core.rng import keyed_uniform
from sim.network.cascade import FEW_FRIENDS
from sim.world.schema import Source

#: Sources as numbers, which kernels hold.
_INVITATION, _SHARE = int(Source.INVITATION), int(Source.SHARE)


class Moment(NamedTuple):
    """A daypart: day, number, and absolute first minute and the one after its last."""

    day: int
    daypart: int
    start: int
    end: int


class Rule(NamedTuple):
    """How cascades of invitations (to few friends) and of shares (by a law of audiences) go on."""

    friends: float
    audience: float
    pass_on_invite: float
    pass_on: float
    law: int


class Response(NamedTuple):
    """Visits a receiver by who tells, the part lost with users, and the share that a coupon takes off."""

    share: float
    weak: float
    invite: float
    duplicate: float
    coupon: float


class Graph(NamedTuple):
    """Who knows whom and how well (:class:`sim.network.csr.CSRGraph`)."""

    indptr: np.ndarray
    indices: np.ndarray
    strength: np.ndarray


class Hearers(NamedTuple):
    """What a telling asks of people, one row a seat (columns of the population)."""

    id: np.ndarray
    registered: np.ndarray
    last_order_category: np.ndarray


@njit(cache=True)
def start_cascades(stream, moment, people_id, seats, invites, rule, shown):
    """Where cascades begin: minute, key, law and mean of the audience, and chance to pass on in turn.

    ``shown`` is the share of its traffic that the platform gives: who is not shown it does not pass it on.
    """
    n = seats.shape[0]
    minute, key, law = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    mean, pass_on = np.empty(n), np.empty(n)
    for k in range(n):
        invite = np.int64(invites[k])
        u = keyed_uniform(stream, people_id[seats[k]], 100 + 2 * moment.daypart + invite)
        minute[k] = moment.start + np.int64(u * (moment.end - moment.start))
        key[k] = moment.day * 16 + moment.daypart * 2 + invite
        law[k] = FEW_FRIENDS if invite else rule.law
        mean[k] = rule.friends if invite else rule.audience
        pass_on[k] = (rule.pass_on_invite if invite else rule.pass_on) * shown
    return minute, key, law, mean, pass_on


@njit(inline="always")
def _close(graph, sender, receiver):
    """Whether two people are close acquaintances (neighbours are sorted)."""
    low, high = graph.indptr[sender], graph.indptr[sender + 1]
    at = low + np.searchsorted(graph.indices[low:high], receiver)
    return at < high and graph.indices[at] == receiver and graph.strength[at] != 0


@njit(cache=True)
def tell(hops, seats, invites, reward_fen, graph, people, response):
    """What each telling is to whoever hears it.

    Parameters
    ----------
    hops : Hops
        Tellings, one row each.
    seats, invites : int64[c], bool[c]
        Who began each cascade, and whether it is an invitation.
    reward_fen : int
        Promised to the sender of an invitation, fen; 0 for none.
    graph : Graph
        Who knows whom.
    people : Hearers
        Everybody.
    response : Response
        How people answer.

    Returns
    -------
    tuple of array[k]
        Source, category, chance of a visit, id of the inviter (-1 for none), coupon as a share of the price,
        reward (fen), ids of sender and receiver, and the day.
    """
    n = hops.cascade.shape[0]
    source, category = np.empty(n, np.int8), np.empty(n, people.last_order_category.dtype)
    chance, coupon = np.empty(n), np.zeros(n)
    inviter, reward = np.full(n, -1, np.int64), np.zeros(n, np.int64)
    sender, receiver, day = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int32)
    for k in range(n):
        c, i = hops.cascade[k], hops.receiver[k]
        known = people.registered[i]
        sender[k], receiver[k] = people.id[hops.sender[k]], people.id[i]
        day[k] = hops.minute[k] // MINUTES_PER_DAY
        category[k] = people.last_order_category[seats[c]]
        if invites[c]:
            source[k], inviter[k], reward[k] = _INVITATION, sender[k], reward_fen
            chance[k] = response.invite
            coupon[k] = 0.0 if known else response.coupon
        else:
            source[k] = _SHARE
            chance[k] = response.share if _close(graph, hops.sender[k], i) else response.weak
        chance[k] *= 1.0 - response.duplicate if known else 1.0
    return source, category, chance, inviter, coupon, reward, sender, receiver, day
