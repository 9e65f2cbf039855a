"""Verdicts on the plan's figures follow from intervals alone, and the command tells them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from sim.cli.entry import main
from sim.measure.intervals import t_interval
from sim.studies.fidelity.arms import ARMS
from sim.studies.fidelity.figure import Figure
from sim.studies.fidelity.figures import FIGURES
from sim.studies.fidelity.study import Judged, judge, told, verdict, wanted
from tests.conftest import LIVELY

ROLES = {
    row["id"]: row["role"]
    for row in csv.DictReader(
        (Path(__file__).parents[1] / "config" / "plan_roles.csv").open(encoding="utf-8", newline="")
    )
}
#: A spread of five worlds around 0.
SPREAD = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])


def figure(role, **more):
    return Figure("F000", "made up", 10.0, "", role, "by hand", cause="chance", **more)


def judged(one: Figure, values: np.ndarray, against: np.ndarray | float = 0.0) -> str:
    return verdict(one, t_interval(values), t_interval(values - against))


@pytest.mark.parametrize(
    ("mean", "found"), [(10.0, "inside"), (11.5, "inside"), (20.0, "above"), (1.0, "below")]
)
def test_a_level_is_inside_where_its_interval_holds_it(mean, found):
    """Half width of five values with standard deviation 1.58: 1.96 by the t distribution with 4 degrees."""
    assert judged(figure("level"), mean + SPREAD) == found


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("role", ["direction", "order"])
def test_a_sign_needs_an_interval_off_zero(role, sign):
    one = figure(role, sign=sign, against=lambda _: 0.0)
    assert judged(one, sign * 5.0 + SPREAD) == ("sign" if role == "direction" else "order") + " as stated"
    assert judged(one, sign * 1.0 + SPREAD) == "cannot be told"
    assert judged(one, sign * -5.0 + SPREAD) == "contradicts"


def test_a_sign_is_judged_on_the_same_worlds():
    """Worlds differ by far more than the strategy does, which the difference on each does not feel."""
    one, base = figure("direction", against=lambda _: 0.0), 100.0 * SPREAD
    assert judged(one, base + 1.0 + 0.1 * SPREAD, base) == "sign as stated"
    assert judged(one, base + 1.0 + 0.1 * SPREAD) == "cannot be told"


def test_a_bound_is_kept_below_it_and_broken_above():
    one = figure("level", sign=-1, bound=True)
    assert [judged(one, mean + SPREAD) for mean in (5.0, 10.0, 15.0)] == [
        "as stated", "cannot be told", "contradicts",
    ]  # fmt: skip


@pytest.mark.parametrize("role", ["input", "fitted"])
@pytest.mark.parametrize(
    ("mean", "spread", "found"),
    [
        (10.4, 0.0, "arrives"),
        (10.3, 0.1, "arrives"),
        (10.4, 0.1, "cannot be told"),
        (10.0, 1.0, "cannot be told"),  # an interval of almost a fifth on both sides says nothing
        (10.6, 0.0, "does not arrive"),
        (13.0, 1.0, "does not arrive"),
        (7.0, 1.0, "does not arrive"),
    ],
)
def test_an_input_arrives_where_its_whole_interval_lies_within_five_percent(role, mean, spread, found):
    """Half width of five values with standard deviation 1.58 is 1.96: .2 of a spread of .1 of them."""
    assert judged(figure(role), mean + spread * SPREAD) == found


def test_one_world_tells_no_level_and_no_sign():
    one = np.array([10.0])
    assert judged(figure("level"), one) == judged(figure("direction", against=lambda _: 0.0), one)
    assert judged(figure("level"), one) == judged(figure("input"), one) == "cannot be told"


def test_a_suspected_cause_is_one_where_the_figure_moves_to_the_stated_side_without_it():
    one = figure("cause", sign=-1, against=lambda _: 0.0)
    found = [judged(one, mean + SPREAD, 0.0) for mean in (-5.0, -1.0, 5.0)]
    assert found == ["a cause", "cannot be told", "not the cause"]


def test_what_has_no_mechanism_or_was_not_seen_gets_no_verdict():
    assert judged(figure("open"), SPREAD) == "no mechanism"
    assert judged(figure("level"), np.full(3, np.nan)) == "not observed"


def test_causes_are_told_where_something_else_was_found():
    one, interval = figure("level"), t_interval(SPREAD)
    found = {v: bool(told(Judged(one, interval, interval, v))) for v in ("inside", "above", "cannot be told")}
    assert found == {"inside": False, "above": True, "cannot be told": False}


def test_roles_are_the_plans():
    for one in FIGURES:
        if one.role != "open":
            expected = {"input": "input", "fitted": "calibrated"}.get(one.role, "emergent")
            assert ROLES[one.fact] == expected, one.fact
    assert len({one.fact for one in FIGURES}) == len(FIGURES)


def test_judging_keeps_the_order_of_figures():
    values = np.full((len(wanted()), 2), 0.5)
    found = [one.figure.fact for one in judge([values, values])]
    assert found == [one.fact for one in wanted()]


def test_an_interval_of_a_share_holds_shares_alone():
    """Two worlds at 2% and 20% would reach far below nothing; their difference may lie below it."""
    n = next(n for n, one in enumerate(wanted()) if one.unit == "share" and one.against)
    worlds = [np.full((len(wanted()), 2), value) for value in (0.02, 0.2)]
    for world in worlds:
        world[:, 1] = 0.11
    one = judge(worlds)[n]
    assert one.simulated.low == 0.0
    assert one.judged.low < 0.0


TINY = ("population.size=200", "experiment.burn_in_days=0", "experiment.warmup_days=1", "experiment.days=3",
        "experiment.replications=2", *LIVELY)  # fmt: skip


def test_the_command_tells_every_figure(tmp_path, capsys):
    assert main(["--json", "fidelity", *TINY, f"paths.cache={tmp_path}"]) == 0
    told_figures = json.loads(capsys.readouterr().out)["data"]["figures"]
    assert [one["fact"] for one in told_figures] == [one.fact for one in wanted()]
    by_fact = {one["fact"]: one for one in told_figures}
    assert 0.0 < by_fact["F002"]["value"] < 1.0
    assert by_fact["F002"]["worlds"] == 2
    assert by_fact["F048"]["verdict"] == "not observed"  # three days show no repurchase within thirty
    assert by_fact["F087"]["verdict"] == "no mechanism"


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("baseline", "'baseline': fidelity takes settings alone"),
        ("scenario=baseline", "fidelity chooses its own scenarios"),
        ("population.sise=3", "population.sise: unknown key"),
    ],
)
def test_what_is_wrong_is_told_at_once(word, said, capsys):
    assert main(["fidelity", word]) == 2
    assert said in capsys.readouterr().err


def test_every_arm_is_used():
    folder = Path(__file__).parents[2] / "sim/studies/fidelity"
    source = "".join(
        (folder / file).read_text(encoding="utf-8") for file in ("figures.py", "content.py", "causes.py")
    )
    assert all(f'"{name}"' in source for name in ARMS)
