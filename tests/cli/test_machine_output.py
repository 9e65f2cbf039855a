"""What programs read: one document that keeps to its schema, quiet commands, logs, and searches."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import pytest

from sim.cli.entry import main
from sim.cli.listing import chosen
from sim.cli.session import plain
from sim.config import assumptions_table, market_sources
from sim.core.errors import InputError
from sim.store.results import load_results
from sim.studies.calibrate.fit import Round
from sim.studies.calibrate.study import FITTED, Calibration
from sim.studies.robustness.study import run_study
from tests.cli.tiny import SCHEMA, tiny
from tests.docs.pages import ROOT, blocks
from tests.studies.test_robustness import PAIR, fake_make, settings_for

RUN = tiny("run", "scenario=group_buy")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A working folder that the commands of this file share."""
    return tmp_path_factory.mktemp("machine")


@pytest.fixture
def told(folder, monkeypatch, capsys):
    """Run a command with ``--json``: exit code and document, valid."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr("sim.report.html._figures", lambda _: {})

    def run(*words):
        capsys.readouterr()
        code = main(["--json", *words])
        found = json.loads(capsys.readouterr().out)
        jsonschema.validate(found, SCHEMA, jsonschema.Draft202012Validator)
        assert found["exit_code"] == code
        return code, found

    return run


def test_the_schema_is_one_and_refuses_other_documents():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    for wrong in ({}, {"format": 1}, {"verb": "run"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, SCHEMA)


def test_a_run_in_numbers(told, folder):
    code, found = told(*RUN)
    assert code == 0
    assert found["tables"][0]["title"].startswith("group_buy: 1 world,")
    data, stored = found["data"], load_results("results")
    assert data["strategies"] == ["baseline", "group_buy"]
    values = stored.values("group_buy").iloc[0]
    for name, level in data["levels"]["group_buy"].items():
        assert level["value"] == (pytest.approx(values[name]) if np.isfinite(values[name]) else None)
    assert Path(data["reports"][0]).is_file()
    _, again = told("report")
    assert again["data"]["scorecards"] == data["scorecards"]


def test_a_sweep_and_how_far_it_is(told):
    words = tiny("sweep", "scenario=baseline", "pricing.list_level=0.9,1", "experiment.name=prices")
    _, dry = told(*words, "--dry-run")
    assert dry["lines"][-1] == "nothing was run or written"
    _, found = told(*words)
    assert {job["key"] for job in found["data"]["jobs"]} == set(load_results("results", "prices").jobs["key"])
    _, status = told("status", "experiment=prices")
    [sweep] = status["data"]["sweeps"]
    assert len(sweep["done"]) == len(set(sweep["done"])) == 2
    assert sweep["failed"] == sweep["waiting"] == []


def test_a_sweep_is_executed_and_folded(told):
    words = tiny("sweep", "scenario=baseline", "pricing.list_level=0.9", "experiment.name=one")
    told(*words)
    _, found = told("execute", "experiment=one")
    keys = {job["key"] for job in load_results("results", "one").jobs.to_dict("records")}
    assert set(found["data"]["keys"]) == keys
    assert found["data"]["failed"] == 0
    _, found = told("compact", "experiment=one")
    assert found["data"]["runs"] == len(keys)
    assert found["data"]["removed"] >= found["data"]["written"] > 0


def test_a_warm_up(told):
    words = ("population.size=100", "experiment.replications=1", "experiment.burn_in_days=20", "days=60")
    _, found = told("warmup", *words, "engine=serial")
    assert (found["data"]["days"], found["data"]["burn_in"], found["data"]["worlds"]) == (60, 20, 1)
    assert sum(map(len, found["data"]["verdicts"].values())) > 3
    assert Path(found["data"]["reports"][0]).is_file()


def test_a_study_of_robustness(told, monkeypatch):
    monkeypatch.setattr("sim.cli.robustness.run_study", lambda p, s, tell: run_study(p, s, tell, fake_make))
    _, found = told("robustness", *PAIR, "draws=6", *settings_for(Path.cwd()))
    data = found["data"]
    assert data["draws"] == data["planned"] == 6
    assert all(len(draws) == 6 for draws in data["differences"].values())
    assert len(data["values"]) > 1


def test_a_calibration_to_the_plan(told, monkeypatch):
    point = Round(np.zeros(len(FITTED)), np.array([[one.stated for one in FITTED]]))
    made = Calibration(FITTED, (point,), point, None, ("media.x=1",))
    monkeypatch.setattr("sim.cli.calibrate.calibrate", lambda *_, **__: made)
    monkeypatch.setattr("sim.cli.calibrate._table", lambda _: "")
    code, found = told("calibrate", *tiny("x")[1:])
    assert code == 0
    assert found["data"]["met"]
    assert [row["level"] for row in found["data"]["figures"]] == [one.stated for one in FITTED]


@pytest.mark.slow
def test_a_selection(told):
    words = tiny("select", "scenario=baseline,group_buy", "by=add_to_cart_rate", "zone=0.5")
    words = [word for word in words if not word.startswith("experiment.replications")]
    code, found = told(*words, "experiment.name=best", "experiment.most_replications=20")
    assert code == 0
    assert found["data"]["winner"] in found["data"]["strategies"]
    assert len(found["data"]["values"]) == 2


@pytest.mark.parametrize("topic", ["scenarios", "sections", "rules", "parameters"])
def test_lists(told, topic):
    _, found = told("list", topic)
    if topic == "rules":
        kinds = found["data"]["rules"]
        assert [kind["kind"] for kind in kinds] == [table["title"] for table in found["tables"]]
        told_rows = [list(part.values()) for kind in kinds for part in kind["parts"]]
        assert told_rows == [row for table in found["tables"] for row in table["rows"]]
        return
    keys = {
        "scenarios": set(market_sources().scenario_paths()),
        "sections": set(market_sources().sections),
        "parameters": {row.path for row in assumptions_table(market_sources().sections)},
    }[topic]
    data = found["data"][topic]
    assert {row["path"] for row in data} == keys if topic == "parameters" else set(data) == keys


def test_a_plan(told):
    _, found = told("plan", "downturn", "start=2026-03-01", "market=40000")
    assert found["data"]["first_day"] == "2026-03-01"
    assert found["data"]["settings"]["business"]["market"] == 40_000
    days = next(table for table in found["tables"] if table["title"] == "Days")
    assert days["columns"][0] == "Stage"
    assert days["rows"][-1][0] == "measured"


@pytest.mark.parametrize("words", [["run", "no.such=1"], ["fly"], [], ["list", "parameters", "qqq"]])
def test_mistakes_are_in_the_document_too(told, words):
    code, found = told(*words)
    assert code == 2
    assert found["problems"]


def test_quiet_leaves_out_progress_and_remarks_but_no_error(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    monkeypatch.setattr("sim.report.html._figures", lambda _: {})
    assert main([*RUN, "market=30000", "budget=900000/month"]) == 0
    loud = capsys.readouterr()
    assert "note: the budget is" in loud.err
    assert main([*RUN, "market=30000", "budget=900000/month", "--quiet"]) == 0
    calm = capsys.readouterr()
    assert (calm.err, "Organic traffic share" in calm.out) == ("", True)
    assert main(["--quiet", "run", "no.such=1"]) == 2
    assert "no.such" in capsys.readouterr().err


def test_a_log_has_everything_with_its_time(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    monkeypatch.setattr("sim.report.html._figures", lambda _: {})
    Path("all.log").write_text("what was there\n", encoding="utf-8")
    assert main([*RUN, "--quiet", "--json", "--log-file", "all.log"]) == 0
    assert main(["run", "no.such=1", "--log-file=all.log"]) == 2
    lines = Path("all.log").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "what was there"
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \w+ ", line) for line in lines[1:])
    kinds = [line.split(" ")[1] for line in lines[1:]]
    assert {"command", "progress", "output", "error", "end"} <= set(kinds)
    assert [line.partition(" end ")[2] for line in lines if " end " in line] == ["exit code 0", "exit code 2"]
    capsys.readouterr()


@pytest.mark.parametrize(
    "words", [["--log-file"], ["--log-file", "no/such/folder/x.log"], ["--log-file", "."]]
)
def test_a_log_that_cannot_be_written_is_told_first(words, folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    assert main(["list", "scenarios", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("liebian: --log-file: ")


def test_a_question_has_no_document(capsys):
    assert main(["ask", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["problems"]


def test_parameters_are_found_by_words():
    sources = market_sources()
    rows, sections = assumptions_table(sources.sections), list(sources.sections)
    paths = {row.path for row in chosen(rows, ["INVITE", "reward"], sections)}
    assert "incentive.invite_reward" in paths
    assert all(
        "invite" in text and "reward" in text
        for text in (
            f"{row.path} {row.why} {row.unit} {row.source}".lower() for row in rows if row.path in paths
        )
    )
    assert {row.path.partition(".")[0] for row in chosen(rows, ["incentive"], sections)} == {"incentive"}
    assert [row.path for row in chosen(rows, ["incentive.invite_reward"], sections)] == [
        "incentive.invite_reward"
    ]
    assert chosen(rows, [], sections) == rows
    with pytest.raises(InputError, match="did you mean the section 'incentive'"):
        chosen(rows, ["incentvie"], sections)


def test_values_in_jsons_types():
    frame = pd.DataFrame({"a": [1, 2], "b": [np.nan, 0.5]})
    assert plain(frame) == [{"a": 1.0, "b": None}, {"a": 2.0, "b": 0.5}]
    assert plain({"x": np.array([[1.0, np.inf]]), 3: (True, Path("p"))}) == {
        "x": [[1.0, None]],
        "3": [True, "p"],
    }
    assert plain(np.float64("nan")) is None
    assert plain(np.int64(4)) == 4


def test_the_pages_example_runs(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    [code] = [text for language, text in blocks(ROOT / "docs" / "machine_output.md") if language == "python"]
    exec(compile(code, "machine_output.md", "exec"), {})
    assert "measured" in capsys.readouterr().out
