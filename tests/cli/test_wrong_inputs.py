# ruff: noqa: E501  (a command beside the line it must be answered with)
"""What users get wrong, through the real command line: one line that helps, and nothing is touched.

Each case is a command and what its one line on standard error must say: where (field or file),
the rule or the value, and the remedy. A folder of finished results lies there all the time.
"""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import pytest

import sim.cli
import sim.cli.commands
from tests.cli.tiny import fingerprint, tiny

REWARD = "incentive.invite_reward"
EDGES = ["graph=edge_list"]

#: Settings after ``liebian run`` -> what the line must say.
RUN = {
    # names of things that do not exist
    "scenario=three_teir_referral": ["scenario", "there is no 'three_teir_referral'", "did you mean 'three_tier_referral'?"],
    "scenario=../x": ["scenario", "a name is 1 to 64 of a-z, 0-9 and _ (you wrote '../x')", "choose one of: baseline"],
    "scenario=/etc/passwd": ["scenario", "(you wrote '/etc/passwd')", "choose one of: baseline"],
    "scenario=": ["scenario", "(you wrote '')", "choose one of"],
    "incentive=flat_csh": ["incentive", "there is no option 'flat_csh'", "did you mean 'flat_cash'?"],
    "incentive=../../secret": ["incentive", "(you wrote '../../secret')", "choose one of: flat_cash"],
    "incentive.invite_rewrd=3": ["incentive.invite_rewrd", "unknown key", "did you mean 'invite_reward'?"],
    "incentiv.invite_reward=3": ["incentiv", "unknown section", "did you mean 'incentive'?"],
    "invite_reward=3": ["invite_reward", "unknown section", "did you mean 'incentive.invite_reward'?"],
    # types
    f"{REWARD}=inf": [REWARD, "must be a finite number", "write a number"],
    f"{REWARD}=nan": [REWARD, "must be a finite number", "write a number"],
    f"{REWARD}=true": [REWARD, "must be a number within 0..200 CNY", "(you wrote true)", "write a plain number"],
    f'{REWARD}="5"': [REWARD, "must be a number", "(you wrote '5')", "without quotes"],
    f"{REWARD}=[5]": [REWARD, "must be a number", "the list [5]", "write a plain number"],
    f"{REWARD}=null": [REWARD, "must be a number", "nothing (null)", "write a plain number"],
    "population.size=many": ["population.size", "must be a whole number within 50..5,000,000", "(you wrote 'many')"],
    "population.size=300.5": ["population.size", "must be a whole number", "(you wrote 300.5)"],
    "experiment.days=2.5": ["experiment.days", "must be a whole number within 1..3,650 days", "(you wrote 2.5)"],
    "logistics.enabled=1": ["logistics.enabled", "must be true or false", "(you wrote 1)", "write true or false"],
    "engine.kind=ray": ["engine.kind", "must be one of its choices (you wrote 'ray')", "choose one of: serial, local"],
    "engine.kind=slurm": ["engine.kind", "a comparison runs on serial, local, dask (you wrote slurm)", "use 'liebian sweep'"],
    # ranges
    f"{REWARD}=-3": [REWARD, "must be 0..200 CNY", "(you wrote -3)"],
    "population.size=20": ["population.size", "must be 50..5,000,000 consumers", "(you wrote 20)"],
    "population.size=-300": ["population.size", "must be 50..5,000,000 consumers", "(you wrote -300)"],
    "population.silver_share=1.5": ["population.silver_share", "must be 0..1 share", "(you wrote 1.5)"],
    "experiment.replications=0": ["experiment.replications", "must be 1..100,000 worlds", "(you wrote 0)"],
    "experiment.seed=-1": ["experiment.seed", "must be 0..", "(you wrote -1)"],
    "experiment.days=0": ["experiment.days", "must be 1..3,650 days", "(you wrote 0)"],
    "experiment.burn_in_days=-1": ["experiment.burn_in_days", "must be 0..3,650 days", "(you wrote -1)"],
    "incentive.levels=3": ["incentive.levels", "must be 1..2 referral levels", "(you wrote 3)"],
    "engine.workers=-1": ["engine.workers", "must be 0..1,024 processes", "(you wrote -1)"],
    # combinations that cannot be
    "incentive=three_tier incentive.tier_split_subsidy=0.7 incentive.tier_split_service=0.7": [
        "incentive.tier_split_subsidy", "add up to at most 1 (you wrote 0.7 and 0.7)", "lower one of them"],
    "incentive=task_ladder incentive.task_first=0.8 incentive.task_second=0.3": ["incentive.task_first", "at most 1 (you wrote 0.8 and 0.3)", "lower one"],
    "population.silver_share=0.7 population.cyber_share=0.6": ["population.silver_share", "at most 1 (you wrote 0.7 and 0.6)", "lower one"],
    f"traffic.silver_hours={[1] * 23}".replace(" ", ""): ["traffic.silver_hours", "must hold 24 numbers", "(you wrote 23 numbers)", "one number an hour"],
    "logistics.frozen_room_litres_per_1000=0": ["logistics.frozen_room_litres_per_1000", "must be > 0", "frozen goods", "raise it"],
    "graph.mean_degree=160": ["population.size", "at least twice graph.mean_degree = 160 (you wrote 300)", "raise the size or lower the degree"],
    # the language of Hydra that one run has no use for
    "+x=1": ["+x=1", "'+' (add) is not allowed", "write it without '+'"],
    "~incentive": ["~incentive", "'~' (delete) is not allowed", "choose another option"],
    "~x=1": ["~x=1", "'~' (delete) is not allowed", "choose another option"],
    "hydra.run.dir=elsewhere": ["hydra.run.dir", "cannot be changed", "delete this"],
    f"{REWARD}=1,2": [REWARD, "one run takes one value", "run each value, or compare scenarios"],
    f"{REWARD}=range(1,3)": [REWARD, "one run takes one value", "run each value"],
    "experiment.name=${oc.env:HOME}": ["experiment.name", "'${' (interpolation) is not allowed", "write the value itself"],
    "incentive._target_=os.system": ["incentive._target_", "keys that begin with '_' are not allowed", "delete this"],
    "experiment.name=../outside": ["experiment.name", "must be 1 to 64 of a-z, 0-9 and _ (you wrote '../outside')", "write another text"],
    f"{REWARD}=5 {REWARD}=7": [REWARD, "must be given once (you wrote 5 and 7)", "delete all but one"],
    "scenario=baseline scenario=group_buy": ["scenario", "must be given once (you wrote baseline and group_buy)", "delete all but one"],
    "incentive=none incentive=flat_cash": ["incentive", "must be given once", "delete all but one"],
    "group_buy": ["'group_buy'", "a setting holds an equals sign", "write 'scenario=group_buy'"],
    "--fast": ["--fast", "unrecognized", "see 'liebian"],
    "paths.results=a\nb": ["paths.results", "must not hold control characters", "write printable text"],
    # networks
    "graph=edge_list": ["graph.path", "must name the edge list (you gave none)", "set graph.path=FILE"],
    "graph.path=ring.csv": ["graph.path", "read only with graph.kind edge_list or like (you wrote powerlaw_cluster)", "set graph=edge_list"],
    "graph=edge_list graph.path=missing.csv": ["missing.csv", "no such file", "check graph.path"],
    "graph=edge_list graph.path=folder.csv": ["folder.csv", "a directory", "name the file inside it"],
    "graph=edge_list graph.path=empty.csv": ["empty.csv", "an empty file", "check graph.path"],
    "graph=edge_list graph.path=comments.csv": ["comments.csv", "only comments", "check graph.path"],
    "graph=edge_list graph.path=lonely.csv": ["lonely.csv, line 3", "a tie needs two ids (found '7')", "separate them"],
    "graph=edge_list graph.path=negative.csv": ["negative.csv, line 2", "must not be negative (found '-2')", "renumber"],
    "graph=edge_list graph.path=loops.csv": ["loops.csv", "only self-loops", "check the file"],
    "graph=edge_list graph.path=binary.csv": ["binary.csv, line 1", "UTF-8 text (found byte 0x00)", "give text, CSV or TSV"],
    "graph=edge_list graph.path=torn.csv.gz": ["torn.csv.gz", "truncated or damaged", "fetch the file again"],
    "graph=edge_list graph.path=named.csv.gz": ["named.csv.gz", "must be gzip", "rename it"],
    "graph=edge_list graph.path=ring.csv graph.source=1": ["graph.target must be given too", "say graph.source=COLUMN graph.target=COLUMN"],
    "graph=edge_list graph.path=ring.csv graph.weight=3": ["ring.csv", "graph.weight must be a column beside the two ids", "name another column"],
    "graph=edge_list graph.path=ring.csv graph.encoding=klingon": ["graph.encoding", "must be a text encoding", "write utf-8, gb18030"],
    "graph=edge_list graph.path=ring.csv graph.format=excel": ["graph.format", "edge_list", "adjacency_list"],
    "graph.weight=w": ["graph.weight", "read only with graph.kind edge_list", "delete it"],
    "graph=edge_list graph.path=triangle.csv": ["triangle.csv", "at least 50 people (found 3)", "give a larger network"],
    "graph=edge_list graph.path=ring.csv population.size=400": ["population.size", "must equal the 300 people of ring.csv (you wrote 400)", "leave it to the file"],
    # folders
    "paths.results=ring.csv": ["paths.results: 'ring.csv'", "must be a folder that can be written", "choose another with paths.results=FOLDER"],
    "paths.results=ring.csv/below": ["paths.results: 'ring.csv/below'", "must be a folder", "choose another"],
    "paths.results=/proc/liebian": ["paths.results: '/proc/liebian'", "must be a folder that can be written", "choose another"],
    "paths.results=": ["paths.results", "must name a folder (you wrote '')", "write another text"],
    "paths.cache=ring.csv": ["paths.cache: 'ring.csv'", "must be a folder that can be written", "choose another with paths.cache=FOLDER"],
    "paths.cache=/proc/liebian": ["paths.cache: '/proc/liebian'", "must be a folder that can be written", "choose another"],
}  # fmt: skip

#: Whole commands -> what the line must say.
COMMANDS = {
    "": ["write a verb: ask, template, import, run, compare", "see 'liebian --help'"],
    "rnu": ["there is no verb 'rnu'", "did you mean 'run'?"],
    "scenario=baseline": ["stands where a verb should", "write 'liebian run scenario=baseline'"],
    "compare": ["name the scenarios to compare", "liebian compare baseline group_buy"],
    "compare scenario=group_buy": ["compare takes the names of scenarios alone", "write them without 'scenario='"],
    "compare baseline ../x": ["scenario", "(you wrote '../x')", "choose one of"],
    "compare baseline group_buy experiment.days=5 experiment.days=6": ["experiment.days", "given once (you wrote 5 and 6)", "delete all but one"],
    "report": ["paths.results: there is no folder 'results'", "run something first"],
    "report x=1": ["'x=1'", "report takes experiment="],
    "report experiment=never_run paths.results=done": ["no run of experiment 'never_run' in 'done'", "run something first"],
    "report paths.results=done paths.results=other": ["paths.results: must be given once", "delete all but one"],
    "robustness flat_cash_referral group_buy experiment.until=x": ["experiment.until: is for sweeps", "with robustness", "leave it out"],
    "reversals flat_cash_referral baseline engine=slurm engine.wait=false": ["engine.wait: must be true with reversals", "(you wrote false)", "leave it out"],
    "warmup experiment.until=x": ["experiment.until: is for sweeps", "with warmup", "leave it out"],
    "optimise experiment.until=x": ["experiment.until: is for sweeps", "with optimise", "leave it out"],
    "plan downturn group_buy": ["plan takes one scenario", "(you wrote downturn and group_buy)", "one after the other"],
    "plan downtrun": ["scenario: there is no 'downtrun'", "did you mean 'downturn'?"],
    "plan baseline calendar.start=2025-02-30": ["calendar.start", "must be a date", "(you wrote '2025-02-30')", "write 2025-05-05"],
    "list scenarois": ["there is nothing called 'scenarois'", "did you mean 'scenarios'?"],
    "list parameters incentives": ["no key, text, unit or source has 'incentives'", "did you mean the section 'incentive'?"],
    "list scenarios twice": ["'twice' is one word too many", "write 'liebian list parameters [QUERY]'"],
}  # fmt: skip


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working directory with one finished run in ``done`` and networks of every kind of wrong."""
    folder = tmp_path_factory.mktemp("desk")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert sim.cli.main(tiny("run", "paths.results=done", "paths.cache=done/cache")) == 0
    lines = "\n".join(f"{i},{(i + 1) % 300}" for i in range(300))
    files = {
        "ring.csv": lines.encode(), "empty.csv": b"", "comments.csv": b"# from,to\n", "loops.csv": b"1,1\n2,2\n",
        "lonely.csv": b"1,2\n2,3\n7\n", "negative.csv": b"1,2\n-2,3\n", "binary.csv": bytes(range(256)),
        "torn.csv.gz": gzip.compress(lines.encode())[:200], "named.csv.gz": b"1,2\n", "triangle.csv": b"1,2\n2,3\n3,1\n",
    }  # fmt: skip
    for name, content in files.items():
        (folder / name).write_bytes(content)
    (folder / "folder.csv").mkdir()
    return folder


def refused(words: list[str], says: list[str], desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Run a command that must be refused in one line and must change nothing."""
    before = fingerprint(desk)
    capsys.readouterr()
    code = sim.cli.main(words)
    told = capsys.readouterr()
    assert code == 2, told.err
    assert told.out == ""
    [line] = told.err.splitlines()
    assert line.startswith("liebian: ")
    assert len(line) < 700
    for words_of_line in says:
        assert words_of_line in line
    assert fingerprint(desk) == before


@pytest.mark.parametrize(("settings", "says"), RUN.items())
def test_a_wrong_setting_is_one_line(settings, says, desk, monkeypatch, capsys):
    monkeypatch.chdir(desk)
    words = [settings] if "\n" in settings else settings.split()
    folders = [f for f in ("paths.results=done", "paths.cache=done/cache") if f.split("=")[0] not in settings]
    refused(tiny("run", *words, *folders), says, desk, capsys)


@pytest.mark.parametrize(("command", "says"), COMMANDS.items())
def test_a_wrong_command_is_one_line(command, says, desk, monkeypatch, capsys):
    monkeypatch.chdir(desk)
    refused(command.split(), says, desk, capsys)


def test_every_problem_has_its_line(desk, monkeypatch, capsys):
    monkeypatch.chdir(desk)
    before = fingerprint(desk)
    wrong = ["+x=1", f"{REWARD}=-3", "population.size=many", "incentive.levles=2", "paths.results=done"]
    assert sim.cli.main(tiny("compare", "baseline", "no_such", *wrong)) == 2
    lines = capsys.readouterr().err.splitlines()
    assert all(line.startswith("liebian: ") for line in lines)
    for start in ("+x=1:", REWARD, "population.size", "incentive.levles", "scenario:"):
        assert sum(line.startswith(f"liebian: {start}") for line in lines) == 1, start
    assert len(lines) == 5
    assert fingerprint(desk) == before


def test_strategies_that_change_the_world_are_not_compared(desk, monkeypatch, capsys):
    (desk / "scenarios").mkdir(exist_ok=True)
    (desk / "scenarios/other_world.yaml").write_text(
        "description: More silver\npopulation.silver_share: 0.5\n"
    )
    monkeypatch.chdir(desk)
    says = [
        "population.silver_share",
        "must share their world (baseline: 0.3, other_world: 0.5)",
        "on the command line",
    ]
    folders = ["paths.results=done", "paths.cache=done/cache"]
    refused(tiny("compare", "baseline", "other_world", *folders), says, desk, capsys)
    refused(tiny("compare", "group_buy", "other_world", *folders), says[:1], desk, capsys)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ([], "baseline shares: population.silver_share=0.5 (world of other_world)"),
        (
            ["population=small"],
            "baseline shares: population=small",
        ),
        (["population.silver_share=0.4"], "baseline shares: population.silver_share=0.4"),
    ],
)
def test_a_scenario_with_a_world_of_its_own_says_that_the_baseline_stands_in_it(
    words, line, desk, monkeypatch
):
    (desk / "scenarios").mkdir(exist_ok=True)
    (desk / "scenarios/other_world.yaml").write_text(
        "description: More silver\npopulation.silver_share: 0.5\n"
    )
    monkeypatch.chdir(desk)
    (reference, mine), told = composed(["other_world"], words)
    assert reference.population.silver_share == mine.population.silver_share
    assert told == line


def composed(names, words):
    """What a comparison runs, and the line it opens with."""
    configs = sim.cli.commands._compose(names, words)
    return configs, sim.cli.commands._pairing(configs, words)


def test_a_message_cannot_command_the_terminal(desk, monkeypatch, capsys):
    monkeypatch.chdir(desk)
    assert sim.cli.main(["list", "\x1b[2Jx"]) == 2
    assert sim.cli.main(["run", "graph=edge_list", "graph.path=\x1b]0;x\x07.csv", "paths.results=done"]) == 2
    assert "\x1b" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["run", "scenario=nothing"], ["run", f"{REWARD}=-3"], ["run", "+x=1"], ["run", "~incentive"],
        ["run", "hydra.run.dir=elsewhere"], ["run", f"{REWARD}=1,2"], ["run", "graph.path=${oc.env:HOME}"],
        ["run", "graph=edge_list", "graph.path=torn.csv.gz"], ["run", "paths.results=ring.csv"],
        ["compare", "../x"], ["report", "paths.results=nowhere"], ["lsit"],
    ],
)  # fmt: skip
def test_the_installed_command_answers_alike(words, desk, tmp_path):
    before = fingerprint(desk)
    if "ring.csv" not in " ".join(words) and words[0] == "run":
        words = [*words, "paths.results=done"]
    ran = subprocess.run(
        [sys.executable, "-m", "sim", *words], cwd=desk, capture_output=True, text=True, check=False,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(__file__).parents[2]), "HOME": str(tmp_path)},
    )  # fmt: skip
    assert ran.returncode == 2, ran.stderr
    assert ran.stdout == ""
    [line] = ran.stderr.splitlines()
    assert line.startswith("liebian: ")
    assert "Traceback" not in ran.stderr
    assert fingerprint(desk) == before
