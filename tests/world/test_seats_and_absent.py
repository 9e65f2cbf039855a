"""Who sits where, and who is away: kept up as people come and leave, equal to looking everywhere anew."""

from __future__ import annotations

import numpy as np
import pytest

from sim.core.errors import ConservationError
from sim.world.absent import Absent
from sim.world.seat_index import SeatIndex


def looked_up(ids: np.ndarray, persons: np.ndarray) -> list[int]:
    """Seats by a dictionary built anew."""
    seats = {person: seat for seat, person in enumerate(ids.tolist())}
    return [seats.get(person, -1) for person in persons.tolist()]


@pytest.mark.parametrize("n", [1, 7, 500])
def test_seats_are_those_of_a_table_built_anew(n):
    rng = np.random.default_rng(n)
    ids = rng.permutation(10 * n)[:n].astype(np.int64)
    index, unused = SeatIndex(ids), 10 * n
    for _ in range(60):
        leaving = rng.permutation(n)[: 1 + n // 10]
        ids[leaving] = unused + np.arange(len(leaving))
        unused += len(leaving)
        if n > 1:
            ids[:2] = ids[1::-1].copy()  # two change places
        index.follow(ids)
        persons = np.concatenate([ids, [-1, -2, unused], rng.integers(0, unused, 50)])
        assert index.seats_of(persons).tolist() == looked_up(ids, persons)
        index.check(0)


@pytest.mark.parametrize("late", [False, True])
def test_a_person_on_two_seats_is_found(late):
    ids = np.arange(20)
    index = SeatIndex(ids)
    ids[3] = 7
    if late:
        index.follow(ids)
    else:
        index = SeatIndex(ids)
    with pytest.raises(ConservationError, match="people, day 9: two seats hold the same person"):
        index.check(9)


def test_the_absent_are_those_of_a_dictionary():
    rng = np.random.default_rng(4)
    n, unused = 200, 200
    people = {"id": np.arange(n), "trust": rng.random(n).astype(np.float32), "taste": rng.random((n, 3))}
    away, kept = Absent(), {}
    for _ in range(50):
        seats = rng.permutation(n)[: rng.integers(0, 30)]
        for seat in seats:
            kept[int(people["id"][seat])] = (people["trust"][seat], *people["taste"][seat])
        away.receive(people, seats)
        people["id"][seats] = unused + np.arange(len(seats))
        unused += len(seats)
        back = rng.permutation(away.number)[: min(len(seats), away.number // 2)]
        expected = away["id"][back].tolist()
        away.release(people, back, seats[: len(back)])
        assert people["id"][seats[: len(back)]].tolist() == expected
        for seat in seats[: len(back)]:
            row = (people["trust"][seat], *people["taste"][seat])
            assert kept.pop(int(people["id"][seat])) == row
        rows = zip(away["id"].tolist(), away["trust"], away["taste"], strict=True)
        assert {who: (trust, *taste) for who, trust, taste in rows} == kept


def test_a_column_that_comes_later_has_a_value_for_everybody():
    people = {"id": np.arange(5), "trust": np.zeros(5)}
    away = Absent()
    away.receive(people, np.array([1, 2]))
    away.add_column("stamps", np.array([3, 3], np.int16))
    people["stamps"] = np.arange(5, dtype=np.int16)
    away.receive(people, np.array([4]))
    assert away["stamps"].tolist() == [3, 3, 4]
    assert Absent(away).number == 3
