"""A bundle is played again to the last digit; what was changed in it, or came out otherwise, is told."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
import yaml

import sim.cli
from sim.runs import replay as replaying
from sim.runs.bundle import INDEX, Bundle
from tests.cli.tiny import tiny


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """A folder with results of two strategies, one on a network of a file, and a bundle of them."""
    folder = tmp_path_factory.mktemp("bundle")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        ties = [f"{n},{(n + step) % 120}" for n in range(120) for step in (1, 2, 5)]
        Path("ties.csv").write_text("\n".join(["source,target", *ties]), encoding="utf-8")
        Path("own").mkdir()
        Path("own/salt.key").write_bytes(b"k" * 32)
        words = ("scenario=flat_cash_referral", "graph=edge_list", f"graph.path={folder / 'ties.csv'}")
        assert sim.cli.main(tiny("run", *words)) == 0
        assert sim.cli.main(["bundle", "default", "out.zip"]) == 0
    return folder


@pytest.fixture(autouse=True)
def _inside(stored, monkeypatch):
    monkeypatch.chdir(stored)


def changed(target: str, name: str, change) -> None:
    """A copy of the bundle in which one file was changed."""
    with zipfile.ZipFile("out.zip") as packed, zipfile.ZipFile(target, "w") as out:
        for one in packed.namelist():
            data = packed.read(one)
            out.writestr(one, change(data) if one == name else data)


def test_it_is_played_again_to_the_last_digit(capsys):
    assert sim.cli.main(["bundle", "--check", "out.zip"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("equal: 2 runs, ")
    assert int(told.split(" runs, ")[1].split(" ")[0].replace(",", "")) > 200


def test_it_holds_what_its_readme_says_and_no_key_or_folder(stored):
    held = Bundle(Path("out.zip"))
    assert {"README.md", "CITATION.cff", INDEX, "tables/totals.csv", "tables/daily.csv"} <= set(held.files)
    assert len([name for name in held.files if name.startswith("settings/")]) == 2
    assert yaml.safe_load(held.files["CITATION.cff"])["cff-version"] == "1.2.0"
    for name, data in held.files.items():
        assert str(stored).encode() not in data, name
        assert b"k" * 32 not in data, name
    assert not [name for name in held.files if "ties" in name or "salt" in name]


def test_the_same_results_make_the_same_bytes(capsys):
    assert sim.cli.main(["bundle", "default", "again.zip"]) == 0
    assert Path("again.zip").read_bytes() == Path("out.zip").read_bytes()
    key = Bundle(Path("out.zip")).index["runs"][-1]["key"]
    assert sim.cli.main(["bundle", key[:10], "one.zip"]) == 0
    assert "(2 runs" in capsys.readouterr().out


def test_a_changed_file_is_refused_and_another_number_is_told(capsys, monkeypatch):
    changed("bad.zip", "tables/totals.csv", lambda data: data.replace(b"0.", b"1.", 1))
    assert sim.cli.main(["bundle", "--check", "bad.zip"]) == 2
    assert "tables/totals.csv" in capsys.readouterr().err
    honest = replaying.run_replication

    def other(config, replication):
        result = honest(config, replication)
        result.kpis["orders"] = result.kpis.get("orders", 0.0) + 1.0
        result.kpis["all_in_spend"] += 0.5
        return result

    monkeypatch.setattr(replaying, "run_replication", other)
    assert sim.cli.main(["bundle", "--check", "out.zip", "runs=1"]) == 1
    told = capsys.readouterr().out
    assert "differs: " in told
    assert "all_in_spend" in told


def test_a_file_that_its_runs_read_must_be_there_and_the_same(capsys, tmp_path):
    assert sim.cli.main(["bundle", "--check", "out.zip", f"inputs={tmp_path}"]) == 2
    assert "put it there" in capsys.readouterr().err
    (tmp_path / "ties.csv").write_text("source,target\n1,2\n", encoding="utf-8")
    assert sim.cli.main(["bundle", "--check", "out.zip", f"inputs={tmp_path}"]) == 2
    assert "is not the file" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [["nothing", "x.zip"], ["default"], ["default", "out.zip"], ["--check", "none.zip"],
     ["--check", "out.zip", "runs=x"], ["default", "x.zip", "a.b=1"], ["--check", "ties.csv.zip"]],
    ids=lambda words: " ".join(words),
)  # fmt: skip
def test_what_is_wrong_is_told_in_one_line(words, capsys):
    assert sim.cli.main(["bundle", *words]) == 2
    told = capsys.readouterr()
    assert len(told.err.splitlines()) == 1
    assert told.err.startswith("liebian: bundle: ") or "runs:" in told.err or "'a.b=1'" in told.err


def test_a_newer_layout_is_no_bundle_of_ours(capsys):
    changed("new.zip", INDEX, lambda data: json.dumps({**json.loads(data), "layout": 99}).encode())
    assert sim.cli.main(["bundle", "--check", "new.zip"]) == 2
    assert "layout 99" in capsys.readouterr().err
