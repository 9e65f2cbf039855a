"""Where runs execute; never changes a result."""

from __future__ import annotations

from typing import Literal

from sim.core.params import Params, param

# One number on two or three lines reads better than one argument a line.
# fmt: off


class EngineParams(Params):
    """Where runs execute; never changes a result."""

    kind: Literal["serial", "local"] = param(
        "local", unit="engine", kind="constant", source="definition",
        why="serial: one run after another in this process; local: worker processes of this machine",
    )
    workers: int = param(
        0, unit="processes", kind="constant", source="definition", ge=0, le=1024,
        why="worker processes of the local engine; 0 means one for each processor",
    )
