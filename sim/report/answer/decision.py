"""What to do: one decision from the standing of every strategy, and never more than its interval carries.

A strategy is recommended only where it surely earns more than the baseline, once all strategies that were
tried are corrected for; which of several earns most is said only where that was tested too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sim.core.amounts import alike
from sim.core.language import mark, tr
from sim.report.claims import (
    ALONE_DOWN,
    ALONE_UP,
    BARE,
    DOWN,
    SAME,
    SINGLE,
    UNCLEAR,
    UNSEEN,
    UP,
    Estimate,
    beside_baseline,
    capital,
    listed,
)
from sim.report.leads import Lead

#: Kinds of decision.
CHOOSE, EITHER, KEEP, OPEN, NOTHING = "choose", "either", "keep", mark("cannot be told apart"), "nothing"
_NAMED = 3
#: Digits of an amount, and from where on it has no decimals.
_FIGURES, _WHOLE = 3, 100
#: One strategy, and several, that the first in the mean does not leave behind.
_BEHIND = (
    mark("{beside} cannot be told apart from {first}, but does not surely earn more than the baseline."),
    mark("{beside} cannot be told apart from {first}, but do not surely earn more than the baseline."),
)
_MOST_WORLDS = 1000


@dataclass(frozen=True)
class Money:
    """How profit is told.

    Attributes
    ----------
    scale : callable
        From CNY per 1,000 day-0 consumers over the measured days to the unit.
    unit : str
    """

    scale: Callable[[float], float]
    unit: str

    def size(self, one: Estimate) -> str:
        """A difference without its unit."""
        return self._told(one)[0]

    def interval(self, one: Estimate) -> str:
        """Both ends."""
        _, low, high = self._told(one)
        return tr("{low} to {high}", low=low, high=high)

    def told(self, one: Estimate, first: bool) -> str:
        """A name with its amount and interval; the first of a page says what they are."""
        fields = {"name": one.name, "size": self.size(one), "interval": self.interval(one)}
        if first:
            return tr("{name} ({size} {unit}, 95% interval {interval})", unit=self.unit, **fields)
        return tr("{name} ({size}, {interval})", **fields)

    def _told(self, one: Estimate) -> tuple[str, ...]:
        """Mean and ends; three digits are all that worlds can tell."""
        scaled = [self.scale(value) for value in (one.value, one.low, one.high)]
        largest = max(abs(value) for value in scaled if np.isfinite(value))
        return alike(scaled, 0 if largest >= _WHOLE else 1, signed=True, figures=_FIGURES)


@dataclass(frozen=True)
class Decision:
    """What to do, and the sentences that say why.

    Attributes
    ----------
    kind : str
        One of the kinds above.
    title : str
        One line.
    names : tuple of str
        Strategies recommended, the best mean first; empty where nothing is.
    lines : tuple of str
    """

    kind: str
    title: str
    names: tuple[str, ...]
    lines: tuple[str, ...]


def decide(changes: Sequence[Estimate], first: Lead | None, money: Money, worlds: int) -> Decision:
    """The decision that paired differences of profit allow.

    Parameters
    ----------
    changes : sequence of Estimate
        Change of profit against the baseline, one a strategy; ``stands`` once all are corrected for.
    first : Lead or None
        The highest mean among strategies and baseline, tested against each other one.
    money : Money
        The unit of the sentences.
    worlds : int
        Worlds of the comparison.
    """
    kinds: dict[str, list[Estimate]] = {}
    for one in sorted((c for c in changes if c.standing != UNSEEN), key=lambda c: -c.value):
        kinds.setdefault(one.standing, []).append(one)
    unseen = [one for one in changes if one.standing == UNSEEN]
    if not kinds:
        return Decision(
            NOTHING, tr("Nothing to choose: only the baseline was seen"), (), tuple(_unseen(unseen))
        )
    if set(kinds) == {SINGLE}:
        title = tr("One world cannot tell luck from effect: nothing is recommended")
        told = listed([f"{one.name} {money.size(one)}" for one in kinds[SINGLE]], _NAMED)
        line = tr(
            "In that world, against the baseline: {told} {unit}. Five worlds or more give intervals.",
            told=told,
            unit=money.unit,
        )
        return Decision(OPEN, title, (), (line, *_unseen(unseen)))
    rest = (*_others(kinds, money, worlds), *_unseen(unseen))
    if UP in kinds:
        return _recommended(kinds[UP], first, rest, money)
    if set(kinds) == {DOWN}:
        title = (
            tr("Keep the baseline: everything that could be judged surely earns less")
            if unseen
            else tr("Keep the baseline: everything tried surely earns less")
        )
        return Decision(KEEP, title, (), rest)
    return Decision(
        OPEN, tr("Cannot be told apart: nothing tried surely earns more than the baseline"), (), rest
    )


def _recommended(ups: list[Estimate], first: Lead | None, rest: tuple[str, ...], money: Money) -> Decision:
    """One strategy, or those of the sure ones that cannot be told apart."""
    names = [one.name for one in ups]
    rivals = [one.name for one in first.rivals] if first is not None else []
    ahead = first is not None and first.first in names
    tied = (
        [name for name in names if first is None or name == first.first or name in rivals] if ahead else names
    )
    said = {one.name: one for one in ups}
    lines = [
        tr(
            "{name} surely earns {value} {unit} more than the baseline (95% interval {said}).",
            name=capital(name),
            value=money.size(said[name]).lstrip("+"),
            unit=money.unit,
            said=money.interval(said[name]),
        )
        for name in tied[:_NAMED]
    ]
    beside = [name for name in rivals if name not in names and name != tr("the baseline")]
    if first is not None and ahead and beside:
        one, many = _BEHIND
        told = capital(listed(beside, _NAMED))
        lines.append(tr(one if len(beside) == 1 else many, beside=told, first=first.first))
    if len(tied) == 1:
        most = ahead and not rivals
        title = (
            tr("Choose {tied}: it surely earns most of all that was compared", tied=tied[0])
            if most
            else tr("Choose {tied}: it surely earns more than the baseline", tied=tied[0])
        )
        return Decision(CHOOSE, title, tuple(tied), (*lines, *rest))
    which = tr("Choose {either}: each surely earns more than the baseline", either=_either(tied))
    lines.append(
        tr("Which of them earns most cannot be told; choose by targets, risk and what is easy to do.")
    )
    return Decision(EITHER, which, tuple(tied), (*lines, *rest))


def _either(names: Sequence[str]) -> str:
    """``a or b``; of more than three, how many others."""
    if len(names) > _NAMED:
        return tr("{names} or {named} others", names=tr(", ").join(names[:_NAMED]), named=len(names) - _NAMED)
    return tr("{names} or {names2}", names=tr(", ").join(names[:-1]), names2=names[-1])


def _others(kinds: dict[str, list[Estimate]], money: Money, worlds: int) -> Iterator[str]:
    """A sentence for each standing but the recommended one."""
    first = True
    for kind in (ALONE_UP, UNCLEAR, SAME, ALONE_DOWN, DOWN, SINGLE):
        if found := kinds.get(kind):
            bare = kind in BARE
            told = [one.name if bare else money.told(one, first and one is found[0]) for one in found]
            yield beside_baseline(kind, listed(told, _NAMED), len(found))
            first = first and bare
    yield from _more_worlds(kinds.get(UNCLEAR, []), worlds)


def _unseen(unseen: Sequence[Estimate]) -> Iterator[str]:
    """A sentence on strategies of which no world gave a profit to compare."""
    if unseen:
        names = capital(listed([one.name for one in unseen], _NAMED))
        yield tr(
            "{names} cannot be judged: no world gave a profit to hold against the baseline's.", names=names
        )


def _more_worlds(unclear: Sequence[Estimate], worlds: int) -> Iterator[str]:
    """How many worlds would tell the largest unclear difference half the time, were it as large as it looks.

    With so many the interval is expected to end at zero, and the next mean falls on either side of that.
    """
    told = [one for one in unclear if one.value]
    if not told or worlds < 2:
        return
    one = max(told, key=lambda c: abs(c.value))
    needed = int(np.ceil(worlds * ((one.high - one.low) / 2 / abs(one.value)) ** 2))
    if worlds < needed <= _MOST_WORLDS:
        yield (
            tr(
                "If the difference of {name} is as large as it looks, about {needed:,} worlds would "
                "tell it as often as not; these are {worlds}.",
                name=one.name,
                needed=needed,
                worlds=worlds,
            )
        )
