"""Columns of long tables: in unnamed temporary files, so that memory holds what is looked at and not all.

A mapped file reads and writes like memory, and what was not looked at for a while can be let go: it stays
in the file, and the system fetches it back when it is looked at again.
"""

from __future__ import annotations

import mmap
import os
import tempfile
from typing import Any

import numpy as np


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
