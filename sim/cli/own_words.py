"""``own=NAME`` on a command line: what a scenario of one's own sets, for every strategy of the command."""

from __future__ import annotations

from collections.abc import Sequence

from sim.core.errors import InputError
from sim.core.language import tr

KEY = "own"


def with_own(words: Sequence[str]) -> list[str]:
    """Words with the lines of a scenario for ``own=NAME``; what is written beside it counts more.

    Raises
    ------
    InputError
        If it stands twice, or there is no such scenario.
    """
    named = [word.partition("=")[2].strip("'\"") for word in words if word.startswith(f"{KEY}=")]
    rest = [word for word in words if not word.startswith(f"{KEY}=")]
    if not named:
        return rest
    if len(named) > 1:
        raise InputError(
            tr(
                "{key}: must be given once (you wrote {named}); delete all but one",
                key=KEY,
                named=tr(" and ").join(named),
            )
        )
    from sim.config import market_sources, scenarios
    from sim.config.quantities import WORDS
    from sim.runs.plan import word_of

    written = {word.partition("=")[0] for word in rest}
    written |= {f"business.{word}" for word in written & set(WORDS)}
    lines = scenarios.load(named[0], market_sources()).assignments
    return [*rest, *(word_of(one) for one in lines if one.key not in written)]
