"""Compilation of kernels, cached in a folder that is named by all sources a kernel may hold.

numba looks only at a function's own file when it asks whether compiled code is up to date, and not at the
kernels and constants which that function takes from other files. So the folder of the cache carries a
digest of those files and of the compiler's version: after any edit kernels are compiled anew, without
anything being deleted by hand.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
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

from sim.core.files import temporary_name
from sim.core.sources import PACKAGE, feeds_kernels, sources_digest

_PREFIX = "liebian-kernels-"
#: Folders of other versions are removed when nobody has used them for so long.
_UNUSED_SECONDS = 14 * 86_400.0


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
    folder = cache_folder() if cache else None
    if folder is None:
        return numba.njit(**options)(function)
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
    name = _PREFIX + kernels_digest()[:16]
    places = list(_places())
    for base in places:
        folder = base / name
        if _usable(folder):
            _remove_unused(base, folder)
            return folder
    tried = ", ".join(f"'{base}'" for base in places)
    logging.getLogger("sim").warning(
        "compiled kernels cannot be kept (tried %s), so every start compiles them again; set "
        "NUMBA_CACHE_DIR to a folder that can be written",
        tried,
    )
    return None


def kernels_digest() -> str:
    """Digest of everything that determines a compiled kernel: its sources and the compiler."""
    made_of = [
        sources_digest(feeds_kernels),
        version("numba"),
        version("llvmlite"),
        version("numpy"),
        sys.version,
    ]
    return hashlib.sha256("\0".join(made_of).encode()).hexdigest()


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
        os.utime(folder)
    except OSError:
        return False
    return folder.stat().st_uid == os.getuid()


def _remove_unused(base: Path, used: Path) -> None:
    """Remove compiled kernels of other sources that have not been used for long."""
    for other in base.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):  # somebody else is at it
            if other != used and time.time() - other.stat().st_mtime > _UNUSED_SECONDS:
                shutil.rmtree(other)
