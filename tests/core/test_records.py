"""Tables and agendas against plain lists: rows stay in order, views see today, nothing due is lost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core.records import Agenda, Table

SCHEMA = {"who": ("int64", "id"), "fen": ("int64", "amount"), "real": ("bool", "not fake")}
a_row = st.tuples(st.integers(-(2**62), 2**62), st.integers(0, 10**9), st.booleans())
blocks = st.lists(st.lists(a_row), max_size=12)


def column(rows, k, dtype):
    return np.array([row[k] for row in rows], dtype)


def append(table: Table, rows) -> slice:
    who, fen, real = (column(rows, k, SCHEMA[name][0]) for k, name in enumerate(SCHEMA))
    return table.append(who=who, fen=fen, real=real)


@pytest.mark.property
@given(blocks, blocks)
def test_a_table_holds_what_was_appended_in_order(before, today):
    table, plain = Table("t", SCHEMA), []
    for days in (before, today):
        table.begin_day()
        assert table.day_start == len(plain)
        for rows in days:
            at = append(table, rows)
            assert (at.start, at.stop) == (len(plain), len(plain) + len(rows))
            plain += rows
    start = sum(map(len, before))
    for k, name in enumerate(SCHEMA):
        assert table[name].tolist() == [row[k] for row in plain]
        assert table.today(name).tolist() == [row[k] for row in plain[start:]]
        assert table.arrays(start)[name].tolist() == [row[k] for row in plain[start:]]
    assert len(table) == len(plain)


def test_scalars_are_repeated_and_a_row_of_scalars_is_one_row():
    table = Table("t", SCHEMA)
    table.append(who=np.arange(300), fen=5, real=True)
    table.append(who=-1, fen=7, real=False)
    assert len(table) == 301
    assert table["fen"].sum() == 300 * 5 + 7
    assert table["who"][-1] == -1


@pytest.mark.parametrize("columns", [{"who": 1, "fen": 2}, {"who": 1, "fen": 2, "real": True, "more": 3}])
def test_a_missing_or_unknown_column_is_named(columns):
    wrong = "real" if len(columns) == 2 else "more"
    with pytest.raises(KeyError, match=f"t: columns missing or unknown: .*{wrong}"):
        Table("t", SCHEMA).append(**columns)


def test_clearing_forgets_rows_and_the_day():
    table = Table("t", SCHEMA)
    append(table, [(1, 2, True)] * 5)
    table.begin_day()
    table.clear()
    assert len(table) == len(table.today("who")) == table.day_start == 0


def test_copies_do_not_follow_the_table():
    table = Table("t", SCHEMA)
    append(table, [(1, 2, True)])
    copy = table.arrays()
    table["fen"][0] = 9
    assert copy["fen"][0] == 2


def test_views_share_the_tables_memory_and_cannot_be_written():
    table = Table("t", SCHEMA)
    append(table, [(1, 2, True), (3, 4, False)])
    views = table.views(1)
    assert {name: values.tolist() for name, values in views.items()} == {
        name: values.tolist() for name, values in table.arrays(1).items()
    }
    assert all(np.shares_memory(values, table[name]) for name, values in views.items())
    with pytest.raises(ValueError, match="read-only"):
        views["fen"][0] = 9
    table["fen"][1] = 9  # the table itself goes on
    assert views["fen"][0] == 9


rows_due = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 10**6)), max_size=8)


@pytest.mark.property
@given(st.lists(st.tuples(rows_due, st.integers(0, 500)), max_size=10))
def test_an_agenda_gives_what_is_due_once_in_the_order_added(steps):
    agenda, plain = Agenda("a", {"minute": "int64", "row": "int32"}), []
    for rows, before in steps:
        for part in (rows[::2], rows[1::2]):
            minute = column(part, 0, "int64")
            agenda.add(minute=minute, row=column(part, 1, "int64"))
            minute[:] = -1  # what was added is the agenda's own
            plain += part
        taken = agenda.take(before)
        assert taken["row"].dtype == np.int32
        assert list(zip(taken["minute"].tolist(), taken["row"].tolist(), strict=True)) == [
            r for r in plain if r[0] < before
        ]
        plain = [r for r in plain if r[0] >= before]
        assert len(agenda) == len(plain)
        copy = Agenda("a", agenda.schema)
        copy.restore(agenda.state())
        assert copy.columns["row"].tolist() == [r[1] for r in plain]


def test_an_agenda_repeats_scalars_and_refuses_unknown_columns():
    agenda = Agenda("a", {"minute": "int64", "row": "int32"})
    agenda.add(minute=np.array([3, 1]), row=7)
    assert agenda.columns["row"].tolist() == [7, 7]
    with pytest.raises(KeyError, match=r"a: columns missing or unknown: \['row'\]"):
        agenda.add(minute=np.array([1]))


def test_looking_at_what_is_due_finds_what_taking_it_finds_and_leaves_it_there():
    agenda = Agenda("touches", {"minute": "int64", "who": "int64"})
    for minutes in ([5, 1, 9], [2, 8], [1]):
        agenda.add(minute=np.array(minutes), who=10 * np.array(minutes))
    assert len(agenda) == 6
    looked = agenda.due(6, "who", "minute")
    assert len(agenda) == 6
    assert looked["who"].tolist() == [50, 10, 20, 10]
    taken = agenda.take(6)
    assert {name: values.tolist() for name, values in looked.items()} == {
        name: taken[name].tolist() for name in ("who", "minute")
    }
    assert agenda.due(6, "who")["who"].tolist() == []
    assert len(agenda) == 2
