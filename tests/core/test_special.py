"""Distribution functions are scipy's own, and the rest of scipy comes when somebody asks for it."""

from __future__ import annotations

import subprocess
import sys

import pytest

FIRST = "from sim.core import special"
SAME = """
import sys
waits = '_waiting' in vars(sys.modules['scipy.special'])
import scipy.special, scipy.stats, scipy.linalg
named = [name for name in special.__all__ if name != 'zeta']
assert len(named) > 5 and all(getattr(special, name) is getattr(scipy.special, name) for name in named)
assert special.zeta(2.5, 3.0) == scipy.special.zeta(2.5, 3.0)
assert abs(scipy.stats.t(4).cdf(1.5) - special.stdtr(4, 1.5)) < 1e-12
assert scipy.linalg.norm([3.0, 4.0]) == 5 and scipy.special.zeta(2.0) > 1.6
print(waits)
"""


@pytest.mark.parametrize(("script", "waits"), [(FIRST, True), (f"import scipy.special\n{FIRST}", False)])
def test_functions_are_those_of_scipy_which_comes_in_full_later(script, waits):
    done = subprocess.run([sys.executable, "-c", script + SAME], capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(waits)]


def test_intervals_need_no_other_part_of_scipy():
    script = (
        "import sys, sim.report.comparison, sim.report.notes\n"
        "parts = [sys.modules.get(f'scipy.{part}') for part in ('special', 'linalg', 'stats')]\n"
        "print([part.__name__ for part in parts if part is not None and '_waiting' not in vars(part)])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.strip() == "[]"
