"""Shares of a sweep hold every run once, are even, and keep the runs of a world together."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sim.cli
from sim.core.errors import InputError
from sim.runs.engines.chunks import chunks, parse_chunk
from tests.runs.commands import TINY, contents, stored


@dataclass(frozen=True)
class Run:
    world: str
    number: int


SIZES = st.lists(st.integers(1, 9), min_size=1, max_size=12)


def runs(sizes: list[int]) -> list[Run]:
    """Runs of several worlds, taken in turn as plans list them."""
    pairs = [(n, world) for world, size in enumerate(sizes) for n in range(size)]
    return [Run(f"w{world}", n) for n, world in sorted(pairs)]


@pytest.mark.property
@given(SIZES, st.integers(1, 30))
def test_every_run_is_in_one_share(sizes, count):
    items = runs(sizes)
    shares = chunks(items, count)
    assert len(shares) == count
    assert sorted(map(str, items)) == sorted(str(run) for share in shares for run in share)
    assert shares == chunks(items, count)


@pytest.mark.property
@given(SIZES, st.integers(1, 30))
def test_worlds_stay_whole_while_there_are_enough_of_them(sizes, count):
    shares = chunks(runs(sizes), count)
    holders = {
        f"w{n}": sum(any(run.world == f"w{n}" for run in s) for s in shares) for n in range(len(sizes))
    }
    if count <= len(sizes):
        assert set(holders.values()) == {1}
    else:  # a share is of one world, so that no machine waits for two burn-ins
        assert all(len({run.world for run in share}) <= 1 for share in shares)


@pytest.mark.property
@given(st.integers(1, 8), st.integers(1, 20), st.integers(1, 40))
def test_equal_worlds_are_shared_evenly(worlds, size, count):
    longest = max(len(share) for share in chunks(runs([size] * worlds), count))
    if count <= worlds:
        assert longest == -(-worlds // count) * size
    else:  # each world is cut into at least so many parts
        assert longest <= -(-size // (count // worlds))


def test_nothing_can_be_shared():
    assert chunks([], 3) == [[], [], []]


@pytest.mark.parametrize("text", ["", "3", "0/8", "9/8", "3/0", "a/b", "1/2/3", "-1/8", "3/8 "])
def test_what_is_no_share_is_refused(text):
    with pytest.raises(InputError, match="chunk=3/8"):
        parse_chunk(text)


def test_a_share_is_a_number_of_a_count():
    assert parse_chunk("3/8") == (3, 8)


def test_shares_of_a_stored_plan_make_what_one_command_makes(tmp_path):
    whole, shares = tmp_path / "whole", tmp_path / "shares"
    for desk in (whole, shares):
        desk.mkdir()
    words = [*TINY, "population.size=60", "incentive.invite_reward=0,8", "experiment.replications=2"]
    for desk, said in ((whole, words), (shares, ["--plan-only", *words])):
        with contextlib.chdir(desk):
            assert sim.cli.main(["sweep", *said, "engine=serial"]) == 0
    assert stored(shares) == 0
    made = []
    with contextlib.chdir(shares):
        for number in (1, 2, 3, 1):
            share = ["execute", "experiment=s", f"chunk={number}/3", "engine=serial"]
            assert sim.cli.main(share) == 0
            made.append(stored(shares))
    assert 0 < made[0] < made[1] < made[2] == made[3] == 6
    assert contents(shares) == contents(whole)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ([], "experiment must name"),
        (["experiment=nothing"], "no sweep 'nothing'"),
        (["experiment=s", "chunk=4/3"], "chunk=3/8"),
        (["experiment=s", "population.size=5"], "execute takes"),
        (["experiment=s", "engine=nowhere"], "engine"),
        (["experiment=../s"], "a-z, 0-9"),
    ],
)
def test_a_wrong_share_is_told_in_one_line(words, line, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert sim.cli.main(["execute", *words]) == 2
    [told] = capsys.readouterr().err.strip().splitlines()
    assert line in told
    assert not list(tmp_path.iterdir())
