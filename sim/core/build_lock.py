"""Cross-process build lock: the first process builds a file, the others wait for it.

A lock file beside the target names its holder and is touched as a heartbeat, so that a lock whose process or
machine died is taken over. The lock saves work and never decides a result, which is the same whoever builds
it: where a machine was lost, or a file system cannot say who came first, two processes may build.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from sim.core.atomic import alive, host

#: Seconds between two signs of life, and without one until whoever was at work counts as lost.
BEAT, LOST = 10.0, 60.0
_PAUSE = 0.2


@contextlib.contextmanager
def build_once(file: Path) -> Iterator[None]:
    """Hold the build lock of ``file``: entered when the file exists, or when this process is to build it.

    Parameters
    ----------
    file : Path
        What is to be made; look again whether it is there after entering.
    """
    mark = file.with_name(f"{file.name}.making")
    mine = _wait(file, mark)
    stop = threading.Event()
    if mine:
        threading.Thread(target=_beat, args=(mark, stop), daemon=True).start()
    try:
        yield
    finally:
        stop.set()
        if mine:
            with contextlib.suppress(OSError):
                mark.unlink()


def _wait(file: Path, mark: Path) -> bool:
    """Wait for our turn; True if the mark is ours, False if nobody needs one."""
    seen, since = "", time.monotonic()
    while not file.exists():
        try:
            mark.parent.mkdir(parents=True, exist_ok=True)
            with mark.open("x", encoding="utf-8") as out:
                out.write(f"{host()} {os.getpid()}")
            return True
        except FileExistsError:
            pass
        except OSError:  # cannot be marked here; saving what was made will say so
            return False
        now = _sign_of_life(mark)
        if now != seen:
            seen, since = now, time.monotonic()
        if time.monotonic() - since > LOST or _dead(now):
            with contextlib.suppress(OSError):
                mark.unlink()
        time.sleep(_PAUSE)
    return False


def _sign_of_life(mark: Path) -> str:
    """Who is at work and when they last said so; clocks of different machines are not compared."""
    try:
        return f"{mark.read_text(encoding='utf-8')} {mark.stat().st_mtime_ns}"
    except OSError:
        return ""


def _dead(sign: str) -> bool:
    """Whether it was a process of this machine that is no more."""
    words = sign.split()
    return len(words) == 3 and words[0] == host() and words[1].isdecimal() and not alive(int(words[1]))


def _beat(mark: Path, stop: threading.Event) -> None:
    while not stop.wait(BEAT):
        with contextlib.suppress(OSError):
            os.utime(mark)
