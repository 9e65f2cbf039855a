"""What a command does not need it does not import; the compiler comes with the first kernel called."""

from __future__ import annotations

import subprocess
import sys

import pytest

from sim.core import jit


def loaded_after(script: str) -> set[str]:
    """Packages imported by a fresh process when a script is done; those that merely wait do not count."""
    tell = (
        "\nimport sys\nprint(*[name for name, module in sys.modules.items() "
        "if '.' not in name and '_waiting' not in vars(module)])"
    )
    done = subprocess.run([sys.executable, "-c", script + tell], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    "script",
    [
        "from sim.config import compose; compose(['scenario=three_tier_referral'])",
        "import sim.cli; sim.cli.main(['list'])",
        "import sim.cli; sim.cli.main(['list', 'parameters', 'incentive'])",
    ],
)
def test_settings_are_read_without_what_simulates_or_draws(script):
    heavy = {"numba", "mesa", "pandas", "pyarrow", "scipy", "matplotlib", "networkx", "simpy", "hydra"}
    assert not loaded_after(script) & heavy


def test_help_imports_no_model():
    script = "import sim.cli\nsim.cli.main(['--help'])"
    assert not loaded_after(script) & {"numpy", "pydantic", "yaml"}


def test_the_first_call_of_a_kernel_compiles_it_and_those_that_it_calls():
    script = """
from sim.core import jit
from sim.core.jit import Kernel, njit

@njit
def twice(x):
    return 2 * x

@njit
def more(x):
    return twice(x) + 1

kept = [twice]
assert type(twice) is Kernel and 'numba' not in __import__('sys').modules
assert more(3) == 7
assert type(twice) is not Kernel and twice.py_func(2) == 4
assert kept[0](5) == 10 and kept[0].py_func(5) == 10

@njit
def late(x):
    return more(x)

assert late(1) == 3 and type(late) is not Kernel
print('done')
"""
    assert "numba" in loaded_after(script)


def test_a_kernel_that_waits_can_be_called_from_another_one():
    kernel = jit.Kernel(lambda x: x + 1, False, {})
    kernel.finish()

    @jit.njit
    def calls(x):
        return kernel(x)

    assert calls(1) == 2
