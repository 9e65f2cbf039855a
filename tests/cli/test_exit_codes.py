"""What a script that calls ``liebian`` can rely on: 0 done, 1 a run failed, 2 wrong input, 130 interrupted.

Results go to standard output and everything else to standard error, whichever way it ends.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import sim.cli
from sim.core.errors import ConservationError, RunError, StoreError
from sim.runs import task
from sim.store.results import load_results
from tests.cli.tiny import fingerprint, tiny

ROOT = Path(__file__).parents[2]
GRAPHS = ROOT / "../shared/data/graphs"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException, scenario: str = "group_buy") -> None:
    """Let runs of one scenario fail."""
    real = task.run_replication

    def run(config, replication):
        if config.scenario == scenario:
            raise error
        return real(config, replication)

    monkeypatch.setattr(task, "run_replication", run)


def complaints(err: str) -> list[str]:
    """Lines that report a problem; what is told of a run that is in order is a note."""
    told = [line for line in err.splitlines() if line.startswith("liebian: ")]
    return [line for line in told if not line.startswith("liebian: note: ")]


def test_0_when_all_is_done(desk, capsys):
    assert sim.cli.main(tiny("run", "scenario=group_buy")) == 0
    told = capsys.readouterr()
    assert "group_buy" in told.out
    assert "report: results/reports/default.html" in told.out
    assert complaints(told.err) == []
    assert sim.cli.main(["report"]) == 0
    assert sim.cli.main(["list"]) == 0


def test_1_when_a_run_fails_and_the_others_are_kept(desk, monkeypatch, capsys, undrawn):
    with monkeypatch.context() as patch:
        failing(patch, ConservationError("ledger: 3 fen are missing from 'media'"))
        assert sim.cli.main(tiny("compare", "group_buy", "flat_cash_referral")) == 1
    told = capsys.readouterr()
    [line] = complaints(told.err)
    assert "group_buy, world 0: ledger: 3 fen are missing from 'media'" in line
    assert "Traceback" not in told.err
    assert load_results("results").scenarios == ["baseline", "flat_cash_referral"]
    [kept] = (desk / "results/errors").rglob("*.txt")
    assert "ConservationError" in kept.read_text()
    assert str(kept.relative_to(desk)) in line
    # The same command takes up what is missing, keeps what is there, and forgets the error.
    before = fingerprint(desk / "results/totals")
    assert sim.cli.main(tiny("compare", "group_buy", "flat_cash_referral")) == 0
    assert fingerprint(desk / "results/totals").items() >= before.items()
    assert load_results("results").scenarios == ["baseline", "flat_cash_referral", "group_buy"]
    assert not list((desk / "results/errors").rglob("*.txt"))


def test_1_when_nothing_could_be_run(desk, monkeypatch, capsys):
    failing(monkeypatch, RunError("burn-in: orders a day still moved"), scenario="baseline")
    assert sim.cli.main(tiny("run", "scenario=baseline")) == 1
    assert "still moved" in capsys.readouterr().err


def test_2_when_the_disk_fills_up(desk, monkeypatch, capsys):
    failing(
        monkeypatch,
        StoreError("paths.results: 'results' must be a folder that can be written (no space left)"),
    )
    assert sim.cli.main(tiny("run", "scenario=group_buy")) == 2
    told = capsys.readouterr().err
    assert "liebian: paths.results" in told
    assert "Traceback" not in told
    # where there is room for a line, `status` can say that the run failed instead of that it waits
    assert len(list((desk / "results/errors").rglob("*.txt"))) == 1


def test_130_when_interrupted(desk, monkeypatch, capsys):
    failing(monkeypatch, KeyboardInterrupt())
    assert sim.cli.main(tiny("run", "scenario=group_buy")) == 130
    lines = complaints(capsys.readouterr().err)
    assert lines == ["liebian: interrupted; finished runs are kept, the same command takes up the rest"]
    assert load_results("results").scenarios == ["baseline"]


def test_130_when_asked_to_end(desk, monkeypatch, capsys):
    """A job's time limit, or a shutdown: told in one line as Ctrl-C is."""
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr("sim.cli.commands.last", lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    assert sim.cli.main(["report"]) == 130
    lines = complaints(capsys.readouterr().err)
    assert lines == ["liebian: interrupted; finished runs are kept, the same command takes up the rest"]
    assert signal.getsignal(signal.SIGTERM) is before


def test_1_and_a_traceback_for_a_defect(desk, monkeypatch, capsys):
    monkeypatch.setattr("sim.cli.commands.last", lambda *_: 1 // 0)
    assert sim.cli.main(["report"]) == 1
    told = capsys.readouterr().err
    assert "Traceback" in told
    assert "liebian: a defect of liebian (ZeroDivisionError" in told.splitlines()[-1]


def test_a_reader_that_has_seen_enough_is_no_failure(desk):
    command = f"set -o pipefail; {sys.executable} -m sim list parameters | head -n 1"
    ran = subprocess.run(
        ["bash", "-c", command], cwd=desk, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert ran.stderr == ""
    assert ran.returncode == 0
    assert ran.stdout


@pytest.mark.parametrize(
    ("file", "people"), [("twitch_DE_edges.csv.gz", "9,498"), ("facebook_combined.txt.gz", "4,039")]
)
def test_a_report_says_which_real_network_it_was(file, people, desk, capsys):
    path = GRAPHS / file
    if not path.exists():
        pytest.skip(f"{path} is not there")
    assert sim.cli.main(tiny("run", "scenario=baseline", "graph=edge_list", f"graph.path={path}")) == 0
    line = f"real network {file}: {people} people"
    assert line in " ".join(capsys.readouterr().out.split())
    page = (desk / "results/reports/default.html").read_text()
    assert line in page
    assert str(path.parent) not in page
    results = load_results("results")
    info = results.details(results.runs["key"].iloc[0])["info"]
    assert info["consumers"] == int(people.replace(",", ""))
    assert info["graph"].startswith(line)
