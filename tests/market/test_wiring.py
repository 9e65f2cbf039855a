"""The order of a day's mechanisms follows from what they read and write, and from nothing else."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docs.generate import all_mechanisms
from sim.config import compose
from sim.core.errors import WiringError
from sim.mechanism import Mechanism, Phase, order_mechanisms
from sim.registry import mechanisms
from sim.world.population import COLUMNS


@dataclass
class Fake:
    """A mechanism that does nothing."""

    name: str
    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    phase: Phase = Phase.SETTLE

    def act(self, world, draw) -> None:
        """Do nothing."""


def fake(name: str, reads: str = "", writes: str = "", phase: Phase = Phase.SETTLE) -> Fake:
    return Fake(name, frozenset(reads.split()), frozenset(writes.split()), phase)


def names(members) -> list[str]:
    return [m.name for m in order_mechanisms(members)]


def test_phases_come_first():
    members = [fake(p.name, reads="a", writes="a", phase=p) for p in reversed(Phase)]
    assert names(members) == [p.name for p in Phase]


def test_readers_come_after_writers_whatever_their_names():
    assert names([fake("a", reads="x"), fake("z", writes="x")]) == ["z", "a"]


def test_who_amends_comes_between_who_writes_and_who_reads():
    members = [fake("a", reads="x"), fake("b", reads="x", writes="x"), fake("c", writes="x")]
    assert names(members) == ["c", "b", "a"]


def test_two_writers_that_nothing_orders_are_an_error_that_names_both():
    with pytest.raises(WiringError, match=r"phase SETTLE: 'left' and 'right' both write 'people\.trust'"):
        order_mechanisms([fake("right", writes="people.trust"), fake("left", writes="people.trust")])


def test_two_amenders_that_nothing_orders_are_an_error():
    with pytest.raises(WiringError, match="both write 'x'"):
        order_mechanisms([fake("a", reads="x", writes="x"), fake("b", reads="x", writes="x")])


def test_two_writers_whom_another_state_orders_are_none():
    assert names([fake("a", reads="y", writes="x"), fake("b", writes="x y")]) == ["b", "a"]


def test_two_writers_in_different_phases_are_none():
    members = [fake("a", writes="x", phase=Phase.SETTLE), fake("b", writes="x", phase=Phase.STRIKE)]
    assert names(members) == ["b", "a"]


@pytest.mark.parametrize("state", ["records.visits", "agendas.touches", "ledger"])
def test_what_is_only_appended_to_needs_no_order(state):
    assert names([fake("b", writes=state), fake("a", writes=state)]) == ["a", "b"]


def test_a_circle_is_an_error_that_names_its_members():
    with pytest.raises(WiringError, match=r"circle among hen, egg|circle among egg, hen"):
        order_mechanisms([fake("hen", reads="egg", writes="hen"), fake("egg", reads="hen", writes="egg")])


def test_yesterdays_value_puts_no_constraint():
    members = [fake("hen", reads="egg~", writes="hen"), fake("egg", reads="hen", writes="egg")]
    assert names(members) == ["hen", "egg"]


STATES = ("a", "b", "c", "d", "e~", "records.x")


@st.composite
def wirings(draw) -> list[Fake]:
    sets = st.frozensets(st.sampled_from(STATES), max_size=3)
    plain = sets.map(lambda s: frozenset(x.rstrip("~") for x in s))
    size = draw(st.integers(1, 7))
    phase = st.sampled_from([Phase.STRIKE, Phase.SETTLE])
    return [Fake(f"m{k}", draw(sets), draw(plain), draw(phase)) for k in range(size)]


def outcome(members) -> list[str] | str:
    """The order, or why there is none."""
    try:
        return names(members)
    except WiringError as error:
        return str(error)


@pytest.mark.property
@given(wirings(), st.randoms(use_true_random=False))
def test_an_order_is_right_and_the_same_however_they_are_listed(members, rng):
    found = outcome(members)
    shuffled = members[:]
    rng.shuffle(shuffled)
    assert outcome(shuffled) == found
    if isinstance(found, str):
        return
    for k, late in enumerate(order_mechanisms(members)):
        for early in order_mechanisms(members)[:k]:
            assert early.phase <= late.phase
            if early.phase == late.phase:
                # nobody reads, and leaves alone, what a later one of the same phase writes
                assert not (early.reads - early.writes) & (late.writes - late.reads)
                both = early.writes & late.writes - {"records.x"}
                assert not both or early.writes & late.reads or early.reads & late.writes


@pytest.mark.parametrize("scenario", ["baseline", "group_buy", "private_domain", "rider_shortage"])
def test_the_order_of_a_market_does_not_follow_its_list(scenario):
    found = mechanisms(compose([f"scenario={scenario}"]))
    assert all(isinstance(m, Mechanism) for m in found)
    assert len({m.name for m in found}) == len(found)
    expected = names(found)
    for seed in range(20):
        random.Random(seed).shuffle(found)
        assert names(found) == expected


#: Read when people are made, for other traits.
MADE_OF = {"age", "male", "lower_tier"}
#: Where a person's first visit came from: its writer books it with every order.
BOOKED = {"acquired_source"}


def test_every_column_is_read_by_something():
    """A column that nobody reads is dead weight of a large market."""
    read = {state.rstrip("~") for mechanism in all_mechanisms() for state in mechanism.reads}
    unread = {column for column in COLUMNS if f"people.{column}" not in read}
    assert unread == MADE_OF | BOOKED
