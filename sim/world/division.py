"""A concession divided into the lines of a bill: which line took off how much, to the fen."""

from __future__ import annotations

import numpy as np

from sim.core.jit import njit


@njit(cache=True)
def shares_of(shares, best, two, brand, settled):
    """Share of the price that each line of a bill takes off, and last a group's, float64[lines + 1, k].

    Parameters
    ----------
    shares : float64[lines, n visits]
        What each line would take off, of the price or of what is left to pay.
    best : int
        Number of lines, the first ones, of which only the best counts.
    two, brand : bool[lines]
        Whether a line holds from two units on, and whether the brand bears it.
    settled : Settled
        Orders (:class:`sim.world.terms.Settled`).
    """
    lines = shares.shape[0]
    parts = np.zeros((lines + 1, settled.visit.shape[0]))
    for k in range(parts.shape[1]):
        visit, granted = settled.visit[k], settled.granted[k]
        if settled.grouped[k]:
            parts[lines, k] = granted
        elif best > 0:
            won = 0
            while won < best and shares[won, visit] != granted:
                won += 1
            parts[won if won < best else 0, k] = granted
        left = 1.0 - granted
        for line in range(best, lines):
            holds = settled.several[k] if two[line] else not (settled.dropped[k] and brand[line])
            if holds:
                parts[line, k] = left * shares[line, visit]
                left -= parts[line, k]
    return parts


@njit(cache=True)
def to_the_fen(parts, conceded):
    """Divide what was conceded in the proportions of the parts, to the fen.

    Parameters
    ----------
    parts : float64[lines, k]
        Parts of each order.
    conceded : int64[k]
        Fen.

    Returns
    -------
    int64[lines, k]
        Fen, which add up to what was conceded, or nothing where there are no parts.
    """
    fen = np.zeros(parts.shape, np.int64)
    for k in range(parts.shape[1]):
        whole = 0.0
        for line in range(parts.shape[0]):
            whole += parts[line, k]
        until, before = 0.0, np.int64(0)
        for line in range(parts.shape[0]):
            until += parts[line, k]
            upto = np.int64(np.rint(until * (conceded[k] / whole))) if whole > 0.0 else np.int64(0)
            fen[line, k] = upto - before
            before = upto
    return fen
