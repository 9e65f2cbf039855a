"""The two small figures of the answer: what each strategy earns, and what each channel brings back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sim.core.language import tr
from sim.report.answer.decision import Money
from sim.report.answer.money import Channel
from sim.report.claims import Estimate
from sim.report.svg import INK, MUTED, PAGE, colour, drawing, to_svg, wrapped
from sim.report.sweep.rows import SIGNED

#: Rows of a figure at most.
MOST = 5


def earned(changes: Sequence[Estimate], money: Money) -> str:
    """Change of profit against the baseline, one row a strategy, the best first; filled where it stands."""
    seen = sorted((c for c in changes if np.isfinite(c.value)), key=lambda c: -c.value)[:MOST]
    if not seen:
        return ""
    with drawing("answer earned"):
        lines = max(wrapped(one.name).count("\n") for one in seen)
        figure = Figure(figsize=(7.2, (0.22 + 0.14 * lines) * len(seen) + 0.6), layout="constrained")
        axis = figure.subplots()
        for place, one in enumerate(seen):
            sure = one.stands and (one.low > 0 or one.high < 0)
            if np.isfinite(one.low):
                axis.plot(
                    [money.scale(one.low), money.scale(one.high)],
                    [place, place],
                    color=colour(1),
                    linewidth=2,
                )
            face = colour(1) if sure else PAGE
            axis.plot(
                money.scale(one.value), place, "o", color=colour(1), markerfacecolor=face, markersize=5.5
            )
        axis.axvline(0, color=INK, linewidth=0.9)
        axis.set_yticks(range(len(seen)), [wrapped(one.name) for one in seen])
        axis.set_ylim(len(seen) - 0.5, -0.5)
        axis.grid(visible=False, axis="y")
        axis.xaxis.set_major_formatter(SIGNED)
        axis.xaxis.set_major_locator(MaxNLocator(6))
        axis.set_xlabel(tr("{unit} more or less than the baseline", unit=money.unit))
        return to_svg(figure, tr("Profit of each strategy less the baseline's, with 95% intervals"))


def earned_title(changes: Sequence[Estimate], money: Money) -> str:
    """What the figure shows: who lies surely on which side of zero."""
    seen = [c for c in changes if np.isfinite(c.value)]
    if not any(np.isfinite(c.low) for c in seen):
        return tr("What was earned in one world: no interval, no claim")
    up = sum(c.low > 0 and c.stands for c in seen)
    down = sum(c.high < 0 and c.stands for c in seen)
    rest = len(seen) - up - down
    if rest == len(seen):
        return tr("What each earns: none can be told apart from the baseline, all corrected for")
    parts = [tr("{up} surely above the baseline", up=up)] if up else []
    parts += [tr("{down} surely below", down=down)] if down else []
    parts += [tr("{rest} not told apart", rest=rest)] if rest else []
    return tr("What each earns: of {n_seen}, {parts}", n_seen=len(seen), parts=tr(", ").join(parts))


def returns(found: Sequence[Channel], baseline: bool) -> str:
    """Revenue a CNY spent by channel, with the baseline's in grey."""
    shown = [one for one in found if np.isfinite(one.back.value)]
    if not shown:
        return ""
    with drawing("answer channels"):
        figure = Figure(figsize=(3.5, 0.29 * len(shown) + 0.75), layout="constrained")
        axis = figure.subplots()
        for place, one in enumerate(shown):
            for shift, back, ink in ((-0.13, one.back, colour(1)), (0.17, one.baseline, MUTED)):
                if (ink == MUTED and not baseline) or not np.isfinite(back.value):
                    continue
                if np.isfinite(back.low):
                    axis.plot([back.low, back.high], [place + shift] * 2, color=ink, linewidth=1.6)
                axis.plot(back.value, place + shift, "o", color=ink, markersize=4)
        axis.axvline(1, color=INK, linewidth=0.9, linestyle=(0, (2, 2)))
        axis.set_yticks(range(len(shown)), [one.label for one in shown])
        axis.set_ylim(len(shown) - 0.5, -0.5)
        axis.set_xlim(left=0)
        axis.grid(visible=False, axis="y")
        axis.set_xlabel(tr("revenue for each CNY paid"))
        return to_svg(figure, tr("Revenue for each CNY paid by channel, with 95% intervals"))
