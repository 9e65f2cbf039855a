"""Ids survive everything that makes floats of them: a left join, a spreadsheet, a browser."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.conftest import LIVELY, live, small_market


@pytest.mark.parametrize("scenario", ["three_tier_referral", "group_buy", "koc_pyramid", "private_domain"])
def test_whole_numbers_are_whole_as_floats(scenario):
    tables = live(small_market(scenario, *LIVELY), 5).tables()
    checked = 0
    for name, columns in tables.items():
        for column, values in columns.items():
            if values.dtype.kind in "iu" and len(values):
                checked += 1
                assert np.abs(values.astype(np.int64)).max() < 2**53, f"{name}.{column}"
    assert checked > 50


def test_a_left_join_keeps_every_root():
    words = ("control.daily_budget=50", "sharing.invite_base=0.1")  # many invitations, and money for them
    tables = live(small_market("flat_cash_referral", *LIVELY, *words), 5).tables()
    touches, orders = pd.DataFrame(tables["touches"]), pd.DataFrame(tables["orders"])
    joined = orders.merge(touches[["touch", "root"]].drop_duplicates("touch"), on="touch", how="left")
    found = joined["root"].dropna()
    assert len(found) > 3
    assert len(joined) > len(found)  # so that the join made floats
    assert found.isin(touches["root"]).all()
