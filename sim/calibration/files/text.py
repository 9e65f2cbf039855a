"""From a path to text: compression, byte order marks and encodings."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import zlib
from pathlib import Path

from sim.calibration.files.refusal import refusal
from sim.core.language import mark, tr
from sim.network.files.load import BYTE_ORDER_MARKS

#: Largest file that is read, expanded, bytes.
MOST_BYTES = 2**30
_PACKED = ((b"\x1f\x8b", ".gz"), (b"BZh", ".bz2"), (b"\xfd7zXZ\x00", ".xz"))
#: First bytes of what people take for tables -> its name and what to do with it.
_OTHERS = (
    (b"PK", mark("a zip or an Office file"), mark("save the sheet as 'CSV UTF-8', or unpack the zip")),
    (b"\xd0\xcf\x11\xe0", mark("an old Office file (.xls)"), mark("save the sheet as 'CSV UTF-8'")),
    (b"PAR1", mark("a Parquet file"), mark("write it as CSV, for instance with pandas' to_csv")),
    (b"%PDF", mark("a PDF"), mark("give the table that it was made from")),
    (b"RDX", mark("an R file"), mark("write it as CSV with write.csv")),
    (b"SQLite format 3", mark("a database"), mark("export the table as CSV")),
)


def text_of(path: Path, encoding: str | None = None) -> str:
    """Text of a file: UTF-8, what a byte order mark says, or ``encoding``; lines end with newlines.

    Raises
    ------
    TableError
        If the file is missing, too large, damaged, no text, or text of another encoding.
    """
    data = _expanded(path, _bytes(path))
    for magic, found, remedy in _OTHERS:
        if data.startswith(magic):
            raise refusal(path, tr("a table is text"), tr(found), tr(remedy))
    if not data.strip(b" \t\r\n\x00" + codecs.BOM_UTF8):
        raise refusal(
            path,
            tr("a table needs a header and rows"),
            tr("an empty file"),
            tr("check that it was written whole"),
        )
    mark, marked = next(((m, name) for m, name in BYTE_ORDER_MARKS if data.startswith(m)), (b"", ""))
    name = marked or encoding or "utf-8"
    try:
        text = data[len(mark) :].decode(name)
    except LookupError:
        raise refusal(
            path,
            tr("encoding must be one that Python knows"),
            shown_name(name),
            tr("write encoding=gb18030 or latin-1"),
        ) from None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise refusal(
            path,
            tr("the text must be {name}", name=name),
            tr("byte 0x{data:02x}", data=data[len(mark) + error.start]),
            tr("save it as 'CSV UTF-8', or say encoding=gb18030, utf-16 or what it is"),
            line,
        ) from None
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        remedy = tr("save it as 'CSV UTF-8', or say encoding=utf-16")
        raise refusal(path, tr("a table is text"), tr("a zero byte"), remedy, line)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def shown_name(name: str) -> str:
    """An encoding's name as a message shows it."""
    return f"'{name[:40]}'"


def _bytes(path: Path) -> bytes:
    if path.is_dir():
        raise refusal(path, tr("a table is a file"), tr("a directory"), tr("name the file inside it"))
    if path.exists() and not path.is_file():
        raise refusal(path, tr("a table is a file"), tr("a device or a pipe"), tr("write it to a file first"))
    try:
        if path.stat().st_size > MOST_BYTES:
            raise refusal(
                path,
                tr("a table holds at most {most_bytes:,} bytes", most_bytes=MOST_BYTES),
                f"{path.stat().st_size:,}",
                tr("give a part of it"),
            )
        return path.read_bytes()
    except FileNotFoundError:
        raise refusal(path, tr("the file must exist"), tr("no such file"), tr("check the path")) from None
    except OSError as error:
        reason = error.strerror or tr("an error")
        raise refusal(path, tr("the file must be readable"), reason, tr("check its permissions")) from None


def _expanded(path: Path, raw: bytes) -> bytes:
    """Bytes without their compression, and no more than :data:`MOST_BYTES` of them."""
    suffix = next((suffix for magic, suffix in _PACKED if raw.startswith(magic)), "")
    if not suffix:
        return raw
    packed = io.BytesIO(raw)
    try:
        with _opened(packed, suffix) as file:
            data: bytes = file.read(MOST_BYTES + 1)
    except (EOFError, OSError, zlib.error, lzma.LZMAError):
        raise refusal(
            path,
            tr("the {suffix} file must be complete", suffix=suffix),
            tr("a damaged one"),
            tr("fetch the file again"),
        ) from None
    if len(data) > MOST_BYTES:
        raise refusal(
            path,
            tr("a table holds at most {most_bytes:,} bytes", most_bytes=MOST_BYTES),
            "more",
            tr("give a part of it"),
        )
    return data


def _opened(packed: io.BytesIO, suffix: str) -> gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile:
    if suffix == ".gz":
        return gzip.GzipFile(fileobj=packed)
    return bz2.BZ2File(packed) if suffix == ".bz2" else lzma.LZMAFile(packed)


def is_encoding(name: str) -> bool:
    """Whether Python knows ``name`` as an encoding of text."""
    try:
        return isinstance("0".encode(name), bytes) and isinstance(b"".decode(name), str)
    except (LookupError, UnicodeError, ValueError):
        return False
