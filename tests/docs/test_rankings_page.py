"""The page of rankings: pooled intervals, verdicts on pairs, and every arm that is played is on it."""

from __future__ import annotations

import gzip
import re

import numpy as np
import pytest
from scipy import stats

from benchmarks.uneven import systems
from docs.kept_runs import Run, holding, read, write
from docs.pages import DOCS
from docs.rankings import (
    COMPARED,
    DEFAULT,
    EVENTS,
    LEVELS,
    NUDGE,
    PAGE,
    PLACEBO,
    SEEDS,
    SYSTEMS,
    UNEVEN,
    arms,
    columns,
    compared,
    core,
    intervals,
    pairs,
    probes,
    verdict,
    wanted,
    words,
)
from sim.config import compose
from sim.measure.intervals import Interval

pytestmark = pytest.mark.docs
RNG = np.random.default_rng(3)


def test_levels_share_the_spread_within_them():
    """Means differ from level to level and must not widen the intervals: one-way analysis of variance."""
    gaps = {name: RNG.normal(mean, 2.0, 3) for name, mean in (("a", 0.0), ("b", 100.0), ("c", -50.0))}
    found = intervals(gaps | {"d": np.array([7.0, np.nan])})
    pooled = np.sqrt(np.mean([gap.var(ddof=1) for gap in gaps.values()]))
    for name, gap in gaps.items():
        low, high = stats.t.interval(0.95, 6, gap.mean(), pooled / np.sqrt(3))
        assert found[name][:3] == pytest.approx((gap.mean(), low, high))
    assert found["d"].high - found["d"].low == pytest.approx(2 * stats.t.ppf(0.975, 6) * pooled)


def test_blocks_of_seeds_are_one_level():
    """Each block is told too, and none counts twice."""
    blocks = dict(zip(SEEDS, np.split(RNG.normal(size=6), 3), strict=True))
    whole = np.concatenate(list(blocks.values()))
    found = intervals({DEFAULT: whole, **blocks})
    assert found[DEFAULT][:3] == pytest.approx(
        (whole.mean(), *stats.t.interval(0.95, 5, whole.mean(), stats.sem(whole)))
    )
    both = compared({DEFAULT: {"a": whole, "b": 0 * whole}}, "a", "b")
    assert both[DEFAULT] == pytest.approx(found[DEFAULT])


def test_longer_windows_have_a_spread_of_their_own():
    gap = np.array([1.0, 2.0, 4.0])
    assert np.isnan(intervals({"360 days": gap[:1], "a": gap})["360 days"].low)
    alone = intervals({"360 days": gap, "a": 100.0 * gap})["360 days"]
    assert alone[1:3] == pytest.approx(stats.t.interval(0.95, 2, gap.mean(), stats.sem(gap)))


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ([(1, 3), (2, 4)], "everywhere"),
        ([(-3, -1), (-4, -2)], "everywhere"),
        ([(1, 3), (-3, -1), (-1, 1)], "turns"),
        ([(-1, 3), (-3, 1)], "never"),
        ([(1, 3), (-1, 3)], "where clear"),
        ([(1, 3), (-3, 1)], "doubtful"),
    ],
)
def test_a_verdict_on_a_pair(ends, said):
    assert verdict([Interval((low + high) / 2, low, high, 3) for low, high in ends]) == said


def test_a_pair_that_turns_is_named_with_its_levels():
    near = {"a": np.zeros(3), "b": np.array([9.0, 10.0, 11.0])}
    far = {"a": np.zeros(3), "b": np.array([-11.0, -10.0, -9.0])}
    assert "| `b` | `a` | here | there |" in pairs({"here": near, "there": far})


def test_effects_are_against_the_baseline_of_the_same_world():
    first = LEVELS[0].name
    done = {Run(first, arm, w, 90): (100.0 * w + n, 1.0) for n, arm in enumerate(arms()) for w in (0, 2)}
    added = columns(done)
    assert list(added) == [DEFAULT, first]
    for n, arm in enumerate(arms()):
        assert added[first][arm][[0, 2]].tolist() == [n, n]
        assert np.isnan(added[first][arm][1])


def test_a_core_is_what_is_left_when_the_loose_are_taken_away(tmp_path):
    """Five who all know one another, with a tail, a repeat and a circle of three hanging on."""
    clique = [(a, b) for a in range(5) for b in range(a)]
    path = tmp_path / "ties.gz"
    with gzip.open(path, "wt") as file:
        rows = [*clique, (0, 1), (4, 5), (5, 6), (7, 8), (8, 9), (9, 7), (9, 9)]
        file.writelines(f"{a} {b} 1\n" for a, b in rows)
    assert {tuple(row) for row in core(path, 4).tolist()} == {(b, a) for a, b in clique}


def test_every_arm_and_level_can_be_played():
    """The placebo is the baseline but for the budgets of both rules."""
    scenario, own = words(PLACEBO)
    assert (scenario, own) == ("baseline", NUDGE)
    plain, nudged = compose([]), compose([*NUDGE])
    for name in ("daily_budget", "media_budget"):
        old, new = getattr(plain.control, name), getattr(nudged.control, name)
        assert 0 < (new - old) / old < 1e-3
    for level in LEVELS:
        compose([*level.words])
    first = [arm for _, arm, _ in wanted(LEVELS)][: len(arms()) - len(EVENTS)]
    assert set(first) == set(arms()) - set(EVENTS)


def test_runs_of_other_code_are_taken_up_where_probes_come_out_alike():
    """The arm that comes out otherwise is dropped, with all its runs; if the baseline does, all are."""
    first = LEVELS[0].name
    older = {Run(first, arm, w, 90): (w + 1.0, 1.0) for arm in ("baseline", "same", "moved") for w in (0, 1)}
    older |= {Run("Facebook", arm, 0, 90): (5.0, 1.0) for arm in ("baseline", "same")}
    older |= {Run("Twitch", "same", 0, 90): (5.0, 1.0)}
    played = []

    def play(run):
        played.append(run)
        return (9.0 if run.arm == "moved" else older[run][0]) + 1e-9, 2.0

    kept = dict(holding(older, {}, probes, play))
    assert {run[:2] for run in kept} == {
        (first, "baseline"), (first, "same"), ("Facebook", "baseline"), ("Facebook", "same")
    }  # fmt: skip
    assert kept[Run(first, "same", 1, 90)] == (2.0, 1.0)
    assert len(played) == len(set(played)) == 4, "each probe is played once"
    moved = {Run(first, "baseline", 0, 90): (8.0, 1.0)}
    assert not dict(holding(older, moved, probes, play))


def test_runs_are_kept_as_those_of_todays_code(tmp_path):
    path = tmp_path / "kept.csv"
    done = {Run(LEVELS[0].name, arm, 0, 90): (1234.56, 2.5) for arm in ("baseline", "a")}
    assert read(path, probes, _never) == {}
    write(path, done)
    assert read(path, probes, _never) == {run: (pytest.approx(1234.56), 2.5) for run in done}
    path.write_text(re.sub(r"(?m)^[0-9a-f]{12},", "other_code,", path.read_text()))
    assert list(read(path, probes, done.get)) == list(done)


def _never(run):
    raise AssertionError(f"{run} was played")


def test_the_page_has_every_strategy():
    page = (DOCS / PAGE).read_text(encoding="utf-8")
    unplayed = re.search(r"\*\*Not played\*\*: (.*?)\n\n", page, re.DOTALL)[1]
    assert [arm for arm in arms() if (f"| `{arm}` |" in page) == (f"`{arm}`" in unplayed)] == []


def test_every_system_that_the_baseline_leaves_off_is_on_at_some_level():
    """But for those that are compared; the list would otherwise fall behind the market."""
    played = {one.partition("=")[0] for one in (*SYSTEMS, *UNEVEN)}
    assert {one.partition("=")[0] for one in systems()} - played == set(COMPARED)
