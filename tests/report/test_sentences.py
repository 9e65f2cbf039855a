"""Every sentence says what its intervals say: claims are parsed out of it and held against the numbers."""

import math
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.measure.intervals import Interval, clopper_pearson
from sim.measure.kpis import KPIS
from sim.measure.scorecard import Joint
from sim.measure.verdicts import CLOSE, MET, MISSED, SINGLE, SYMBOLS, UNSEEN, counted_words, verdict_of
from sim.report.claims import MARKS, SAME, UP, Estimate, filled, listed, standing
from sim.report.headline import Verdicts, lead_sentence, money_sentences, target_sentences
from sim.report.leads import lead
from sim.report.notes import dry_sentence, shrinking_sentence, spend_sentences
from sim.report.sweep.paired import Best
from sim.report.sweep.sentences import Effect, Met, best_sentences, moves_sentence, together_sentence

pytestmark = pytest.mark.property

NAMES = ("amber", "birch", "cedar", "dogwood", "elm", "fir")
BASE = "the baseline"
finite = st.floats(-5000, 5000, allow_nan=False).map(lambda x: round(x, 3))


@st.composite
def intervals(draw):
    """Value, low, high: clear, unclear, of no width, at 0, of one world, or nothing observed."""
    kind = draw(st.sampled_from(["plain", "plain", "plain", "flat", "zero", "single", "nothing", "edge"]))
    ends = sorted((draw(finite), draw(finite)))
    middle = (ends[0] + ends[1]) / 2
    return {
        "plain": (middle, *ends), "flat": (ends[0],) * 3, "zero": (0.0, 0.0, 0.0), "edge": (1.0, 0.0, 2.0),
        "single": (middle, math.nan, math.nan), "nothing": (math.nan,) * 3,
    }[kind]  # fmt: skip


@st.composite
def estimates(draw, names=NAMES, single=None):
    """Up to six named estimates, each standing corrected or not; of one world all together or none."""
    chosen = draw(st.lists(st.sampled_from(names), unique=True, max_size=len(names)))
    alone = draw(st.booleans()) if single is None else single
    found = []
    for name in chosen:
        value, low, high = draw(intervals())
        if alone:
            low = high = math.nan
        found.append(Estimate(name, value, low, high, draw(st.booleans())))
    return found


def named(sentence):
    """Names in a sentence, in order."""
    return re.findall("|".join(NAMES), sentence.lower())


@given(intervals(), st.booleans())
def test_a_mark_is_what_its_interval_says(interval, stands):
    value, low, high = interval
    mark = MARKS[standing(value, low, high, stands)]
    assert (mark in "▲△" and mark != "") == (low > 0)
    assert (mark in "▼▽" and mark != "") == (high < 0)
    assert filled(standing(value, low, high, stands)) == (stands and (low > 0 or high < 0))
    assert (mark == "=") == (low == high == 0)
    assert (mark == "~") == (low <= 0 <= high and not low == high == 0)
    assert (mark == "") == (not math.isfinite(low))


@given(estimates())
def test_money_sentences_put_every_strategy_where_its_interval_is(changes):
    seen = [one for one in changes if math.isfinite(one.value)]
    lines = list(money_sentences(changes, None))
    if not seen:
        assert not lines
        return
    if not any(math.isfinite(one.low) for one in seen):
        (line,) = lines
        assert "one world cannot tell luck from effect" in line
        assert not re.search("surely|earns?|more|less", line)
        return
    rules = {
        "surely earns? more": lambda one: one.low > 0 and one.stands,
        r"(?<!surely )earns? more": lambda one: one.low > 0 and not one.stands,
        "surely earns? less": lambda one: one.high < 0 and one.stands,
        r"(?<!surely )earns? less": lambda one: one.high < 0 and not one.stands,
        "earns? exactly": lambda one: one.low == one.high == 0,
        "cannot be judged from one world": lambda one: not math.isfinite(one.low),
        "cannot be told apart from the baseline": lambda one: (
            one.low <= 0 <= one.high and not one.low == one.high == 0
        ),
    }
    told = [line for line in lines if not line.startswith("No strategy")]
    for words, rule in rules.items():
        mine = [line for line in told if re.search(words, line)]
        true = [one.name for one in sorted(seen, key=lambda one: -one.value) if rule(one)]
        assert len(mine) == bool(true)
        if true:
            assert named(mine[0]) == true[:4]
            assert ("others" in mine[0] or "other " in mine[0]) == (len(true) > 4)
            single = re.search(r"\bearns\b", mine[0].replace("the baseline earns", ""))
            assert bool(single) == (len(true) == 1 and "earn" in mine[0])
    assert ("No strategy surely earns more than the baseline." in lines) == (
        not any(one.low > 0 and one.stands for one in seen)
    )


worlds = st.lists(st.integers(-3, 3).map(float) | st.just(math.nan), min_size=1, max_size=7)


@given(st.dictionaries(st.sampled_from((*NAMES[:4], BASE)), worlds, max_size=5), st.booleans())
def test_earns_most_is_said_only_of_a_lead_that_was_tested(values, higher):
    series = {name: pd.Series(worlds) for name, worlds in values.items()}
    found = lead(series, higher)
    observed = {name: one.dropna() for name, one in series.items() if one.notna().any()}
    if len(observed) < 2:
        assert found is None
        return
    sign = 1 if higher else -1
    clear = {}
    for name in observed:
        if name == found.first:
            continue
        gap = (sign * (observed[found.first] - observed[name])).dropna().to_numpy()
        level = 1 - 0.05 / (len(observed) - 1)
        if len(gap) < 2:
            clear[name] = False
        elif np.ptp(gap) == 0:
            clear[name] = bool(gap[0] > 0)
        else:
            clear[name] = stats.ttest_1samp(gap, 0).confidence_interval(level).low > 1e-12
    sentence = lead_sentence(found)
    assert ("earns most" in sentence and "cannot" not in sentence) == all(clear.values())
    assert {one.name for one in found.rivals} == {name for name, told in clear.items() if not told}
    if not all(clear.values()):
        assert sentence.startswith("Which earns most cannot be told")
        for name in [one.name for one in found.rivals][:4]:
            assert name in sentence


def test_a_lead_that_holds_zero_is_no_lead():
    """Twelve worlds in which the first leads the second by +39 (-89 to +167) on average."""
    rng = np.random.default_rng(4)
    luck = rng.normal(0, 1, 12)
    gap = 39 + 128 * np.sqrt(12) / stats.t.ppf(0.975, 11) * (luck - luck.mean()) / luck.std(ddof=1)
    base = pd.Series(np.zeros(12))
    found = lead({"flat cash": base + 900 + gap, "three tiers": base + 900, BASE: base})
    assert stats.ttest_1samp(gap, 0).confidence_interval().low == pytest.approx(-89)
    sentence = lead_sentence(found)
    assert sentence.startswith("Which earns most cannot be told")
    assert "three tiers (lead +39.00" in sentence
    assert BASE not in sentence


@st.composite
def verdicts(draw):
    """Strategies with verdicts and joint frequencies, observable or not."""
    found = []
    for name in draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1, max_size=6)):
        words = tuple(draw(st.lists(st.sampled_from(list(SYMBOLS)), min_size=9, max_size=9)))
        n = draw(st.sampled_from([1, 2, 5, 20, 60]))
        met = draw(st.integers(0, n) | st.none())
        joint = Joint(None, None, None, n, "unseen")
        if met is not None:
            joint = Joint(met / n, *clopper_pearson(met, n), n, "")
        found.append(Verdicts(name, words, joint))
    return found


@given(verdicts())
def test_target_sentences_claim_most_worlds_only_where_the_interval_does(strategies):
    together, each = target_sentences(strategies)
    seen = [one for one in strategies if one.joint.probability is not None]
    sure = [one.name for one in seen if one.joint.low > 0.5]
    if sure and not all(one.joint.n == 1 for one in seen):
        assert together.startswith("All targets are met together in most worlds under")
        assert named(together) == sure[:4]
    else:
        assert not together.startswith("All targets are met together in most")
    none = len(seen) == len(strategies) and not any(one.joint.probability for one in seen)
    if not all(one.joint.n == 1 for one in seen):
        assert ("world simulated (chance at most" in together) == none
    if re.search("(does not meet|None of the).*in most worlds", together):
        assert len(seen) == len(strategies)
        assert all(one.joint.high < 0.5 for one in strategies)
    for one in strategies:
        if one.name in each:
            assert f"{one.name} {counted_words(one.words)}" in each
    order = {one.name: one.words.count(MET) for one in strategies}
    counts = [order[name] for name in named(each)]
    assert counts == sorted(order.values(), reverse=True)[:4]


@given(st.sampled_from(KPIS), intervals(), finite, st.integers(2, 30))
def test_a_verdict_needs_the_whole_interval(kpi, interval, target, n):
    value, low, high = interval
    seen = 0 if not math.isfinite(value) else n if math.isfinite(low) else 1
    word = verdict_of(kpi, Interval(value, low, high, seen), target)
    good = (lambda x: kpi.met(x, target)) if seen > 1 else (lambda _: False)
    assert (word == MET) == (seen > 1 and good(low) and good(high))
    assert (word == MISSED) == (seen > 1 and not good(low) and not good(high))
    assert (word == UNSEEN) == (seen == 0)
    assert (word == SINGLE) == (seen == 1)
    if seen > 1 and low < target < high:
        assert word == CLOSE


@given(estimates())
def test_spend_is_called_equal_or_unequal_only_where_its_interval_is(gaps):
    gaps = [Estimate(g.name, g.value / 5000, g.low / 5000, g.high / 5000) for g in gaps]
    lines = list(spend_sentences(gaps))
    unequal = " ".join(line for line in lines if line.startswith("Spend is not equal"))
    equal = [line for line in lines if "equal to the baseline's within" in line]
    open_ = " ".join(line for line in lines if "cannot be told" in line)
    seen = [g for g in gaps if math.isfinite(g.value)]
    for gap in seen:
        off, near = gap.low > 0.05 or gap.high < -0.05, gap.low >= -0.05 and gap.high <= 0.05
        assert (gap.name in unequal) == off
        assert (gap.name in open_) == (not off and not near)
    assert len(equal) == any(gap.low >= -0.05 and gap.high <= 0.05 for gap in seen)


@given(st.lists(st.sampled_from(["Alpha", "Beta"]), unique=True), estimates())
def test_shrinking_is_told_only_where_something_clearly_fell(gained, changes):
    lines = shrinking_sentence("elm", gained, changes)
    fell = [one.name for one in changes if one.high < 0 and one.stands]
    assert bool(lines) == bool(gained and fell)
    if lines:
        assert named(lines[0].partition("less ")[2])[: len(fell)] == fell[:4]


@st.composite
def effects(draw):
    """None, one or several tested keys with clear, unclear and mixed effects, and how many were swept."""
    keys = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=6))
    tested = [Effect(key, f"{key} (+1, 0 to 2)", draw(st.booleans())) for key in keys]
    return tested, len(keys) + draw(st.integers(0, 2))


@given(effects(), st.booleans())
def test_keys_move_an_indicator_only_if_their_effect_is_clear(case, main):
    tested, swept = case
    lines = list(moves_sentence("Profit", tested, swept, main))
    clear = [one.key for one in tested if one.clear]
    positive = [line for line in lines if "surely moves with" in line]
    assert len(positive) == bool(clear)
    spelt = 3 if main else 1
    if clear:
        assert named(positive[0]) == clear[:spelt]
        left = len(clear) - spelt
        assert (f"{left} more swept key" in positive[0]) == (left > 0)
    denied = [line for line in lines if "none of the" in line or "does not surely move" in line]
    assert len(denied) == bool(main and tested and not clear)
    if denied and len(tested) > 1:
        assert f"none of the {len(tested)} swept keys" in denied[0]
    untested = [line for line in lines if "could not be tested" in line]
    assert len(untested) == (main and swept > len(tested))
    # The sentence that once lost its "none of".
    assert not any("the swept key surely moves" in line for line in lines)


@given(intervals(), intervals(), st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
def test_the_best_configuration_is_best_only_if_it_was_told_from_all(own, wide, others, rivals, ahead):
    value, low, high = own
    if not math.isfinite(value):
        return
    spread = abs(wide[2]) if math.isfinite(wide[2]) else 1.0
    rivals, ahead = min(rivals, others), min(ahead, others + 1)
    if low - spread > 0:
        ahead = max(ahead, 1)
    top = Best(0, value, low, high, low - spread, high + spread, 5, rivals, others, ahead)
    lines = list(best_sentences(top, "elm"))
    text = " ".join(lines)
    if not math.isfinite(low):
        assert text.startswith("In the one world simulated")
        return
    assert ("most is earned by" in text) == (others > 0 and rivals == 0)
    assert ("cannot be told from it" in text or "None of the others can" in text) == (rivals > 0)
    assert ("it surely earns more than the baseline" in text) == (low - spread > 0)
    assert ("it surely earns less than the baseline" in text) == (high + spread < 0)
    assert ("no configuration surely earns more" in text) == (ahead == 0)
    assert ("by itself" in text) == ((low > 0 and low - spread <= 0) or (high < 0 and high + spread >= 0))


@st.composite
def counted(draw):
    met = []
    for name in draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1)):
        n = draw(st.integers(1, 60))
        k = draw(st.integers(0, n))
        met.append(Met(name, k, n, *clopper_pearson(k, n)))
    return sorted(met, key=lambda one: -one.met / one.n)


@given(counted(), st.integers(0, 3))
def test_together_is_more_often_only_where_intervals_part(counts, blind):
    first, *others = counts
    text = together_sentence(first, others, blind)
    assert text.startswith("No configuration meets all") == (first.met == 0)
    close = sum(one.high >= first.low for one in others)
    assert ("more often than each other" in text) == bool(first.met and others and not close)
    assert (f"{close} of the {len(others)} others cannot be told" in text) == bool(first.met and close)
    assert ("cannot be observed" in text) == (blind > 0)


@given(st.lists(st.sampled_from(NAMES), unique=True), st.integers(1, 5))
def test_lists_count_what_they_leave_out(names, most):
    text = listed(names, most)
    assert named(text) == names[:most]
    left = len(names) - most
    assert bool(re.search(rf"\b{left} others?$", text)) == (left > 0)


def test_same_and_up_are_words_of_the_one_table():
    assert {SAME, UP} <= set(MARKS)


@pytest.mark.parametrize(
    ("strategies", "said"),
    [
        (["baseline"], None),
        (["baseline", "group_buy"], "'liebian reversals baseline group_buy'"),
        (["baseline", "coupon (pricing.coupon=9)"], "'liebian reversals NAME NAME'"),
    ],
)
def test_a_comparison_says_what_it_did_not_look_at(strategies, said):
    from sim.report.notes import _reversal_note

    lines = _reversal_note(strategies)
    assert (lines == []) == (said is None)
    assert said is None or (said in lines[0] and "Not looked at" in lines[0])


@pytest.mark.parametrize("days", [[], [0.0], [0.0, 2.5], [3.0, 2.5], [float("nan"), 1.0]])
def test_days_without_money_are_told_of_whom_they_befell_and_of_nobody_else(days):
    given = [
        Estimate(name, value, value - 0.5, value + 0.5)
        for name, value in zip(("baseline", "group buy"), days, strict=False)
    ]
    lines = dry_sentence(given)
    dry = [one for one in given if one.value > 0]
    assert len(lines) == bool(dry)
    for one in given:
        assert any(
            f"{one.name} {one.value:.2f} ({one.low:.2f} to {one.high:.2f})" in line for line in lines
        ) == (one in dry)
    alone = [Estimate("coupon", 4.0, float("nan"), float("nan"))]
    assert "coupon 4.00 (one world)" in dry_sentence(alone)[0]
