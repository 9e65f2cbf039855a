"""Imports that wait until somebody uses what they bring.

A library may import at its top what most of its users never touch: Mesa brings pandas, scipy's spatial part
and networkx along for grids and tables that no market has. Under :func:`deferred` such an import puts a
module in place that is executed when the first of its names is read, and is an ordinary module from then on.
"""

from __future__ import annotations

import importlib
import inspect
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

_lock = threading.RLock()
#: What ``import mesa`` imports and a market does not need.
_MESA_EXTRAS = (
    "pandas",
    "asyncio",
    "mesa.discrete_space",
    "mesa.experimental.continuous_space",
    "mesa.space",
)


class DeferredModule(ModuleType):
    """A module that is executed when a name is asked of it that it does not have yet."""

    def __getattr__(self, name: str) -> Any:
        """Execute the module, unless that is under way, and look again."""
        with _lock:
            waiting = self.__dict__.pop("_waiting", None)
            if waiting is not None:
                self.__dict__.update(waiting.folder)
                try:
                    waiting.loader.exec_module(self)
                except BaseException:  # the next who asks tries again and hears why
                    waiting.exec_module(self)
                    raise
                object.__setattr__(self, "__class__", ModuleType)
        return ModuleType.__getattribute__(self, name)


class _Waiting(Loader):
    """Puts a module in place without executing it."""

    def __init__(self, loader: Loader) -> None:
        self.loader = loader
        self.folder: dict[str, Any] = {}

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """A module that waits."""
        return DeferredModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Hand the module its own loader and hide its folder, which the import of a submodule asks for."""
        names = module.__dict__
        module.__loader__ = names["__spec__"].loader = self.loader
        if "__path__" in names:
            self.folder = {"__path__": names.pop("__path__")}
        names["_waiting"] = self


class _Finder(MetaPathFinder):
    """Finds the modules that are to wait."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names

    def find_spec(self, name: str, path: Sequence[str] | None, target: Any = None) -> ModuleSpec | None:
        """Where the module lies, with a loader that waits."""
        spec = PathFinder.find_spec(name, path) if name in self.names else None
        if spec is not None and spec.loader is not None:
            spec.loader = _Waiting(spec.loader)
        return spec


@contextmanager
def deferred(*names: str) -> Iterator[None]:
    """Let the named modules wait if they are imported within this block.

    Parameters
    ----------
    *names : str
        Full names of modules; those that are imported already stay as they are.
    """
    finder = _Finder(names)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


def defer(*names: str) -> None:
    """Put modules in place that wait, so that whoever imports them later imports nothing yet.

    Parameters
    ----------
    *names : str
        Full names of modules that are installed with this package; those imported already stay as they are.
    """
    with deferred(*names):
        for name in names:
            importlib.import_module(name)


def import_alone(package: str, module: str) -> None:
    """Import one module of a package that itself waits, where the module needs nothing of the package.

    Parameters
    ----------
    package, module : str
        Full name of the package, and the name of the module within it.
    """
    with deferred(package):
        waiting = importlib.import_module(package).__dict__.get("_waiting")
    if waiting is None:  # imported before
        return
    names = sys.modules[package].__dict__
    with _lock:
        names.update(waiting.folder)
        try:
            importlib.import_module(f"{package}.{module}")
        finally:
            names.pop("__path__", None)


def _name_import_frames() -> None:
    """Tell ``inspect`` what Python's own import code belongs to.

    Mesa looks through the stack while it is imported. Frames of the import system have no file, so for each
    of them ``inspect`` would search all modules that there are.
    """
    for name in ("importlib._bootstrap", "importlib._bootstrap_external"):
        file = f"<frozen {name}>"
        for spelling in (file, os.path.normcase(os.path.abspath(file))):
            inspect.modulesbyfile.setdefault(spelling, name)


def import_libraries() -> None:
    """Import what a market is made of, without what it never uses.

    Mesa without grids, spaces and tables; of scipy's linear algebra the one module for which numba looks
    when the first kernel is called. All of it is there as soon as somebody uses it.
    """
    _name_import_frames()
    with deferred(*_MESA_EXTRAS):
        importlib.import_module("mesa")
    import_alone("scipy.linalg", "cython_blas")
