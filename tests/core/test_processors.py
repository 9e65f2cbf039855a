"""Processors are those that this process may use: its affinity mask and its container's share."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from sim.core.processors import available_processors

HERE = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system has no affinity masks")
def test_one_processor_of_the_mask_is_one_worker():
    one = min(os.sched_getaffinity(0))
    code = (
        f"import os; os.sched_setaffinity(0, {{{one}}})\n"
        "from sim.runs.task import workers_of\nfrom sim.config.settings import EngineParams\n"
        "print(workers_of(EngineParams(kind='local')), workers_of(EngineParams(kind='dask')))"
    )
    seen = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert seen.stdout.split() == ["1", "1"]


@pytest.mark.parametrize(
    ("files", "own", "share"),
    [
        ({}, "", None),
        ({"cpu.max": "max 100000\n"}, "0::/\n", None),
        ({"cpu.max": "100000 100000\n"}, "0::/\n", 1),
        ({"cpu.max": "150000 100000\n"}, "0::/\n", 1),
        ({"cpu.max": "20000 100000\n"}, "0::/\n", 1),
        ({"jobs/cpu.max": "max 100000\n", "jobs/mine/cpu.max": "100000 100000\n"}, "0::/jobs/mine\n", 1),
        ({"jobs/cpu.max": "100000 100000\n", "jobs/mine/cpu.max": "max 100000\n"}, "0::/jobs/mine\n", 1),
        ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, "3:cpu:/\n", None),
        ({"cpu/cpu.cfs_quota_us": "100000\n", "cpu/cpu.cfs_period_us": "100000\n"}, "3:cpu:/\n", 1),
        ({"cpu,cpuacct/a/cpu.cfs_quota_us": "100000\n", "cpu,cpuacct/a/cpu.cfs_period_us": "50000\n"},
         "3:cpu,cpuacct:/a\n", 2),
        ({"cpu.max": "rubbish\n"}, "rubbish\n", None),
    ],
)  # fmt: skip
def test_a_containers_share_counts(tmp_path, files, own, share):
    for name, text in files.items():
        path = tmp_path / "fs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / "own").write_text(own, encoding="utf-8")
    wanted = HERE if share is None else min(HERE, share)
    assert available_processors(tmp_path / "fs", tmp_path / "own") == wanted
