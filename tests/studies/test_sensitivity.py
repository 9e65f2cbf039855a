"""Sensitivity: known indices are found through our own spans and rounding, luck is not sold as an effect."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from sim.config.sweep_request import placed
from sim.core.params import Declared
from sim.measure.intervals import clopper_pearson
from sim.store.manifest import Job
from sim.studies.sensitivity.best import _interval, deciders, ranked, shares
from sim.studies.sensitivity.design import LEVELS, blocks, trajectories
from sim.studies.sensitivity.evaluations import Evaluations, beyond_luck, collect, luck_of_one, spread
from sim.studies.sensitivity.indices import indices, pairs
from sim.studies.sensitivity.screening import DUMMY, chance, elementary_effects, matter, screen


def row(path: str, low: float, high: float, default: float | None = None) -> Declared:
    value = low if default is None else default
    return Declared(path, value, "CNY", "uncertainty", "definition", "world", "", {}, span=(low, high))


def evaluate(rows, unit, function, worlds=2, luck=0.0, seed=0):
    """Our chain with a function in place of the market: points, values, outcomes in worlds."""
    names = tuple(one.path for one in rows)
    values = np.array([[point[name] for name in names] for point in placed(rows, unit)], np.float64)
    outcome = np.repeat(function(values)[:, None], worlds, axis=1)
    # What a world adds to all points alike must not matter; luck adds to each point of each world.
    rng = np.random.default_rng(seed)
    outcome = outcome + rng.normal(0, 5.0, (1, worlds)) + rng.normal(0, 1, outcome.shape) * luck
    return Evaluations(unit, names, ("one",), ("figure",), outcome[None, None])


def by_parameter(table: pd.DataFrame) -> pd.DataFrame:
    return table.set_index("parameter")


# --- known indices --------------------------------------------------------------------------

ANGLES = [row(name, -math.pi, math.pi) for name in ("x1", "x2", "x3", "unread")]


def ishigami(x, a=7.0, b=0.1):
    return np.sin(x[:, 0]) + a * np.sin(x[:, 1]) ** 2 + b * x[:, 2] ** 4 * np.sin(x[:, 0])


def ishigami_indices(a=7.0, b=0.1):
    """First and total indices and that of the pair x1, x3 (Ishigami & Homma 1990)."""
    one = 0.5 * (1 + b * math.pi**4 / 5) ** 2
    two, both = a**2 / 8, b**2 * math.pi**8 * (1 / 18 - 1 / 50)
    whole = one + two + both
    return [one / whole, two / whole, 0.0], [(one + both) / whole, two / whole, both / whole], both / whole


def close_to(table, column, truth, largest_error):
    """Within four standard errors of the bootstrap, which are themselves small."""
    found = by_parameter(table)
    for name, value in truth.items():
        error = (found.loc[name, f"{column}_high"] - found.loc[name, f"{column}_low"]) / (2 * 1.96)
        assert error < largest_error
        assert abs(found.loc[name, column] - value) < 4 * error + 1e-12, name


@pytest.mark.exact
def test_indices_of_ishigami_are_found():
    unit = blocks(("x1", "x2", "x3", "unread"), 1024, seed=5)
    table = indices(evaluate(ANGLES, unit, ishigami), seed=5)
    first, total, _ = ishigami_indices()
    close_to(table, "first", dict(zip(("x1", "x2", "x3"), first, strict=True)), 0.04)
    close_to(table, "total", dict(zip(("x1", "x2", "x3"), total, strict=True)), 0.05)
    found = by_parameter(table)
    assert found.loc[["unread", DUMMY], ["first", "total"]].abs().max().max() < 1e-12
    assert found["above_noise"].tolist() == [True, True, True, False, False]
    assert (found["n"] == 1024).all()


@pytest.mark.exact
def test_indices_of_the_g_function_are_found():
    a = np.array([0.0, 1.0, 4.5, 9.0])
    rows = [row(f"x{k}", 10.0, 20.0) for k in range(4)]

    def g(x):
        return np.prod((np.abs(4 * (x - 10) / 10 - 2) + a) / (1 + a), axis=1)

    part = 1 / (3 * (1 + a) ** 2)  # Saltelli & Sobol 1995
    whole = np.prod(1 + part) - 1
    total = part * np.prod(1 + part) / (1 + part) / whole
    table = indices(evaluate(rows, blocks(tuple("abcd"), 1024, seed=6), g), seed=6)
    close_to(table, "first", {f"x{k}": part[k] / whole for k in range(4)}, 0.05)
    close_to(table, "total", {f"x{k}": total[k] for k in range(4)}, 0.05)


@pytest.mark.exact
def test_the_pair_that_works_together_is_found():
    unit = blocks(("x1", "x2", "x3"), 1024, seed=7, second_order=True)
    seen = evaluate(ANGLES[:3], unit, ishigami)
    both = ishigami_indices()[2]
    table = pairs(seen, seed=7).set_index(["parameter", "other"])
    error = (table["second_high"] - table["second_low"]) / (2 * 1.96)
    assert abs(table.loc[("x1", "x3"), "second"] - both) < 4 * error["x1", "x3"] < 0.4
    assert abs(table.loc[("x1", "x2"), "second"]) < 4 * error["x1", "x2"]
    # the same points also give the first and total indices
    close_to(indices(seen, 7, second_order=True), "first", dict(zip(("x1", "x2", "x3"), ishigami_indices()[0],
                                                                   strict=True)), 0.04)  # fmt: skip


@pytest.mark.exact
def test_screening_a_linear_function_is_exact():
    rows = [row("a", -1.0, 4.0), row("b", 0, 30, default=3), row("c", 0.2, 0.3), row("unread", 0.0, 1.0)]
    slopes = np.array([2.0, -0.5, 7.0, 0.0])
    unit = trajectories(tuple("abcd"), 6, seed=1)
    found = by_parameter(screen(evaluate(rows, unit, lambda x: x @ slopes), seed=1))
    # crossing the whole span: slope times length; whole numbers 0, 10, 20, 30 need no rounding
    assert found["mu_star"].tolist() == pytest.approx([10.0, 15.0, 0.7, 0.0, 0.0], abs=1e-9)
    assert found["mu"].tolist() == pytest.approx([10.0, -15.0, 0.7, 0.0, 0.0], abs=1e-9)
    assert found["sigma"].to_numpy() == pytest.approx(0.0, abs=1e-9)
    assert found["above_noise"].tolist() == [True, True, True, False, False]


def test_whole_numbers_are_rounded_and_the_step_is_what_was_asked_for():
    # 1..5 in four levels: 1, 2.33, 3.67, 5 are run as 1, 2, 4, 5, so that a step of 2.67 is one of 3
    unit = trajectories(("n", "x"), 8, seed=1)
    seen = evaluate([row("n", 1, 5, default=2), row("x", 0.0, 1.0)], unit, lambda x: x[:, 0])
    found = by_parameter(screen(seen, seed=1))
    assert found.loc["n", "mu_star"] == pytest.approx(3 / (2 / 3))


def test_effects_by_hand():
    # two parameters, one trajectory: x up by 2/3 (outcome +2), then y down by 2/3 (outcome +1)
    unit = np.array([[0.0, 1.0], [2 / 3, 1.0], [2 / 3, 1 / 3]])
    effects = elementary_effects(unit, np.array([[1.0], [3.0], [4.0]]))
    assert effects.ravel() == pytest.approx([3.0, -1.5])


# --- luck -----------------------------------------------------------------------------------


def test_what_is_only_luck_is_not_sold_as_an_effect():
    rows = [row("strong", 0.0, 1.0), row("unread", 0.0, 1.0)]
    seen = evaluate(rows, trajectories(("a", "b"), 10, seed=2), lambda x: 6 * x[:, 0], worlds=3, luck=1.0)
    found = by_parameter(screen(seen, seed=2))
    assert found["above_noise"].tolist() == [True, False, False]
    # luck of a mean over 3 worlds, differenced and over two thirds: its mean size is known
    known = math.sqrt(2 / 3) / (2 / 3) * math.sqrt(2 / math.pi)
    assert known / 2 < found.loc[DUMMY, "mu_star"] < 2 * known
    table = by_parameter(
        indices(evaluate(rows, blocks(("a", "b"), 256, seed=2), lambda x: 6 * x[:, 0], 3, 1.0), seed=2)
    )
    assert table["above_noise"].tolist() == [True, False, False]
    # variance 36/12 of the parameter and 1/3 of luck: what luck makes of a total index
    assert table.loc["unread", "total_by_luck"] == pytest.approx((1 / 3) / (3 + 1 / 3), rel=0.15)
    # 256 squares of normal numbers have a relative standard error of sqrt(2 / 256) = 9%
    assert table.loc[[DUMMY, "unread"], "total"].tolist() == pytest.approx([0.1, 0.1], rel=0.35)


@pytest.mark.exact
def test_luck_seldom_looks_like_an_effect():
    effects = np.random.default_rng(4).normal(size=(20_000, 6, 2))
    share = float((beyond_luck(effects) < 0.05).mean())
    assert share == pytest.approx(0.05, abs=4 * math.sqrt(0.05 * 0.95 / 20_000))
    assert beyond_luck(np.zeros((1, 6, 2)))[0] == 1.0
    assert beyond_luck(np.ones((1, 6, 2)))[0] == 0.0


@pytest.mark.exact
def test_screening_calls_luck_an_effect_no_more_often_than_it_says():
    luck = np.random.default_rng(9).normal(size=(20_000, 5, 2))
    share = float((chance(luck) < 0.05).mean())
    # Bonferroni's bound over two tests that hardly depend on each other: just below 5%
    assert 0.045 < share < 0.05 + 4 * math.sqrt(0.05 * 0.95 / 20_000)
    # one direction in every trajectory is no luck, however worlds scatter about it
    scatter = np.array([[-3.0, 3.0], [4.0, -4.0], [-5.0, 5.0], [3.0, -3.0], [-4.0, 4.0]])
    steady = 2.0 + np.array([[-0.3], [0.2], [0.0], [0.3], [-0.2]]) + scatter
    assert beyond_luck(steady[None])[0] > 0.5
    assert chance(steady[None])[0] < 0.001
    assert chance(np.zeros((1, 5, 2)))[0] == 1.0


@pytest.mark.exact
@pytest.mark.parametrize("worlds", [2, 5])
def test_the_dummy_varies_as_means_over_worlds_do(worlds):
    effects = np.random.default_rng(5).normal(3.0, 1.0, (1, 40_000, worlds))
    # standard error of a variance of normal numbers: sqrt(2 / n) of it
    assert luck_of_one(effects).var() == pytest.approx(1 / worlds, rel=4 * math.sqrt(2 / 40_000))


def test_the_table_of_variances():
    points, worlds = np.array([[0.0], [2.0], [7.0]]), np.array([[0.0, 10.0]])
    found = spread(points + worlds)
    assert found["luck"] == pytest.approx(0.0, abs=1e-12)
    assert found["between_points"] == pytest.approx(np.var([0, 2, 7], ddof=1))
    assert found["between_worlds"] == pytest.approx(50.0)
    assert found["luck_share"] == pytest.approx(0.0, abs=1e-12)
    rng = np.random.default_rng(6)
    large = spread(rng.normal(0, 2, (4000, 1)) + rng.normal(0, 3, (4000, 4)))
    assert large["luck"] == pytest.approx(9.0, rel=4 * math.sqrt(2 / 12_000))
    assert large["between_points"] == pytest.approx(4.0, rel=4 * math.sqrt(2 / 4000) * (4 + 9 / 4) / 4)
    assert large["luck_share"] == pytest.approx(2.25 / 6.25, rel=0.1)
    assert math.isnan(spread(np.array([[1.0, np.nan], [2.0, 3.0]]))["luck"])


def test_what_cannot_be_observed_is_left_out():
    unit = trajectories(("a", "b"), 4, seed=1)
    seen = evaluate([row("a", 0.0, 1.0), row("b", 0.0, 1.0)], unit, lambda x: x[:, 0])
    seen.values[0, 0, 4, 1] = np.nan  # a point of the second trajectory, in one world
    found = screen(seen, seed=1)
    assert found["n"].tolist() == [3, 3, 3]
    assert by_parameter(found).loc["a", "mu_star"] == pytest.approx(1.0)
    seen.values[:] = np.nan
    assert screen(seen, seed=1)["mu_star"].isna().all()


# --- what is looked at closer ---------------------------------------------------------------


def test_each_figures_own_driver_is_looked_at_closer():
    rows = [
        ("f", "a", 9.0, True), ("f", "b", 3.0, True), ("f", "c", 8.0, False), ("f", DUMMY, 99.0, False),
        ("g", "a", 0.0, False), ("g", "d", 0.1, True), ("g", "b", 0.05, True), ("g", DUMMY, 9.0, False),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["kpi", "parameter", "mu_star", "above_noise"]).assign(scenario="s")
    keys = ("a", "b", "c", "d")
    # d is two thirds of g although it is small in units; a is 9/20 of f, b a third of g
    assert matter(table, keys, 2) == ("a", "d")
    assert matter(table, keys, 3) == ("a", "b", "d")
    assert matter(table, keys, 9) == ("a", "b", "d")
    assert matter(table.assign(above_noise=False), keys, 3) == ()


# --- which strategy is best -----------------------------------------------------------------


def contest(unit, margin, worlds=2):
    """Strategy b beats a by ``margin`` of the points, in every world."""
    values = np.zeros((2, 1, len(unit), worlds))
    values[1, 0] = margin(unit)[:, None]
    return Evaluations(unit, ("x", "y", "z"), ("a", "b"), ("profit",), values)


@pytest.mark.parametrize("walks", [True, False])
def test_the_parameter_that_decides_what_is_best_is_found(walks):
    unit = trajectories(("x", "y", "z"), 12, 3) if walks else np.random.default_rng(3).random((64, 3))
    seen = contest(unit, lambda u: u[:, 1] - 0.5)
    winner, clear = ranked(seen, "profit", higher=True)
    assert (winner == (unit[:, 1] > 0.5)).all()
    assert clear.all()
    table = deciders(seen, winner, seed=3, trajectories=walks)
    assert table["scenario"].unique().tolist() == ["b"]
    first = table.iloc[0]
    assert (first["parameter"], first["ks"], first["direction"]) == ("y", pytest.approx(1.0), "higher")
    assert first["p_adjusted"] < 0.01
    assert (table["p_adjusted"].iloc[1:] > 0.05).all()
    # where less is better the other strategy wins
    assert (ranked(seen, "profit", higher=False)[0] == (unit[:, 1] <= 0.5)).all()


def test_ties_and_missing_figures_have_no_winner():
    values = np.zeros((2, 1, 4, 2))
    values[1, 0] = [[0, 0], [1, 3], [3, -1], [1, np.nan]]
    winner, clear = ranked(Evaluations(np.zeros((4, 1)), ("x",), ("a", "b"), ("f",), values), "f", True)
    assert winner.tolist() == [-1, 1, 1, -1]
    assert clear.tolist() == [False, True, False, False]
    table = shares(winner, clear, ("a", "b"), cluster=1)
    assert table[["wins", "n", "clear"]].to_numpy().tolist() == [[0, 2, 0], [2, 2, 1]]


def test_where_one_strategy_always_wins_nothing_decides():
    seen = contest(trajectories(("x", "y", "z"), 3, 1), lambda u: u[:, 0] + 1)
    winner, _ = ranked(seen, "profit", True)
    assert deciders(seen, winner, 1, trajectories=True).empty


@pytest.mark.exact
def test_dealt_anew_chance_is_chance():
    # Trajectories whose winner depends on x alone: y and z must look decisive once in twenty studies.
    p = []
    for seed in range(60):
        unit = trajectories(("x", "y", "z"), 6, seed)
        seen = contest(unit, lambda u: u[:, 0] - 0.5)
        table = deciders(seen, ranked(seen, "profit", True)[0], seed, trajectories=True).set_index(
            "parameter"
        )
        p += [table.loc["y", "p"], table.loc["z", "p"]]
    found = float((np.array(p) <= 0.05).mean())
    assert found <= 0.05 + 4 * math.sqrt(0.05 * 0.95 / len(p))


def test_intervals_of_points_that_belong_together():
    wins = np.array([True, False, True, True, False, True])
    alone = _interval(wins[:, None], np.ones((6, 1), bool))
    assert alone == pytest.approx(clopper_pearson(4, 6), abs=0.15)
    # ten points a cluster that always agree are no more than the clusters themselves
    repeated = _interval(np.repeat(wins[:, None], 10, axis=1), np.ones((6, 10), bool))
    assert repeated[0] <= clopper_pearson(4, 6)[0] + 1e-9
    assert repeated[1] >= clopper_pearson(4, 6)[1] - 1e-9
    # all agree: each cluster counts once
    assert _interval(np.ones((6, 10), bool), np.ones((6, 10), bool)) == pytest.approx(clopper_pearson(6, 6))


@pytest.mark.exact
def test_the_share_of_wins_is_covered():
    rng = np.random.default_rng(8)
    held = 0
    for _ in range(400):
        chance = np.where(rng.random((12, 1)) < 0.5, 0.1, 0.7)  # clusters of their own; 0.4 on average
        low, high = _interval(rng.random((12, 8)) < chance, np.ones((12, 8), bool))
        held += low <= 0.4 <= high
    # at least 95%, less three standard errors of 400 trials
    assert held / 400 > 0.95 - 3 * math.sqrt(0.05 * 0.95 / 400)


# --- from runs to outcomes ------------------------------------------------------------------


def test_runs_find_their_points():
    class Held:
        totals = pd.DataFrame([
            ("s", "k00", "f", 1.0), ("s", "k01", "f", 2.0), ("s", "k10", "f", 3.0), ("s", "k10", "g", 9.0),
        ], columns=["scenario", "key", "name", "value"])  # fmt: skip

    def job(key, world, x, added=False):
        return Job(key, "s", world, {}, {} if added else {"scenario": "s", "p.x": x}, "", "", added, "", 0)

    points = [{"p.x": 2}, {"p.x": 5}, {"p.x": 2}]  # the third was rounded to the first
    jobs = [job("k00", 7, 2), job("k01", 8, 2), job("k10", 7, 5), job("k11", 8, 5), job("b", 7, 0, True)]
    seen = collect(np.zeros((3, 1)), ("p.x",), ("s",), ("f",), points, jobs, Held())
    assert seen.values[0, 0].tolist()[0] == [1.0, 2.0]
    assert seen.values[0, 0].tolist()[2] == [1.0, 2.0]
    assert seen.values[0, 0, 1, 0] == 3.0
    assert math.isnan(seen.values[0, 0, 1, 1])  # that run is missing


def test_designs_come_from_the_seed_alone():
    names = ("a", "b", "c")
    assert np.array_equal(trajectories(names, 4, 1), trajectories(names, 4, 1))
    assert not np.array_equal(trajectories(names, 4, 1), trajectories(names, 4, 2))
    assert np.array_equal(blocks(names, 8, 1), blocks(names, 8, 1))
    unit = trajectories(names, 4, 1)
    assert unit.shape == (16, 3)
    assert np.allclose(unit * (LEVELS - 1), np.rint(unit * (LEVELS - 1)))
    assert blocks(names, 8, 1).shape == (40, 3)
