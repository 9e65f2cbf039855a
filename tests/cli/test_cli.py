"""What a user types and reads: verbs, mistakes, exit codes, scorecards."""

import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

import sim.cli
from sim.cli import asked, commands
from sim.core.errors import ConfigError, StoreError
from sim.store.results import load_results
from tests.report.synthetic import CONFIG, fake_run

ROOT = Path(__file__).parents[2]
LIFTS = {"baseline": 0.0, "coupon": 0.05, "group_buy": -0.05}


@pytest.fixture
def market(tmp_path, monkeypatch):
    """A command line whose market is made of drawn events."""
    seen = SimpleNamespace(settings=None, runs=0, fail=None, folder=tmp_path / "results")

    def compose(scenarios, settings):
        seen.settings = settings
        names = list(dict.fromkeys(["baseline", *scenarios]))
        unknown = [name for name in names if name not in LIFTS]
        if unknown:
            raise ConfigError([f"scenario: there is no '{name}'" for name in unknown])
        return [
            SimpleNamespace(
                scenario=name,
                population=SimpleNamespace(size=1000),
                logistics=SimpleNamespace(enabled=False),
                graph=SimpleNamespace(kind="powerlaw_cluster"),
                paths=SimpleNamespace(results=str(seen.folder)),
                experiment=SimpleNamespace(name="trial", replications=2, first_replication=0),
                engine=SimpleNamespace(kind="serial"),
                store=SimpleNamespace(level="auto"),
                business=SimpleNamespace(stated=False),
                resolved=CONFIG,
            )
            for name in names
        ]

    def run_many(configs, replications, engine, store, on_result):
        for replication in range(replications):
            for config in configs:
                seen.runs += 1
                if seen.fail and seen.runs == 2:
                    raise seen.fail
                run = fake_run(config.scenario, replication, LIFTS[config.scenario])
                store.write(run, config)
                on_result(config.scenario, replication, run.info["key"])
                yield run.info["key"]

    def quick(comparison):
        page = comparison.results.root / "reports" / "trial.html"
        page.parent.mkdir(exist_ok=True)
        page.write_text(" ".join(comparison.scenarios))
        return page

    monkeypatch.setattr("sim.report.html.write_report", quick)
    monkeypatch.setattr("sim.report.answer.page.beside", lambda _, page: page.with_name("answer.html"))
    monkeypatch.setattr(commands, "_compose", compose)
    for module in (commands, asked):
        monkeypatch.setattr(
            module,
            "key_of",
            lambda config, world: fake_run(config.scenario, world, LIFTS[config.scenario]).info["key"],
        )
    monkeypatch.setattr(commands, "_pairing", lambda *_: "")
    monkeypatch.setattr(commands, "_run_many", lambda: run_many)
    return seen


def test_run_shows_the_first_world_then_all(market, capsys, monkeypatch):
    # these worlds win users for some tens of CNY, so that one target is met and others are missed
    monkeypatch.setitem(CONFIG, "targets", {"acquisition_cost": 1000.0})
    assert sim.cli.main(["run", "scenario=coupon", "pricing.coupon=5"]) == 0
    shown = capsys.readouterr()
    assert market.settings == ["pricing.coupon=5"]
    first, rest = shown.out.split("first world, more to come")[0], shown.out.split("more to come")[1]
    assert "coupon" in first
    assert "coupon: 2 worlds, 40 days" in rest
    for words in (
        "Organic traffic share",
        "95% interval",
        "✓ met",
        "✗ missed",
        "All targets together",
        "report: ",
    ):
        assert words in rest
    assert "[4/4]" in shown.err
    assert load_results(market.folder).scenarios == ["baseline", "coupon"]
    assert list((market.folder / "reports").glob("*.html"))


def test_compare_shows_scenarios_across_and_paired_differences(market, capsys):
    assert sim.cli.main(["compare", "coupon", "group_buy"]) == 0
    out = capsys.readouterr().out
    header = next(line for line in out.splitlines() if "baseline" in line and "group buy" in line)
    assert header.index("baseline") < header.index("coupon") < header.index("group buy")
    assert "All together" in out
    assert "Difference from the baseline on the same worlds" in out
    assert "All-in spend" in out


def test_report_is_rebuilt_from_the_store(market, capsys):
    sim.cli.main(["compare", "coupon"])
    (path,) = (market.folder / "reports").glob("*.html")
    before = path.read_bytes()
    path.unlink()
    assert sim.cli.main(["report", f"paths.results={market.folder}", "experiment=trial"]) == 0
    assert path.read_bytes() == before
    assert str(path) in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "write a verb"),
        (["comprae"], "did you mean 'compare'?"),
        (["scenario=coupon"], "liebian run scenario=coupon"),
        (["run", "coupon"], "write 'scenario=coupon'"),
        (["run", "--fast"], "--fast"),
        (["compare"], "name the scenarios"),
        (["compare", "scenario=coupon"], "without 'scenario='"),
        (["compare", "nothing", "neither"], "there is no 'neither'"),
        (["report", "paths.results=/nowhere/at/all"], "there is no folder"),
        (["report", "experiments=x"], "report takes"),
        (["list", "scenarois"], "did you mean 'scenarios'?"),
    ],
)
def test_mistakes_are_lines_with_exit_code_2(market, capsys, words, says):
    assert sim.cli.main(words) == 2
    shown = capsys.readouterr()
    assert says in shown.err
    assert shown.out == ""
    assert all(line.startswith("liebian: ") for line in shown.err.splitlines())
    assert market.runs == 0


def test_two_mistakes_are_two_lines(market, capsys):
    assert sim.cli.main(["compare", "nothing", "neither"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_results_that_cannot_be_written_are_told_before_simulating(market, capsys):
    market.folder.write_text("occupied")
    assert sim.cli.main(["run", "scenario=coupon"]) == 2
    assert "paths.results" in capsys.readouterr().err
    assert market.runs == 0


def test_a_run_that_breaks_leaves_its_traceback_and_exit_code_1(market, capsys):
    market.fail = ZeroDivisionError("stock went below zero")
    assert sim.cli.main(["run", "scenario=coupon"]) == 1
    err = capsys.readouterr().err
    (line,) = [line for line in err.splitlines() if line.startswith("liebian: ") and "note:" not in line]
    assert "stock went below zero" in line
    assert "Traceback" not in err
    (path,) = (market.folder / "errors").rglob("*.txt")
    assert "ZeroDivisionError" in path.read_text()


def test_a_full_disk_is_the_users_problem_to_solve(market, capsys):
    market.fail = StoreError("paths.results: no space left")
    assert sim.cli.main(["run", "scenario=coupon"]) == 2
    assert "no space left" in capsys.readouterr().err


def test_interruption_ends_cleanly(market, capsys):
    market.fail = KeyboardInterrupt()
    assert sim.cli.main(["run", "scenario=coupon"]) == 130
    assert "Traceback" not in capsys.readouterr().err


def test_help_is_quick_and_imports_nothing_heavy():
    script = (
        "import sys, time, sim.cli\n"
        "code = sim.cli.main(['--help'])\n"
        "heavy = set('numpy pandas pyarrow matplotlib mesa numba rich hydra'.split()) & set(sys.modules)\n"
        "print('cpu', time.process_time()); assert not heavy, heavy; sys.exit(code)"
    )
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "liebian compare" in done.stdout
    assert float(done.stdout.split()[-1]) < 0.5
    assert time.perf_counter() - began < 20


def test_matplotlib_waits_for_a_report():
    script = "import sys; from sim.cli import commands; assert 'matplotlib' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize(
    ("module", "needless"),
    [
        ("sim.cli.commands", "duckdb matplotlib networkx hydra dask optuna"),
        ("sim.runs.engines.local", "duckdb pandas matplotlib networkx hydra dask optuna rich jinja2"),
        ("sim.runs.plan", "duckdb pandas matplotlib networkx hydra dask optuna rich jinja2 scipy.stats"),
    ],
    ids=["run", "worker", "plan"],
)
def test_a_verb_imports_what_it_needs(module, needless):
    """Neither a run, nor a worker process, nor a plan pays for tables, pictures and queries in advance."""
    script = (
        f"import sys, {module}\n"
        "waits = lambda name: type(sys.modules.get(name)).__name__ in ('NoneType', 'DeferredModule')\n"
        f"print(*[name for name in '{needless}'.split() if not waits(name)])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


def test_version(capsys):
    assert sim.cli.main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("liebian ")
