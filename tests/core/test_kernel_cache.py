"""Kernels that are read back do what those that are compiled do, and wake the compiler for others alone."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from sim.core import kernel_cache

KERNELS = """
import math
import numpy as np
from sim.core.jit import before_compiling, njit

@njit(cache=True)
def spread(values, parts):
    found = np.empty(parts)
    for k in range(parts):
        found[k] = math.exp(-k) * np.searchsorted(values, 0.1 * k)
    return found

@njit(cache=True)
def strict(x):
    if x < 0:
        raise ValueError("below nothing")
    return 2 * x

def lent(x):
    return x + 1

@before_compiling
def declare():
    from numba.extending import overload
    overload(lent)(lambda x: lambda x: x + 1000)

@njit(cache=True)
def borrowed(x):
    return lent(x)

@njit(cache=True)
def callers(values, parts):
    return spread(values, parts).sum() + strict(parts) + borrowed(0)
"""
USED = """
import numpy as np, kernels
print(*kernels.spread(np.linspace(0, 1, 50), 7).tolist(), kernels.strict(4), kernels.borrowed(0))
for wrong in (lambda: kernels.strict(-1), lambda: kernels.spread(np.zeros(1), -3)):
    try:
        print('no error', wrong())
    except ValueError as error:
        print(error)
"""
LOADED = "import sys; print('numba.np.arraymath' in sys.modules)"
CALLED = "import numpy as np, kernels; print(kernels.callers(np.linspace(0, 1, 50), 7))"
READY = "from sim.core.kernel_cache import tried; assert not tried()"


@pytest.fixture
def run(tmp_path):
    """Runs a script beside the kernels' file, with compiled code kept in a folder of the test's own."""
    (tmp_path / "kernels.py").write_text(KERNELS, encoding="utf-8")

    def one(*scripts: str) -> list[str]:
        places = {"NUMBA_CACHE_DIR": str(tmp_path / "kept"), "PYTHONPATH": os.pathsep.join(sys.path)}
        script = [sys.executable, "-c", "\n".join(scripts)]
        done = subprocess.run(
            script, cwd=tmp_path, env=os.environ | places, capture_output=True, encoding="utf-8"
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    return one


def test_a_kernel_that_is_read_does_what_it_did_when_it_was_compiled(run):
    *compiled, woken = run(USED, LOADED)
    *read, woken_again = run(USED, LOADED)
    assert read == compiled
    assert "no error" not in "".join(read)
    assert read[1] == "below nothing"
    assert compiled[0].endswith(" 8 1000")
    assert (woken, woken_again) == ("True", "False" if kernel_cache.tried() else "True")


def test_a_caller_that_is_compiled_later_is_linked_with_kernels_that_were_read(run):
    run(USED)
    first = run(USED, CALLED)
    assert run(CALLED) == first[-1:]
    assert first[:-1] == run(USED)
    assert float(first[-1]) == pytest.approx(sum(map(float, first[0].split()[:7])) + 14 + 1000)


def test_another_numba_reads_kernels_in_its_own_way(run):
    ours = run(USED)
    other = "import numba; numba.__version__ = '0.99.0'"
    assert run(other, READY, USED) == run(other, READY, USED) == ours
