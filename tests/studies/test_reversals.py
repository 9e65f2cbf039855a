"""Verdicts equal what their intervals say; a parameter made to turn a lead does, and others do not."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.cli.reversals import sentences
from sim.core.errors import ConfigError, InputError
from sim.measure.intervals import t_interval
from sim.store.store import Store
from sim.studies.reversals.evaluate import Branch, play
from sim.studies.reversals.study import Request, Reversals, request, screen
from sim.studies.reversals.verdicts import End, Lead, lead_of, leader
from tests.conftest import LIVELY

TINY = (
    "population.size=400", "experiment.burn_in_days=3", "experiment.warmup_days=1", "experiment.days=6",
    "experiment.replications=2", "engine=serial",
    *(word for word in LIVELY if not word.startswith("logistics")),
)  # fmt: skip


@pytest.mark.property
@given(
    st.integers(2, 4).flatmap(
        lambda n: st.lists(st.lists(st.floats(-100, 100), min_size=5, max_size=5), min_size=n, max_size=n)
    ),
    st.sampled_from([1.0, -1.0]),
)
def test_a_lead_is_the_paired_difference_to_the_best_of_the_others(rows, sign):
    values = np.array(rows)
    first = leader(values, sign)
    lead = lead_of(values, first, sign)
    assert sign * values[first].mean() == max(sign * row.mean() for row in values)
    others = [k for k in range(len(values)) if k != first]
    assert sign * values[lead.rival].mean() == max(sign * values[k].mean() for k in others)
    mean, low, high, _ = t_interval(sign * (values[first] - values[lead.rival]))
    assert (lead.mean, lead.low, lead.high) == (mean, low, high)
    assert lead.verdict == ("turns" if high < 0 else "holds" if low > 0 else "open")


def test_one_world_says_nothing():
    assert lead_of(np.array([[5.0], [1.0]]), 0, 1.0).verdict == "open"


leads = st.tuples(st.floats(-50, 50), st.floats(0.1, 40)).map(
    lambda x: Lead(x[0], x[0] - x[1], x[0] + x[1], 5, 1)
)


@pytest.mark.property
@given(leads, st.lists(st.tuples(leads, st.booleans(), st.none() | leads), max_size=6))
def test_sentences_say_what_the_intervals_say(base, drawn):
    """What was burnt in anew counts more than what began with the window; only suspects have a verdict."""
    ends = tuple(
        End(f"trust.p{n}", "share", "A-001", 0.5, 0.9, lead, False, suspect, anew)
        for n, (lead, suspect, anew) in enumerate(drawn)
    )
    asked = Request(("one", "two"), (), "contribution_margin", (), 0)
    text = " ".join(sentences(Reversals(asked, 0, base, ends)))
    last = [end.anew or end.lead for end in ends]
    turned = {e.key for e, x in zip(ends, last, strict=True) if e.suspect and x.high < 0}
    opened = {e.key for e, x in zip(ends, last, strict=True) if e.suspect and x.low <= 0 <= x.high}
    lines = {line.partition(":")[0]: line for line in sentences(Reversals(asked, 0, base, ends))}
    said = {
        part: set(re.findall(r"trust\.p\d", lines.get(part, "")))
        for part in ("Turned round by", "No longer sure at")
    }
    assert said["Turned round by"] == turned
    assert said["No longer sure at"] == (opened if base.low > 0 else set())
    assert ("cannot be told apart" in text) == (not base.low > 0)
    assert ("No uncertainty that was screened turns it" in text) == (
        base.low > 0 and not turned and not opened
    )


def test_a_value_that_begins_with_the_window_leaves_the_days_before_it_alone(tmp_path):
    """The same world: a changed value moves the window; one that nothing reads in it moves nothing."""
    config = request(
        ["flat_cash_referral", "baseline"], "contribution_margin", ["sharing"],
        [*TINY, f"paths.cache={tmp_path}"],
    ).configs[0]  # fmt: skip
    plain = play(Branch(config, {}, 0))
    assert play(Branch(config, {}, 0)) == pytest.approx(plain, nan_ok=True, rel=0, abs=0)
    changed = play(Branch(config, {"choice.cart_intercept": 2.0}, 0))
    assert changed["order_conversion"] > plain["order_conversion"]
    anew = play(Branch(config, {"choice.cart_intercept": 2.0}, 0, anew=True))
    assert anew["revenue"] != changed["revenue"]


def test_a_screening_is_kept_and_not_played_again(tmp_path):
    words = [*TINY, f"paths.cache={tmp_path / 'c'}", f"paths.results={tmp_path / 'r'}"]
    keys = ["sharing.audience", "sharing.good_delivery", "sharing.share_click"]
    asked = request(["flat_cash_referral", "baseline"], "contribution_margin", keys, words)
    made: list[int] = []
    found = screen(asked, Store(tmp_path / "r"), lambda: made.append(1))
    assert len(made) >= len(asked.configs) * len(asked.rows)
    assert {end.key for end in found.ends} == {row.path for row in asked.rows}
    runs = len(made)
    again = screen(asked, Store(tmp_path / "r"), lambda: made.append(1))
    assert (len(made), again.lead) == (runs, found.lead)


@pytest.mark.parametrize(
    ("names", "by", "words", "told"),
    [
        (["baseline"], "contribution_margin", [], "two strategies"),
        (["baseline", "baseline"], "contribution_margin", [], "each once"),
        (["baseline", "group_buy"], "profit", [], "by"),
        (["baseline", "group_buy"], "all_in_spend", [], "neither more nor less"),
        (["baseline", "group_buy"], "contribution_margin", ["experiment.replications=1"], "at least 2"),
        (["baseline", "core_rules"], "contribution_margin", [], "share their world"),
    ],
)
def test_wrong_requests_are_refused(names, by, words, told):
    with pytest.raises(ConfigError, match=told):
        request(names, by, ["sharing"], words)


@pytest.mark.parametrize("words", [["a", "b", "by=x", "by=y"], ["a", "scenario=b"]])
def test_the_verb_refuses_words_that_it_does_not_know(words):
    with pytest.raises(InputError):
        Request.parse(words)
