"""Cascades on a dozen people against a plain reference: a list of tellings, the earliest dealt with first."""

from __future__ import annotations

import math
from typing import NamedTuple

import networkx as nx
import numpy as np
import pytest

from sim.core.rng import hash_id, keyed_exponential, keyed_normal, keyed_poisson, keyed_uniform, stream_key
from sim.network.cascade import FEW_FRIENDS, PARETO, POISSON, spread
from sim.network.csr import CSRGraph, with_strong_ties

pytestmark = pytest.mark.reference

STREAM = stream_key(1, "test.hand", 0)
PEOPLE = 12


class Rule(NamedTuple):
    """How a cascade goes on."""

    strong_only: bool
    law: int
    mean: float
    pass_on: float
    delay_median: float
    delay_sigma: float
    max_generation: int
    tail: float = 2.4
    growth: float = 0.0
    divided: float = 0.0


def audience(rule: Rule, event: int, relative_degree: float) -> int:
    """How many are told by somebody who knows so many people, relative to the mean."""
    if rule.law == FEW_FRIENDS:
        return 1 + math.floor(rule.mean * keyed_exponential(STREAM, event, 0))
    mean = rule.mean * relative_degree**rule.growth
    if rule.law == PARETO:  # inverse of the survival function (1 + x / ((a - 1) * mean))^-a, a = tail - 1
        above = keyed_uniform(STREAM, event, 2)
        mean *= (rule.tail - 2) * (above ** (1 / (1 - rule.tail)) - 1)
    return int(keyed_poisson(STREAM, event, 0, mean))


def attentive(rule: Rule, relative_degree: float) -> float:
    """Chance that somebody who knows so many people, relative to the mean, passes a telling on."""
    return rule.pass_on if rule.law == FEW_FRIENDS else rule.pass_on / relative_degree**rule.divided


def told(
    friends: dict[int, list[int]],
    size: dict[int, float],
    ids: list[int],
    seat: int,
    minute: int,
    key: int,
    rule: Rule,
) -> list:
    """(touch, root, sender, receiver, minute, generation, passes on) of one cascade, in order of minute."""
    root = hash_id(ids[seat], key, 7)
    done, ahead, rows = set(), [], []

    def pass_on(who: int, at: int, generation: int) -> None:
        done.add(who)
        event = hash_id(root, ids[who], 8)
        others = [j for j in friends[who] if j not in done]
        number = audience(rule, event, size[who])
        luck = sorted((keyed_uniform(STREAM, event, 2 * ids[j] + 1), j) for j in others)
        for _, j in luck[:number]:
            touch = hash_id(event, ids[j], 9)
            delay = rule.delay_median * math.exp(rule.delay_sigma * keyed_normal(STREAM, touch, 3))
            ahead.append((at + 1 + math.floor(delay), int(touch), who, j, generation))

    pass_on(seat, minute, 1)
    while ahead:
        ahead.sort()
        at, touch, sender, receiver, generation = ahead.pop(0)
        goes_on = (
            generation < rule.max_generation
            and receiver not in done
            and keyed_uniform(STREAM, touch, 2) < attentive(rule, size[receiver])
        )
        rows.append((touch, int(root), sender, receiver, at, generation, goes_on))
        if goes_on:
            pass_on(receiver, at, generation + 1)
    return rows


@pytest.mark.parametrize(
    "rule",
    [
        Rule(False, FEW_FRIENDS, 1.5, 0.7, 40.0, 0.9, 100),
        Rule(True, FEW_FRIENDS, 0.4, 0.9, 5.0, 1.5, 100),
        Rule(False, FEW_FRIENDS, 1.5, 0.7, 40.0, 0.9, 100, divided=1.0),
        Rule(False, POISSON, 2.0, 0.6, 0.0, 0.0, 3),
        Rule(True, POISSON, 3.0, 1.0, 100.0, 0.2, 2),
        Rule(False, PARETO, 2.0, 0.7, 20.0, 0.5, 100),
        Rule(True, PARETO, 5.0, 0.9, 20.0, 0.5, 100, tail=2.8, growth=1.5),
        Rule(False, POISSON, 1.0, 0.7, 20.0, 0.5, 100, growth=2.0),
        Rule(False, PARETO, 3.0, 0.5, 20.0, 0.5, 100, growth=1.0, divided=1.5),
    ],
)
def test_every_telling_is_that_of_a_plain_list(rule: Rule) -> None:
    """Who is told, by whom, when, under which id, and whether it goes on: forty cascades, all columns."""
    graph = CSRGraph.from_networkx(nx.gnm_random_graph(PEOPLE, 30, seed=8))
    src, dst, _ = graph.edge_arrays()
    some = np.arange(len(src)) % 3 > 0
    graph = with_strong_ties(graph, src[some], dst[some])
    ids = (np.random.default_rng(5).permutation(PEOPLE) + 1000).tolist()
    friends = {
        i: [
            int(graph.indices[e])
            for e in range(graph.indptr[i], graph.indptr[i + 1])
            if graph.strength[e] or not rule.strong_only
        ]
        for i in range(PEOPLE)
    }
    size = dict(enumerate(graph.degree / graph.degree.mean()))
    seats, minutes, keys = np.arange(40) % PEOPLE, np.arange(40) * 7, np.arange(40) // 5
    hops = spread(STREAM, graph, np.array(ids), seats, minutes, keys, **rule._asdict())
    expected = [
        (c, *row)
        for c in range(40)
        for row in told(friends, size, ids, int(seats[c]), int(minutes[c]), int(keys[c]), rule)
    ]
    columns = (hops.cascade, hops.touch, hops.root, hops.sender, hops.receiver, hops.minute,
               hops.generation, hops.active)  # fmt: skip
    assert list(zip(*(c.tolist() for c in columns), strict=True)) == expected
    assert len(expected) > 60
