"""What one visitor of the board has before them: the strategy that is edited, and runs of their own."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sim.board.draft import Draft
from sim.board.jobs import LIVE, RUNNING, Job
from sim.runs.live import Days, days_so_far


@dataclass
class Run:
    """A command that was started from the board, and where its results are.

    Attributes
    ----------
    label : str
        As the visitor finds it again.
    verb : str
        ``run``, ``compare``, ``sweep`` or ``optimise``.
    experiment : str
        Name of the results, which no other run of any visitor has.
    job : Job
        The process.
    """

    label: str
    verb: str
    experiment: str
    job: Job


@dataclass
class Desk:
    """Everything of one visit; nothing of it is shared with another.

    Attributes
    ----------
    results : Path
        Folder of all results. Burnt-in worlds in it are shared, names of experiments are not.
    draft : Draft
        The strategy that is edited.
    runs : list of Run
        Newest last.
    """

    results: Path
    draft: Draft = field(default_factory=Draft)
    runs: list[Run] = field(default_factory=list)
    name: str = field(default_factory=lambda: uuid.uuid4().hex[:8])
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="liebian_board_")))

    def start(self, label: str, verb: str, words: Sequence[str]) -> Run:
        """Start a command under a name of its own.

        Parameters
        ----------
        label : str
            As it is listed.
        verb : str
            Of the command line.
        words : sequence of str
            After the verb; where results go is added.
        """
        experiment = f"board_{self.name}_{len(self.runs) + 1}"
        place = [
            f"experiment.name={experiment}",
            f"paths.results={self.results}",
            f"{LIVE}={self.folder / 'live'}",
        ]
        job = Job([verb, *words, *place], self.folder / experiment)
        self.runs.append(Run(label, verb, experiment, job))
        return self.runs[-1]

    def days(self, run: Run) -> list[Days]:
        """What is to be seen of a run's days while it goes."""
        return days_so_far(self.folder / "live", run.experiment)

    @property
    def busy(self) -> Run | None:
        """The run that is going on."""
        return next((run for run in self.runs if run.job.state == RUNNING), None)
