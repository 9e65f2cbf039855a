"""How long each world is burnt in, warmed up and measured, and how many worlds are drawn."""

from __future__ import annotations

from sim.config.settings.patterns import SAFE_NAME
from sim.core.params import Params, constant


class ExperimentParams(Params):
    """How long each world runs and how many worlds there are."""

    name: str = constant("default", "name", "definition", pattern=SAFE_NAME)
    """Folder of the results store that the runs are filed under."""

    days: int = constant(90, "days", "A-700", ge=1, le=3650)
    """Measured days; a quarter covers three 30-day repurchase windows."""

    after_days: int = constant(0, "days", "A-928", ge=0, le=3650, span=(0, 360))
    """Days played on after the measured ones with all levers back at the baseline's: what the customers,
    trust and habits that a strategy leaves behind are worth; told apart from the measured days."""

    warmup_days: int = constant(30, "days", "A-701", ge=0, le=365)
    """Days under the baseline strategy after the burnt-in snapshot; a reorder cycle fills the shelves."""

    burn_in_days: int = constant(360, "days", "A-702", ge=0, le=3650)
    """Days until users, members and trust drift by less than a run tolerates; orders settle within weeks."""

    seed: int = constant(1, "number", "definition", ge=0, le=2**53)
    """The first cause of every random draw."""

    replications: int = constant(5, "worlds", "A-703", ge=1, le=100_000)
    """Worlds drawn; paired differences between strategies need few, levels need twenty or more."""

    first_replication: int = constant(0, "number", "definition", ge=0, le=10**9)
    """Number of the first world, so that a later call can add worlds to a finished experiment."""

    until: str = constant("", "text", "definition")
    """Intervals that worlds are added for, such as 'repurchase_30d +- 0.5pp'; blank: none are added."""

    most_replications: int = constant(200, "worlds", "A-720", ge=2, le=100_000)
    """Worlds at which adding is given up; an interval ten times too wide would need a hundredfold."""
