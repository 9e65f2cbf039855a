"""Digests of the package's own sources: which code made a number, and which code a compiled kernel holds.

Both name derived things (runs, burnt-in worlds, compiled kernels) by everything that determines them and
by nothing else: a sentence of a report changes no number, while a constant does, wherever it is taken from.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
#: Folders that only ask, plan, file, analyse or show; what they hold changes no number of a run. How a
#: setting is read is part of this: names of runs hold the resolved values.
_AROUND = ("cli", "config", "experiment", "report", "settings")
#: The files of those folders that do make numbers: a run, its counts, and the arms of studies.
_MAKERS = (
    "experiment/breakdown.py", "experiment/replicate.py", "experiment/reversal/evaluate.py",
    "experiment/robustness/arms.py", "experiment/robustness/figures.py",
)  # fmt: skip
#: Folders whose sources a kernel may take a function or a constant from.
_INLINED = ("commerce", "control", "core", "demand", "logistics", "shocks", "social", "world")


def makes_numbers(path: str) -> bool:
    """Whether a source file, by its path within the package, can change a number of a run."""
    return path in _MAKERS or path.partition("/")[0] not in _AROUND


def feeds_kernels(path: str) -> bool:
    """Whether a compiled kernel may hold something of a source file."""
    return path.partition("/")[0] in _INLINED


@cache
def sources_digest(chosen: Callable[[str], bool] = makes_numbers, package: Path = PACKAGE) -> str:
    """Digest of the chosen source files, names and contents, in hexadecimal.

    Parameters
    ----------
    chosen : callable
        :func:`makes_numbers` or :func:`feeds_kernels`.
    package : Path
        The package's folder.
    """
    total = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        name = path.relative_to(package).as_posix()
        if chosen(name):
            total.update(f"{name}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()
