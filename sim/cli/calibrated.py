"""``calibration=FILE`` for verbs that compare: all strategies are played in the market that was found."""

from __future__ import annotations

from collections.abc import Sequence

from sim.cli.output import say
from sim.core.errors import InputError
from sim.core.language import tr

_KEY = "calibration"


def calibrated(words: Sequence[str]) -> list[str]:
    """Words with a table of draws put as settings: the draw nearest to all others, for every strategy.

    Raises
    ------
    InputError
        If the file is no table of draws, stands twice, or sets what is set as well.
    """
    named = [word.partition("=")[2].strip("'\"") for word in words if word.partition("=")[0] == _KEY]
    rest = [word for word in words if word.partition("=")[0] != _KEY]
    if not named:
        return rest
    if len(named) > 1:
        raise InputError(
            tr(
                "{key}: must be given once (you wrote {named}); delete all but one",
                key=_KEY,
                named=tr(" and ").join(named),
            )
        )
    from sim.config import assumptions_table, market_sources
    from sim.studies.robustness.design import from_calibration

    declared = assumptions_table(market_sources().sections)
    given = [word.partition("=")[0] for word in rest]
    middle = from_calibration(named[0], declared, given).middle
    whole = {row.path for row in declared if isinstance(row.default, int)}
    settings = [f"{key}={round(value) if key in whole else value:g}" for key, value in middle.items()]
    say(tr("calibration: {settings}", settings=" ".join(settings)), flush=True)
    return [*rest, *settings]
