"""Sweeps that grow until enough is known: worlds are added in rounds, and the manifest with them.

Each round plans the next worlds of every configuration, extends the manifest by them, has them
made and looks at all that is there. A run made this way has the key and the numbers that it has in a
sweep of as many worlds, so a stopped command is taken up where it was, round by round.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sim.analysis.differences import sweep_pairs
from sim.analysis.stopping import LEAST, Aim, Width, more, width
from sim.core.errors import ConfigError
from sim.core.language import tr
from sim.runs.plan import Plan, plan
from sim.store.manifest import Job, Manifest, extend, read, write
from sim.store.results import load_results

#: Makes jobs of a manifest; says whether all runs were good.
Execute = Callable[[Manifest, Sequence[Job]], bool]
_FIRST, _WORLDS = "experiment.first_replication", "experiment.replications"


@dataclass(frozen=True)
class Stopped:
    """How a sweep that grew came to its end.

    Attributes
    ----------
    worlds : int
        Worlds of every configuration.
    widths : tuple of Width
        The widest interval of each aim.
    most : int
        The cap.
    failed : bool
        Whether it stopped because runs failed.
    """

    worlds: int
    widths: tuple[Width, ...]
    most: int
    failed: bool = False


def with_worlds(words: Sequence[str], first: int, worlds: int) -> list[str]:
    """The words of a sweep for so many worlds from a certain one on."""
    rest = [word for word in words if word.partition("=")[0] not in (_FIRST, _WORLDS)]
    return [*rest, f"{_FIRST}={first}", f"{_WORLDS}={worlds}"]


def first_round(planned: Plan) -> int:
    """Worlds of the first round: ``experiment.replications``, but at least ten and at most the cap."""
    experiment = planned.settings.experiment
    return int(min(max(experiment.replications, LEAST), experiment.most_replications))


def check_aims(aims: Sequence[Aim], planned: Plan) -> None:
    """Refuse aims that this sweep could never look at.

    Raises
    ------
    ConfigError
        If a change is asked for and only the baseline is swept, or the cap is below the first round.
    """
    experiment = planned.settings.experiment
    problems = []
    first = max(LEAST, experiment.replications)
    if aims and experiment.most_replications < first:
        problems.append(
            tr(
                "experiment.most_replications: must be at least {first}, the worlds of the first "
                "round (you wrote {most_replications}); write more",
                first=first,
                most_replications=experiment.most_replications,
            )
        )
    if all(job.key == job.baseline for job in planned.jobs):
        problems += [
            tr(
                "experiment.until: '{aim}' is a difference from the baseline, and nothing else is "
                "swept; add a scenario or a value",
                aim=aim,
            )
            for aim in aims
            if aim.change
        ]
    if problems:
        raise ConfigError(problems)


def run_rounds(words: Sequence[str], planned: Plan, aims: Sequence[Aim], execute: Execute) -> Stopped:
    """Execute a sweep, adding worlds until every aim is reached, the cap is, or runs fail.

    Parameters
    ----------
    words : sequence of str
        As given to :func:`sim.runs.plan.plan`, which gave ``planned``.
    aims : sequence of Aim
        Intervals asked for.
    execute : callable
        Makes jobs of a manifest and says whether all runs were good.
    """
    settings = planned.settings
    root, name = settings.paths.results, str(settings.experiment.name)
    start, most = settings.experiment.first_replication, settings.experiment.most_replications
    worlds, wanted = 0, first_round(planned)
    widths: tuple[Width, ...] = ()
    while wanted > worlds:
        fresh = plan(with_worlds(words, start + worlds, wanted - worlds))
        (extend if worlds else write)(root, name, fresh.jobs, fresh.content)
        worlds = wanted
        manifest = read(root, name)
        new = {(job.scenario, job.key) for job in fresh.jobs}
        good = execute(manifest, [job for job in manifest.jobs if (job.scenario, job.key) in new])
        pairs = sweep_pairs(load_results(root, name))
        widths = tuple(width(aim, pairs) for aim in aims)
        if not good:
            return Stopped(worlds, widths, most, failed=True)
        wanted = more(worlds, widths, most)
    return Stopped(worlds, widths, most)
