"""Where results and cached worlds are kept; never changes a result."""

from __future__ import annotations

import os

from pydantic import field_validator

from sim.config.settings.patterns import NOT_BLANK
from sim.core.params import Params, constant


class PathsParams(Params):
    """Where results and cached worlds are kept; never changes a result."""

    results: str = constant("results", "folder", "definition", pattern=NOT_BLANK)
    """Folder of the results store, relative to the working directory unless absolute."""

    cache: str = constant("results/cache", "folder", "definition", pattern=NOT_BLANK)
    """Folder of cached graphs and burnt-in worlds; safe to delete."""

    live: str = constant("", "folder", "definition")
    """Folder where runs of comparisons and sweeps leave their days while they go, a line a day, for whoever
    wants to look on: ``EXPERIMENT/SCENARIO.WORLD.KEY.csv``, ``burn-in`` before a scenario; empty for none."""

    @field_validator("results", "cache", "live")
    @classmethod
    def _at_home(cls, folder: str) -> str:
        """``~`` is the user's home, as it is to a shell that was not asked because of quotes."""
        return os.path.expanduser(folder)
