"""Shares of a sweep for machines that work apart: chunk 3 of 8 is the same runs wherever it is asked for.

Runs of one world stay together as long as there are as many worlds as chunks, so that each
world is burnt in once and nobody waits for it. With fewer worlds, worlds are split evenly.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol

from sim.core.errors import InputError
from sim.core.language import tr

_CHUNK = re.compile(r"([1-9][0-9]{0,5})/([1-9][0-9]{0,5})")


class _InWorld(Protocol):
    @property
    def world(self) -> str: ...


def chunks[Item: _InWorld](items: Sequence[Item], count: int) -> list[list[Item]]:
    """``count`` shares of all items, some of them empty if there are fewer items.

    Parameters
    ----------
    items : sequence
        Jobs or tasks, which know their world; their order is kept within a world.
    count : int
        Shares, at least one.
    """
    worlds: dict[str, list[Item]] = {}
    for item in items:
        worlds.setdefault(item.world, []).append(item)
    if not worlds:
        return [[] for _ in range(count)]
    parts = [part for members in _in_parts(list(worlds.values()), count) for part in members]
    shares: list[list[Item]] = [[] for _ in range(count)]
    for part in sorted(parts, key=len, reverse=True):  # the largest first, to whoever has least
        min(shares, key=len).extend(part)
    return shares


def _in_parts[Item: _InWorld](worlds: list[list[Item]], count: int) -> list[list[list[Item]]]:
    """Each world whole, or cut so often that there are ``count`` parts, the longest parts first."""
    cuts = [1] * len(worlds)
    for _ in range(count - len(worlds)):
        longest = max(range(len(worlds)), key=lambda n: len(worlds[n]) / cuts[n])
        cuts[longest] += 1
    return [_slices(members, pieces) for members, pieces in zip(worlds, cuts, strict=True)]


def _slices[Item: _InWorld](members: list[Item], pieces: int) -> list[list[Item]]:
    """Consecutive slices whose lengths differ by one at most."""
    edges = [len(members) * n // pieces for n in range(pieces + 1)]
    return [members[start:end] for start, end in pairwise(edges)]


def parse_chunk(text: str) -> tuple[int, int]:
    """Number and count of a share written as ``3/8``.

    Raises
    ------
    InputError
        If it is not written so, or there is no such share.
    """
    match = _CHUNK.fullmatch(text)
    number, count = (int(match[1]), int(match[2])) if match else (0, 0)
    if not match or number > count:
        raise InputError(
            tr("chunk must be a number of a count (you wrote '{text}'); write chunk=3/8", text=text)
        )
    return number, count
