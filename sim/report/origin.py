"""From which worlds, seeds and versions a report is, line by line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.core.kept import told_of
from sim.core.language import mark, tr

#: What is noted of a run -> what the line is called; names of libraries are the same in every language.
_LINES = {
    "experiment": mark("Experiment"),
    "options": mark("Options"),
    "seed": mark("Seed"),
    "world": mark("Burnt-in world"),
    "worlds": mark("Kind of worlds"),
    "baseline_key": mark("Run of the baseline in the same world"),
    "graph": mark("Graph"),
    "graph_notes": mark("How the network was read"),
    "consumers": mark("Simulated consumers"),
    "represents": mark("Real consumers behind each simulated one"),
    "start": mark("First measured day"),
    "stationary": mark("Stationarity of the burnt-in market"),
    "code": mark("Digest of the code"),
    "liebian": "Liebian",
    "numpy": "NumPy",
    "mesa": "Mesa",
    "numba": "Numba",
    "simpy": "SimPy",
}

#: A word of the user's own, which is never translated.
_NAMED_BY_USER = "experiment"


def origin(info: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Name and text of each line; what was not noted of a run has none.

    Parameters
    ----------
    info : mapping
        As :func:`sim.runs.replicate.describe` gives it.
    """
    lines = ((tr(what), _text(info, key)) for key, what in _LINES.items())
    return [(what, text) for what, text in lines if text]


def _text(info: Mapping[str, Any], key: str) -> str:
    value = info.get(key, "") if key == _NAMED_BY_USER else told_of(info, key)
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={one}" for name, one in value.items())
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return f"{value:,.10g}" if isinstance(value, float) else str(value)
