"""Sums of terms and lines of bills: order of names, the best line, what is shown, and how it is split."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core.errors import RunError
from sim.world.terms import Bill, Settled, TermSum


def test_terms_are_summed_in_the_order_of_their_names_whoever_comes_first():
    """Sums of floats depend on their order, so the order must not depend on that of the acts."""
    parts = {"a": np.array([0.1, 1e16]), "b": np.array([0.2, 1.0]), "c": np.array([0.3, -1e16]), "d": 0.4}
    sums = set()
    for names in itertools.permutations(parts):
        one = TermSum("cart")
        for name in names:
            one.add(name, parts[name])
        sums.add(one.total(2).tobytes())
    assert len(sums) == 1
    assert np.frombuffer(sums.pop())[0] == ((0.1 + 0.2) + 0.3) + 0.4


def test_a_scalar_holds_for_every_visit_and_nothing_adds_nothing():
    one = TermSum("order")
    one.add("mood", -0.5)
    assert one.total(3).tolist() == [-0.5] * 3
    assert TermSum("order").total(2).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("values", [np.zeros(3), np.array([0.0, np.nan]), np.inf])
def test_a_term_that_does_not_fit_is_refused_by_name(values):
    one = TermSum("cart")
    one.add("odd", values)
    with pytest.raises(RunError, match="odd"):
        one.total(2)


def test_two_terms_of_one_name_are_refused():
    one = TermSum("cart")
    one.add("mood", 1.0)
    with pytest.raises(RunError, match="'mood' is added twice"):
        one.add("mood", 1.0)


UNIT = np.array([1000, 1000, 50])


def test_the_best_line_counts_and_further_ones_come_off_the_rest():
    bill = Bill()
    bill.add("member", np.array([0.1, 0.0, 0.0]))
    bill.add("coupon", 0.05)
    bill.add("points", np.array([0.5, 0.0, 0.0]), kind="more")
    bill.add("bundle", 0.2, kind="more", units=2)
    offers = bill.settle(UNIT)
    assert offers.deal.tolist() == [0.1, 0.05, 0.05]
    assert offers.also.tolist() == [0.5, 1.0, 1.0]
    assert offers.several.tolist() == [0.8] * 3
    assert offers.own.tolist() == [1.0] * 3


def test_a_price_and_a_cap_are_in_fen_a_unit():
    bill = Bill()
    bill.add("fixed", price=800)
    bill.add("large", 0.5, cap=100)
    assert bill.settle(UNIT).deal == pytest.approx([0.2, 0.2, 0.5])


def test_somebody_else_bears_what_it_offers_where_that_counts():
    bill = Bill()
    bill.add("festival", np.array([0.2, 0.0, 0.0]), payer="cash")
    bill.add("member", 0.1)
    bill.add("bundle", 0.5, kind="more", units=2)
    offers = bill.settle(UNIT)
    assert offers.own.tolist() == [0.0, 1.0, 1.0]
    assert offers.own_several[0] == pytest.approx(0.4 / 0.6)  # 20% by others, then half of 80% by the brand


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({}, "a share or a price"),
        ({"share": 0.1, "price": 5}, "a share or a price"),
        ({"share": 0.1, "units": 3}, "1 or 2 units"),
        ({"share": 0.1, "units": 2}, "1 or 2 units"),
        ({"share": 0.1, "kind": "worst"}, "'best' or 'more'"),
        ({"share": 0.1, "payer": "uncle"}, "'uncle' is none"),
    ],
)
def test_lines_that_cannot_be_are_refused(words, told):
    with pytest.raises(RunError, match=told):
        Bill().add("line", **words)


@pytest.mark.parametrize("share", [-0.1, 1.5, np.nan, np.array([0.1])])
def test_shares_that_cannot_be_are_refused_by_name(share):
    bill = Bill()
    bill.add("fine", 0.1)
    bill.add("odd", share)
    with pytest.raises(RunError, match="'odd'"):
        bill.settle(UNIT)


def test_the_name_of_groups_and_a_second_payer_are_refused():
    bill = Bill()
    with pytest.raises(RunError, match="choose another"):
        bill.add("group", 0.1)
    bill.add("one", 0.1, payer="cash")
    with pytest.raises(RunError, match="let one account bear both"):
        bill.add("two", 0.1, payer="media")


def obvious(best, more, granted, grouped, several, conceded):
    """Lines of one order, one after the other: exact shares in order, rounded where they add up."""
    weights = dict.fromkeys([*sorted(best), *sorted(more), "group"], 0.0)
    if grouped:
        weights["group"] = granted
    elif granted:
        weights[next(name for name in sorted(best) if best[name] >= granted)] = granted
    left = 1.0 - granted
    for name in sorted(more, key=lambda n: (more[n][1], n)):
        if several or more[name][1] == 1:
            weights[name] = left * more[name][0]
            left -= weights[name]
    whole = sum(weights.values())
    return {name: conceded * weight / whole if whole else 0.0 for name, weight in weights.items()}


shares = st.floats(0.0, 0.9)


@given(
    best=st.dictionaries(st.sampled_from(["a", "b", "c"]), shares),
    more=st.dictionaries(st.sampled_from(["x", "y"]), st.tuples(shares, st.sampled_from([1, 2]))),
    case=st.sampled_from(["plain", "grouped", "stopped"]),
    several=st.booleans(),
    unit=st.integers(1, 10**7),
)
def test_lines_add_up_to_what_was_conceded_and_each_is_right_to_a_fen(best, more, case, several, unit):
    bill = Bill()
    for name, share in best.items():
        bill.add(name, share)
    for name, (share, units) in more.items():
        bill.add(name, share, kind="more", units=units)
    offers = bill.settle(np.array([unit]))
    granted = {"plain": offers.deal[0], "grouped": min(1.0, offers.deal[0] + 0.05), "stopped": 0.0}[case]
    left = (1.0 - granted) * offers.also[0] * (offers.several[0] if several else 1.0)
    conceded = round(unit * (1.0 - left))
    grouped = case == "grouped"
    settled = Settled(*(np.array([v]) for v in (0, conceded, granted, grouped, several, False)))
    lines, others = bill.split(settled)
    expected = obvious(best, more, granted, grouped, several, conceded)
    weight = sum(expected.values())
    assert others.tolist() == [0]
    assert sum(fen[0] for fen in lines.values()) == (conceded if weight else 0)
    for name, fen in lines.items():
        assert abs(fen[0] - expected[name]) <= 1.0, name
