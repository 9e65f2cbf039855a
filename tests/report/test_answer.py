"""The answer on two pages: every sentence is held against the interval it speaks of."""

import math
import re
import shutil
import subprocess
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.measure.intervals import Interval, holm, simultaneous_interval, t_interval, t_p_value
from sim.report.answer import money, risks
from sim.report.answer.decision import CHOOSE, EITHER, KEEP, OPEN, Money, decide
from sim.report.answer.goals import goals, goals_title, weeks_words
from sim.report.answer.page import answer_path, beside, of_comparison, render
from sim.report.claims import LEVEL, Estimate
from sim.report.comparison import Comparison
from sim.report.leads import lead
from sim.store.results import load_results
from sim.store.store import Store
from sim.world.platforms import PLATFORMS
from tests.core.test_amounts import read
from tests.report.synthetic import fake_run
from tests.report.test_report import ATTACK, CONFIG, LIFTS, Tags, stored

NAMES = ("amber", "birch", "cedar", "dogwood", "elm")
UNIT = Money(lambda value: value, "CNY")
BASE = "the baseline"


@st.composite
def markets(draw):
    """Profit by world of up to five strategies and the baseline, in the same worlds."""
    worlds = draw(st.integers(1, 6))
    level = st.integers(-30, 30).map(float)
    noise = st.lists(st.integers(-4, 4).map(float), min_size=worlds, max_size=worlds)
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1))
    luck = np.array(draw(noise)) * 10
    found = {name: luck + draw(level) + np.array(draw(noise)) for name in names}
    return {BASE: pd.Series(luck), **{name: pd.Series(values) for name, values in found.items()}}


def changes_of(market):
    """Paired differences with Holm's correction, as comparisons make them."""
    gaps = {name: (one - market[BASE]).to_numpy() for name, one in market.items() if name != BASE}
    p = holm([t_p_value(gap) for gap in gaps.values()])
    return [
        Estimate(name, *t_interval(gap)[:3], bool(one <= LEVEL))
        for (name, gap), one in zip(gaps.items(), p, strict=True)
    ]


@pytest.mark.property
@settings(max_examples=300, deadline=None)
@given(markets())
def test_a_decision_claims_no_more_than_intervals_carry(market):
    changes = changes_of(market)
    made = decide(changes, lead(market), UNIT, len(market[BASE]))
    said = {one.name: one for one in changes}
    sure = {one.name for one in changes if one.low > 0 and one.stands}
    assert set(made.names) <= sure
    assert (made.kind in (CHOOSE, EITHER)) == bool(sure)
    assert ("surely earns more than the baseline" in made.title.replace("nothing tried", "!")) <= bool(
        sure
    ) or ("nothing tried" in made.title and not sure)
    if made.kind == KEEP:
        assert all(one.high < 0 and one.stands for one in changes)
    if "surely earns most" in made.title:
        (best,) = made.names
        rivals = [name for name in market if name != best]
        for name in rivals:
            gap = (market[best] - market[name]).to_numpy()
            assert simultaneous_interval(gap, len(rivals)).low > 0
    for line in made.lines:
        mine = [said[name] for name in re.findall("|".join(NAMES), line.lower())]
        if "If the difference" in line or "Which of them" in line:
            continue
        if "surely earns " in line and "more than the baseline" in line:
            assert all(one.low > 0 and one.stands for one in mine)
        elif "surely earn" in line and "less than the baseline" in line:
            assert all(one.high < 0 and one.stands for one in mine)
        elif re.search("more by (itself|themselves)", line):
            assert all(one.low > 0 and not one.stands for one in mine)
        elif re.search("less by (itself|themselves)", line):
            assert all(one.high < 0 and not one.stands for one in mine)
        elif "cannot be told apart from the baseline" in line:
            assert all(one.low <= 0 <= one.high for one in mine)
        elif "exactly" in line:
            assert all(one.low == one.high == 0 for one in mine)
        elif "not surely earn more" in line:
            *beside, best = (one.name for one in mine)
            assert best in sure
            assert beside
            assert not sure & set(beside)
        else:
            assert "In that world" in line
    if len(market[BASE]) == 1:
        assert made.kind == OPEN
        assert not made.names
        assert not any("surely" in line for line in made.lines)


@pytest.mark.property
@given(st.floats(-1e7, 1e7), st.floats(1e-3, 1e3))
def test_an_amount_is_rounded_by_less_than_a_hundredth(value, scale):
    told = Money(lambda x: x * scale, "").size(Estimate("one", value, np.nan, np.nan))
    said = read(told)
    assert abs(said - value * scale) <= max(0.051, 0.00501 * abs(value * scale))
    assert said * value >= 0


@pytest.mark.property
@given(st.lists(st.booleans(), min_size=1, max_size=9))
def test_weeks_are_told_as_they_were_met(met):
    said = weeks_words(met, None)
    assert (said == "no week") == (not any(met))
    assert (said.startswith("all") or said == "its one week") == all(met)
    if said.startswith("from day"):
        first = (int(said.split()[-1]) - 1) // 7
        assert all(met[first:])
        assert not any(met[:first])
    if " of " in said:
        assert said == f"{sum(met)} of {len(met)} weeks"


interval = st.tuples(st.floats(0, 5), st.floats(0, 5)).map(lambda x: Interval(sum(x) / 2, min(x), max(x), 5))


@pytest.mark.property
@given(st.lists(interval, max_size=len(PLATFORMS)))
def test_channels_are_said_to_pay_only_where_their_interval_does(backs):
    found = [
        money.Channel(name, "1", "1", 0.3, back, back) for name, back in zip(PLATFORMS, backs, strict=False)
    ]
    title = money.channels_title(found)
    wide = [one for one in found if one.back.high > one.back.low]
    above, below = (
        [one.label for one in wide if side(one.back)] for side in (lambda x: x.low > 1, lambda x: x.high < 1)
    )
    if above or below:
        told = {"more": [], "less": []}
        for part in title.split("; "):
            told["more" if "back more" in part else "less"] += re.findall("|".join(PLATFORMS), part.lower())
        assert told == {"more": above[:3], "less": below[:3]}
    elif found:
        assert title.startswith("No channel surely brings back more or less")


@pytest.mark.property
@given(
    st.lists(
        st.tuples(st.sampled_from(["higher", "lower"]), st.floats(-1, 1), st.floats(0, 1), st.booleans()),
        max_size=6,
    )
)
def test_only_what_surely_worsens_is_said_to(changes):
    names = (
        "on_time_rate",
        "complaint_rate",
        "return_rate",
        "cancelled_share",
        "stock_out_rate",
        "fraud_rate",
    )
    made = [
        (better, Estimate(name, value, value - half, value + half, stands))
        for name, (better, value, half, stands) in zip(names, changes, strict=False)
    ]
    lines = list(risks.worse_sentences(made))
    bad = [(one, one.high < 0 if better == "higher" else one.low > 0) for better, one in made]
    sure = any(worse and one.stands for one, worse in bad)
    assert any(line.startswith(risks.SURELY) for line in lines) == sure
    assert any("None of the figures" in line for line in lines) == (bool(made) and not any(w for _, w in bad))


@pytest.mark.property
@given(interval)
def test_delivery_is_near_its_limit_only_where_its_whole_interval_is(level):
    said = "".join(risks.capacity_sentence(level))
    assert ("Delivery is near" in said) == (level.high < 1.2)
    assert ("Delivery may be near" in said) == (level.low < 1.2 <= level.high)


def test_as_many_worlds_as_it_says_tell_the_difference_half_the_time():
    """Power of a z-test by its definition: a mean two errors from zero is seen in half of the samples."""
    (line,) = decide([Estimate("amber", 10.0, -10.0, 30.0)], None, UNIT, 8).lines[1:]
    needed = int(re.search(r"about (\d+) worlds", line)[1])
    error = 20.0 / 1.96 * math.sqrt(8 / needed)
    rng = np.random.default_rng(3)
    seen = np.abs(rng.normal(10.0, error, 20_000)) > 1.96 * error
    assert abs(seen.mean() - 0.5) < 4.0 * math.sqrt(0.25 / 20_000)
    assert "as often as not" in line


@pytest.mark.parametrize("seen", [[], [(-10.0, -12.0, -8.0)], [(10.0, 8.0, 12.0)], [(1.0, -5.0, 7.0)]])
def test_a_strategy_that_no_world_shows_is_named_and_nothing_is_said_for_it(seen):
    nan = float("nan")
    changes = [Estimate("amber", *one) for one in seen] + [Estimate("ghost", nan, nan, nan)]
    made = decide(changes, None, UNIT, 8)
    assert made.lines[-1].startswith("Ghost cannot be judged")
    assert "ghost" not in made.title
    assert "everything tried" not in made.title


@pytest.mark.property
@given(st.integers(1, 400), st.none() | st.dates(date(2025, 1, 1), date(2026, 12, 31)))
def test_periods_cover_the_window_once(days, first):
    found = money.spans(days, first)
    assert [day for begins, ends in found for day in range(begins, ends + 1)] == list(range(days))
    assert len(found) <= money.MOST_ROWS


def test_channels_are_the_parts_of_the_marketing_return():
    run = fake_run()
    from sim.measure.breakdown import breakdown

    table = pd.DataFrame(breakdown(run.tables, run.window))
    parts = table[table["figure"] == "channels"].set_index(["item", "part"])["value"]
    for name in PLATFORMS:
        spend, revenue = parts[name, "spend"], parts[name, "revenue"]
        told = run.kpis[f"marketing_roi_{name}"]
        assert math.isnan(told) if not spend else told == pytest.approx(revenue / spend)


@pytest.fixture(scope="module")
def comparison(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    stored(folder, LIFTS)
    return Comparison.of(load_results(folder).newest())


def test_the_page_nests_is_safe_small_and_asks_for_nothing(comparison):
    answer = of_comparison(comparison, "trial.html")
    page = render(answer)
    tags = Tags()
    tags.feed(page)
    assert not tags.wrong
    assert not tags.open
    assert "<script" not in page
    assert not any({"src", "srcset"} & set(attrs) for _, attrs in tags.seen)
    assert not re.search(r"""(?:href=["']?|url\()https?:""", page)
    assert len(page.encode()) < 60_000
    assert page.count('class="sheet"') == 2
    assert ATTACK not in page
    assert render(answer) == page


def test_the_page_says_of_targets_what_the_scorecard_says(comparison):
    told = goals(comparison, "coupon", ["baseline"])
    card = comparison.cards["coupon"]
    assert [one.verdict for one in told] == list(card["verdict"])
    title = goals_title("coupon", told)
    assert f"{(card['verdict'] == 'met').sum()} of 9 targets met" in title
    for one, row in zip(told, card.to_dict("records"), strict=True):
        assert ("short" in one.distance) == (one.verdict == "missed")
        assert ("to spare" in one.distance) == (one.verdict == "met")
        assert " points" not in one.distance  # gaps of shares are told in pp everywhere
        if one.verdict == "missed":
            size = float(re.search(r"[\d,.]+", one.distance)[0].replace(",", ""))
            scale = 1 if row["unit"].startswith("CNY") else 100
            assert size == pytest.approx(abs(row["target"] - row["value"]) * scale, abs=0.06)


@pytest.mark.browser
@pytest.mark.skipif(not shutil.which("chromium"), reason="no Chromium to print with")
def test_it_prints_on_two_pages_however_much_was_tried(tmp_path):
    stored(tmp_path, {"baseline": 0.0, **{f"a_strategy_with_a_long_name_{n}": 0.02 * n for n in range(9)}})
    there = Comparison.of(load_results(tmp_path).newest())
    page = beside(there, tmp_path / "trial.html")
    assert page == answer_path(tmp_path / "trial.html")
    pdf = tmp_path / "answer.pdf"
    flags = "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking"
    subprocess.run(
        ["chromium", *flags.split(), f"--user-data-dir={tmp_path / 'profile'}", "--no-pdf-header-footer",
         f"--print-to-pdf={pdf}", str(page)],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    assert len(re.findall(rb"/Type\s*/Page\b", pdf.read_bytes())) == 2


def test_days_are_told_from_one():
    """One place says so: what tables count from 0 is told from 1, in spans and singly."""
    from sim.measure.display import day_number
    from sim.report.answer.goals import _day
    from sim.report.answer.money import _when

    assert day_number(0) == 1
    assert _when(0, 6, None) == "days 1 to 7"
    assert (_day(0, None), _day(1, None)) == ("day 1", "day 8")


@pytest.mark.parametrize("also", [False, True])
def test_a_shock_that_was_tried_is_told_with_its_own_size_and_never_called_untried(tmp_path, also):
    shock = {
        "kind": "platform_loss",
        "platform": "douyin",
        "size": 0.6,
        "start": 10,
        "days": 7,
        "recovery": 3,
    }
    struck = {"kind": "none", "also": {"second": shock}} if also else shock
    store = Store(tmp_path, level="daily")
    for name in ("baseline", "platform_loss"):
        for world in range(2):
            config = CONFIG if name == "baseline" else {**CONFIG, "shock": struck}
            store.write(fake_run(name, world, 0.0, note="its traffic falls by 40 percent"), config)
    page = render(of_comparison(Comparison.of(load_results(tmp_path).newest(), ["platform_loss"]), "r.html"))
    assert "platform loss (douyin): size 0.6, days 11 to 17" in page
    assert "Not tried here: a shock" not in page
    stored(tmp_path / "calm", {"baseline": 0.0, "coupon": 0.0}, 2)
    calm = of_comparison(Comparison.of(load_results(tmp_path / "calm").newest(), ["coupon"]), "r.html")
    assert "Not tried here: a shock" in render(calm)


@pytest.mark.property
@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=6))
def test_what_a_channel_costs_is_told_with_its_interval_from_0_on(paid):
    said, ends = money._ranged(np.array(paid), 3, None)
    exact = simultaneous_interval(paid, 3)
    low, high = (read(end) for end in ends.split(" to "))
    apart = max(exact.high - max(exact.low, 0.0), exact.high) * 0.01 + 1
    assert low >= 0
    assert (read(said), low, high) == pytest.approx((exact.value, max(exact.low, 0), exact.high), abs=apart)
    assert money._ranged(np.array(paid[:1]), 3, None)[1] == "one world"


def test_a_return_without_an_interval_says_why():
    assert "one world" in money._return(Interval(1.5, math.nan, math.nan, 1))
    assert money._return(Interval(math.nan, math.nan, math.nan, 0)) == "nothing was paid"


@pytest.mark.parametrize(("days", "told"), [(1, "1 measured day "), (2, "2 measured days ")])
def test_one_day_is_told_as_one(days, told, comparison, monkeypatch):
    monkeypatch.setattr(Comparison, "days", days)
    monkeypatch.setattr("sim.report.business.window", lambda comparison: "")
    assert f"· {told}·" in render(of_comparison(comparison, "trial.html"))
