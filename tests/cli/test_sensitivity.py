"""The verb ``sensitivity``: mistakes told first, a study that can be killed, and tables that tell it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pandas as pd
import pytest

import sim.cli
from sim.core.errors import StoreError
from sim.store.results import load_results
from sim.studies.sensitivity.stored import load_sensitivity
from tests.cli.tiny import SCHEMA, fingerprint, tiny
from tests.conftest import LIVELY

ROOT = Path(__file__).parents[2]
WORDS = (
    "scenario=baseline,flat_cash_referral", "vary=[sharing.invite_gain,population.needs_per_day]",
    "trajectories=3",
    "experiment.replications=2", "experiment.seed=3", "by=revenue", "population.size=200",
    *(word for word in LIVELY if not word.startswith("population.")),
)  # fmt: skip


def words(folder: Path, *more: str) -> list[str]:
    said = {word.partition("=")[0] for word in more}
    kept = [word for word in WORDS if word.partition("=")[0] not in said]
    return tiny("sensitivity", *kept, *more, f"paths.results={folder}", f"paths.cache={folder / 'cache'}")


@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        ("scenario=nowhere", "nowhere"),
        ("scenario=baseline,baseline", "each value once"),
        ("vary=[fruad]", "vary: 'fruad' names no uncertainty"),
        ("vary=[incentive.invite_reward]", "names no uncertainty"),
        ("trajectories=1", "trajectories: must be a whole number, 2..1,000 (you wrote '1')"),
        ("trajectories=many", "write trajectories=10"),
        ("then=fast", "then: must be sobol"),
        ("samples=64", "samples: belongs to the indices after Sobol; add then=sobol or delete it"),
        ("then=sobol samples=60", "samples: must be a power of two (you wrote 60); write samples=32"),
        ("then=sobol top=0", "top: must be a whole number, 1..50"),
        ("then=sobol second_order=yes", "second_order: must be on or off"),
        ("by=nothing", "by: there is no figure 'nothing'"),
        ("by=all_in_spend", "by: neither more nor less of 'all_in_spend' is better"),
        ("kpis=[nothing]", "kpis: there is no figure 'nothing'"),
        ("experiment.replications=1", "luck cannot be told from an effect"),
        ("incentive.invite_reward=1,2", "must have one value in a study of sensitivity"),
        ("design=lhs", "design"),
        ("fraud.penalty=-3", "fraud.penalty must be"),
        ("sharing.invite_gain=0.02 population.needs_per_day=0.1", "nothing varies"),
        ("trajectories=1000 experiment.replications=100", "at most 100,000 runs"),
    ],
)
def test_mistakes_are_lines_with_exit_code_2(wrong, line, tmp_path, capsys):
    assert sim.cli.main(words(tmp_path / "r", *wrong.split())) == 2
    shown = capsys.readouterr()
    assert line in shown.err
    assert all(one.startswith("liebian: ") for one in shown.err.splitlines())
    assert not list(tmp_path.iterdir())


def test_without_anything_an_example_is_told(capsys):
    assert sim.cli.main(["sensitivity"]) == 2
    assert "liebian sensitivity scenario=" in capsys.readouterr().err


def test_without_salib_the_remedy_is_told(tmp_path, monkeypatch, capsys):
    for name in [name for name in sys.modules if name.partition(".")[0] == "SALib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "SALib", None)
    assert sim.cli.main(words(tmp_path / "r")) == 2
    told = capsys.readouterr().err.splitlines()
    assert told == [
        "liebian: sensitivity needs SALib, which is not installed; write: pip install -e '.[optimise]'"
    ]


def test_a_dry_run_runs_and_writes_nothing(tmp_path, capsys):
    assert sim.cli.main([*words(tmp_path / "r", "then=sobol", "samples=8"), "--dry-run"]) == 0
    said = capsys.readouterr().out
    # some of the nine points are the same and share their runs
    assert "9 points in 2 worlds each: 28 runs" in said
    assert "up to 32 points" in said
    assert not list(tmp_path.iterdir())


def made(folder: Path) -> set[str]:
    return {path.stem for path in (folder / "totals").rglob("*.parquet")}


def test_a_killed_study_is_taken_up_and_tells_the_same(tmp_path):
    calm, wild = tmp_path / "calm", tmp_path / "wild"
    assert sim.cli.main(words(calm, "population.size=100")) == 0
    study = load_sensitivity(calm, "default")
    killed = subprocess.Popen(
        [sys.executable, "-m", "sim", *words(wild, "population.size=100")], cwd=tmp_path,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    end = time.monotonic() + 120
    while len(made(wild)) < 5 and killed.poll() is None and time.monotonic() < end:
        time.sleep(0.01)
    killed.kill()
    killed.wait()
    kept = fingerprint(wild / "totals")
    assert 5 <= len(made(wild)) < len(made(calm))
    assert not (wild / "search").exists()

    assert sim.cli.main(words(wild, "population.size=100")) == 0
    now = fingerprint(wild / "totals")
    finished = {file: mark for file, mark in kept.items() if file.endswith(".parquet")}
    assert finished.items() <= now.items()  # finished runs were not made again
    assert made(wild) == made(calm)
    again = load_sensitivity(wild, "default")
    for name in ("screening", "best", "deciders", "spreads"):
        pd.testing.assert_frame_equal(getattr(study, name), getattr(again, name), check_exact=True)
    assert set(study.screening["scenario"]) == {
        "baseline", "flat_cash_referral", "flat_cash_referral - baseline",
    }  # fmt: skip
    jobs = load_results(wild).jobs
    assert jobs["done"].all()
    assert not jobs.duplicated(["scenario", "key"]).any()


def test_what_matters_is_looked_at_closer(tmp_path, capsys):
    # without a room, whose sales of two days are luck beside which needs are not seen
    more = ("scenario=baseline", "then=sobol", "samples=4", "top=1", "sessions=none")
    assert sim.cli.main(words(tmp_path, *more)) == 0
    out = capsys.readouterr().out
    assert sim.cli.main(["--json", *words(tmp_path, *more)]) == 0  # nothing is run again
    document = json.loads(capsys.readouterr().out)
    jsonschema.validate(document, SCHEMA, jsonschema.Draft202012Validator)
    study = load_sensitivity(tmp_path, "default")
    assert len(document["data"]["screening"]) == len(study.screening)
    assert len(document["data"]["sobol"]) == len(study.sobol) > 0
    study = load_sensitivity(tmp_path, "default")
    # nobody is paid for inviting under the baseline; needs move what this lively market earns
    needs = study.screening.query("parameter == 'population.needs_per_day' and kpi == 'revenue'")
    assert needs["above_noise"].tolist() == [True]
    assert (needs["mu"] > 0).all()
    assert study.design["points"] == {"screening": 9, "sobol": 12}
    assert study.sobol["parameter"].unique().tolist() == ["population.needs_per_day", "dummy"]
    assert study.best[["scenario", "wins", "n"]].to_numpy().tolist() == [["baseline", 8, 8]]
    assert "What moves each figure" in out
    assert "Share of each figure's variance: indices over 12 points" in out
    assert "Which strategy is best by revenue" in out


def test_an_unread_or_missing_study_is_told(tmp_path):
    with pytest.raises(StoreError, match="no study of sensitivity 'x'"):
        load_sensitivity(tmp_path, "x")
    with pytest.raises(StoreError, match="experiment: must be"):
        load_sensitivity(tmp_path, "../x")
    (tmp_path / "search/x").mkdir(parents=True)
    (tmp_path / "search/x/sensitivity.json").write_text("{")
    with pytest.raises(StoreError, match="no readable study"):
        load_sensitivity(tmp_path, "x")
