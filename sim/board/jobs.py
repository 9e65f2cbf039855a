"""A command that runs in a process of its own: how far it has come, what it said, and how it is stopped."""

from __future__ import annotations

import atexit
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.core.language import ENGLISH, language, tr

#: Setting that names where a run leaves its days while it goes.
LIVE = "paths.live"
RUNNING, DONE, FAILED, CANCELLED = "running", "done", "failed", "cancelled"
_PROGRESS = re.compile(r"\[(\d+)/(\d+)\] (.*)")
#: In both languages, see :mod:`sim.cli.progress`.
_PLANNED = re.compile(r"(\d+) (?:runs to simulate|次运行待模拟)")
#: Seconds that a command has to store what it has after it is asked to stop.
_GRACE = 5.0
_running: weakref.WeakSet[Job] = weakref.WeakSet()


@dataclass(frozen=True)
class Progress:
    """How far a command has come: finished of all runs, and its last line."""

    done: int
    total: int
    line: str

    @property
    def share(self) -> float:
        """Finished runs over all, 0..1."""
        return self.done / self.total if self.total else 0.0


class Job:
    """One command of the command line in a process group of its own.

    Parameters
    ----------
    words : sequence of str
        Verb and what stands after it.
    folder : Path
        Of the job: its log and its output are kept there.
    """

    def __init__(self, words: Sequence[str], folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.words = tuple(words)
        self._log, self._out = folder / "log.txt", folder / "output.json"
        self._cancelled = False
        self.began = time.monotonic()
        with self._out.open("wb") as out, (folder / "errors.txt").open("wb") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "sim", "--json", "--log-file", str(self._log), *words, *_language()],
                stdout=out,
                stderr=errors,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        _running.add(self)

    @property
    def command(self) -> str:
        """The line that does the same in a terminal, where nobody looks on."""
        return shlex.join(["liebian", *(word for word in self.words if not word.startswith(f"{LIVE}="))])

    @property
    def group(self) -> int:
        """Number of its process group."""
        return self._process.pid

    @property
    def state(self) -> str:
        """Running, done, failed or cancelled."""
        code = self._process.poll()
        if code is None:
            return RUNNING
        if self._cancelled:
            return CANCELLED
        return DONE if code == 0 else FAILED

    @property
    def progress(self) -> Progress:
        """Finished runs, all runs, and the last line that was said."""
        lines = self._log.read_text(encoding="utf-8").splitlines() if self._log.exists() else []
        told = [line.partition(" ")[2] for line in lines]
        said = [line.partition(" ")[2] for line in told if line.partition(" ")[0] in ("progress", "output")]
        counts = [found for line in said if (found := _PROGRESS.match(line))]
        last = said[-1] if said else tr("starting")
        if not counts:
            planned = [int(found[1]) for line in said if (found := _PLANNED.match(line))]
            return Progress(0, planned[-1] if planned else 0, last)
        return Progress(int(counts[-1][1]), int(counts[-1][2]), counts[-1][3])

    @property
    def document(self) -> dict[str, Any]:
        """What the command handed over (:mod:`sim.cli.session`); empty until it has ended."""
        if self.state == RUNNING:
            return {}
        try:
            found: dict[str, Any] = json.loads(self._out.read_text(encoding="utf-8"))
        except ValueError:
            return {}
        return found

    @property
    def problems(self) -> list[str]:
        """What was wrong, a line each."""
        told: list[str] = self.document.get("problems", [])
        return told

    def cancel(self) -> None:
        """Stop it and its workers; runs that are finished stay stored."""
        if self._process.poll() is not None:
            return
        self._cancelled = True
        self._signal(signal.SIGINT)
        try:
            self._process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
            self._process.wait()
        deadline = time.monotonic() + _GRACE
        while self._signal(signal.SIGKILL) and time.monotonic() < deadline:  # workers that outlived it
            time.sleep(0.01)

    def wait(self, seconds: float | None = None) -> str:
        """Wait until it has ended; its state."""
        self._process.wait(seconds)
        return self.state

    def _signal(self, number: int) -> bool:
        """Signal all its processes; whether there are any."""
        try:
            os.killpg(self._process.pid, number)
        except (ProcessLookupError, PermissionError):
            return False
        return True


def _language() -> list[str]:
    """What a command is told of the language: nothing where it is English, which programs are told in."""
    return [] if language() == ENGLISH else [f"language={language()}"]


def stop_all() -> None:
    """Stop every command that still runs; the server does so when it ends."""
    for job in list(_running):
        job.cancel()


atexit.register(stop_all)
