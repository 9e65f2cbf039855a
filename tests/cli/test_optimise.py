"""``liebian optimise`` as users run it, in a market so small that a strategy takes a blink."""

from __future__ import annotations

import contextlib
import html
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import pytest

import sim.cli
from sim.config import compose, market_sources
from sim.config.sources import Sources
from sim.measure.intervals import paired_difference, t_interval
from sim.store.manifest import read
from sim.store.results import load_results
from sim.studies.optimise.heldout import Opponents, _named, compared, is_strategy, opponents, strategy_file
from sim.studies.optimise.objectives import Measured
from sim.studies.optimise.request import Request
from sim.studies.optimise.stored import load_optimisation
from tests.cli.tiny import SCHEMA, fingerprint

ROOT = Path(__file__).parents[2]
TINY = (
    "population.size=60", "experiment.days=2", "experiment.warmup_days=1", "experiment.burn_in_days=2",
    "experiment.replications=2", "experiment.name=s",
)  # fmt: skip
SEARCH = (
    "vary=[incentive.invite_reward,pricing.list_level]", "incentive=none,flat_cash",
    "objectives=[contribution_margin,downside]", "shocks=[none,downturn]", "trials=4", "batch=2",
)  # fmt: skip


@pytest.fixture
def desk(tmp_path, monkeypatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def words(*more: str) -> list[str]:
    said = {word.partition("=")[0] for word in more}
    return [*(w for w in (*SEARCH, *TINY) if w.partition("=")[0] not in said), *more]


def start(folder: Path, *more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "sim", "optimise", *words(*more)], cwd=folder, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def runs_in(folder: Path) -> int:
    return len(list((folder / "results/totals").rglob("*.parquet")))


def test_a_search_is_led_tested_and_told(desk, capsys):
    assert sim.cli.main(["optimise", *words("engine=serial", "holdout=2")]) == 0
    told = capsys.readouterr().out
    assert "Pareto front over 2 worlds" in told
    said = re.search(r"in 2 fresh worlds, beside the named scenarios: at most (\d+) more runs", told)
    fresh = len(list(Path("results/totals/experiment=s_heldout").rglob("*.parquet")))
    assert fresh <= int(said[1]) <= fresh + 2  # the best may be a named one, whose 2 worlds are then run once
    assert "optimism" in told
    assert "core_rules is left out: plays in another world" in told
    found = load_optimisation("results", "s")
    assert len(found.trials) == 4
    searched = load_results("results", "s").runs["replication"]
    fresh = load_results("results", "s_heldout").runs["replication"]
    assert set(searched) == {0, 1}
    assert set(fresh) == {2, 3}
    _check_values(found)
    _check_held_out(found)
    _check_strategies(found, desk)
    before = fingerprint(desk / "results/totals")
    capsys.readouterr()
    assert sim.cli.main(["--json", "optimise", *words("engine=serial", "holdout=2")]) == 0
    assert fingerprint(desk / "results/totals") == before  # nothing is run again
    document = json.loads(capsys.readouterr().out)
    jsonschema.validate(document, SCHEMA, jsonschema.Draft202012Validator)
    assert [row["trial"] for row in document["data"]["trials"]] == list(found.trials["trial"])
    assert document["data"]["held_out"]["trial"] == found.held_out["trial"]


def _check_values(found) -> None:
    """Margins of trials are the means of their runs in the market without a shock."""
    results = load_results("results", "s")
    margins = results.totals[results.totals["name"] == "contribution_margin"].set_index("key")["value"]
    jobs = results.jobs[~results.jobs["added"] & (results.jobs["shock"] == "none")]
    for row in found.trials.to_dict("records"):
        mine = jobs[np.all([jobs[lever] == row[lever] for lever in found.levers], axis=0)]
        keys = mine["key"].drop_duplicates()
        assert len(keys) == 2
        assert row["contribution_margin"] == pytest.approx(margins[keys].mean())


def _check_held_out(found) -> None:
    """The row of a scenario is the paired difference of the stored runs.

    A run's key is its settings, so a scenario that is the baseline in a shock has the key of that baseline.
    """
    results = load_results("results", "s_heldout")
    margins = results.totals[results.totals["name"] == "contribution_margin"]
    margins = margins.set_index(["scenario", "key"])["value"]

    def of(some):
        return margins[list(zip(some["scenario"], some["key"], strict=True))].to_numpy()

    jobs = results.jobs[~results.jobs["added"]].sort_values("replication")
    rows = found.differences.set_index("scenario")
    assert set(rows.index) == set(Sources.scenario_paths(market_sources())) - {"core_rules", "festival_week"}
    for name, shock in (("group_buy", "none"), ("downturn", "downturn")):
        theirs = jobs[(jobs["scenario"] == name) & jobs["shock"].isna()]
        chosen = jobs[(jobs["shock"] == shock) & jobs["pricing.list_level"].notna()]
        difference = paired_difference(of(chosen), of(theirs))
        assert rows.loc[name, ["difference", "low", "high"]].tolist() == pytest.approx(difference[:3])
        assert rows.loc[name, "low_all"] < rows.loc[name, "low"] or difference.low == difference.high
        assert rows.loc[name, "shock"] == shock


def _check_strategies(found, desk) -> None:
    """A strategy's file gives the configuration that its trial ran with."""
    folder = desk / "results/sweeps/s/strategies"
    assert sorted(path.stem for path in folder.iterdir()) == sorted(f"s_{n}" for n in found.front["trial"])
    (desk / "scenarios").mkdir(exist_ok=True)
    trial = int(found.front["trial"].iloc[0])
    (desk / "scenarios" / f"s_{trial}.yaml").write_text((folder / f"s_{trial}.yaml").read_text())
    config = compose([f"scenario=s_{trial}", *TINY, "engine=serial"])
    manifest = read("results", "s")
    strategy = found.strategy(trial)
    job = next(job for job in manifest.jobs if job.overrides == {**strategy, "shock": "none"})
    assert config.resolved == manifest.config(job).resolved
    (desk / "scenarios" / f"s_{trial}.yaml").unlink()


def test_the_page_names_the_best_once_and_its_file_runs_again(desk, capsys):
    """One name in sentences and tables; the file beside the page gives the trial's own figures."""
    assert sim.cli.main(["optimise", *words("engine=serial", "holdout=0")]) == 0
    capsys.readouterr()
    assert sim.cli.main(["report", "experiment=s"]) == 0
    page = Path(capsys.readouterr().out.splitlines()[-1].removeprefix("report: ")).read_text()
    found = load_optimisation("results", "s")
    trial = found.best("contribution_margin")
    assert f"Trial {trial} (best mean of contribution margin per day" in page
    assert f'scope="row">trial {trial}, shock none</th>' in page
    assert not re.search(r"point \d", page)
    (file,) = (desk / "results/reports").glob("*.yaml")
    assert file.stem == f"s_{trial}"  # as the search itself calls it
    (desk / "scenarios").mkdir()
    (desk / "scenarios" / file.name).write_text(file.read_text())
    (command,) = re.findall(rf"<code>liebian (run scenario={file.stem} .*?)</code>", page)
    again = [*shlex.split(html.unescape(command)), "engine=serial", "experiment.name=again"]
    assert sim.cli.main(again) == 0
    margins = load_results("results", "again").values(file.stem)["contribution_margin"]
    row = found.trials[found.trials["trial"] == trial].iloc[0]
    assert margins.mean() == pytest.approx(row["contribution_margin"], abs=1e-9)


@pytest.mark.parametrize(
    "engine",
    [
        ("engine=serial",),
        pytest.param(("engine=local", "engine.workers=2"), marks=pytest.mark.slow),
    ],
)
def test_a_search_killed_on_any_engine_ends_as_an_undisturbed_one_on_another(desk, engine):
    """The driver is killed without warning; a quiet process with one engine is the standard."""
    assert sim.cli.main(["optimise", *words("holdout=0", "engine=serial", "paths.results=quiet")]) == 0
    process = start(desk, "holdout=0", *engine)
    end = time.monotonic() + 120
    while runs_in(desk) < 11 and process.poll() is None:  # the first of two batches is told
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    process = start(desk, "holdout=0", *engine)
    _, errors = process.communicate(timeout=240)
    assert process.returncode == 0, errors
    first, second = (load_optimisation(root, "s") for root in ("quiet", "results"))
    assert first.trials.equals(second.trials)
    totals = [load_results(root, "s").totals for root in ("quiet", "results")]
    pd.testing.assert_frame_equal(*totals)


def test_a_combination_that_cannot_be_is_told_and_the_search_goes_on(desk, capsys):
    """Two shares of one whole that add up to more than 1 cannot be composed."""
    code = sim.cli.main([
        "optimise", "incentive.tier_split_subsidy=0.2,0.7", "incentive.tier_split_service=0.2,0.7",
        "incentive=three_tier", "objectives=[contribution_margin]", "trials=8", "holdout=0", *TINY,
        "engine=serial",
    ])  # fmt: skip
    assert code == 0
    trials = load_optimisation("results", "s").trials
    over = trials["incentive.tier_split_subsidy"] + trials["incentive.tier_split_service"] > 1
    assert over.any()
    assert (trials.loc[over, "state"] == "failed").all()
    assert (trials.loc[~over, "state"] == "complete").all()
    assert "tier_split" in trials.loc[over, "reason"].iloc[0]
    assert "failed: " in capsys.readouterr().out


def test_where_targets_are_never_met_together_a_slope_is_offered(desk, capsys):
    code = sim.cli.main(["optimise", *words("objectives=[targets_together]", "trials=1", "holdout=0",
                                            "engine=serial", "shocks=[none]")])  # fmt: skip
    assert code == 2  # shocks without downside
    assert "only 'downside' looks at them" in capsys.readouterr().err
    plain = [word for word in words("objectives=[targets_together]", "trials=1", "holdout=0", "engine=serial")
             if not word.startswith("shocks=")]  # fmt: skip
    assert sim.cli.main(["optimise", *plain]) == 0
    assert "targets_met" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "write what to search"),
        (["trials=5"], "there is nothing to search"),
        (words("objectives=[gain]"), "'gain' is no objective"),
        (words("group_buy"), "must be key=value"),
        (words("paths.results=/proc/nowhere"), "paths.results"),
    ],
)
def test_wrong_input_ends_with_2_and_leaves_nothing(desk, capsys, given, said):
    assert sim.cli.main(["optimise", *given]) == 2
    assert said in capsys.readouterr().err
    assert not any(desk.iterdir())


def test_without_optuna_one_line_says_what_to_install(desk, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    assert sim.cli.main(["optimise", *words()]) == 2
    assert capsys.readouterr().err.strip().splitlines() == [
        "liebian: optimise needs Optuna, which is not installed; run pip install -e '.[optimise]'"
    ]


def test_differences_are_paired_and_hold_one_by_one_and_together():
    draw = np.random.Generator(np.random.Philox(5))
    luck = draw.normal(0, 50, 12)
    mine = [
        {"contribution_margin": float(10 + x + e)} for x, e in zip(luck, draw.normal(0, 1, 12), strict=True)
    ]
    theirs = {name: [{"contribution_margin": float(x + k)} for x in luck] for k, name in enumerate("abc")}
    rows = compared(Measured({"none": mine}, [{}] * 12), theirs, dict.fromkeys("abc", "none"))
    assert [row["scenario"] for row in rows] == ["c", "b", "a"]  # the strongest rival on top
    for row in rows:
        change = [m["contribution_margin"] - t["contribution_margin"]
                  for m, t in zip(mine, theirs[row["scenario"]], strict=True)]  # fmt: skip
        interval = t_interval(np.array(change))
        assert (row["difference"], row["low"], row["high"]) == pytest.approx(interval[:3])
        assert row["low_all"] < row["low"] < row["high"] < row["high_all"]
        assert row["high"] - row["low"] < 5  # the luck of worlds is gone


def test_scenarios_meet_in_their_own_markets():
    request = Request.parse([*SEARCH, *TINY])
    found = opponents(request)
    assert found.shocks["downturn"] == "downturn"
    assert found.shocks["rider_shortage"] == "rider_shortage"
    assert found.shocks["group_buy"] == "none"
    assert list(found.skipped) == ["core_rules", "festival_week"]  # worlds of their own


def test_a_file_holds_the_scenario_it_builds_on_and_no_world():
    request = Request.parse(["scenario=private_domain,koc_pyramid", "pricing.list_level=0.9,1.0",
                            "membership.discount=0.1", "population.size=500"])  # fmt: skip
    text = strategy_file(request, {"scenario": "private_domain", "pricing.list_level": 0.9}, "x", "said")
    assert text.splitlines() == [
        "# liebian run scenario=x", "description: said", "private_domain: wecom", "membership.discount: 0.1",
        "pricing.list_level: 0.9",
    ]  # fmt: skip


def test_a_business_as_large_as_its_model_still_has_opponents():
    """A market of as many consumers as the model has by itself was once left out, and nobody was met."""
    request = Request.parse(["vary=[pricing.list_level]", "population.size=600", "market=20000"])
    assert {"baseline", "group_buy", "three_tier_referral"} <= set(opponents(request).shocks)


def test_where_nobody_can_be_met_nothing_is_compared():
    assert _named(None, Opponents({}, {"group_buy": "another world"}), None, None, market_sources()) == {}


@pytest.mark.parametrize(
    ("word", "strategy"),
    [("scenario=group_buy", True), ("incentive=flat_cash", True), ("pricing.list_level=0.9", True),
     ("population.size=500", False), ("population=small", False), ("experiment.days=3", False),
     ("engine=serial", False), ("choice.price=3", False), ("market=20000", False),
     ("budget=150000/month", False), ("business.capacity=80", False)],
)  # fmt: skip
def test_what_an_operator_chooses_is_told_from_what_the_world_is(word, strategy):
    assert is_strategy(word, market_sources()) is strategy
