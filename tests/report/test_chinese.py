"""The answer and the report in Chinese: the same claims, the same numbers, and no English left over."""

import html as escapes
import re

import pytest
from hypothesis import given, settings

from sim.core.amounts import large
from sim.core.language import speaking, tr
from sim.report import fonts, html
from sim.report.answer.decision import CHOOSE, EITHER, decide
from sim.report.answer.page import of_comparison, render
from sim.report.comparison import Comparison
from sim.report.leads import lead
from sim.report.svg import wrapped
from sim.store.results import load_results
from tests.report.test_answer import BASE, NAMES, UNIT, changes_of, markets
from tests.report.test_report import LIFTS, stored

NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
#: English that stays: names of users and of keys, commands, versions and descriptions that were stored.
KEPT = re.compile(
    r"Liebian|liebian [a-z]+( \w+)*|[a-z_]+\.[a-z_]+(=\w+)?|coupon|group_buy|flat_cash|default|trial|"
    r"baseline|alert|script|quotes|Clopper-Pearson|Holm|Welch|Bonferroni|MSER|power law|people|Python|"
    r"experiment|[a-z]+_[a-z0-9_]+|somewhere|Numpy|Numba|Mesa|Simpy|Experiment|Represents|Graph|World|Seed|"
    r"Baseline key|Key|Stationary|Start|Code|Consumers"
)


@pytest.mark.property
@settings(max_examples=200, deadline=None)
@given(markets())
def test_a_decision_in_chinese_claims_no_more_than_intervals_carry(market):
    worlds = len(market[BASE])
    english = decide(changes_of(market), lead(market), UNIT, worlds)
    with speaking("zh"):
        chinese = {("基线" if name == BASE else name): one for name, one in market.items()}
        made = decide(changes_of(market), lead(chinese), UNIT, worlds)
    said = {one.name: one for one in changes_of(market)}
    sure = {one.name for one in said.values() if one.low > 0 and one.stands}
    assert (made.kind, made.names) == (english.kind, english.names)
    assert made.title.startswith("选择") == (made.kind in (CHOOSE, EITHER)) == bool(sure)
    for line, other in zip(made.lines, english.lines, strict=True):
        assert (
            sorted(NUMBER.findall(line)) == sorted(NUMBER.findall(other))
            or "如果" in line
            or "worlds" in other
        )
        mine = [said[name] for name in re.findall("|".join(NAMES), line.lower())]
        if "确定比基线多赚" in line:
            assert all(one.low > 0 and one.stands for one in mine)
        elif "确定比基线赚得少" in line:
            assert all(one.high < 0 and one.stands for one in mine)
        elif "单独看赚得更多" in line:
            assert all(one.low > 0 and not one.stands for one in mine)
        elif "单独看赚得更少" in line:
            assert all(one.high < 0 and not one.stands for one in mine)
        elif "与基线无法区分" in line and "如果" not in line:
            assert all(one.low <= 0 <= one.high for one in mine)
    if worlds == 1:
        assert not any("确定" in line for line in made.lines)


@pytest.fixture(scope="module")
def comparison(tmp_path_factory):
    folder = tmp_path_factory.mktemp("chinese")
    stored(folder, LIFTS, worlds=4)
    return Comparison.of(load_results(folder).newest())


def left_over(page):
    """Words of a page that are no Chinese and stand in no list of what stays."""
    text = re.sub(r"<style.*?</style>|<!--.*?-->", "", page, flags=re.S)
    lines = escapes.unescape(re.sub(r"<[^>]+>", "\n", text)).splitlines()
    rest = [KEPT.sub("", line) for line in lines]
    return sorted({word for line in rest for word in re.findall(r"[A-Za-z]{3,}", line)})


def test_the_report_leaves_no_english_over(comparison, monkeypatch):
    monkeypatch.setattr(html, "_figures", lambda _: {})
    with speaking("zh"):
        page = html.render(comparison)
    assert 'lang="zh-CN"' in page
    assert "加购率" in page
    assert left_over(page) == []


def test_the_answer_leaves_no_english_over(comparison):
    with speaking("zh"):
        page = render(of_comparison(comparison, "trial.html"))
    assert "怎么做" in page
    assert left_over(page) == []


def test_english_is_as_before_once_chinese_was_spoken(comparison):
    before = render(of_comparison(comparison, "trial.html"))
    with speaking("zh"):
        render(of_comparison(comparison, "trial.html"))
    assert render(of_comparison(comparison, "trial.html")) == before


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [
        (9_999.0, "9,999", "9,999"),
        (1_411_452.0, "1.411 million", "141.1万"),
        (-83_734.0, "-83,730", "-8.373万"),
        (12_000_000_000.0, "12 billion", "120亿"),
    ],
)
def test_amounts_are_in_the_units_of_their_language(value, english, chinese):
    assert large(value) == english
    with speaking("zh"):
        assert large(value) == chinese


def test_labels_in_chinese_break_between_characters():
    assert wrapped("每千名期初消费者的边际贡献", 10) == "每千名期初\n消费者的边\n际贡献"


def test_figures_ask_for_a_chinese_font_in_chinese_alone():
    assert fonts.settings() == {}
    with speaking("zh"):
        assert fonts.settings()["font.family"][0] == "DejaVu Sans"


def test_where_no_font_has_the_letters_it_is_said_which_to_install(monkeypatch):
    monkeypatch.setattr(fonts, "chinese", lambda: "")
    with speaking("zh"), pytest.warns(UserWarning, match="fonts-noto-cjk"):
        fonts.tell_missing()
    assert tr("met") == "met"
