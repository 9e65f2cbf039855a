"""Keys that were nearly right, mistakes before a verb is known, and intervals of what cannot be below 0."""

from __future__ import annotations

import json
import re

import jsonschema
import numpy as np
import pytest
from rich.console import Console

from sim.cli import main
from sim.cli.calibrate import _table
from sim.studies.calibrate.fit import Round
from sim.studies.calibrate.study import FITTED, Calibration
from sim.studies.fidelity.study import judge, wanted
from tests.cli.tiny import SCHEMA


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("robustness baseline group_buy drws=3", "draws"),
        ("optimise vary=[incentive.invite_reward] trails=2", "trials"),
        ("sensitivity scenario=baseline trajectorie=3", "trajectories"),
        ("plan baseline buget=5/month", "budget"),
        ("plan baseline capcity=5/day", "capacity"),
    ],
)
def test_a_key_of_the_verb_is_what_was_meant(words, meant, capsys):
    assert main(words.split()) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.endswith(f"there is no such key; did you mean '{meant}'?")


def test_a_key_of_another_verb_is_not_offered(capsys):
    assert main(["plan", "baseline", "drws=3"]) == 2
    assert "draws" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        "--log-file no/such/folder/x.log list",
        "plan --log-file",
        "language=fr list",
        "language=en language=zh list",
    ],
)
def test_a_program_gets_a_document_of_mistakes_before_the_verb(words, capsys):
    assert main(["--json", *words.split()]) == 2
    found = json.loads(capsys.readouterr().out)
    jsonschema.validate(found, SCHEMA, jsonschema.Draft202012Validator)
    assert found["exit_code"] == 2
    assert len(found["problems"]) == 1


@pytest.mark.parametrize("words", ["bundle --check missing.zip", "bundle --check ."])
def test_a_bundle_that_is_not_there_is_told_in_words(words, capsys):
    assert main(words.split()) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "Errno" not in line
    assert line.count(words.split()[-1]) >= 1


def test_fresh_worlds_of_a_calibration_have_no_impossible_shares(capsys):
    spread = np.array([[0.001] * len(FITTED), [0.999] * len(FITTED)])  # t interval of two: far beyond 0 and 1
    point = Round(np.zeros(len(FITTED)), np.array([[one.stated for one in FITTED]]))
    words = tuple(f"media.x{n}=1" for n in range(len(FITTED)))
    console = Console(width=240, record=True, quiet=False)
    console.print(_table(Calibration(FITTED, (point,), point, spread, words)))
    told = re.findall(r"\((-?[\d.]+)(%?) to (-?[\d.]+)%?\)", console.export_text())
    assert len(told) == len(FITTED)
    for low, share, high in told:
        assert float(low) >= 0
        assert not share or float(high) <= 100


def test_days_and_changes_of_the_plan_have_no_impossible_intervals():
    least = {"share": 0.0, "days": 0.0, "change": -1.0}
    found = judge([np.full((len(wanted()), 2), one) for one in (0.001, 0.999)])
    seen = {row.figure.unit: row.simulated.low for row in found if row.figure.unit in least}
    assert {"share", "days"} <= set(seen)
    assert all(low >= least[unit] for unit, low in seen.items())
