"""Runs of a screening as tasks, which every engine executes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Self

from sim.config import Config, baseline_of, world_hash
from sim.runs.replicate import prepare_world
from sim.runs.task import Task, absolute_folders, check_key
from sim.store.batch import configs_of_batch, write_configured
from sim.store.store import Store
from sim.studies.reversals.evaluate import Branch, play
from sim.studies.reversals.stored import read_figures, write_figures


@dataclass(frozen=True)
class BranchTask(Task):
    """One run of a screening as a task, which every engine executes.

    Attributes
    ----------
    branch : Branch
        What is simulated.
    world, key : str
        As in :class:`sim.runs.task.Task`.
    """

    kind: ClassVar[str] = "branches"
    branch: Branch
    world: str
    key: str

    @classmethod
    def of(cls, branch: Branch) -> Self:
        """Task of a run."""
        return cls(branch, world_of(branch), branch.key)

    @property
    def configs(self) -> tuple[Config, ...]:
        """The strategy, with the values in force before any changes."""
        return (self.branch.config,)

    @property
    def scenario(self) -> str:
        """The strategy's name."""
        return self.branch.config.scenario

    def prepare(self) -> None:
        """Burn in the world that runs of the same strategy and values branch from."""
        prepare_world(self.branch.burnt_in_under, self.branch.replication)

    def is_done(self, store: Store) -> bool:
        """Whether the run's figures are stored."""
        return read_figures(store, self.branch) is not None

    def make(self, store: Store) -> str | None:
        """Simulate and store the figures; errors as :meth:`sim.runs.task.Task.make`."""
        check_key(self.branch.key, self.key)
        write_figures(store, self.branch, play(self.branch))
        return self.key

    def with_absolute_folders(self) -> Self:
        """The same run with absolute folders."""
        return replace(self, branch=replace(self.branch, config=absolute_folders(self.branch.config)))

    @classmethod
    def write_batch(cls, tasks: Sequence[Self], store: Store) -> str:
        """Write runs down with their configurations; see :meth:`sim.runs.task.Task.write_batch`."""
        configs = {id(task.branch.config): task.branch.config for task in tasks}
        places = {name: n for n, name in enumerate(configs)}
        lines = [
            {
                "config": places[id(task.branch.config)],
                "values": dict(task.branch.values),
                "replication": task.branch.replication,
                "anew": task.branch.anew,
                "key": task.key,
            }
            for task in tasks
        ]
        return write_configured(store.root, tasks[0].experiment, cls.kind, list(configs.values()), lines)


def read_tasks(root: str | Path, experiment: str, lines: Sequence[Mapping[str, Any]]) -> list[BranchTask]:
    """Runs that :meth:`BranchTask.write_batch` wrote.

    Raises
    ------
    StoreError
        If their configurations cannot be read.
    """
    configs = configs_of_batch(root, experiment, lines)
    found = []
    for line in lines:
        branch = Branch(configs[line["config"]], line["values"], line["replication"], line["anew"])
        found.append(BranchTask(branch, world_of(branch), line["key"]))
    return found


def world_of(branch: Branch) -> str:
    """Name of the burnt-in world that a run branches from."""
    config = branch.burnt_in_under
    return f"{world_hash(config, baseline=baseline_of(config))[:16]}-{branch.replication}"
