"""Where results and cached worlds are kept; never changes a result."""

from __future__ import annotations

import os

from pydantic import field_validator

from sim.config.settings.patterns import NOT_BLANK
from sim.core.params import Params, param

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

    @field_validator("results", "cache")
    @classmethod
    def _at_home(cls, folder: str) -> str:
        """``~`` is the user's home, as it is to a shell that was not asked because of quotes."""
        return os.path.expanduser(folder)
