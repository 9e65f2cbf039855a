"""Compilation of kernels, cached in a folder that is named by all sources a kernel may hold.

numba looks only at a function's own file when it asks whether compiled code is up to date, and not at the
kernels and constants which that function takes from other files. So the folder of a module's kernels carries
a digest of all sources that the module imports, directly or through others, and of the compiler's
version: after an edit of any of them they are compiled anew, without anything being deleted by hand.
"""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import logging
import multiprocessing
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import cache as once
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numba
import numba.core.config

from sim.core.atomic import temporary_name
from sim.core.own_sources import own_digest
from sim.core.sources import PACKAGE, module_digest, sources_digest

_FOLDER = "liebian-kernels"
#: Kernels are removed when nobody has used them for so long.
_UNUSED_SECONDS = 14 * 86_400.0
#: Where the kernels that were declared in this process are kept.
_FOLDERS: set[Path] = set()


def njit(function: Callable[..., Any] | None = None, /, *, cache: bool = False, **options: Any) -> Any:
    """``numba.njit`` with the project's cache; arguments are numba's.

    Parameters
    ----------
    function : callable, optional
        What is decorated; left out where options are given.
    cache : bool
        Keep the compiled code on disk, if there is a folder that can be written.
    """
    if function is None:
        return partial(njit, cache=cache, **options)
    base = cache_folder() if cache else None
    if base is None:
        return numba.njit(**options)(function)
    folder = base / kernels_digest(inspect.getfile(function), function.__module__)[:16]
    _FOLDERS.add(folder)
    with contextlib.suppress(OSError):  # not there yet
        os.utime(folder)
    with _numba_caches_in(folder):
        return numba.njit(cache=True, **options)(function)


@contextlib.contextmanager
def _numba_caches_in(folder: Path) -> Iterator[None]:
    """Let numba choose this folder; what else the process compiles keeps its own."""
    config: Any = numba.core.config
    before = config.CACHE_DIR
    config.CACHE_DIR = str(folder)
    try:
        yield
    finally:
        config.CACHE_DIR = before


@once
def cache_folder() -> Path | None:
    """Where compiled kernels of these sources lie; None where no folder can be written.

    The first that can be written of: ``NUMBA_CACHE_DIR`` if it is set, beside the sources, the user's cache
    folder, and a temporary folder, which is said.
    """
    places = list(_places())
    for base in places:
        folder = base / _FOLDER
        if _usable(folder):
            _remove_unused(folder)
            return folder
    tried = ", ".join(f"'{base}'" for base in places)
    logging.getLogger("sim").warning(
        "compiled kernels cannot be kept (tried %s), so every start compiles them again; set "
        "NUMBA_CACHE_DIR to a folder that can be written",
        tried,
    )
    return None


@once
def tell_if_cold() -> None:
    """Say once, and not in workers, that a run begins with compiling if most kernels are missing."""
    empty = [folder for folder in _FOLDERS if not any(folder.rglob("*.nbi"))]
    if len(empty) * 2 > len(_FOLDERS) and multiprocessing.parent_process() is None:
        logging.getLogger("sim").warning(
            "note: the first run of this version compiles its kernels, which takes minutes; later ones do not"
        )


@once
def kernels_digest(file: str, module: str = "") -> str:
    """Digest of everything that determines a source file's compiled kernels: sources and compiler."""
    path = Path(file).resolve()
    if path.is_relative_to(PACKAGE):
        sources = module_digest(path.relative_to(PACKAGE).as_posix())
    else:  # somebody's own kernel that uses this decorator, and what of theirs and of ours it may hold
        sources = own_digest(module or path.stem, path) + sources_digest()
    return hashlib.sha256("\0".join([sources, *_compiler()]).encode()).hexdigest()


@once
def _compiler() -> tuple[str, ...]:
    """Versions of what turns a source into machine code; numba itself looks at the processor."""
    return (*(version(name) for name in ("numba", "llvmlite", "numpy")), sys.version)


def _places() -> Iterator[Path]:
    """Folders to try, best first."""
    if given := os.environ.get("NUMBA_CACHE_DIR"):
        yield Path(given)
        return
    yield PACKAGE / "__pycache__"
    if home := os.environ.get("XDG_CACHE_HOME"):
        yield Path(home)
    else:
        with contextlib.suppress(RuntimeError):  # no home is known
            yield Path.home() / ".cache"
    yield Path(tempfile.gettempdir()) / f"liebian-{os.getuid()}"


def _usable(folder: Path) -> bool:
    """Make a folder and try to write in it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / temporary_name("probe")
        probe.write_bytes(b"")
        probe.unlink()
    except OSError:
        return False
    return folder.stat().st_uid == os.getuid()


def _remove_unused(folder: Path) -> None:
    """Remove kernels of other sources and compilers that nobody has used for long."""
    for one in folder.iterdir():
        with contextlib.suppress(OSError):  # somebody else is at it
            if time.time() - one.stat().st_mtime > _UNUSED_SECONDS:
                shutil.rmtree(one)
