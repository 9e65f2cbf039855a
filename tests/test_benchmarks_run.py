"""Every benchmark runs: in its smallest form, with figures that a working one prints."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from benchmarks import (
    common_random_numbers,
    coverage,
    day,
    engines,
    estimators,
    faces,
    frameworks,
    history,
    parcels,
    procedures,
    run,
    scale,
    start,
    stations,
    store,
    uneven,
    versus,
)
from sim.config import compose, market_sources
from sim.registry import FEATURES

ROOT = Path(__file__).resolve().parents[1]
COLD = ("experiment.burn_in_days=0", "experiment.warmup_days=0")
#: What runs below or inside what runs below, by file.
COVERED = {
    "common_random_numbers", "coverage", "day", "engine", "engines", "estimators", "faces", "frameworks",
    "history", "parcels", "procedures", "run", "scale", "start", "stations", "store", "uneven", "versus",
}  # fmt: skip


def test_no_benchmark_is_forgotten_here():
    assert {path.stem for path in (ROOT / "benchmarks").glob("*.py")} - {"__init__"} == COVERED


def test_all_of_make_bench_in_its_small_form(capfd: pytest.CaptureFixture[str]):
    before = history.FILE.read_bytes(), history.PICTURE.read_bytes()
    run.main(["--small"])
    out = capfd.readouterr().out
    # the agent model, parcels, the station, sizes, a cached world and a large one all left a figure
    for figure in (
        r"ratio +\d", r"mesa +[\d.]+ ms +1\.0 times", r"liebian +[\d.]+ ms +\d",
        r"festival day: engine \d+ parcels", r"simpy +[\d,]+ customers",
        r"fixed cost of a day: [\d.]+ ms", r"where 600 consumers' day goes: \w", r"replication of 3 days",
        r"peak memory +0\.\d", "nothing is kept",
    ):  # fmt: skip
        assert re.search(figure, out), figure
    assert (history.FILE.read_bytes(), history.PICTURE.read_bytes()) == before


def test_engines_take_their_jobs_and_both_numbers_of_workers(capfd: pytest.CaptureFixture[str]):
    words = ["--jobs=4", "--seconds=0.005", "--pairs=1", "--block=4", "--engine", "serial", "local"]
    engines.main(words)
    out = capfd.readouterr().out
    assert "serial, 1 workers, 4 jobs" in out
    assert "local, 2 workers, 4 jobs" in out
    if engines.available_processors() > 1:
        assert re.search(r"two workers against one +[\d.]+ times", out)


def test_the_seconds_of_a_job_are_what_was_asked_for():
    """By the processor's own clock, which neighbours on the machine do not move; within a half."""
    rounds = engines.calibrated(0.2)
    found = engines.cost(engines.EngineParams(kind="serial"), 2, rounds)
    assert found.jobs == pytest.approx(0.4, rel=0.5)


def test_two_checkouts_take_turns(capfd: pytest.CaptureFixture[str]):
    versus.main([str(ROOT), "300", "--turns=1"])
    assert re.search(r"day +[\d.]+ +[\d.]+ +\d", capfd.readouterr().out)
    with pytest.raises(SystemExit):
        versus.main([str(ROOT / "docs"), "300"])


@pytest.mark.browser
def test_a_board_is_timed_until_it_can_be_used(capfd: pytest.CaptureFixture[str]):
    pytest.importorskip("playwright.sync_api", reason="needs the extra browser")
    if shutil.which("chromium") is None:
        pytest.skip("needs Chromium (Debian: apt-get install chromium)")
    faces.main(["--only", "board"])
    told = re.findall(r"^([a-z ]+): ([\d.]+) s, ([\d.]+) CPU s", capfd.readouterr().out, re.M)
    assert [name for name, _, _ in told] == ["yardstick", "board answers", "board ready"]
    (_, answers, _), (_, ready, cpu) = told[1:]
    assert 0 < float(answers) <= float(ready)
    assert float(cpu) > 0


def test_cpu_seconds_of_a_family_count_children():
    script = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'sum(range(20_000_000))'])"
    with subprocess.Popen([sys.executable, "-c", script + "; input()"], stdin=subprocess.PIPE) as process:
        began = time.monotonic()
        while (spent := faces.cpu(process.pid)) < 0.1 and time.monotonic() < began + 60:
            time.sleep(0.05)
        process.communicate(b"\n")
    assert spent >= 0.1


def test_starts_are_timed_and_unknown_names_refused(capfd: pytest.CaptureFixture[str]):
    start.main(["--only", "help", "--repeats=1"])
    assert re.fullmatch(r"help: [\d.]+ CPU s\n", capfd.readouterr().out)
    with pytest.raises(SystemExit):
        start.main(["--only", "lists"])
    assert "there is nothing called 'lists'" in capfd.readouterr().err


def test_markets_with_everything_uneven_or_every_system_take_turns_with_the_baseline(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(uneven, "parcels", lambda _: (2.0, 1.0, [0.5]))
    few = ("--turns=1", "--days=1", "--burn-in=1", "--settling=0", "--tiled-from=150", "--levels=-2.4,-1.8")
    uneven.main(["300", *few])
    out = capfd.readouterr().out
    for market in ("uneven", "all systems"):
        assert re.search(rf"\| 300 \| {market} \| [\d.]+ \| [\d.]+ \| [\d.]+ \(quartiles", out), out
    assert "ratio 0.50" in out


def test_all_systems_switch_on_every_feature_that_the_baseline_leaves_off():
    words = uneven.systems()
    config, usual = compose(words), compose([])
    sections = market_sources().sections
    off = {feature.section for feature in FEATURES if feature.section in sections and not feature.on(config)}
    assert off == set(uneven.REPLACED)
    assert sum(not feature.on(usual) and feature.on(config) for feature in FEATURES) > 30


def test_stores_are_filled_and_read(capfd: pytest.CaptureFixture[str], tmp_path: Path):
    store.main(["6", str(tmp_path)])
    out = capfd.readouterr().out
    assert "| store 6 runs |" in out
    assert "folded: `load_results`" in out


def test_procedures_and_coverage_print_their_tables(capfd: pytest.CaptureFixture[str], tmp_path: Path):
    procedures.main(["--repeats=3"])
    assert "stopping, nominal 95%" in capfd.readouterr().out
    made = np.random.default_rng(1).normal(size=(32, len(coverage.STRATEGIES), len(coverage.NAMES)))
    np.save(tmp_path / "worlds.npy", made)
    coverage.main(["--worlds=32", f"--file={tmp_path / 'worlds.npy'}"])
    assert "4 experiments of 8 worlds" in capfd.readouterr().out


def test_estimators_are_shown_and_their_cost_is_taken(capfd: pytest.CaptureFixture[str]):
    page = ROOT / "docs" / estimators.PAGE
    before = page.read_bytes()
    estimators.main(["3", "300", "--days=3", "--show"])
    assert capfd.readouterr().out.count("| figure |") == 2
    assert page.read_bytes() == before
    (found,) = estimators.cost([ROOT], consumers=300, rounds=1, days=2)
    assert found["day"] >= found["choice"] > 0


def test_common_random_numbers_run_and_are_read_back(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    name, pair = next(iter(common_random_numbers.CHANGES.items()))
    monkeypatch.setattr(common_random_numbers, "CHANGES", {name: pair})
    tiny = ("population.size=300", "experiment.days=3", *COLD, "experiment.replications=2", "engine=serial")
    common_random_numbers.main([*tiny, f"paths.results={tmp_path / 'r'}", f"paths.cache={tmp_path / 'c'}"])
    out = capfd.readouterr().out
    assert f"| indicator | {name} |" in out
    assert "| `revenue` |" in out


def test_a_child_s_memory_leaves_out_its_parent_s():
    held = np.ones(50_000_000)  # 400 MB, more than a market of 300 people takes
    assert held.nbytes <= day.peak_bytes()
    assert 5e7 < scale.measured(300, days=1).peak < held.nbytes


def test_frameworks_that_live_other_rules_are_told(monkeypatch: pytest.MonkeyPatch):
    one = frameworks.Day(0.1, visits=100.0, orders=30.0, days=20)
    assert frameworks.same_law(one, one._replace(visits=104.0, orders=28.0))  # two standard errors
    assert not frameworks.same_law(one, one._replace(visits=150.0))
    assert not frameworks.same_law(one, one._replace(orders=60.0))
    days = iter([one, one._replace(orders=60.0)])
    monkeypatch.setattr(frameworks, "lived", lambda *_: next(days))
    monkeypatch.setattr(frameworks, "FILES", {"mesa": "in_mesa", "liebian": "in_kernels"})
    with pytest.raises(RuntimeError, match="liebian: other visits or orders than in mesa"):
        frameworks.measured(1_000, 20, {})


def test_what_is_not_installed_is_named_and_what_fails_is_told(monkeypatch: pytest.MonkeyPatch):
    one = frameworks.Day(0.1, 100.0, 30.0, 20)
    assert "  starsim: not installed, left out" in frameworks.table(1_000, {"mesa": one})
    with pytest.raises(RuntimeError, match=r"in_nothing: .*No module named"):
        frameworks.lived("in_nothing", 10, 1)
    with pytest.raises(SystemExit):
        frameworks.main(["--python", "polars=python"])


def test_parts_of_make_bench_run_by_themselves(capfd: pytest.CaptureFixture[str], tmp_path: Path):
    stations.main(["500"])
    parcels.main(run.SMALL.parcels)
    history.main([str(history.FILE), str(tmp_path / "drawn.svg")])
    assert (tmp_path / "drawn.svg").stat().st_size > 1000
    assert "one process per parcel" in capfd.readouterr().out
