"""Who registered when, and what a window's tables may hold: rejected accounts, second tries, late news."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from sim.core.clock import MINUTES_PER_DAY
from sim.market import Market
from tests.conftest import LIVELY, live, small_market

WORDS = (
    *LIVELY, "fraud.review=1.0", "fraud.false_positive=0.6", "fraud.opportunists=0.2",
    "control.daily_budget=20",
    "private_domain=wecom", "private_domain.join=1.0", "sharing.invite_base=0.2", "sharing.delay_median=2000",
)  # fmt: skip


@cache
def reviewed() -> Market:
    """Ten days in which most invited accounts are rejected, and many of the rejected register again."""
    return live(small_market("flat_cash_referral", *WORDS, size=900), 10)


def test_a_first_registration_is_the_first_and_no_later_one_is() -> None:
    rows = reviewed().records.registrations
    order = np.lexsort((rows["minute"], rows["person"]))
    person, seen_new = rows["person"][order], rows["seen_new"][order]
    first = np.concatenate(([True], person[1:] != person[:-1]))
    assert (~first).sum() >= 5, "nobody registered twice: nothing to tell apart"
    assert (seen_new == first).all()


def test_whoever_is_rejected_is_no_member_and_not_in_the_private_domain() -> None:
    """Judged on the state left behind: everybody whose last registration was rejected."""
    market = reviewed()
    people, rows = market.world.people, market.records.registrations
    order = np.lexsort((rows["minute"], rows["person"]))
    person, caught = rows["person"][order], rows["caught"][order]
    last = np.concatenate((person[1:] != person[:-1], [True]))
    out = np.isin(people.id, person[last & caught])
    assert out.sum() >= 10
    for column in ("registered", "member", "private_domain"):
        assert not getattr(people, column)[out].any(), column
    assert people.private_domain.any()


@pytest.mark.parametrize("days", [3, 10])
def test_no_table_of_a_window_holds_what_happens_after_it(days: int) -> None:
    """Tellings are recorded when somebody passes them on; those that arrive later belong to later days."""
    market = reviewed() if days == 10 else live(small_market("flat_cash_referral", *WORDS, size=300), days)
    end = market.window[1]
    for name, table in market.tables().items():
        for column, first_outside in (("day", end), ("minute", end * MINUTES_PER_DAY)):
            if column in table:
                assert (table[column] < first_outside).all(), f"{name}.{column}"
    late = market.records.touches["day"] >= end
    assert late.any(), "every telling arrived: nothing to cut"
    assert len(market.tables()["touches"]["touch"]) == (~late).sum()
