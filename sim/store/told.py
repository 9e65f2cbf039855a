"""What is said where stored results do not hold what was asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from sim.core.language import tr

_NAMED = 5


def no_table(table: str, known: Iterable[str]) -> str:
    """There is no event table of a name."""
    return tr(
        "results: there is no event table '{table}'; choose one of: {known}",
        table=table,
        known=", ".join(known),
    )


def skipped(path: Path, error: Exception) -> str:
    """A file cannot be read."""
    return tr("results: '{path}' cannot be read ({error}); it is skipped", path=path, error=error)


def no_run(strategy: str, root: Path, known: Iterable[str]) -> str:
    """No run of a strategy is stored."""
    return tr(
        "results: no run of '{strategy}' in '{root}'; choose one of: {known}",
        strategy=strategy,
        root=root,
        known=", ".join(known),
    )


def several(scenario: str, chosen: str, others: Sequence[str]) -> str:
    """A scenario was run with several settings."""
    return tr(
        "results: '{scenario}' was run with several settings; this is {chosen}, not {others}{more}",
        scenario=scenario,
        chosen=chosen,
        others=tr(" or ").join(others[:_NAMED]),
        more=" ..." if len(others) > _NAMED else "",
    )
