"""A plugin of pytest that takes one mechanism out of the market before any test runs.

``LIEBIAN_REMOVED`` says which: ``act MODULE:CLASS`` or ``act MODULE:CLASS.METHOD`` does nothing any more,
``feature SECTION`` has no mechanisms, ``hold KEY`` or ``hold KEY=VALUE`` stays at its default or at a value
whatever is set.
"""

from __future__ import annotations

import importlib
import os
from typing import Any

VARIABLE = "LIEBIAN_REMOVED"


def remove(what: str) -> None:
    """Take out what is named, for the rest of this process.

    Raises
    ------
    ValueError, LookupError, AttributeError, ImportError
        If there is no such thing.
    """
    kind, _, name = what.partition(" ")
    if kind == "act":
        _silence(name)
    elif kind == "feature":
        _leave_out(name)
    elif kind == "hold":
        _hold(*name.partition("=")[::2])
    else:
        raise ValueError(f"'{what}' must begin with act, feature or hold")


def _silence(name: str) -> None:
    module, _, path = name.partition(":")
    owner, _, method = path.partition(".")
    cls = getattr(importlib.import_module(module), owner)
    method = method or "act"

    def nothing(self: Any, *_: Any) -> None:
        return None

    nothing.__dict__.update(vars(cls)[method].__dict__)  # what the act declares goes on being declared
    setattr(cls, method, nothing)


def _leave_out(section: str) -> None:
    from sim.registry import FEATURES

    (feature,) = (one for one in FEATURES if one.section == section)
    feature.build = classmethod(lambda cls, config, moment: [])


def _hold(key: str, value: str) -> None:
    import yaml

    from sim.config import compose
    from sim.registry import SECTIONS

    section, *path, leaf = key.split(".")
    model, at = SECTIONS[section], getattr(compose([]), section)
    for step in path:
        model, at = model.model_fields[step].annotation, getattr(at, step)
    held = yaml.safe_load(value) if value else getattr(at, leaf)
    usual = model.__getattribute__

    def read(self: Any, name: str) -> Any:
        return held if name == leaf else usual(self, name)

    model.__getattribute__ = read


if what := os.environ.get(VARIABLE):
    remove(what)
