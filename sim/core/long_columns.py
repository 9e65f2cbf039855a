"""Columns of long tables: in unnamed temporary files, so that memory holds what is looked at and not all.

A mapped file reads and writes like memory, and what was not looked at for a while can be let go: it stays
in the file, and the system fetches it back when it is looked at again. Where the folder for temporary files
lies in memory itself, nothing is saved, which is told once.
"""

from __future__ import annotations

import logging
import mmap
import multiprocessing
import os
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from sim.core.language import tr

_LOG = logging.getLogger(__name__)
#: Kinds of file systems whose files lie in memory.
_MEMORY = ("tmpfs", "ramfs")
_MOUNTS = Path("/proc/self/mountinfo")


class LongColumn:
    """One column in a file that nobody else sees and that is gone with it.

    Parameters
    ----------
    dtype : dtype or str
        NumPy dtype of its values.

    Raises
    ------
    OSError
        If there is no folder for temporary files (``TMPDIR``).
    """

    def __init__(self, dtype: Any) -> None:
        self.dtype = np.dtype(dtype)
        tell_where(tempfile.gettempdir())
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - open for as long as the column lives
        self._map: mmap.mmap | None = None

    def room(self, rows: int) -> np.ndarray:
        """Give it so many rows; those that were written before are among them.

        Arrays from earlier calls stay valid and show the same rows.

        Raises
        ------
        OSError
            If the folder has no room for them. Nothing has changed then.
        """
        size = max(1, rows * self.dtype.itemsize)
        os.posix_fallocate(self._file.fileno(), 0, size)  # else a full disk would end the process later
        self._map = mmap.mmap(self._file.fileno(), size)
        return np.frombuffer(self._map, self.dtype, rows)

    def let_go(self, rows: int) -> None:
        """Hold the first rows no longer in memory."""
        whole_pages = rows * self.dtype.itemsize // mmap.PAGESIZE * mmap.PAGESIZE
        if self._map is not None and whole_pages:
            self._map.madvise(mmap.MADV_DONTNEED, 0, whole_pages)


def lies_in_memory(folder: str) -> bool:
    """Whether files of a folder take up memory; False where the system does not say so."""
    try:
        device = os.stat(folder).st_dev
        mounts = _MOUNTS.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return False
    number = f"{os.major(device)}:{os.minor(device)}"
    kinds = [line.partition(" - ")[2].partition(" ")[0] for line in mounts if number in line.split()[2:3]]
    return any(kind in _MEMORY for kind in kinds)


@cache
def tell_where(folder: str) -> None:
    """Tell, once, that long tables will not leave memory; of several workers the first one tells it."""
    worker = multiprocessing.parent_process() is not None
    if lies_in_memory(folder) and not (
        worker and not multiprocessing.current_process().name.endswith("Process-1")
    ):
        _LOG.warning(
            "liebian: %s",
            tr(
                "warning: TMPDIR: long tables of events go to '{folder}', which lies in memory, so that they "
                "save none; name a folder on a disk: TMPDIR=/path/on/disk",
                folder=folder,
            ),
        )
