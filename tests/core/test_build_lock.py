"""Of several processes that need one file, one makes it; whoever is lost at it is not waited for."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest

from sim.core import build_lock
from sim.core.atomic import host
from sim.core.build_lock import build_once


def need(file: Path, log: Path, seconds: float) -> None:
    """Make the file unless it is there, and leave a line for having made it."""
    with build_once(file):
        if not file.exists():
            with log.open("a") as out:
                out.write(f"{os.getpid()}\n")
            time.sleep(seconds)
            file.write_text("made")


def started(file: Path, log: Path, seconds: float) -> multiprocessing.Process:
    process = multiprocessing.get_context("spawn").Process(target=need, args=(file, log, seconds))
    process.start()
    return process


def test_one_makes_it_and_the_others_wait(tmp_path):
    processes = [started(tmp_path / "world", tmp_path / "log", 0.5) for _ in range(3)]
    for process in processes:
        process.join(30)
        assert process.exitcode == 0
    assert len((tmp_path / "log").read_text().splitlines()) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log", "world"]


def test_a_killed_maker_is_not_waited_for(tmp_path):
    first = started(tmp_path / "world", tmp_path / "log", 60)
    while not (tmp_path / "log").exists():
        time.sleep(0.05)
    assert first.pid is not None
    os.kill(first.pid, signal.SIGKILL)
    first.join(10)
    began = time.monotonic()
    need(tmp_path / "world", tmp_path / "log", 0)
    assert time.monotonic() - began < build_lock.LOST / 2
    assert (tmp_path / "world").exists()


def test_a_silent_maker_on_another_machine_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(build_lock, "LOST", 0.5)
    (tmp_path / "world.making").write_text("elsewhere 1")
    need(tmp_path / "world", tmp_path / "log", 0)
    assert (tmp_path / "world").exists()
    assert not (tmp_path / "world.making").exists()


def test_a_maker_that_gives_signs_of_life_is_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(build_lock, "LOST", 1.0)
    monkeypatch.setattr(build_lock, "BEAT", 0.2)
    process = multiprocessing.get_context("spawn").Process(
        target=_slow, args=(tmp_path / "world", tmp_path / "log")
    )
    process.start()
    while not (tmp_path / "log").exists():
        time.sleep(0.05)
    need(tmp_path / "world", tmp_path / "log", 0)
    process.join(10)
    assert len((tmp_path / "log").read_text().splitlines()) == 1


def _slow(file: Path, log: Path) -> None:
    build_lock.BEAT = 0.2
    need(file, log, 3.0)


def test_an_error_gives_the_turn_back(tmp_path):
    def fail() -> None:
        with build_once(tmp_path / "world"):
            assert (tmp_path / "world.making").read_text().split() == [host(), str(os.getpid())]
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not list(tmp_path.iterdir())
