"""Digests of the package's own sources: which code made a number, and which code a compiled kernel holds.

Both name derived things (runs, burnt-in worlds, compiled kernels) by everything that determines them and
by nothing else: a sentence of a report changes no number, while a constant does, wherever it is taken from.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
#: Folders that only ask, plan, file, analyse or show; what they hold changes no number of a run. How a
#: setting is read is part of this: names of runs hold the resolved values. So is how a user's own tables
#: are brought in: what comes of them is a scenario and a network in files, whose values and digest runs hold.
_AROUND = ("analysis", "board", "cli", "config", "own", "plots", "report", "runs", "store", "studies")
#: The files of those folders that do make numbers: a run, its counts, and the arms of studies.
_MAKERS = (
    "runs/replicate.py",
    "studies/reversals/evaluate.py",
    "studies/robustness/arms.py",
    "studies/robustness/figures.py",
)
_IMPORT = re.compile(r"^\s*(?:from\s+(sim[\w.]*)\s+import\s+([^\n]*)|import\s+(sim[\w.]*))", re.MULTILINE)


def makes_numbers(path: str) -> bool:
    """Whether a source file, by its path within the package, can change a number of a run."""
    return path in _MAKERS or path.partition("/")[0] not in _AROUND


@cache
def sources_digest(chosen: Callable[[str], bool] = makes_numbers, package: Path = PACKAGE) -> str:
    """Digest of the chosen source files, names and contents, in hexadecimal.

    Parameters
    ----------
    chosen : callable
        Path within the package -> whether the file counts.
    package : Path
        The package's folder.
    """
    total, folder = hashlib.sha256(), str(package)
    for name in sorted(_sources(folder), key=lambda name: name.split("/")):
        if chosen(name):
            total.update(f"{name}\0".encode() + _file_digest(folder, name))
    return total.hexdigest()


def _sources(folder: str, inside: str = "") -> Iterator[str]:
    """Paths of all source files within a folder, with slashes."""
    with os.scandir(os.path.join(folder, inside)) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.name != "__pycache__":  # holds kernels, and no source
                    yield from _sources(folder, f"{inside}{entry.name}/")
            elif entry.name.endswith(".py"):
                yield inside + entry.name


@cache
def module_digest(name: str, package: Path = PACKAGE) -> str:
    """Digest of one source file and of all that it imports from the package, directly or through others.

    A compiled kernel may hold functions and constants of any of these, and of no other file.

    Parameters
    ----------
    name : str
        Path of the file within the package.
    package : Path
        The package's folder.
    """
    folder = str(package)
    reached, waiting = set[str](), [name]
    while waiting:
        one = waiting.pop()
        if one not in reached:
            reached.add(one)
            waiting += _imported(one, folder)
    total = hashlib.sha256()
    for one in sorted(reached):
        total.update(f"{one}\0".encode() + _file_digest(folder, one))
    return total.hexdigest()


@cache
def _file_digest(folder: str, name: str) -> bytes:
    """Digest of one file, read once: thirty modules with kernels share most of what they import."""
    return hashlib.sha256(_bytes(folder, name)).digest()


def _bytes(folder: str, name: str) -> bytes:
    """What is in one file."""
    with open(os.path.join(folder, name), "rb") as file:
        return file.read()


@cache
def _imported(name: str, folder: str) -> tuple[str, ...]:
    """Files that one file imports, wherever in it the import stands."""
    text = _bytes(folder, name).decode().replace("(\n", "(").replace(",\n", ",")
    found = []
    for module, names, plain in _IMPORT.findall(text):
        dotted = module or plain
        members = [word.split()[0] for word in re.split(r"[(),]", names) if word.strip()]
        for target in (dotted, *(f"{dotted}.{member}" for member in members)):
            path = "/".join(target.split(".")[1:])
            found += [file for file in (f"{path}.py", f"{path}/__init__.py") if _is_file(folder, file)]
    return tuple(dict.fromkeys(found))


@cache
def _is_file(folder: str, name: str) -> bool:
    """Whether a file is there, asked once: sixty files import the same few."""
    return os.path.isfile(os.path.join(folder, name))
