"""Files of arrays that are mapped rather than read: processes of one machine share them in memory.

They are ordinary uncompressed ``.npz`` files whose arrays begin where a processor likes them to.
A mapping can be written to, but what is written stays with the process that wrote it.
"""

from __future__ import annotations

import io
import math
import mmap
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import numpy as np

#: Arrays begin at multiples of so many bytes.
_ALIGNED = 64
#: Fixed part of the header before each member of a ZIP archive, and of the field for large members.
_HEADER, _LARGE = 30, 20
#: A field of padding: its name (any that nobody uses) and its length stand before it.
_PADDING, _FIELD = 0x4C42, 4
_LONGEST_NUMPY_HEADER = 65_536


def save_arrays(out: BinaryIO, arrays: Mapping[str, np.ndarray]) -> None:
    """Write arrays as ``np.savez`` does, each one aligned."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, values in arrays.items():
            member = zipfile.ZipInfo(f"{name}.npy")
            begins = out.tell() + _HEADER + len(member.filename.encode()) + _LARGE + _FIELD
            gap = -begins % _ALIGNED
            member.extra = struct.pack("<HH", _PADDING, gap) + bytes(gap)
            with archive.open(member, "w", force_zip64=True) as held:
                np.lib.format.write_array(held, np.asarray(values), allow_pickle=False)


def map_arrays(file: Path) -> dict[str, np.ndarray]:
    """Arrays of a file of :func:`save_arrays`, mapped.

    Raises
    ------
    OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile
        If the file is absent, torn or damaged.
    """
    with file.open("rb") as held, zipfile.ZipFile(held) as archive:
        whole = mmap.mmap(held.fileno(), 0, access=mmap.ACCESS_COPY)
        return {info.filename.removesuffix(".npy"): _array(whole, info) for info in archive.infolist()}


def _array(whole: mmap.mmap, info: zipfile.ZipInfo) -> np.ndarray:
    """One member, once its checksum is right."""
    name, extra = struct.unpack_from("<HH", whole, info.header_offset + _HEADER - 4)
    begin = info.header_offset + _HEADER + name + extra
    with memoryview(whole) as view, view[begin : begin + info.file_size] as content:
        if info.compress_type != zipfile.ZIP_STORED or zlib.crc32(content) != info.CRC:
            raise ValueError(f"{info.filename} is damaged")
        header = io.BytesIO(bytes(content[:_LONGEST_NUMPY_HEADER]))
    version = np.lib.format.read_magic(header)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, fortran, dtype = read(header)
    if dtype.hasobject:
        raise ValueError(f"{info.filename} holds objects")
    count = math.prod(shape)
    if not count:
        return np.empty(shape, dtype)
    values = np.frombuffer(whole, dtype, count, begin + header.tell())
    return values.reshape(shape, order="F" if fortran else "C")
