"""Job arrays are known again by the results that they make."""

from __future__ import annotations

from types import SimpleNamespace

from sim.runs.engines import slurm
from sim.runs.engines.slurm import Batch


class Job(SimpleNamespace):
    """A task whose batch is called otherwise whenever it is written down."""

    written = 0

    @classmethod
    def write_batch(cls, _tasks, _store) -> str:
        cls.written += 1
        return f"batch{cls.written}"

    def is_done(self, _store) -> bool:
        return False


def test_an_array_at_work_is_found_though_the_plan_was_written_again(monkeypatch):
    """Other engine settings, and so another file, must not make the same runs twice."""
    asked: list[str] = []
    monkeypatch.setattr(slurm.slurm_client, "queued", lambda prefix: asked.append(prefix) or [])
    engine, store = SimpleNamespace(workers=2), SimpleNamespace()
    tasks = [Job(experiment="s", scenario="baseline", key=f"k{n}", world="w") for n in range(3)]
    for few in (tasks, tasks, tasks[:2]):
        Batch(few, engine, store)
    assert asked[0] == asked[1]
    assert asked[0] != asked[2]
