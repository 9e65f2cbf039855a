"""Files of arrays that are mapped rather than read: processes of one machine share them in memory.

They are ordinary uncompressed ``.npz`` files whose arrays begin where a processor likes them to, and whose
comment seals the list of arrays and the name that they are filed under.
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

from sim.core.sealed import seal_of

#: Arrays begin at multiples of so many bytes.
_ALIGNED = 64
#: Fixed part of the header before each member of a ZIP archive, and of the field for large members.
_HEADER, _LARGE = 30, 20
#: A field of padding: its name (any that nobody uses) and its length stand before it.
_PADDING, _FIELD = 0x4C42, 4
_LONGEST_NUMPY_HEADER = 65_536


def save_arrays(out: BinaryIO, arrays: Mapping[str, np.ndarray], name: str = "") -> None:
    """Write arrays as ``np.savez`` does, each one aligned, under the name that the file is known by."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for entry, values in arrays.items():
            member = zipfile.ZipInfo(f"{entry}.npy")
            begins = out.tell() + _HEADER + len(member.filename.encode()) + _LARGE + _FIELD
            gap = -begins % _ALIGNED
            member.extra = struct.pack("<HH", _PADDING, gap) + bytes(gap)
            with archive.open(member, "w", force_zip64=True) as held:
                np.lib.format.write_array(held, np.asarray(values), allow_pickle=False)
        archive.comment = _seal(archive, name)


def map_arrays(file: Path, name: str = "") -> dict[str, np.ndarray]:
    """Arrays of a file that :func:`save_arrays` wrote under ``name``, mapped.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If it is torn, was changed, or was written under another name.
    """
    try:
        with file.open("rb") as held, zipfile.ZipFile(held) as archive:
            if archive.comment != _seal(archive, name):
                raise ValueError("its arrays were changed, or belong to another name")
            whole = mmap.mmap(held.fileno(), 0, access=mmap.ACCESS_COPY)
            return {info.filename.removesuffix(".npy"): _array(whole, info) for info in archive.infolist()}
    except OSError:
        raise
    except Exception as error:  # whatever a damaged archive makes its readers stumble over
        raise ValueError(str(error) or type(error).__name__) from None


def _seal(archive: zipfile.ZipFile, name: str) -> bytes:
    """What an archive's comment says if nothing was added, taken away, exchanged or renamed."""
    members = [[info.filename, info.CRC, info.file_size] for info in archive.infolist()]
    return seal_of(name, members).encode()


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
