"""Where results and cached worlds are kept; never changes a result."""

from __future__ import annotations

from sim.core.params import Params, param
from sim.settings.patterns import NOT_BLANK

# One number on two or three lines reads better than one argument a line.
# fmt: off


class PathsParams(Params):
    """Where results and cached worlds are kept; never changes a result."""

    results: str = param(
        "results", unit="folder", kind="constant", source="definition", pattern=NOT_BLANK,
        why="folder of the results store, relative to the working directory unless absolute",
    )
    cache: str = param(
        "results/cache", unit="folder", kind="constant", source="definition", pattern=NOT_BLANK,
        why="folder of cached graphs and burnt-in worlds; safe to delete",
    )
