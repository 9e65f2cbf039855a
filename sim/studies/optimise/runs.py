"""From strategies to figures: a batch becomes jobs of the manifest, and runs on whatever engine there is.

All strategies meet the same worlds, so that they differ by what they do and not by luck. A
strategy that cannot be composed, or whose run fails, is told with its reason and does not end the
search; a failure that says nothing about strategies ends it and is told of none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sim.config.settings import EngineParams
from sim.core.errors import ConfigError, InputError, RunError, StoreError
from sim.core.language import tr
from sim.runs.plan import Plan, plan
from sim.runs.sweep import run
from sim.runs.task import Outcome
from sim.store import manifest
from sim.store.manifest import Job, distinct
from sim.store.results import BASELINE, load_results
from sim.store.store import Store
from sim.studies.optimise.objectives import Measured, Proposal

#: Called with every job that has ended.
OnEnd = Callable[[Job, Outcome[Any]], None]
#: Scenario and key of a stored run.
Place = tuple[str, str]


class Runner:
    """Runs strategies in the worlds of one experiment.

    Parameters
    ----------
    fixed : sequence of str
        Settings of every run.
    shocks : sequence of str
        Shock options that every strategy is run under.
    engine : EngineParams
        Where runs execute.
    store : Store
        Where results go.
    on_end : callable
        Called with every run that has ended, apart from baselines that a plan added.
    """

    def __init__(
        self, fixed: Sequence[str], shocks: Sequence[str], engine: EngineParams, store: Store, on_end: OnEnd
    ) -> None:
        self._fixed, self._shocks = list(fixed), list(shocks)
        self._engine, self._store = engine, store
        self._on_end = on_end

    def __call__(self, proposals: Sequence[Proposal]) -> list[Measured | str]:
        """Figures of each strategy, or why it failed.

        Raises
        ------
        InputError
            If something is wrong that no strategy has part in.
        RunError
            If the baseline fails, or every run of several strategies does.
        """
        points = [[{**one.strategy, "shock": shock} for shock in self._shocks] for one in proposals]
        wrong: dict[int, str] = {}
        if self._refused([point for mine in points for point in mine]):  # one of them, or several
            wrong = {n: reason for n, mine in enumerate(points) if (reason := self._refused(mine))}
        good = [n for n in range(len(points)) if n not in wrong]
        outcomes: dict[int, Measured | str] = dict(wrong)
        if good:
            planned = plan(self._fixed, points=[point for n in good for point in points[n]])
            failed = self.execute(planned)
            width = len(self._shocks)
            for at, n in enumerate(good):
                outcomes[n] = self.measured(planned, range(at * width, (at + 1) * width), failed)
        return [outcomes[n] for n in range(len(proposals))]

    def _refused(self, points: Sequence[Mapping[str, Any]]) -> str:
        """Why a strategy cannot be composed; empty if it can."""
        try:
            plan(self._fixed, points=points)
        except ConfigError as error:
            return error.problems[0]
        return ""

    def execute(self, planned: Plan) -> dict[Place, str]:
        """Write jobs down and run them; runs that failed with the reason. Errors as for calling."""
        experiment = _experiment(planned)
        manifest.extend(self._store.root, experiment, planned.jobs, planned.content)
        written = manifest.read(self._store.root, experiment)
        ours = {(job.scenario, job.key) for job in planned.jobs}
        asked = {(job.scenario, job.key) for job in planned.jobs if not job.added}
        jobs = distinct([job for job in written.jobs if (job.scenario, job.key) in ours])
        failed: dict[Place, str] = {}
        with closing(run(written, self._engine, self._store, jobs)) as ended:
            for job, outcome in ended:
                if (job.scenario, job.key) in asked:
                    self._on_end(job, outcome)
                if isinstance(outcome.error, InputError):
                    raise outcome.error
                if outcome.error is not None:
                    failed[job.scenario, job.key] = _first_line(outcome.error)
        self._check(planned, failed)
        return failed

    def _check(self, planned: Plan, failed: Mapping[Place, str]) -> None:
        """Stop where failures say more of the machine than of the strategies."""
        bases = {job.baseline for job in planned.jobs}
        reason = next((why for (_, key), why in failed.items() if key in bases), "")
        if reason:
            raise RunError(
                tr("the baseline strategy failed in a world of the search: {reason}", reason=reason)
            )
        configs = {job.config for job in planned.jobs if not job.added}
        if len(configs) > len(self._shocks) and all(
            (job.scenario, job.key) in failed for job in planned.jobs if not job.added
        ):
            raise RunError(
                tr("every run of several strategies failed: {iter}", iter=next(iter(failed.values())))
            )

    def measured(self, planned: Plan, configs: Sequence[int], failed: Mapping[Place, str]) -> Measured | str:
        """Figures of one strategy from the store, whose configurations are one a shock; or why it failed."""
        runs: dict[str, list[dict[str, float]]] = {}
        baseline: list[Place] = []
        for shock, config in zip(self._shocks, configs, strict=True):
            jobs = jobs_of(planned, config)
            for job in jobs:
                if (job.scenario, job.key) in failed:
                    return tr(
                        "world {replication}, shock {shock}: {failed}",
                        replication=job.replication,
                        shock=shock,
                        failed=failed[job.scenario, job.key],
                    )
            places = [(job.scenario, job.key) for job in jobs]
            runs[shock] = figures_of(self._store, _experiment(planned), places)
            baseline = baseline or [(BASELINE, job.baseline) for job in jobs]
        return Measured(runs, figures_of(self._store, _experiment(planned), baseline))


def jobs_of(planned: Plan, config: int) -> list[Job]:
    """Jobs of one configuration of a plan, world by world."""
    mine = [job for job in planned.jobs if job.config == config and not job.added]
    return sorted(mine, key=lambda job: job.replication)


def _experiment(planned: Plan) -> str:
    return str(planned.settings.experiment.name)


def figures_of(store: Store, experiment: str, places: Sequence[Place]) -> list[dict[str, float]]:
    """Figures of stored runs, in the order asked for; nan where not observable.

    Raises
    ------
    StoreError
        If one is not there.
    """
    found = {}
    for scenario, key in dict.fromkeys(places):
        try:
            table = pq.ParquetFile(store.path("totals", experiment, scenario, key)).read(["name", "value"])
        except (OSError, pa.ArrowException):
            continue
        frame = table.to_pandas()
        found[scenario, key] = dict(zip(frame["name"].astype(str), frame["value"].astype(float), strict=True))
    if missing := set(places) - set(found):  # perhaps folded into one file since
        totals = load_results(store.root, experiment).totals
        for scenario, key in missing:
            mine = totals[(totals["scenario"] == scenario) & (totals["key"] == key)]
            if mine.empty:
                raise StoreError(
                    tr(
                        "results: the run {key} of '{scenario}' is not in '{root}'; the same command makes "
                        "it again",
                        key=key[:12],
                        scenario=scenario,
                        root=store.root,
                    )
                )
            found[scenario, key] = dict(zip(mine["name"], mine["value"].astype(float), strict=True))
    return [found[place] for place in places]


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), "") or type(error).__name__
