"""What is said of many comparisons: hollow marks, counts, and where the bootstrap disagrees."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sim.report.notes import _family_notes, few_worlds_sentence, short_window_sentence
from sim.report.sentences import certainty


@pytest.mark.parametrize(
    ("low", "high", "p_holm", "mark"),
    [
        (1, 2, 0.01, "▲"), (1, 2, 0.2, "△"), (1, 2, np.nan, "△"), (-2, -1, 0.01, "▼"), (-2, -1, 0.06, "▽"),
        (-1, 1, 0.9, "~"), (0, 0, 1.0, "="), (0, 3, 0.5, "~"),
    ],
)  # fmt: skip
def test_marks_are_hollow_where_a_difference_would_not_stand_corrected(low, high, p_holm, mark):
    assert (
        certainty(pd.Series({"value": (low + high) / 2, "low": low, "high": high, "p_holm": p_holm})) == mark
    )


def test_notes_count_what_stands_and_name_disagreement():
    def row(name, low, high, boot, p, p_holm):
        return {"scenario": "group_buy", "name": name, "low": low, "high": high, "boot_low": boot[0],
                "boot_high": boot[1], "p": p, "p_holm": p_holm}  # fmt: skip

    frame = pd.DataFrame([
        row("revenue", 1, 3, (1, 3), 0.001, 0.003), row("new_users", 1, 9, (0, 9), 0.04, 0.08),
        row("kept_revenue", -1, 3, (-1, 3), 0.4, 0.4), row("fraud_rate", 1, 2, (-1, 2), 0.01, np.nan),
    ])  # fmt: skip
    count, other = _family_notes(SimpleNamespace(differences=frame, strategies=("group_buy",), worlds=9))
    assert count.startswith("3 comparisons")
    assert ": 2 differ alone" in count
    assert "; 1 still do" in count
    assert "New real users under group buy" in other
    assert "Fraud" not in other  # no part of the family
    assert not list(
        _family_notes(SimpleNamespace(differences=frame[:1], strategies=("group_buy",), worlds=9))
    )


@pytest.mark.parametrize(("days", "unseen", "said"), [
    (30, {"repurchase_30d"}, True), (29, {"repurchase_30d"}, True), (31, {"repurchase_30d"}, False),
    (30, set(), False), (90, {"repurchase_30d"}, False),
])  # fmt: skip
def test_a_window_too_short_for_repurchase_says_so_with_its_remedy(days, unseen, said):
    told = list(short_window_sentence(days, unseen))
    assert bool(told) == said
    assert all(f"{days} measured days" in line and "experiment.days=60" in line for line in told)


@pytest.mark.parametrize(("worlds", "comparisons", "said"), [
    (1, 14, False), (2, 14, True), (4, 56, True), (5, 14, False), (20, 14, False), (2, 1, False),
])  # fmt: skip
def test_few_worlds_say_how_far_off_a_difference_must_be(worlds, comparisons, said):
    told = list(few_worlds_sentence(worlds, comparisons))
    assert bool(told) == said
    if said:
        needed = stats.t.ppf(1 - 0.05 / comparisons / 2, worlds - 1)
        assert f"only {needed:,.0f} standard errors" in told[0]
        assert "experiment.replications=5" in told[0]
