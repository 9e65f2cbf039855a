"""Which strategy is best, with a stated probability that the choice is right.

The procedure KN of Kim & Nelson takes one more world for every strategy that is still in, drops
those that are clearly worse, and stops with one left. It is valid when strategies share their
worlds, whose luck then cancels out, and it promises nothing between strategies that differ by
less than the zone of indifference.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: Worlds before the first strategy may be dropped: the spreads of differences are taken from them.
FIRST = 10


@dataclass(frozen=True)
class Selection:
    """How far a selection has come.

    Attributes
    ----------
    alive : tuple of int
        Strategies that are still in, in the order given.
    worlds : int
        Worlds looked at.
    dropped : dict of int to int
        Strategy -> worlds after which it was dropped.
    taken : tuple of int
        Worlds used of each strategy.
    bound : int
        Worlds after which it is over at the latest, by the spreads of the first worlds.
    """

    alive: tuple[int, ...]
    worlds: int
    dropped: dict[int, int]
    taken: tuple[int, ...]
    bound: int

    @property
    def winner(self) -> int | None:
        """The strategy selected; None while several are in."""
        return self.alive[0] if len(self.alive) == 1 else None


def kim_nelson(values: np.ndarray, zone: float, confidence: float = 0.95, first: int = FIRST) -> Selection:
    """Go through the worlds that there are, one by one, and drop strategies that are clearly worse.

    If the best mean is ahead of every other by at least ``zone``, the strategy that is left at the
    end is the best with a probability of at least ``confidence``, for normal values that are
    independent between worlds and may depend on one another within them.

    Parameters
    ----------
    values : float64[worlds, strategies]
        Larger is better. What was not run any more, because the strategy had been dropped, may be nan.
    zone : float
        Smallest difference worth detecting, in the unit of the values.
    confidence : float
        Probability of a correct selection, above 1 / strategies.
    first : int
        Worlds of all strategies before the first is dropped, at least 2.

    Returns
    -------
    Selection
        Decisions after each world use that world and those before it only, so that making worlds
        in batches changes none of them.

    Raises
    ------
    ValueError
        If an argument is out of its range, or a value that is needed is not finite.

    Notes
    -----
    Kim & Nelson (2001), "A fully sequential procedure for indifference-zone selection in
    simulation", ACM TOMACS 11(3), 251-273, with c = 1: eta = ((2 alpha / (k - 1))^(-2 / (n0 - 1)) - 1)
    / 2, h^2 = 2 eta (n0 - 1), and W(r) = max(0, zone / (2 r) (h^2 S^2 / zone^2 - r)), where S^2 is
    the variance of a pair's differences over the first n0 worlds. A strategy stays in while its mean
    is at least that of every other, less W.
    """
    values = np.asarray(values, float)
    worlds, k = values.shape
    alpha = 1 - confidence
    if zone <= 0 or first < 2 or k < 1 or not (alpha > 0 and (k == 1 or alpha < 1 - 1 / k)):
        raise ValueError(
            f"needs zone > 0, first >= 2, confidence in (1/k, 1) (got {zone}, {first}, {confidence})"
        )
    if k == 1 or worlds < first:
        return Selection(tuple(range(k)), worlds, {}, (worlds,) * k, first)
    start = values[:first]
    _check_finite(start, range(k))
    eta = ((2 * alpha / (k - 1)) ** (-2 / (first - 1)) - 1) / 2
    # h^2 S^2: float64[k, k], of the differences of every pair, each around its own mean.
    spread = 2 * eta * (first - 1) * np.var(start[:, :, None] - start[:, None, :], axis=0, ddof=1)
    return _screen(values, first, zone, spread)


def _screen(values: np.ndarray, first: int, zone: float, spread: np.ndarray) -> Selection:
    """Drop strategies world by world, from the first ``first`` on."""
    worlds, k = values.shape
    dropped: dict[int, int] = {}
    alive = np.arange(k)
    sums = values[: first - 1].sum(axis=0)
    r = first
    while True:
        _check_finite(values[r - 1 : r], alive)
        sums[alive] += values[r - 1, alive]
        means = sums[alive] / r
        slack = np.maximum(0.0, zone / (2 * r) * (spread[np.ix_(alive, alive)] / zone**2 - r))
        stays = (means[:, None] >= means[None, :] - slack).all(axis=1)
        if not slack.any():  # past every bound: the largest mean is the one, and of equals the first
            stays = np.arange(len(alive)) == means.argmax()
        dropped.update({int(one): r for one in alive[~stays]})
        alive = alive[stays]
        if len(alive) == 1 or r == worlds:
            break
        r += 1
    last = spread[np.ix_(alive, alive)].max() / zone**2
    taken = tuple(dropped.get(one, r) for one in range(k))
    bound = r if len(alive) == 1 else max(int(np.floor(last)) + 1, first)
    return Selection(tuple(int(one) for one in alive), r, dropped, taken, bound)


def _check_finite(rows: np.ndarray, alive: np.ndarray | range) -> None:
    if not np.isfinite(rows[:, list(alive)]).all():
        raise ValueError("every strategy that is still in needs a finite value in every world")
