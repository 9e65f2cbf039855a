"""Parts of things are made up over the days: whole numbers, with the mean that is asked for."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.core.rng import Draw
from sim.core.whole_numbers import whole_number


@pytest.mark.parametrize("mean", [0.0, 0.25, 2.0, 3.7])
def test_numbers_are_the_two_beside_the_mean_and_average_to_it(mean):
    found = np.array([whole_number(Draw(5, day)("number"), mean) for day in range(2000)])
    assert set(found.tolist()) <= {math.floor(mean), math.ceil(mean)}
    part = mean % 1.0
    assert abs(found.mean() - mean) <= 4.0 * math.sqrt(part * (1.0 - part) / len(found))
