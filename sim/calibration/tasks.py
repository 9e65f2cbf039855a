"""Worlds of a calibration as tasks, which every engine executes: play, count the statistics, store them."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from sim.calibration import simulated
from sim.calibration.data import Orders
from sim.calibration.statistics.orders import GROUPS, later_orders
from sim.calibration.statistics.targets import BY_NAME, measure
from sim.config import Config, baseline_of, code_digest, run_hash
from sim.core.atomic import commit
from sim.core.sealed import discard, seal_of, sealed, unsealed
from sim.market import Market
from sim.measure.events import Events
from sim.runs.task import Task, absolute_folders, check_key
from sim.store.batch import configs_of_batch, write_configured
from sim.store.store import Store
from sim.store.writing import writing

_POINTS = "calibration/points"
#: Groups of customers whose later orders are looked at on held-out days: all, and by orders before.
HELD_OUT = ("", *GROUPS)


@dataclass(frozen=True)
class Question:
    """What is counted in a world.

    Attributes
    ----------
    names : tuple of str
        Statistics.
    fit_days : float
        Days of orders that statistics see.
    cohort : float
        As :class:`~sim.calibration.data.Orders`.
    """

    names: tuple[str, ...]
    fit_days: float
    cohort: float


@dataclass(frozen=True)
class PointTask(Task):
    """One world at one point.

    Attributes
    ----------
    config : Config
        With the point's values.
    replication : int
        Number of the world.
    question : Question
        What is counted.
    world, key : str
        As in :class:`~sim.runs.task.Task`; no other task shares its world.
    """

    kind: ClassVar[str] = "points"
    config: Config
    replication: int
    question: Question
    world: str
    key: str

    @classmethod
    def of(cls, config: Config, replication: int, question: Question) -> Self:
        """Task of a world."""
        key = key_of(config, replication, question)
        return cls(config, replication, question, key, key)

    @property
    def configs(self) -> tuple[Config, ...]:
        """Its one configuration."""
        return (self.config,)

    @property
    def scenario(self) -> str:
        """Scenario that it is filed under."""
        return self.config.scenario

    def prepare(self) -> None:
        """Nothing: it burns in its own world."""

    def is_done(self, store: Store) -> bool:
        """Whether its statistics are stored."""
        return self.read(store) is not None

    def make(self, store: Store) -> str | None:
        """Simulate and store what was counted; errors as :meth:`sim.runs.task.Task.make`."""
        check_key(key_of(self.config, self.replication, self.question), self.key)
        counted = {name: None if np.isnan(x) else x for name, x in self._play().items()}
        text = json.dumps(sealed({"counted": counted}, self.key))
        commit(self._path(store), lambda temporary: temporary.write_text(text, encoding="utf-8"))
        error = store.path("errors", self.experiment, self.scenario, self.key, "txt")
        with writing(error):
            error.unlink(missing_ok=True)
        return self.key

    def read(self, store: Store) -> dict[str, float] | None:
        """What was counted, or None if it is not there; a damaged file is told and dropped."""
        path = self._path(store)
        if not path.is_file():
            return None
        try:
            counted = unsealed(path.read_text(encoding="utf-8"), self.key)["counted"]
        except (OSError, ValueError, KeyError) as error:
            with contextlib.suppress(OSError):
                discard(path, error)
            return None
        return {name: float("nan") if x is None else float(x) for name, x in counted.items()}

    def _path(self, store: Store) -> Path:
        return store.path(_POINTS, self.experiment, self.scenario, self.key, "json")

    def _play(self) -> dict[str, float]:
        keep = Path(self.config.paths.cache)
        with writing(keep, "paths.cache"):
            keep.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=keep, prefix="calibrate_") as cache:
            market = Market(self.config, self.replication, cache).run()
            events = Events(market.tables(copy=False), market.window)
            needs = {BY_NAME[name].needs for name in self.question.names}
            tables = simulated.known(events, needs, self.question.cohort)
            if "edges" in needs:
                tables["edges"] = simulated.ties_of(market.world.graph)
        return counted(tables, self.question)

    def with_absolute_folders(self) -> Self:
        """The same task with absolute folders."""
        return replace(self, config=absolute_folders(self.config))

    @classmethod
    def write_batch(cls, tasks: Sequence[Self], store: Store) -> str:
        """Write tasks down with their configurations; see :meth:`sim.runs.task.Task.write_batch`."""
        lines = [
            {
                "replication": task.replication,
                "names": list(task.question.names),
                "fit_days": task.question.fit_days,
                "cohort": task.question.cohort,
            }
            for task in tasks
        ]
        configs = [task.config for task in tasks]
        return write_configured(store.root, tasks[0].experiment, cls.kind, configs, lines)


def read_tasks(root: str | Path, experiment: str, lines: Sequence[Mapping[str, Any]]) -> list[PointTask]:
    """Tasks that :meth:`PointTask.write_batch` wrote.

    Raises
    ------
    StoreError
        If their configurations cannot be read.
    """
    configs = configs_of_batch(root, experiment, lines)
    return [
        PointTask.of(
            config,
            int(line["replication"]),
            Question(tuple(line["names"]), float(line["fit_days"]), float(line["cohort"])),
        )
        for config, line in zip(configs, lines, strict=True)
    ]


def counted(tables: Mapping[str, Any], question: Question) -> dict[str, float]:
    """Statistics of the fitting days, and the later orders on the days after them.

    Parameters
    ----------
    tables : mapping
        Tables of a market or of a user, over all days.
    question : Question
    """
    seen = dict(tables)
    found: dict[str, float] = {}
    if isinstance(whole := tables.get("orders"), Orders) and len(whole.day):
        seen["orders"] = whole.before(question.fit_days)
        if whole.days > question.fit_days:
            found = {held_out(group): later_orders(whole, question.fit_days, group) for group in HELD_OUT}
    values = measure(seen, question.names)
    return dict(zip(question.names, values.tolist(), strict=True)) | found


def held_out(group: str) -> str:
    """Name of a group's orders on held-out days."""
    return f"held_out_{group or 'all'}"


def key_of(config: Config, replication: int, question: Question) -> str:
    """Digest of all that can change what is counted."""
    run = run_hash(config, replication, config.experiment.seed, code_digest(), baseline=baseline_of(config))
    return seal_of(run, [list(question.names), question.fit_days, question.cohort])
