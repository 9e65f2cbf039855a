"""Draws of a robustness study as tasks, which every engine executes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Self

from sim.config import Config, baseline_of, code_digest, run_hash
from sim.runs.task import Task, absolute_folders, check_key
from sim.store.batch import configs_of_batch, write_configured
from sim.store.store import Store
from sim.studies.robustness.arms import Trial, play
from sim.studies.robustness.plan import digest_of
from sim.studies.robustness.stored import has_draw, write_draw

_FIELDS = ("index", "key", "replication", "reference")


@dataclass(frozen=True)
class DrawTask(Task):
    """One draw: both strategies in a world of its own.

    Attributes
    ----------
    trial : Trial
        What is simulated.
    pair : str
        Folder name of the two strategies.
    world, key : str
        The draw's key; no other task shares its world.
    """

    kind: ClassVar[str] = "draws"
    trial: Trial
    pair: str
    world: str
    key: str

    @classmethod
    def of(cls, trial: Trial, pair: str) -> Self:
        """Task of a planned draw."""
        return cls(trial, pair, trial.key, trial.key)

    @property
    def configs(self) -> tuple[Config, ...]:
        """Both strategies."""
        return self.trial.arms

    @property
    def scenario(self) -> str:
        """The pair of strategies."""
        return self.pair

    def prepare(self) -> None:
        """Nothing: the draw burns in its own world and shares it with no other task."""

    def is_done(self, store: Store) -> bool:
        """Whether the draw is stored."""
        return has_draw(store, self.experiment, self.pair, self.key)

    def make(self, store: Store) -> str | None:
        """Simulate both strategies and store what was counted; errors as :meth:`sim.runs.task.Task.make`."""
        trial = self.trial
        check_key(trial_key(trial.arms, trial.replication, trial.reference), self.key)
        write_draw(store, self.experiment, self.pair, trial, play(trial))
        return self.key

    def with_absolute_folders(self) -> Self:
        """The same draw with absolute folders."""
        one, other = self.trial.arms
        arms = absolute_folders(one), absolute_folders(other)
        return replace(self, trial=replace(self.trial, arms=arms))

    @classmethod
    def write_batch(cls, tasks: Sequence[Self], store: Store) -> str:
        """Write draws down with their configurations; see :meth:`sim.runs.task.Task.write_batch`."""
        configs = [arm for task in tasks for arm in task.trial.arms]
        lines = [
            {
                "pair": task.pair,
                "values": list(task.trial.values.items()),  # pairs, because lines of a batch sort their keys
                **{name: getattr(task.trial, name) for name in _FIELDS},
            }
            for task in tasks
        ]
        return write_configured(store.root, tasks[0].experiment, cls.kind, configs, lines)


def read_tasks(root: str | Path, experiment: str, lines: Sequence[Mapping[str, Any]]) -> list[DrawTask]:
    """Draws that :meth:`DrawTask.write_batch` wrote.

    Raises
    ------
    StoreError
        If their configurations cannot be read.
    """
    configs = configs_of_batch(root, experiment, lines)
    tasks = []
    for n, line in enumerate(lines):
        arms = configs[2 * n], configs[2 * n + 1]
        fields = {name: line[name] for name in _FIELDS}
        tasks.append(DrawTask.of(Trial(values=dict(line["values"]), arms=arms, **fields), line["pair"]))
    return tasks


def trial_key(arms: tuple[Config, Config], replication: int, reference: int | None) -> str:
    """Digest of all that can change a draw's numbers."""
    runs = [
        run_hash(arm, replication, arm.experiment.seed, code_digest(), baseline=baseline_of(arm))
        for arm in arms
    ]
    return digest_of([*runs, str(reference)])
