"""Compilation of kernels, cached in a folder that is named by all sources a kernel may hold.

numba looks only at a function's own file when it asks whether compiled code is up to date, and not at the
kernels and constants which that function takes from other files. So the folder of a module's kernels carries
a digest of all sources that the module imports, directly or through others, and of the compiler's
version: after an edit of any of them they are compiled anew, without anything being deleted by hand.

The compiler is imported when the first kernel is called, so that listing parameters, planning and reading
results do without it, and kernels that nobody calls are not read. Until then a :class:`Kernel` stands in for
each compiled function.
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
import threading
import time
from collections.abc import Callable, Iterator
from functools import cache as once
from functools import partial, update_wrapper
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

from sim.core.atomic import temporary_name
from sim.core.language import tr
from sim.core.own_sources import own_digest
from sim.core.sources import PACKAGE, module_digest, sources_digest

_FOLDER = "liebian-kernels"
#: Kernels are removed when nobody has used them for so long.
_UNUSED_SECONDS = 14 * 86_400.0
_lock = threading.RLock()
#: Kernels that nobody has called yet.
_waiting: dict[int, Kernel] = {}
#: Where a kernel that waits is named: a module's names and the name, by the kernel's number.
_named: dict[int, list[tuple[dict[str, Any], str]]] = {}
#: Modules whose names have been looked through for kernels.
_seen: set[str] = set()
#: What is told to numba before it compiles anything.
_declarations: list[Callable[[], None]] = []
#: File and module of the cached kernels that were declared in this process.
_sources: dict[tuple[str, str], None] = {}


class Kernel:
    """Stands in for a compiled function until its first call, which imports the compiler or reads its code.

    From then on module globals hold the compiled function itself; a stand-in that is kept elsewhere passes
    calls and attributes on.

    Parameters
    ----------
    function : callable
        What is compiled.
    cache : bool
        Whether the compiled code is kept on disk.
    options : dict
        Further arguments of ``numba.njit``.
    """

    def __init__(self, function: Callable[..., Any], cache: bool, options: dict[str, Any]) -> None:
        update_wrapper(self, function)
        self._declared = function, cache, options
        self._compiled: Any = None

    def compiled(self) -> Any:
        """The function as numba compiles it."""
        if self._compiled is None:
            with _lock:
                if _may_be_read(*self._declared[:2]):
                    self.finish()
                else:
                    _finish_all()
                    self.finish()
        return self._compiled

    def finish(self) -> Any:
        """Hand the function to numba; returns what is called from now on."""
        if self._compiled is None:
            self._compiled = _compile(*self._declared)
            _waiting.pop(id(self), None)
            _put_in_place(self)
        return self._compiled

    def __call__(self, *args: Any) -> Any:
        """Call the compiled function."""
        return self.compiled()(*args)

    def __getattr__(self, name: str) -> Any:
        """What numba's dispatcher has, such as ``py_func``."""
        return getattr(self.compiled(), name)


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
    if cache:
        _sources[inspect.getfile(function), function.__module__] = None
    kernel = Kernel(function, cache, options)
    with _lock:
        _waiting[id(kernel)] = kernel
    return kernel


def before_compiling(declare: Callable[[], None]) -> None:
    """Tell numba something (an overload, a type) before it compiles a kernel, and not before.

    Parameters
    ----------
    declare : callable
        Imports what it needs of numba, and declares; called once.
    """
    _declarations.append(declare)


def _finish_all() -> None:
    """Hand numba all kernels that wait, for one that is compiled may call any of them."""
    with _lock:
        while _declarations:
            _declarations.pop(0)()
        while _waiting:
            next(iter(_waiting.values())).finish()


def _put_in_place(kernel: Kernel) -> None:
    """Let all modules that name a kernel hold the compiled function."""
    for name, module in list(sys.modules.items()):
        if name not in _seen and isinstance(module, ModuleType):
            if name != "__main__":  # grows while it runs, in a notebook
                _seen.add(name)
            names = module.__dict__
            for key in [key for key, value in names.items() if type(value) is Kernel]:
                _named.setdefault(id(names[key]), []).append((names, key))
    for names, key in _named.pop(id(kernel), ()):
        if names.get(key) is kernel:
            names[key] = kernel._compiled


def _may_be_read(function: Callable[..., Any], cache: bool) -> bool:
    """Whether compiled code of a function may lie on disk and be read without all of the compiler."""
    from numba.core import config

    from sim.core.kernel_cache import tried

    disabled = bool(getattr(config, "DISABLE_JIT", False))
    return cache and not disabled and tried() and _folder_of_function(function) is not None


def _compile(function: Callable[..., Any], cache: bool, options: dict[str, Any]) -> Any:
    """``numba.njit`` with the project's cache."""
    import numba

    folder = _folder_of_function(function) if cache else None
    if folder is None:
        return numba.njit(**options)(function)
    with contextlib.suppress(OSError):  # not there yet
        os.utime(folder)
    with _numba_caches_in(folder):
        if not _may_be_read(function, cache):
            return numba.njit(cache=True, **options)(function)
        from sim.core.kernel_cache import KernelCache

        compiled = numba.njit(**options)(function)
        compiled._cache = KernelCache(function, _finish_all)
        return compiled


def _folder_of_function(function: Callable[..., Any]) -> Path | None:
    """Where a function's compiled code is kept; None where no folder can be written."""
    return _folder_of(inspect.getfile(function), function.__module__)


def _folder_of(file: str, module: str) -> Path | None:
    """Where the kernels of a source file are kept; None where no folder can be written."""
    base = cache_folder()
    return None if base is None else base / kernels_digest(file, module)[:16]


@contextlib.contextmanager
def _numba_caches_in(folder: Path) -> Iterator[None]:
    """Let numba choose this folder; what else the process compiles keeps its own."""
    from numba.core import config as numba_config

    config: Any = numba_config
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
        tr(
            "compiled kernels cannot be kept (tried {tried}), so every start compiles them again; set "
            "NUMBA_CACHE_DIR to a folder that can be written",
            tried=tried,
        )
    )
    return None


@once
def tell_if_cold() -> None:
    """Say once, and not in workers, that a run begins with compiling if most kernels are missing."""
    folders = {folder for source in _sources if (folder := _folder_of(*source)) is not None}
    empty = [folder for folder in folders if not any(folder.rglob("*.nbi"))]
    if len(empty) * 2 > len(folders) and multiprocessing.parent_process() is None:
        logging.getLogger("sim").warning(
            tr(
                "note: the first run of this version compiles its kernels, which takes minutes; later ones "
                "do not"
            )
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
