"""What Slurm is asked and told: sbatch, squeue and sacct, each call in one place.

Commands are lists of words that no shell reads. What Slurm refuses because of what the user
asked for is an input error in Slurm's own words; that it does not answer is not.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.config.settings import EngineParams
from sim.core.errors import ConfigError, RunError
from sim.core.language import tr

_SECONDS = 60
#: States of the accounting in which a task has not ended.
ALIVE = ("PENDING", "RUNNING", "SUSPENDED", "COMPLETING", "CONFIGURING", "REQUEUED", "RESIZING", "STOPPED")
_UNREACHABLE = re.compile(r"slurm controller|timed out|connection refused|munge", re.IGNORECASE)


class SlurmError(RunError):
    """Slurm did not answer, or not in a way that makes sense."""


@dataclass(frozen=True)
class Queued:
    """One array task that is pending or running.

    Attributes
    ----------
    array : str
        Number of its job array.
    index : int
        Its number in the array.
    name : str
        Name of the job.
    """

    array: str
    index: int
    name: str


def check_request(engine: EngineParams) -> None:
    """Ask whether Slurm would take a job of this kind, without submitting one.

    Raises
    ------
    ConfigError
        If Slurm's commands are not here, or with Slurm's reason if it would not.
    SlurmError
        If it does not answer.
    """
    missing = [name for name in ("sbatch", "squeue") if shutil.which(name) is None]
    if missing:
        raise ConfigError(
            tr(
                "engine: Slurm's command {missing} is not on this machine; start the sweep where "
                "sbatch works, or choose engine=local",
                missing=missing[0],
            )
        )
    _sbatch([*options(engine), "--test-only", "--wrap=true"])


def options(engine: EngineParams) -> list[str]:
    """What each job asks for, as words of sbatch."""
    words = ["--ntasks=1", f"--cpus-per-task={engine.cpus}", f"--mem={engine.memory}"]
    words += [f"--partition={engine.partition}"] if engine.partition else []
    words += [f"--account={engine.account}"] if engine.account else []
    words += [f"--time={engine.walltime}"] if engine.walltime else []
    return words


def submit(script: Path, engine: EngineParams, name: str, indices: Iterable[int], logs: Path) -> str:
    """Submit a job array and return its number.

    Raises
    ------
    ConfigError
        With Slurm's reason, if it refuses.
    SlurmError
        If it does not answer.
    """
    words = [
        *options(engine),
        "--parsable",
        "--requeue",
        "--open-mode=append",
        f"--job-name={name}",
        f"--array={spans(indices)}",
        f"--output={str(logs).replace('%', '%%')}/%A_%a.log",
        str(script),
    ]
    return _sbatch(words).strip().partition(";")[0]


def queued(prefix: str) -> list[Queued]:
    """The user's array tasks that are pending or running and whose name begins so.

    Raises
    ------
    SlurmError
        If Slurm does not answer.
    """
    told = _ask(["squeue", "--me", "--noheader", "--array", "--format=%F|%K|%j"])
    if told.returncode:
        raise SlurmError(tr("Slurm does not answer: squeue says '{reason}'", reason=_reason(told.stderr)))
    tasks = []
    for line in told.stdout.splitlines():
        array, index, name = (part.strip() for part in line.split("|", 2))
        if name.startswith(prefix) and index.isdecimal():
            tasks.append(Queued(array, int(index), name))
    return tasks


def state(array: str, index: int) -> str:
    """State of an array task by the accounting, which lags behind the queue; ``unknown`` without one."""
    if shutil.which("sacct") is None:
        return "unknown"
    told = _ask(["sacct", "-X", "-n", "-P", "-j", f"{array}_{index}", "--format=State"])
    lines = told.stdout.split("\n") if not told.returncode else []
    return lines[-2].split()[0] if len(lines) > 1 and lines[-2].split() else "unknown"


def spans(indices: Iterable[int]) -> str:
    """Numbers as sbatch writes them: ``1-3,7``."""
    runs: list[list[int]] = []
    for number in sorted(set(indices)):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)


def _sbatch(words: Sequence[str]) -> str:
    told = _ask(["sbatch", *words])
    if told.returncode == 0:
        return told.stdout
    reason = _reason(told.stderr)
    if _UNREACHABLE.search(reason):
        raise SlurmError(tr("Slurm does not answer: sbatch says '{reason}'", reason=reason))
    raise ConfigError(
        tr(
            "engine: Slurm refuses the job, sbatch says '{reason}'; change engine.partition, "
            "account, cpus, memory or walltime",
            reason=reason,
        )
    )


def _ask(words: Sequence[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            list(words),
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SlurmError(tr("Slurm does not answer: {words}: {error}", words=words[0], error=error)) from None


def _reason(text: str) -> str:
    """The last thing that was said, without the name of the program that said it."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1].partition(": ")[2] or lines[-1] if lines else "nothing"
