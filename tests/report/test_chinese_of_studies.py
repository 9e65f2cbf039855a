"""Sweeps and searches in Chinese: each sentence is held against the interval it speaks of, as in English."""

import html as escapes
import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.core.language import speaking
from sim.report.answer import studies
from sim.report.answer.decision import CHOOSE, Money
from sim.report.answer.page import render
from sim.report.claims import Estimate
from sim.report.headline import lead_sentence, money_sentences
from sim.report.leads import Lead
from sim.report.sentences import scenario_label
from sim.report.sweep import page
from sim.report.sweep.paired import Best
from sim.report.sweep.search import held_sentence
from sim.report.sweep.sentences import best_sentences, moves_sentence, together_sentence
from sim.report.sweep.study import Axis, Study
from sim.store.results import BASELINE, load_results
from sim.studies.optimise.stored import save
from tests.report.test_chinese import left_over
from tests.report.test_sentences import NAMES, counted, effects, estimates, intervals, named
from tests.report.test_sweep_report import GRID, write_sweep
from tests.report.test_sweep_studies import HELD, SPEC, TRIALS

#: Of this study: its name, files, keys, and a scenario that is not shipped.
OWN = re.compile(r"grid(_1\.yaml)?|[Cc]oupon war|pricing|scenarios?|KOC|experiment\.name")
few = settings(max_examples=60, deadline=None)


@pytest.mark.property
@few
@given(estimates(single=False))
def test_strategies_stand_in_the_sentence_of_their_interval(changes):
    seen = [one for one in changes if math.isfinite(one.value)]
    if not any(math.isfinite(one.low) for one in seen):
        return
    with speaking("zh"):
        lines = list(money_sentences(changes, None))
    told = [line for line in lines if not line.startswith("没有策略")]
    rules = {
        "确定比基线赚得多": lambda one: one.low > 0 and one.stands,
        "单独看赚得更多": lambda one: one.low > 0 and not one.stands,
        "单独看赚得更少": lambda one: one.high < 0 and not one.stands,
        "确定比基线赚得少": lambda one: one.high < 0 and one.stands,
        "赚得与基线完全相同": lambda one: one.low == one.high == 0,
        "与基线无法区分": lambda one: one.low <= 0 <= one.high and not one.low == one.high == 0,
        "只有一个世界": lambda one: not math.isfinite(one.low),
    }
    for words, rule in rules.items():
        mine = [line for line in told if words in line]
        true = [one.name for one in sorted(seen, key=lambda one: -one.value) if rule(one)]
        assert [named(line) for line in mine] == [true[:4]] * bool(true)
        assert all((f"另外 {len(true) - 4} 个" in line) == (len(true) > 4) for line in mine)
    assert len(told) == sum(any(word in line for word in rules) for line in told)


@pytest.mark.property
@few
@given(st.lists(intervals(), min_size=1, max_size=4))
def test_earns_most_is_said_only_of_a_lead_over_all(gaps):
    made = [
        Estimate(name, *gap)
        for name, gap in zip(NAMES[1:], sorted(gaps, key=lambda gap: gap[0]), strict=False)
    ]
    sure = all(one.low > 0 for one in made)
    with speaking("zh"):
        text = lead_sentence(Lead("amber", tuple(made), 5))
    assert ("赚得最多，" in text) == sure
    assert ("哪个赚得最多无法判断" in text) == (not sure)


@pytest.mark.property
@few
@given(effects(), st.booleans())
def test_keys_move_a_figure_only_if_their_effect_is_clear(case, main):
    tested, swept = case
    with speaking("zh"):
        lines = list(moves_sentence("利润", tested, swept, main))
    clear = [one.key for one in tested if one.clear]
    spelt = 3 if main else 1
    positive = [line for line in lines if line.startswith("确定影响")]
    assert [named(line) for line in positive] == [clear[:spelt]] * bool(clear)
    assert all((f"另有 {len(clear) - spelt} 个" in x) == (len(clear) > spelt) for x in positive)
    denied = [line for line in lines if "没有一个确定影响" in line or "不能确定影响" in line]
    assert len(denied) == bool(main and tested and not clear)
    assert len([line for line in lines if "无法检验" in line]) == (main and swept > len(tested))


@pytest.mark.property
@few
@given(intervals(), st.floats(0, 50), st.integers(0, 9), st.integers(0, 9), st.booleans())
def test_the_best_configuration_is_best_only_if_it_was_told_from_all(own, spread, others, rivals, any_ahead):
    value, low, high = own
    if not math.isfinite(low):
        return
    rivals, wide = min(rivals, others), (low - spread, high + spread)
    ahead = int(any_ahead or wide[0] > 0)
    with speaking("zh"):
        text = "".join(best_sentences(Best(0, value, low, high, *wide, 5, rivals, others, ahead), "榆树"))
    assert ("在所有配置中 榆树 赚得最多" in text or "在所有配置中榆树赚得最多" in text) == (
        others > 0 and rivals == 0
    )
    assert ("哪个赚得最多无法判断" in text) == (rivals > 0)
    assert ("它确定比基线赚得多" in text) == (wide[0] > 0)
    assert ("它确定比基线赚得少" in text) == (wide[1] < 0)
    assert ("没有配置确定比基线赚得多" in text) == (ahead == 0)
    alone = (low > 0 and wide[0] <= 0) or (high < 0 and wide[1] >= 0)
    assert ("单独看" in text) == alone


@pytest.mark.property
@few
@given(counted(), st.integers(0, 3))
def test_targets_are_met_more_often_only_where_intervals_part(counts, blind):
    first, *others = counts
    with speaking("zh"):
        text = together_sentence(first, others, blind)
    close = sum(one.high >= first.low for one in others)
    assert text.startswith("没有配置在它的任何一个世界中同时达到全部目标") == (first.met == 0)
    assert ("比其余每一个都更常" in text) == bool(first.met and others and not close)
    assert (f"其余 {len(others)} 个中有 {close} 个与它无法区分" in text) == bool(first.met and close)
    assert (f"另有 {blind} 个配置下不可观测" in text) == (blind > 0)


@pytest.mark.property
@few
@given(estimates(single=False))
def test_the_choice_is_ahead_of_as_many_as_its_bounds_say(gaps):
    corrected = [Estimate(one.name, one.value, one.low, one.high) for one in gaps]
    more = sum(one.low > 0 for one in gaps if np.isfinite(one.value))
    less = sum(one.high < 0 for one in gaps if np.isfinite(one.value))
    rest = len(gaps) - more - less
    with speaking("zh"):
        text = held_sentence("试验 3", corrected)
    assert f"在 {len(gaps)} 个指定场景中" in text
    assert f"确定比 {more} 个赚得多" in text
    assert re.findall(r"确定比 (\d) 个赚得少", text) == [str(less)] * bool(less)
    assert re.findall(r"与 (\d) 个无法区分", text) == [str(rest)] * bool(rest)


bounds = st.tuples(st.floats(-9, 9), st.floats(-9, 9)).map(sorted)


@pytest.mark.property
@few
@given(st.lists(bounds, min_size=1, max_size=3), st.booleans())
def test_a_search_recommends_only_what_held_in_fresh_worlds(ends, base):
    with speaking("zh"):
        names = [scenario_label(BASELINE) if base else "amber", "birch", "cedar"]
    ahead = [Estimate(name, sum(one) / 2, *one) for name, one in zip(names, ends, strict=False)]
    with speaking("zh"):
        made = studies.searched_decision("试验 3", ahead, Money(float, "CNY"))
    won = base and ahead[0].low > 0
    assert (made.kind == CHOOSE) == made.title.startswith("选择") == won
    assert ("并不确定比基线赚得多" in made.title) == (base and not won)
    assert ("没有在全新世界中与基线比较" in made.title) == (not base)


@pytest.mark.property
@few
@given(bounds)
def test_a_curve_says_that_one_amount_earns_more_only_where_it_does(ends):
    low, high = ends
    axis = Axis("incentive.invite_reward", "crossed", True, (5.0, 10.0), "邀请奖励", "CNY")
    with speaking("zh"):
        said = studies.contrast_words(axis, 5.0, 10.0, low, high)
    assert ("10 确定比 5 赚得多" in said) == (low > 0)
    assert ("5 确定比 10 赚得多" in said) == (high < 0)
    assert ("无法区分" in said) == (low <= 0 <= high)


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    """A sweep, and a search filed under its name."""
    root = tmp_path_factory.mktemp("studies")
    write_sweep(root, GRID[:4], worlds=2)
    plain = Study.of(load_results(root, "grid"))
    with speaking("zh"):
        swept = {
            "sweep": words(page.render(plain)),
            "answer": words(render(studies.of_study(plain, "grid.html"))),
        }
    save(root, "grid", SPEC, TRIALS, {**HELD, "skipped": {}})
    again = Study.of(load_results(root, "grid"))
    with speaking("zh"):
        found = {
            "search": words(page.render(again)),
            "its answer": words(render(studies.of_study(again, "grid.html"))),
        }
    return swept | found


def test_a_search_is_answered_alike_in_both_languages(tmp_path):
    """The margin that held in fresh worlds was once sought under the baseline's English name alone."""
    grid = [("group_buy", {"incentive.invite_reward": float(trial)}) for trial in range(4)]
    write_sweep(tmp_path, grid, worlds=2)
    save(tmp_path, "grid", SPEC, TRIALS[:4], {**HELD, "skipped": {}})
    study = Study.of(load_results(tmp_path, "grid"))
    english = studies.of_study(study, "grid.html")
    with speaking("zh"):
        again = Study.of(load_results(tmp_path, "grid"))
        chinese = studies.of_study(again, "grid.html")
        text = words(render(chinese))
    assert english.decision.kind == chinese.decision.kind == CHOOSE
    assert chinese.decision.title.startswith("选择试验 1")
    assert len(chinese.chosen) == len(english.chosen) == 1
    assert not re.search(r"[Tt]rial \d", text)


def words(text):
    return escapes.unescape(text)


@pytest.mark.parametrize("which", ["sweep", "answer", "search", "its answer"])
def test_pages_leave_no_english_over(searched, which):
    assert 'lang="zh-CN"' in searched[which]
    assert left_over(OWN.sub("", searched[which])) == []
