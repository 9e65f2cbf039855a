"""A bundle of a sweep or search: its plan goes with it, the same bytes wherever played, and plays again."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import sim.cli
from sim.runs.bundle import Bundle
from sim.runs.bundled_sweep import graph_name
from sim.store.results import load_results
from sim.studies.optimise.stored import FILE, load_optimisation, save
from tests.cli.tiny import tiny
from tests.report.test_sweep_studies import HELD, SPEC, TRIALS

SWEEP = ("scenario=three_tier_referral", "incentive.invite_reward=6,12", "graph=like", "population.size=60",
         "experiment.name=rewards")  # fmt: skip


def play(folder: Path, monkeypatch, *words: str) -> bytes:
    """Sweep in a folder, file a search under its name, and bundle both."""
    folder.mkdir()
    monkeypatch.chdir(folder)
    ties = [f"{n},{(n + step) % 40}" for n in range(40) for step in (1, 2)]
    Path("ties.csv").write_text("\n".join(["source,target", *ties]), encoding="utf-8")
    assert sim.cli.main(tiny("sweep", *SWEEP, "graph.path=ties.csv", *words)) == 0
    fixed = {"fixed": [f"graph.path={folder / 'ties.csv'}"]}
    failed = [*TRIALS[:-1], replace(TRIALS[-1], reason=f"results: '{folder}/x.parquet' is full")]
    save("results", "rewards", {**SPEC, **fixed}, failed, {**HELD, "skipped": {}})
    assert sim.cli.main(["bundle", "rewards", "out.zip"]) == 0
    return Path("out.zip").read_bytes()


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """The same sweep twice, in two folders, by two engines that keep worlds in two places."""
    place = tmp_path_factory.mktemp("bundled")
    with pytest.MonkeyPatch.context() as patch:
        one = play(place / "here", patch)
        other = play(place / "there", patch, f"paths.cache={place / 'worlds'}", "engine.workers=1")
    return place, one, other


def test_two_bundles_of_the_same_sweep_are_the_same_bytes(played):
    _, one, other = played
    assert one == other


def test_nothing_of_the_machine_is_in_it(played):
    place, *_ = played
    held = Bundle(place / "there" / "out.zip")
    assert {"sweep/manifest.jsonl", f"sweep/{FILE}"} <= set(held.files)
    for name, data in held.files.items():
        assert str(place).encode() not in data, name


def test_it_is_played_again_elsewhere(played, tmp_path, monkeypatch, capsys):
    place, *_ = played
    held = Bundle(place / "here" / "out.zip")
    monkeypatch.chdir(tmp_path)
    shutil.copy(place / "here" / "ties.csv", tmp_path)
    for name, data in held.files.items():
        if name.startswith("sweep/"):
            file = Path("results/sweeps/rewards") / name.removeprefix("sweep/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
    assert sim.cli.main(["execute", "experiment=rewards"]) == 0
    columns = ["key", "name", "value"]
    now = load_results("results").totals.sort_values(columns[:2])[columns].reset_index(drop=True)
    then = held.table("totals").sort_values(columns[:2])[columns].reset_index(drop=True)
    assert len(now) > 100
    assert now.astype({"key": str, "name": str}).equals(then)
    found = load_optimisation("results", "rewards")
    assert "graph.path=ties.csv" in found.spec["fixed"]
    assert found.trials["reason"].iloc[-1] == "results: 'x.parquet' is full"


def test_a_damaged_search_is_refused_in_one_line(played, tmp_path, monkeypatch, capsys):
    place, *_ = played
    shutil.copytree(place / "here", tmp_path / "own")
    monkeypatch.chdir(tmp_path / "own")
    path = Path("results/sweeps/rewards") / FILE
    path.write_text(
        json.dumps({**json.loads(path.read_text(encoding="utf-8")), "trials": []}), encoding="utf-8"
    )
    assert sim.cli.main(["bundle", "rewards", "bad.zip"]) == 2
    assert "optimisation.json' cannot be read" in capsys.readouterr().err
    assert not Path("bad.zip").exists()


def test_a_network_file_is_named_without_its_folders():
    assert graph_name({"path": "/srv/somebody/ties.csv", "kind": "like"}) == {
        "path": "ties.csv",
        "kind": "like",
    }
    assert graph_name({"path": None}) == {"path": None}
