"""Mapped arrays are what was saved, aligned, private to who writes to them, and checked."""

from __future__ import annotations

import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sim.core.mmap_npz import map_arrays, save_arrays

ARRAYS = {
    "people/trust": np.linspace(0, 1, 1000, dtype=np.float32), "day": np.array(7), "none": np.zeros(0, int),
    "away/names": np.array(["here", "there"]), "table": np.arange(12).reshape(3, 4),
    "columns": np.asfortranarray(np.arange(12.0).reshape(3, 4)), "yes": np.array([True, False]),
}  # fmt: skip
SHAPES = hnp.array_shapes(min_side=0)


def saved(folder, arrays):
    file = folder / "arrays.npz"
    with file.open("wb") as out:
        save_arrays(out, arrays)
    return file


def test_mapped_is_what_was_saved_and_what_numpy_reads(tmp_path):
    file = saved(tmp_path, ARRAYS)
    mapped = map_arrays(file)
    assert mapped.keys() == ARRAYS.keys()
    with np.load(file, allow_pickle=False) as read:
        for name, values in ARRAYS.items():
            np.testing.assert_array_equal(mapped[name], values)
            np.testing.assert_array_equal(read[name], values)
            assert (mapped[name].dtype, mapped[name].shape) == (values.dtype, values.shape)
            assert mapped[name].flags.aligned
            assert mapped[name].flags.writeable


@pytest.mark.property
@given(
    st.lists(
        hnp.arrays(hnp.integer_dtypes() | hnp.floating_dtypes(), hnp.array_shapes(min_side=0)), max_size=5
    )
)
def test_any_numbers_come_back(tmp_path_factory, arrays):
    named = {f"a/{n}": values for n, values in enumerate(arrays)}
    mapped = map_arrays(saved(tmp_path_factory.mktemp("any"), named))
    for name, values in named.items():
        assert mapped[name].tobytes() == values.tobytes()
        assert mapped[name].shape == values.shape


def test_what_is_written_to_a_mapping_stays_there(tmp_path):
    file = saved(tmp_path, ARRAYS)
    before = file.read_bytes()
    map_arrays(file)["people/trust"][:] = 5
    assert file.read_bytes() == before
    np.testing.assert_array_equal(map_arrays(file)["people/trust"], ARRAYS["people/trust"])


def test_a_mapping_outlives_its_file(tmp_path):
    file = saved(tmp_path, ARRAYS)
    mapped = map_arrays(file)
    file.unlink()
    np.testing.assert_array_equal(mapped["table"], ARRAYS["table"])


@pytest.mark.parametrize("harm", ["empty", "torn", "foreign", "flipped"])
def test_damage_is_noticed(harm, tmp_path):
    file = saved(tmp_path, ARRAYS)
    whole = bytearray(file.read_bytes())
    if harm == "flipped":
        whole[whole.index(ARRAYS["people/trust"].tobytes()) + 100] ^= 1
    file.write_bytes(
        {"empty": b"", "torn": whole[: len(whole) // 2], "foreign": b"no archive"}.get(harm, whole)
    )
    with pytest.raises((ValueError, OSError, zipfile.BadZipFile)):
        map_arrays(file)


def test_every_single_flipped_bit_is_noticed_or_changes_nothing(tmp_path):
    """Of archives, too, that are still archives: names, lengths, places and the seal itself."""
    arrays = {"a/one": np.arange(3), "b": np.array(2.5), "none": np.empty((0, 2))}
    file = saved(tmp_path, arrays)
    whole = file.read_bytes()
    noticed = 0
    for at in range(len(whole)):
        for bit in (1, 64):
            file.write_bytes(whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :])
            try:
                found = map_arrays(file)
            except ValueError:
                noticed += 1
                continue
            assert list(found) == list(arrays)
            assert all(found[name].tobytes() == values.tobytes() for name, values in arrays.items())
    assert noticed > len(whole)


def test_another_files_arrays_under_this_name_are_noticed(tmp_path):
    file = tmp_path / "other.npz"
    with file.open("wb") as out:
        save_arrays(out, ARRAYS, "other")
    assert list(map_arrays(file, "other")) == list(ARRAYS)
    with pytest.raises(ValueError, match="another name"):
        map_arrays(file, "this")
