"""A scenario from somebody else changes the market that is simulated and nothing else.

Every trick that a YAML file or a configuration library has ever been talked into is tried from
a user's own ``./scenarios`` folder: nothing runs, nothing is read or written elsewhere, and the
user reads one line that names the file.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import sim.cli
from tests.cli.tiny import fingerprint, tiny

SECRET = "a-word-that-must-not-be-read"
BOMB = "a: &a [x, x]\n" + "".join(
    f"{b}: &{b} [*{a}, *{a}, *{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)

#: Lines after the description -> what the user is told, the file's name aside.
EVIL = {
    "_target_: os.system\n": "key '_target_' is not allowed (configurations run no code)",
    "incentive: {_target_: os.system, command: touch pwned}\n": "key '_target_' is not allowed",
    "incentive.invite_reward: !!python/object/apply:os.system ['touch pwned']\n": "is not allowed; delete it",
    "incentive.invite_reward: !!python/name:os.system\n": "is not allowed; delete it",
    "incentive.invite_reward: !include /etc/passwd\n": "tag '!include' is not allowed",
    "hydra.run.dir: ../outside\n": "'hydra.run.dir' is not a key of the configuration",
    "hydra:\n  callbacks:\n    x: {_target_: os.system}\n": "",
    "hydra/launcher: joblib\n": "'hydra/launcher' is not a key of the configuration",
    "defaults: [/etc/passwd]\n": "a scenario cannot build on another ('defaults')",
    "scenario: ../../elsewhere\n": "a scenario cannot build on another ('scenario')",
    "incentive.design: ${oc.env:SECRET}\n": "must not contain '${'; write the value itself",
    "incentive.design: '${oc.decode:${oc.env:SECRET}}'\n": "must not contain '${'",
    "graph.path: /etc/passwd\n": "a scenario may not set 'graph.path'",
    "paths.results: ../outside\n": "a scenario may not set 'paths.results'",
    "paths: default\n": "a scenario may not set 'paths'",
    "engine.workers: 512\n": "a scenario may not set 'engine.workers'",
    "engine: serial\n": "a scenario may not set 'engine'",
    "experiment.replications: 100000\n": "a scenario may not set 'experiment.replications'",
    "experiment: thorough\n": "a scenario may not set 'experiment'",
    "incentive: ../../outside\n": "incentive: must name one of its options (you wrote '../../outside')",
    "incentive: /outside\n": "incentive: must name one of its options",
    "incentive@paths: none\n": "'incentive@paths' is not a key",
    "../paths.results: x\n": "'../paths.results' is not a key",
    "incentive.invite_reward: 5\nincentive.invite_reward: 6\n": "'incentive.invite_reward' is given twice",
    "incentive.invite_reward: .inf\n": "'.inf' is not a number; write a finite number",
    "incentive.invite_reward: 1e400\n": "is too large a number",
    "incentive.invite_reward: 0o17\n": "not a decimal number",
    "incentive.invite_reward: 12:30\n": "a number in base 60",
    "catalog: yes\n": "'yes' is true or false to YAML",
    "<<: {incentive.invite_reward: 5}\n": "'<<' has a meaning of its own to YAML",
    f"incentive.invite_reward: {'[' * 2000}\n": "",
    "incentive.invite_reward: 5\n---\nincentive: none\n": "must hold one document",
    "# @package paths\nresults: elsewhere\n": "'@package' is not allowed",
    BOMB: "",
    f"# {'x' * 70_000}\n": "must be at most 65536 bytes",
    "incentive.invite_reward: 5\x00\n": "not valid YAML",
    "incentive.invite_reward: \x1b[2J\n": "not valid YAML",
}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a ``scenarios`` folder, and a file outside it that is nobody's business."""
    (tmp_path / "outside.yaml").write_text(f"description: {SECRET}\n")
    work = tmp_path / "work"
    (work / "scenarios").mkdir(parents=True)
    monkeypatch.chdir(work)
    monkeypatch.setenv("SECRET", SECRET)
    return work


def refused(name: str, desk: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Run a scenario that must be refused; lines of the answer, once nothing is seen to have happened."""
    before, environment = fingerprint(desk.parent), dict(os.environ)
    code = sim.cli.main(tiny("run", f"scenario={name}"))
    told = capsys.readouterr()
    assert code == 2, told.err
    assert told.out == ""
    assert SECRET not in told.err
    lines = told.err.splitlines()
    assert lines
    assert all(line.startswith("liebian: ") for line in lines)
    assert fingerprint(desk.parent) == before
    assert dict(os.environ) == environment
    return lines


@pytest.mark.parametrize(("text", "says"), EVIL.items())
def test_a_borrowed_scenario_cannot_reach_out(text, says, desk, capsys):
    (desk / "scenarios/evil_trick.yaml").write_text(f"description: borrowed\n{text}")
    lines = refused("evil_trick", desk, capsys)
    if says:  # where several rules are broken at once, each has its line
        [line] = lines
        assert says in line
    assert "evil_trick.yaml" in lines[0] or lines[0].startswith("liebian: incentive: must name")


def test_listing_tells_which_scenario_cannot_be_read(desk, capsys):
    (desk / "scenarios/evil_trick.yaml").write_text("description: d\n_target_: os.system\n")
    (desk / "scenarios/evil_words.yaml").write_text("description: '\x85[bold red]markup[/bold red] ${x}'\n")
    assert sim.cli.main(["list", "scenarios"]) == 0
    told = capsys.readouterr()
    assert "cannot be read" in told.out
    assert "baseline" in told.out
    assert "\x1b[" not in told.out


def test_a_file_of_other_letters_is_refused(desk, capsys):
    (desk / "scenarios/evil_bytes.yaml").write_bytes("description: 列变\n".encode("gb18030"))
    [line] = refused("evil_bytes", desk, capsys)
    assert "scenarios/evil_bytes.yaml line 1: must be UTF-8 text" in line


def test_a_link_that_leads_out_is_refused(desk, capsys):
    (desk / "scenarios/evil_link.yaml").symlink_to(desk.parent / "outside.yaml")
    [line] = refused("evil_link", desk, capsys)
    assert "is a link that leads out of scenarios/; copy the file there instead" in line


def test_a_folder_or_a_pipe_in_place_of_a_file_is_refused(desk, capsys):
    (desk / "scenarios/evil_folder.yaml").mkdir()
    [line] = refused("evil_folder", desk, capsys)
    assert "is not a file" in line
    os.mkfifo(desk / "scenarios/evil_pipe.yaml")
    code = sim.cli.main(tiny("run", "scenario=evil_pipe"))
    assert code == 2
    assert "is not a file" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["../outside", "a/b", "..", "Evil", "evil.yaml", "evil\\x", "x" * 65])
def test_names_that_could_be_paths_are_refused(name, desk, capsys):
    [line] = refused(name, desk, capsys)
    assert "scenario" in line


def test_a_shipped_scenarios_name_cannot_be_taken(desk, capsys):
    (desk / "scenarios/baseline.yaml").write_text("description: not the real one\nincentive: flat_cash\n")
    [line] = refused("baseline", desk, capsys)
    assert "has a shipped scenario's name; rename your file" in line


def test_a_description_is_never_markup(desk, capsys, monkeypatch):
    monkeypatch.setattr("sim.report.html._figures", lambda _: {})  # they hold no words of a scenario
    (desk / "scenarios/borrowed.yaml").write_text(
        "description: <script>alert(1)</script><img src=x onerror=alert(2)> {{ 7 * 7 }} [red]x[/red]\n"
        "incentive: flat_cash\n"
    )
    assert sim.cli.main(tiny("run", "scenario=borrowed")) == 0, capsys.readouterr().err
    page = (desk / "results/reports/default.html").read_text()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "{{ 7 * 7 }}" in page
    assert not re.search(r"(src|href)\s*=\s*[\"']?https?:", page)
    assert sorted(path.name for path in desk.iterdir()) == ["results", "scenarios"]


def test_a_valid_borrowed_scenario_works_from_any_directory(desk, tmp_path):
    (desk / "scenarios/borrowed.yaml").write_text(
        "description: Mine\nincentive: flat_cash\nincentive.invite_reward: 7\n"
    )
    ran = subprocess.run(
        [sys.executable, "-P", "-m", "sim", *tiny("run", "scenario=borrowed")], cwd=desk, text=True,
        capture_output=True, check=False, env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert list((desk / "results/totals/experiment=default/scenario=borrowed").glob("*.parquet"))
    assert "Mine" in (desk / "results/reports/default.html").read_text()


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("autumn_sale", "there is no 'autumn_sale'; rename the file Autumn-Sale.yaml to autumn_sale.yaml"),
        ("Autumn-Sale", "rename the file, for instance to autumn_sale.yaml"),
        ("autumn", "there is no 'autumn'"),
    ],
)
def test_a_name_that_may_not_be_written_is_never_offered(word, says, tmp_path, monkeypatch, capsys):
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios/Autumn-Sale.yaml").write_text(
        "description: d\npricing.list_level: 0.9\n", encoding="utf-8"
    )
    monkeypatch.chdir(tmp_path)
    assert sim.cli.main(["run", f"scenario={word}"]) == 2
    told = capsys.readouterr().err
    assert says in told
    assert "choose one of: Autumn" not in told
    assert "did you mean 'Autumn-Sale'" not in told
