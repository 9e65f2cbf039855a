"""How many processors this process may use: what the scheduler allows it, not what the machine has."""

from __future__ import annotations

import math
import os
from pathlib import Path

_CGROUPS = Path("/sys/fs/cgroup")
_OWN = Path("/proc/self/cgroup")


def available_processors(cgroups: Path = _CGROUPS, own: Path = _OWN) -> int:
    """Processors of the affinity mask (``taskset``, Slurm) or of the container's share, whichever is less.

    Parameters
    ----------
    cgroups, own : Path
        Where the kernel shows control groups (versions 1 and 2), and this process's place in them.

    Returns
    -------
    int
        At least 1; a share of 1.5 processors counts as 1.
    """
    if hasattr(os, "sched_getaffinity"):
        allowed = len(os.sched_getaffinity(0))
    else:
        allowed = os.cpu_count() or 1
    share = _share(cgroups, own)
    return max(1, allowed if share is None else min(allowed, math.floor(share)))


def _share(cgroups: Path, own: Path) -> float | None:
    """The smallest share of processor time of this process's control groups; None if unlimited."""
    shares = []
    for folder in _folders(cgroups, own):
        if quota := _words(folder / "cpu.max"):  # version 2: "max 100000" or "150000 100000"
            shares += [int(quota[0]) / int(quota[1])] if quota[0].isdecimal() and len(quota) == 2 else []
        quota, period = _words(folder / "cpu.cfs_quota_us"), _words(folder / "cpu.cfs_period_us")
        if quota and period and quota[0].isdecimal() and period[0].isdecimal():  # version 1; -1 is no limit
            shares.append(int(quota[0]) / int(period[0]))
    return min(shares) if shares else None


def _folders(cgroups: Path, own: Path) -> set[Path]:
    """Folders of this process's groups and of all that hold them, in either version's layout."""
    found = {cgroups, cgroups / "cpu", cgroups / "cpu,cpuacct"}
    try:
        lines = own.read_text(encoding="utf-8").splitlines()
    except OSError:
        return found
    for line in lines:
        _, controllers, place = [*line.split(":", 2), "", ""][:3]
        if controllers and "cpu" not in controllers.split(","):
            continue
        root = cgroups / controllers if controllers else cgroups
        parts = Path(place.lstrip("/")).parts
        found |= {root.joinpath(*parts[:depth]) for depth in range(len(parts) + 1)}
    return found


def _words(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").split()
    except OSError:
        return []
