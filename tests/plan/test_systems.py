"""Systems of the plan that act through one parameter: another value of it moves what is recorded."""

from __future__ import annotations

import pytest

from docs.plan_coverage import systems
from tests.market.test_every_parameter_moves import MARKETS, SHOWN, moves

#: System -> its parameter, where this is the test that the page names.
HERE = {
    one.system: one.key for one in systems() if one.test.partition("::")[0] == "tests/plan/test_systems.py"
}


@pytest.mark.slow
@pytest.mark.parametrize("system", HERE)
def test_a_system_moves_what_is_recorded(system):
    market, value = SHOWN[HERE[system]]
    assert moves(HERE[system], MARKETS[market], value)
