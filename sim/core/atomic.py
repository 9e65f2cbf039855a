"""Files that exist whole or not at all: written under a temporary name, flushed, then renamed.

A temporary name says which process of which machine is writing, so that what a killed writer
left behind can be told from work in progress and swept. A name ends in ``.tmp``, because DuckDB
reads every ``*.parquet``, names that begin with a dot included.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

from sim.core.errors import StoreError
from sim.core.language import tr

_TEMPORARY = re.compile(r"\.[a-z0-9_-]+\.(?P<host>[^.]+)\.(?P<pid>\d+)\.[0-9a-f]+\.tmp")
_STALE_SECONDS = 86_400.0


def commit(
    path: Path, save: Callable[[Path], object], key: str = "paths.results", names_file: bool = False
) -> None:
    """Let ``save`` write a temporary file beside ``path``, flush it to disk and rename it.

    ``key`` is the setting that named the folder, or the file where it ``names_file``, for the user who must
    choose another; empty where none did.

    Raises
    ------
    StoreError
        If the file cannot be written; nothing remains of the attempt and an earlier file stays.
    """
    temporary = path.parent / temporary_name(path.stem)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save(temporary)
        _flush(temporary)
        os.replace(temporary, path)
        _flush(path.parent)
    except OSError as error:
        raise unwritable(path, error, key, names_file) from None
    finally:
        with contextlib.suppress(OSError):  # a folder that could not be made, or is no folder
            temporary.unlink()


def check_folder(folder: Path, key: str = "paths.results") -> None:
    """Make a folder and try to write in it, before anything is simulated.

    Raises
    ------
    StoreError
        One line: the setting, the folder, the rule and the remedy.
    """
    if sys.getfilesystemencoding() != "utf-8" and not str(folder).isascii():
        raise StoreError(  # readers of Parquet files spell names as UTF-8, and would look elsewhere
            tr(
                "{key}: '{folder}' must be spelt in ASCII where the locale is not UTF-8 "
                "({getfilesystemencoding}); set PYTHONUTF8=1, or choose another with {key}=FOLDER",
                key=key,
                folder=folder,
                getfilesystemencoding=sys.getfilesystemencoding(),
            )
        )
    probe = folder / temporary_name("probe")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise unwritable(folder, error, key) from None


def sweep_temporaries(root: Path, now: float | None = None) -> list[Path]:
    """Remove unfinished files of writers that are dead, or more than a day old, and list them."""
    removed = []
    for path in sorted(root.rglob(".*.tmp")):
        named = _TEMPORARY.fullmatch(path.name)
        if not named:
            continue
        try:
            old = (time.time() if now is None else now) - path.stat().st_mtime > _STALE_SECONDS
            if old or (named["host"] == host() and not alive(int(named["pid"]))):
                path.unlink()
                removed.append(path)
        except OSError:  # another process swept it first, or it belongs to somebody else
            continue
    return removed


def host() -> str:
    """Name of the machine, as names of files say it."""
    return re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname())[:40] or "host"


def temporary_name(stem: str) -> str:
    """Name of an unfinished file that no reader takes for a result."""
    return f".{stem}.{host()}.{os.getpid()}.{secrets.token_hex(4)}.tmp"


def alive(pid: int) -> bool:
    """Whether a process of this machine runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _flush(path: Path) -> None:
    """Flush a file or folder to disk; a folder that cannot be flushed (network drives) is no error."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if not path.is_dir() or error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EACCES):
            raise
    finally:
        os.close(handle)


def unwritable(
    path: Path, error: OSError, key: str = "paths.results", names_file: bool = False
) -> StoreError:
    """The one line for a user whose folder of results or cached worlds, or whose file, cannot be written."""
    reason = error.strerror or str(error)
    if not key:
        return StoreError(
            tr(
                "'{path}' must be one that can be written ({reason}); free it, or choose another folder",
                path=path,
                reason=reason.lower(),
            )
        )
    if names_file:
        return StoreError(
            tr(
                "{key}: '{path}' must be a file that can be written ({reason}); choose another with "
                "{key}=FILE",
                key=key,
                path=path,
                reason=reason.lower(),
            )
        )
    return StoreError(
        tr(
            "{key}: '{path}' must be a folder that can be written ({reason}); free it or choose "
            "another with {key}=FOLDER",
            key=key,
            path=path,
            reason=reason.lower(),
        )
    )
