"""The words in which a configuration's problems are told: what was written, what was perhaps meant."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextvars import ContextVar
from difflib import get_close_matches
from typing import Any

from sim.core.language import tr

_LONG = 60
_MANY = 40


#: The verb that runs, whose own keys may have been meant where a key is unknown.
VERB: ContextVar[str] = ContextVar("verb", default="")


def did_you_mean(name: str, valid: Iterable[str]) -> str:
    """Closest valid name, or all of them if they are not too many, as the remedy half of a problem."""
    names = [str(v) for v in valid]
    more = tr(" and {many} more", many=len(names) - _MANY) if len(names) > _MANY else ""
    listed = (
        tr("choose one of: {names}{more}", names=", ".join(names[:_MANY]), more=more)
        if names
        else tr("there are none to choose from")
    )
    close = get_close_matches(name, names, n=1, cutoff=0.6)
    if not close:
        return listed
    return tr("did you mean '{close}'?", close=close[0]) + ("" if more else f" ({listed})")


def written(value: Any) -> str:
    """What the user wrote, recognisable and on one line: ``-3``, ``'many'``, ``nothing (null)``."""
    if value is None:
        return tr("nothing (null)")
    if isinstance(value, (list, tuple)):
        return tr("the list {short}", short=_short(value))
    if isinstance(value, dict):
        return tr("the mapping {short}", short=_short(value))
    if isinstance(value, bool):
        return "true" if value else "false"
    return _clip(repr(value))


def _short(value: Any) -> str:
    return _clip(json.dumps(value, ensure_ascii=False, default=str))


def _clip(text: str) -> str:
    return text if len(text) <= _LONG else f"{text[:_LONG]}..."
