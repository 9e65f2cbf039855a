"""The ledger: whatever is posted, all accounts together stay at zero, and promises are held to the fen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core.errors import ConservationError
from sim.core.ledger import Ledger, split_fen, to_fen

ACCOUNTS = ("cash", "deposits", "revenue", "rewards_payable", "media")
accounts = st.sampled_from(ACCOUNTS)
postings = st.lists(st.tuples(accounts, accounts, st.integers(-(10**12), 10**12)), max_size=40)


def posted(lines) -> Ledger:
    ledger = Ledger()
    for source, target, fen in lines:
        ledger.pay(source, target, fen)
    return ledger


@pytest.mark.property
@given(postings)
def test_all_accounts_together_hold_nothing(lines):
    ledger = posted(lines)
    assert sum(ledger.balance.values()) == 0
    ledger.check({account: ledger.balance.get(account, 0) for account in ACCOUNTS})


@pytest.mark.property
@given(postings)
def test_balances_are_the_sum_of_what_moved(lines):
    ledger = posted(lines)
    for account in ACCOUNTS:
        plain = sum(f for _, t, f in lines if t == account) - sum(f for s, _, f in lines if s == account)
        assert ledger.balance.get(account, 0) == ledger.moved_to(account) == plain


@pytest.mark.property
@given(postings, postings)
def test_a_day_begins_with_no_movements_and_yesterdays_balances(first, second):
    ledger = posted(first)
    before = dict(ledger.balance)
    ledger.begin_day()
    for source, target, fen in second:
        ledger.pay(source, target, fen)
    for account in ACCOUNTS:
        assert ledger.balance.get(account, 0) == before.get(account, 0) + ledger.moved_to(account)


@pytest.mark.property
@given(postings)
def test_balances_survive_a_snapshot(lines):
    ledger, copy = posted(lines), Ledger()
    copy.restore(ledger.state())
    assert copy.balance == ledger.balance


def test_a_broken_promise_names_the_account_and_both_amounts():
    ledger = Ledger()
    ledger.pay("deposits", "cash", 500)
    ledger.check({"deposits": -500, "rewards_payable": 0})
    with pytest.raises(ConservationError, match=r"'deposits' holds -500 fen, open commitments say -499"):
        ledger.check({"deposits": -499})
    with pytest.raises(ConservationError, match="'rewards_payable' holds 0 fen"):
        ledger.check({"rewards_payable": -1})


def test_money_from_nowhere_is_found():
    ledger = Ledger()
    ledger.pay("deposits", "cash", 500)
    ledger.balance["cash"] += 1
    with pytest.raises(ConservationError, match="must be 0 fen, they are 1"):
        ledger.check({})


@pytest.mark.parametrize(("cny", "fen"), [(0.125, 12), (0.375, 38), (-0.125, -12), (19.99, 1999), (0.0, 0)])
def test_half_a_fen_goes_to_the_even_one(cny, fen):
    assert to_fen(cny) == fen


@pytest.mark.property
@given(st.integers(-(10**9), 10**9), st.integers(1, 50))
def test_a_split_loses_nothing_and_the_last_takes_the_rest(total, parts):
    shares = split_fen(total, parts)
    assert len(shares) == parts
    assert sum(shares) == total
    assert len(set(shares[:-1])) <= 1
    assert 0 <= shares[-1] - shares[0] < parts
