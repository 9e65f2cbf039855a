"""Where the folders that come with the program are."""

from __future__ import annotations

from pathlib import Path

from sim.core.sources import PACKAGE


def shipped(folder: str) -> Path:
    """Path of ``conf`` or ``scenarios``: beside ``sim/`` in a checkout, inside it in a wheel."""
    inside = PACKAGE / f"_{folder}"
    return inside if inside.is_dir() else PACKAGE.parent / folder
