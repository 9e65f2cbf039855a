"""Whatever is kept beside runs counts only while it is whole and its own: worlds, draws, trials, studies."""

from __future__ import annotations

import logging
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sim.cli
from sim.core.errors import StoreError
from sim.market.snapshot import load, save
from sim.network.graph import GraphParams, build_graph
from sim.store import manifest
from sim.store.store import Store
from sim.studies.optimise.search import load_optimisation
from sim.studies.optimise.study import JOURNAL
from sim.studies.reversals.study import request, screen
from sim.studies.robustness.stored import load_study, study_path
from sim.studies.robustness.study import plan, run_study
from sim.studies.sensitivity.stored import Sensitivity, folder, load_sensitivity, write_sensitivity
from tests.conftest import draw_no_pages
from tests.studies.optimise.test_optimise import asked, lead
from tests.studies.test_robustness import PAIR, fake_make, settings_for

TINY = [
    "population.size=60", "experiment.days=2", "experiment.warmup_days=1", "experiment.burn_in_days=2",
    "experiment.replications=2", "engine=serial",
]  # fmt: skip


def cut(path: Path, other: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path: Path, other: Path) -> None:
    path.write_bytes(b"")


def flip(path: Path, other: Path) -> None:
    """One digit or letter of the content becomes another one, or one bit where there is no text."""
    content = bytearray(path.read_bytes())
    if path.suffix == ".npz":  # behind the first array's header, which is 128 bytes long
        at = content.index(b"NUMPY") + 135
    else:
        at = next((n for n in range(len(content) // 3, len(content)) if chr(content[n]) in "12345"), 9)
    content[at] ^= 1
    path.write_bytes(bytes(content))


def exchange(path: Path, other: Path) -> None:
    shutil.copy(other, path)


harms = pytest.mark.parametrize("harm", [cut, empty, flip, exchange])


def told(caplog) -> str:
    return " ".join(record.getMessage() for record in caplog.records)


@pytest.fixture(autouse=True)
def listening(caplog):
    """The command keeps the package's lines to itself; here they are heard."""
    logger = logging.getLogger("sim")
    before, logger.propagate = logger.propagate, True
    yield
    logger.propagate = before


@harms
def test_a_burnt_in_world_is_named_and_made_again(tmp_path, harm, caplog):
    for name, value in (("this", 1.0), ("other", 2.0)):
        save(tmp_path / f"{name}.npz", {"people/trust": np.full(9, value), "clock/day": np.array(3)})
    harm(tmp_path / "this.npz", tmp_path / "other.npz")
    assert load(tmp_path / "this.npz") is None
    assert "this.npz' is damaged" in told(caplog)
    assert load(tmp_path / "other.npz") is not None


RUN = ["run", *TINY, "paths.cache=cache"]


@pytest.fixture(scope="module")
def two_worlds(tmp_path_factory):
    """A folder with a run of two worlds in ``a``, and what is kept of them in ``cache``."""
    folder = tmp_path_factory.mktemp("worlds")
    with pytest.MonkeyPatch.context() as patch:
        draw_no_pages(patch)
        patch.chdir(folder)
        assert sim.cli.main([*RUN, "paths.results=a"]) == 0
    return folder


@pytest.mark.parametrize("harm", [cut, empty, exchange])
def test_a_run_from_a_damaged_world_is_the_run_from_a_whole_one(
    two_worlds, tmp_path, harm, capsys, monkeypatch, undrawn
):
    shutil.copytree(two_worlds, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    worlds = sorted((tmp_path / "cache/worlds").glob("*.npz"))
    graphs = sorted((tmp_path / "cache").glob("graph-*.npz"))
    for files in (worlds, graphs):
        assert len(files) == 2
        harm(files[0], files[1])
    assert sim.cli.main([*RUN, "paths.results=b"]) == 0
    lines = capsys.readouterr().err
    assert f"{worlds[0].name}' is damaged" in lines
    assert f"{graphs[0].name}' is damaged" in lines
    for table in ("totals", "daily"):
        kept = [sorted((tmp_path / root / table).rglob("*.parquet")) for root in "ab"]
        assert [p.read_bytes() for p in kept[0]] == [p.read_bytes() for p in kept[1]]


@harms
def test_a_graph_is_named_and_made_again(tmp_path, harm, caplog):
    params = GraphParams()
    whole = build_graph(params, 300, 1, cache=tmp_path)[0].indices.copy()
    (first,) = tmp_path.glob("*.npz")
    build_graph(params, 300, 2, cache=tmp_path)
    (other,) = set(tmp_path.glob("*.npz")) - {first}
    harm(first, other)
    np.testing.assert_array_equal(build_graph(params, 300, 1, cache=tmp_path)[0].indices, whole)
    assert f"{first.name}' is damaged" in told(caplog)


@harms
def test_a_draw_of_robustness_is_named_and_played_again(tmp_path, harm, caplog):
    study_plan, store = plan(*PAIR, settings_for(tmp_path), draws=3), Store(tmp_path)
    list(run_study(study_plan, store, make=fake_make))
    whole = load_study(study_path(store, study_plan)).table
    first, other, _ = sorted((tmp_path / "robustness/draws").rglob("*.parquet"))
    harm(first, other)
    with pytest.warns(UserWarning, match=f"{first.name}' is damaged"):  # a report leaves it out, and says so
        assert load_study(study_path(store, study_plan)).draws == 2
    played: list[str] = []

    def make(task, store):
        played.append(task.trial.key)
        return fake_make(task, store)

    list(run_study(study_plan, store, make=make))
    assert played == [first.stem]
    assert f"{first.name}' is damaged" in told(caplog)
    pd.testing.assert_frame_equal(load_study(study_path(store, study_plan)).table, whole)


@harms
def test_a_study_of_robustness_is_refused_by_name_and_written_again(tmp_path, harm):
    study_plan, store = plan(*PAIR, settings_for(tmp_path), draws=3), Store(tmp_path)
    path, other = study_path(store, study_plan), tmp_path / "other.json"
    list(run_study(plan(*PAIR, settings_for(tmp_path), draws=2), store, make=fake_make))
    shutil.copy(study_path(store, plan(*PAIR, settings_for(tmp_path), draws=2)), other)
    list(run_study(study_plan, store, make=fake_make))
    harm(path, other)
    with pytest.raises(StoreError, match="no readable robustness study"):
        load_study(path)
    list(run_study(study_plan, store, make=fake_make))
    assert load_study(path).draws == 3


@pytest.fixture(scope="module")
def screened(tmp_path_factory):
    """A screening of two uncertainties: its question, what was found, runs made, and the folder."""
    folder = tmp_path_factory.mktemp("screened")
    words = [*TINY, "experiment.name=s", f"paths.cache={folder / 'c'}", f"paths.results={folder / 'r'}"]
    asked = ["incentive.perceived_later", "incentive.payout_patience"]
    question = request(["flat_cash_referral", "baseline"], "contribution_margin", asked, words)
    made: list[int] = []
    found = screen(question, Store(folder / "r"), lambda: made.append(1))
    return question, found, made, folder


@harms
def test_an_outcome_of_reversals_is_named_and_played_again(screened, tmp_path, harm, caplog):
    question, found, all_made, folder = screened
    shutil.copytree(folder / "r", tmp_path / "r")
    made = list(all_made)
    first, other = sorted((tmp_path / "r/reversals").rglob("*.json"))[:2]
    before, runs = first.read_bytes(), len(made)
    harm(first, other)
    again = screen(question, Store(tmp_path / "r"), lambda: made.append(1))
    assert (len(made), again.lead, first.read_bytes()) == (runs + 1, found.lead, before)
    assert f"{first.name}' is damaged" in told(caplog)


@dataclass
class Searches:
    """Two finished searches of one space."""

    root: Path

    def __post_init__(self) -> None:
        for name in ("s", "t"):
            lead(asked(self.root, "trials=4", f"experiment.name={name}"), self.root)

    def again(self):
        return lead(asked(self.root, "trials=4"), self.root)


@harms
@pytest.mark.parametrize("name", ["optimisation.json", JOURNAL])
def test_what_a_search_tried_is_refused_by_name_and_the_remedy_works(tmp_path, harm, name):
    made = Searches(tmp_path)
    whole = load_optimisation(tmp_path, "s").trials
    path = tmp_path / "sweeps/s" / name
    harm(path, tmp_path / "sweeps/t" / name)
    if name == JOURNAL and harm in (cut, empty):  # as a killed command leaves it: what is lost is tried again
        pd.testing.assert_frame_equal(made.again().trials, whole)
        return
    with pytest.raises(StoreError, match=name) as caught:
        made.again()
    assert "move it away" in str(caught.value)
    path.rename(tmp_path / "away")
    pd.testing.assert_frame_equal(made.again().trials, whole)


def test_a_line_taken_out_of_a_searchs_journal_is_noticed(tmp_path):
    made = Searches(tmp_path)
    path = tmp_path / "sweeps/s" / JOURNAL
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:10], *lines[11:]]))
    with pytest.raises(StoreError, match="line 11"):
        made.again()


@harms
@pytest.mark.parametrize("name", ["sensitivity.json", "sensitivity_screening.parquet"])
def test_a_study_of_sensitivity_is_refused_by_name(tmp_path, harm, name):
    tables = ("screening", "sobol", "pairs", "best", "deciders", "spreads")
    for experiment, x in (("s", 1.25), ("t", 2.25)):
        frames = {table: pd.DataFrame({"x": [x, 3.0]}) for table in tables}
        write_sensitivity(tmp_path, experiment, Sensitivity({"worlds": 2, "x": x}, **frames))
    assert load_sensitivity(tmp_path, "s").screening["x"][0] == 1.25
    assert "tables" not in load_sensitivity(tmp_path, "s").design
    harm(folder(tmp_path, "s") / name, folder(tmp_path, "t") / name)
    with pytest.raises(StoreError, match="no readable study of sensitivity"):
        load_sensitivity(tmp_path, "s")


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """Plans of two sweeps."""
    desk = tmp_path_factory.mktemp("swept")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(desk)
        for name in "st":
            words = ["sweep", "--plan-only", "pricing.list_level=0.9,1", *TINY, f"experiment.name={name}"]
            assert sim.cli.main(words) == 0
    return desk / "results"


def lose(path: Path, other: Path) -> None:
    """The last line is gone, and the rest is whole."""
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))


@pytest.mark.parametrize("harm", [cut, empty, flip, exchange, lose])
def test_a_manifest_is_refused_by_name(swept, tmp_path, harm):
    shutil.copytree(swept, tmp_path, dirs_exist_ok=True)
    assert len(manifest.read(tmp_path, "s").jobs) > 3
    harm(tmp_path / "sweeps/s/manifest.jsonl", tmp_path / "sweeps/t/manifest.jsonl")
    with pytest.raises(StoreError, match=r"manifest\.jsonl.*move it away"):
        manifest.read(tmp_path, "s")
