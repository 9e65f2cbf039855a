"""The ledger: whatever is posted, all accounts together stay at zero, and promises are held to the fen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core.errors import ConservationError
from sim.core.ledger import Ledger, to_fen

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
    moved = {account: ledger.moved_to(account) for account in ACCOUNTS if account != "cash"}
    ledger.check(3, moved, {account: ledger.balance.get(account, 0) for account in ACCOUNTS}, "cash")


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
    ledger.check(9, {}, {"deposits": -500, "rewards_payable": 0}, "cash")
    message = r"day 9: account 'deposits' holds -500 fen, open commitments say -499"
    with pytest.raises(ConservationError, match=message):
        ledger.check(9, {}, {"deposits": -499}, "cash")
    with pytest.raises(ConservationError, match="'rewards_payable' holds 0 fen"):
        ledger.check(9, {}, {"deposits": -500, "rewards_payable": -1}, "cash")


@pytest.mark.parametrize("account", ["cash", "deposits", "media"])
def test_money_from_nowhere_is_found_and_the_account_named(account):
    ledger = Ledger()
    ledger.pay("deposits", "cash", 500)
    ledger.pay("cash", "media", 200)
    ledger.begin_day()
    ledger.pay("cash", "media", 30)
    ledger.check(4, {"media": 30, "deposits": 0}, {}, "cash")
    ledger.balance[account] += 1
    with pytest.raises(ConservationError, match=f"day 4: account '{account}' holds"):
        ledger.check(4, {"media": 30, "deposits": 0}, {}, "cash")


@pytest.mark.property
@given(accounts, accounts, postings)
def test_a_stray_fen_between_any_two_accounts_is_found(one, other, lines):
    ledger = posted(lines)
    moved = {account: ledger.moved_to(account) for account in ACCOUNTS if account != "cash"}
    ledger.check(7, moved, {}, "cash")
    ledger.pay(one, other, 1)
    if one == other:
        return ledger.check(7, moved, {}, "cash")
    with pytest.raises(ConservationError, match=rf"day 7: account '({one}|{other})'"):
        ledger.check(7, moved, {}, "cash")
    return None


@pytest.mark.parametrize(("cny", "fen"), [(0.125, 12), (0.375, 38), (-0.125, -12), (19.99, 1999), (0.0, 0)])
def test_half_a_fen_goes_to_the_even_one(cny, fen):
    assert to_fen(cny) == fen
