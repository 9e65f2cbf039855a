"""From a path to bytes and text: compression, encodings, and a limit on what is expanded."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sim.core.language import tr
from sim.network.files.ties import MOST_BYTES, refusal

#: Magic bytes -> name of a compression that is undone.
_PACKED = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bz2",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
}
_SUFFIX = {".gz": "gzip", ".bz2": "bz2", ".xz": "xz", ".zst": "zstd", ".zip": "zip"}
#: Text of ties shrinks three to twenty times; what grows more than this is not text of ties.
MOST_GROWTH = 200
_UNSUSPECTED = 2**24
_STEP = 2**22
#: Byte order marks and the encodings they announce, the longer ones first.
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DAMAGE = (
    EOFError,
    OSError,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
    RuntimeError,  # zipfile: an encrypted member, or a compression that it does not know
)


@dataclass(frozen=True)
class Content:
    """A file's expanded bytes.

    Attributes
    ----------
    path : Path
    data : bytes
    packing : str
        Name of the compression, or empty.
    """

    path: Path
    data: bytes
    packing: str


def load(path: Path) -> Content:
    """Bytes of a file, decompressed.

    Raises
    ------
    GraphFileError
        If it cannot be read, is damaged, or would expand beyond :data:`MOST_BYTES`.
    """
    if path.is_dir():
        raise refusal(path, None, tr("an edge list is a file"), "a directory", tr("name the file inside it"))
    if path.exists() and not path.is_file():  # a device or a pipe may never end
        raise refusal(
            path, None, tr("an edge list is a file"), tr("a device or a pipe"), tr("write it to a file first")
        )
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            _too_large(path, tr("{size:,} bytes", size=size))
        raw = path.read_bytes()
    except FileNotFoundError:
        raise refusal(
            path, None, tr("the edge list must exist"), tr("no such file"), tr("check graph.path")
        ) from None
    except OSError as error:
        reason = error.strerror or tr("an error")
        raise refusal(
            path, None, tr("the edge list must be readable"), reason, tr("check its permissions")
        ) from None
    packing = next((name for magic, name in _PACKED.items() if raw.startswith(magic)), "")
    promised = _SUFFIX.get(path.suffix.lower(), "")
    if promised and raw and promised != packing:
        found = packing or tr("something else")
        raise refusal(
            path,
            None,
            tr("a {suffix} file must be {promised}", suffix=path.suffix, promised=promised),
            found,
            tr("rename it or compress it again"),
        )
    data = _expanded(path, raw, packing) if packing else raw
    if not data.strip():
        raise refusal(
            path, None, tr("an edge list needs at least one tie"), tr("an empty file"), tr("check graph.path")
        )
    return Content(path, data, packing)


def _too_large(path: Path, found: str) -> None:
    """Refuse a file before memory is taken for it."""
    raise refusal(
        path,
        None,
        tr("a graph file holds at most {most_bytes:,} bytes", most_bytes=MOST_BYTES),
        found,
        tr("give a part of the network"),
    )


def _expanded(path: Path, raw: bytes, packing: str) -> bytes:
    """Undo a compression step by step, and stop when the text grows beyond reason."""
    try:
        stream = _stream(path, raw, packing)
        parts, total = [], 0
        while part := stream.read(_STEP):
            parts.append(part)
            total += len(part)
            if total > _UNSUSPECTED and total > MOST_GROWTH * len(raw):
                rule = tr(
                    "a compressed edge list expands at most {most_growth} times", most_growth=MOST_GROWTH
                )
                raise refusal(
                    path,
                    None,
                    rule,
                    tr("more than {total:,} bytes out of {n_raw:,}", total=total, n_raw=len(raw)),
                    tr("unpack and check it"),
                )
            if total > MOST_BYTES:
                _too_large(
                    path, tr("more than {total:,} bytes in the {packing}", total=total, packing=packing)
                )
    except _DAMAGE:
        rule = tr("the {packing} must be complete and without a password", packing=packing)
        raise refusal(
            path, None, rule, tr("a truncated or damaged one"), tr("fetch the file again")
        ) from None
    return b"".join(parts)


def _stream(path: Path, raw: bytes, packing: str) -> IO[bytes] | gzip.GzipFile:
    """Open compressed bytes for reading."""
    file = io.BytesIO(raw)
    if packing == "gzip":
        return gzip.GzipFile(fileobj=file)
    if packing == "bz2":
        return bz2.BZ2File(file)
    if packing == "xz":
        return lzma.LZMAFile(file)
    if packing == "zstd":
        import pyarrow as pa  # here, because nothing else of it reads a network

        expanded: IO[bytes] = pa.input_stream(file, compression="zstd")
        return expanded
    return _member(path, zipfile.ZipFile(file))


def _member(path: Path, archive: zipfile.ZipFile) -> IO[bytes]:
    """The only file of a zip; spreadsheets and arrays are zips too."""
    names = [
        i.filename for i in archive.infolist() if not i.is_dir() and not i.filename.startswith("__MACOSX")
    ]
    inside = set(names)
    if "[Content_Types].xml" in inside:
        _refuse_sheet(path, tr("an Office file (.xlsx)"))
    if "mimetype" in inside and "content.xml" in inside:
        _refuse_sheet(path, tr("an OpenDocument file (.ods)"))
    if inside and all(name.endswith(".npy") for name in inside):
        raise refusal(
            path,
            None,
            tr("a graph file is text"),
            tr("NumPy arrays (.npz)"),
            tr("save the ties with numpy.savetxt"),
        )
    if len(names) != 1:
        found = tr("{n_names} files", n_names=len(names))
        raise refusal(
            path, None, tr("a zip must hold one edge list"), found, tr("unpack it and name one of them")
        )
    return archive.open(names[0])


def _refuse_sheet(path: Path, found: str) -> None:
    """Refuse a spreadsheet by its name."""
    raise refusal(
        path, None, tr("a graph file is text"), found, tr("save the sheet with the ties as 'CSV UTF-8'")
    )


def decode(path: Path, data: bytes, encoding: str | None) -> str:
    """Text of a file: UTF-8, what a byte order mark says, or ``encoding``; line ends become newlines.

    Raises
    ------
    GraphFileError
        If the bytes are not text of that encoding.
    """
    mark, marked = next(((m, name) for m, name in BYTE_ORDER_MARKS if data.startswith(m)), (b"", ""))
    name = marked or encoding or "utf-8"
    try:
        text = data[len(mark) :].decode(name)
    except UnicodeDecodeError as error:
        empty = data.find(b"\x00") if name == "utf-8" else -1
        at = len(mark) + error.start
        _refuse_bytes(path, data, name, at if empty < 0 else min(at, empty))
    if "\x00" in text:
        _refuse_bytes(path, data, name, data.index(b"\x00"))
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _refuse_bytes(path: Path, data: bytes, name: str, at: int) -> None:
    """Name the line of a byte that is no text, and what to try."""
    rule = tr("an edge list is UTF-8 text") if name == "utf-8" else tr("the text must be {name}", name=name)
    remedy = tr("give text, CSV or TSV (or .gz), or say graph.encoding=gb18030, utf-16 or what it is")
    raise refusal(path, data.count(b"\n", 0, at) + 1, rule, f"byte 0x{data[at]:02x}", remedy)


def plain_ascii_marks(data: bytes) -> int | None:
    """Where bytes begin that can be read as ASCII without decoding, or None after a UTF-16 mark."""
    for mark, name in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return len(mark) if name == "utf-8" else None
    return 0


def is_encoding(name: str) -> bool:
    """True if Python knows ``name`` as an encoding of text."""
    try:
        return bool("0".encode(name))
    except (LookupError, UnicodeError, ValueError):
        return False
