"""A file is on the disk before it has its name, and its name before anybody goes on."""

from __future__ import annotations

import os

import pytest

from sim.core.atomic import commit
from sim.core.errors import StoreError


def test_a_file_is_flushed_before_it_gets_its_name_and_the_folder_after(tmp_path, monkeypatch):
    done: list[tuple[str, bool]] = []
    path, rename = tmp_path / "kept.txt", os.replace

    def flush(handle: int) -> None:
        done.append(
            ("folder" if os.path.samestat(os.fstat(handle), os.stat(tmp_path)) else "file", path.exists())
        )

    def replace(*names) -> None:
        done.append(("name", path.exists()))
        rename(*names)

    monkeypatch.setattr("os.fsync", flush)
    monkeypatch.setattr("os.replace", replace)
    commit(path, lambda temporary: temporary.write_text("whole"))
    assert done == [("file", False), ("name", False), ("folder", True)]
    assert path.read_text() == "whole"


def test_a_disk_that_cannot_be_flushed_leaves_the_earlier_file(tmp_path, monkeypatch):
    def refuse(_: int) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "kept.txt"
    path.write_text("earlier")
    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(StoreError, match="no space left on device"):
        commit(path, lambda temporary: temporary.write_text("later"))
    assert path.read_text() == "earlier"
    assert [one.name for one in tmp_path.iterdir()] == ["kept.txt"]
