"""Records for kernels are filled by name, from the first source that has the field."""

from __future__ import annotations

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pytest

from sim.core.fields import fields_of
from sim.core.jit import njit


class Pair(NamedTuple):
    left: np.ndarray
    right: float


def test_a_field_comes_from_the_first_source_that_has_it():
    left = np.arange(3.0)
    record = fields_of(Pair, {"left": left}, SimpleNamespace(left=None, right=2.0))
    assert record.left is left
    assert record.right == 2.0


def test_a_field_that_no_source_has_is_named():
    with pytest.raises(AttributeError, match="no source has the field 'right' of Pair"):
        fields_of(Pair, {"left": np.zeros(1)})


def test_kernels_write_into_the_arrays_of_a_record():
    @njit
    def double(pair):
        for i in range(pair.left.shape[0]):
            pair.left[i] *= pair.right

    left = np.arange(3.0)
    double(Pair(left, 2.0))
    assert left.tolist() == [0.0, 2.0, 4.0]
