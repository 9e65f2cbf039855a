"""What the system refuses ends a command with one clear line, and begins nothing that could not be kept."""

import pytest

from sim.config.settings import EngineParams
from sim.core.errors import StoreError
from sim.runs import execute as executing
from sim.runs.execute import execute
from sim.runs.task import Outcome
from sim.store.compact import compact
from sim.store.store import Store
from sim.store.writing import writing
from tests.report.synthetic import CONFIG, fake_run
from tests.runs.pieces import Piece


def test_a_full_disk_ends_the_command_and_begins_no_further_run(tmp_path, monkeypatch):
    begun = []

    def engine(todo, *_):
        for task in todo:
            begun.append(task)
            yield Outcome(task, StoreError("paths.results: no space left on device"))

    monkeypatch.setattr(executing, "_engine", lambda *_: engine)
    tasks = [Piece(str(n), tmp_path) for n in range(3)]
    with pytest.raises(StoreError, match="no space"):
        list(execute(tasks, EngineParams(kind="local"), Store(tmp_path)))
    assert begun == tasks[:1]


def test_a_lock_that_cannot_be_written_is_one_line(tmp_path):
    Store(tmp_path).write(fake_run(), CONFIG)
    (tmp_path / ".trial.folding").mkdir()  # as good as a folder that cannot be written, also for root
    with pytest.raises(
        StoreError, match=r"paths\.results: .* must be a folder that can be written"
    ) as caught:
        compact(tmp_path, "trial")
    assert len(caught.value.problems) == 1


def test_the_line_names_the_setting_and_the_file(tmp_path):
    with (
        pytest.raises(StoreError, match=rf"paths\.cache: '{tmp_path}/x'"),
        writing(tmp_path / "x", "paths.cache"),
    ):
        (tmp_path / "x").unlink()
