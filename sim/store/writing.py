"""File operations that a committed write is no use for: locks, folders, removals."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from sim.core.atomic import unwritable


@contextlib.contextmanager
def writing(path: Path, key: str = "paths.results") -> Iterator[None]:
    """Around a file operation: what the system refuses is one clear line.

    Raises
    ------
    StoreError
        Naming the setting, the file and the remedy.
    """
    try:
        yield
    except OSError as error:
        raise unwritable(path, error, key) from None
