"""Lists and heaps of parcels and rounds against Python's own: nothing lost, nothing twice, in order."""

from __future__ import annotations

import heapq

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.logistics import parcels as col
from sim.logistics import yard
from sim.logistics.bags import arrange, line_up, put, take_due, take_wave
from sim.logistics.crew import Shift
from sim.logistics.entrance import called, listed
from sim.logistics.heaps import pop, push, take_record
from tests.logistics.street import Street

SMALL = st.integers(0, 3)


def blank(n: int) -> np.ndarray:
    """Rows of ``n`` parcels without marks; order ids descend, so that rows never agree with them."""
    data = np.full((n, col.COLUMNS), col.NEVER)
    data[:, col.ORDER] = n - np.arange(n)
    return data


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(SMALL, SMALL), max_size=70))
def test_rows_are_sorted_by_column_after_column(marks: list[tuple[int, int]]) -> None:
    """As a sort of tuples, whatever the length: in runs, and when runs are merged."""
    data = blank(len(marks))
    data[:, [col.ZONE, col.MINUTE]] = np.array(marks, np.int64).reshape(-1, 2)
    rows = np.random.default_rng(0).permutation(len(marks))
    arrange(data, rows, (col.ZONE, col.MINUTE, col.ORDER))
    keys = [tuple(key) for key in data[:, [col.ZONE, col.MINUTE, col.ORDER]].tolist()]
    assert rows.tolist() == sorted(range(len(marks)), key=keys.__getitem__)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=40))
def test_bags_give_what_is_due_and_keep_the_rest(steps: list[tuple[int, bool]]) -> None:
    """Parcels put with a tick, and now and then everything due by a tick is taken."""
    data, bags, held = blank(len(steps)), yard.empty_bags(), dict[int, int]()
    for row, (tick, take) in enumerate(steps):
        put(data, bags, yard.DOCK, row, tick)
        held[row] = tick
        if take:
            due = {r for r, t in held.items() if t <= tick}
            assert set(take_due(data, bags, yard.DOCK, tick).tolist()) == due
            held = {r: t for r, t in held.items() if r not in due}
        assert sorted(listed(data, bags[yard.DOCK, yard.FIRST]).tolist()) == sorted(held)
        assert bags[yard.DOCK, yard.DUE] == min(held.values(), default=yard.FAR)
    assert (bags[[yard.SHELF, yard.RETURNED]] == [yard.NONE, yard.FAR]).all()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 5)), max_size=9), max_size=5))
def test_waves_hold_all_hand_ins_in_one_order(hand_ins: list[list[tuple[int, int]]]) -> None:
    """By wave, minute and order id at each node, however many hand-ins there were."""
    data, sites, row = blank(45), yard.empty_sites(2), 0
    for parcels in hand_ins:
        begin = row
        for node, minute in parcels:
            data[row, [col.NODE, col.MINUTE, col.WAVE]] = node, minute, 3 * (1 + minute // 3)
            row += 1
        rows = np.arange(begin, row)
        arrange(data, rows, (col.NODE, col.MINUTE, col.ORDER))
        line_up(data, sites, rows)
    for node in range(2):
        mine = [r for r in range(row) if data[r, col.NODE] == node]
        mine.sort(key=lambda r: (data[r, col.WAVE], data[r, col.MINUTE], data[r, col.ORDER]))
        for wave in (3, 6):
            of_wave = [r for r in mine if data[r, col.WAVE] == wave]
            if of_wave:
                assert take_wave(data, sites, node).tolist() == of_wave
        assert sites[node, yard.WAVES] == yard.NONE


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.none(), st.tuples(SMALL, SMALL)), max_size=60))
def test_heaps_give_the_first_by_all_three_numbers(steps: list[tuple[int, int] | None]) -> None:
    """Pushes with many ties in the first numbers, pops in between; None pops."""
    sites = yard.empty_sites(2)
    rounds = yard.grown_rounds(np.zeros((0, yard.ROUND_COLUMNS), np.int64), sites, len(steps) + 1)
    mirror: list[tuple[int, ...]] = []
    for k, step in enumerate(steps):
        if step is not None:
            item = int(take_record(rounds, sites))
            rounds[item, : yard.WHICH + 1] = (*step, k)
            push(rounds, sites, 1, yard.COMING, item)
            heapq.heappush(mirror, (*step, k))
        elif mirror:
            item = pop(rounds, sites, 1, yard.COMING)
            assert tuple(rounds[item, : yard.WHICH + 1].tolist()) == heapq.heappop(mirror)
    while mirror:
        item = pop(rounds, sites, 1, yard.COMING)
        assert tuple(rounds[item, : yard.WHICH + 1].tolist()) == heapq.heappop(mirror)
    assert sites[1, yard.COMING] == yard.NONE


def test_a_list_that_bites_its_tail_ends() -> None:
    """A parcel linked twice is shown again and again, not for ever."""
    data = blank(5)
    data[[0, 1, 2], col.NEXT] = [1, 2, 0]
    assert len(listed(data, 0)) == 5


def test_all_rounds_that_wait_are_found() -> None:
    """In every heap, with all their parcels; those on the road are not among them."""
    street = Street(Shift(0, 1440, 1, 1.0, 0))
    rows = [street.call(zone, 100 + zone, instant=zone % 2 == 0) for zone in range(1, 20)]
    data, flow = street.table.data, street.flow
    assert sorted(called(data, flow.sites, flow.rounds).tolist()) == sorted(rows)
