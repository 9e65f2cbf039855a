"""What can go wrong, as one small tree.

::

    LiebianError
    ├── InputError          the user's input is wrong (exit code 2, no traceback)
    │   ├── ConfigError     a configuration key, value, scenario or override
    │   ├── GraphFileError  an edge list that is missing or malformed
    │   └── StoreError      a results folder or file that cannot be read or written
    ├── WiringError         mechanisms that cannot be put in one order (a developer's mistake)
    └── RunError            a run that must not go on (exit code 1)
        ├── ConservationError   people, goods, parcels or money do not balance
        └── StationarityError   a burnt-in market that is still drifting

An :class:`InputError` carries every problem found, one line each, and each line names the
field or file, the rule, the value and the remedy.
"""

from __future__ import annotations

from collections.abc import Sequence


class LiebianError(Exception):
    """Base of everything this package raises on purpose."""


class InputError(LiebianError):
    """The user's input is wrong; ``problems`` lists one readable line per problem."""

    def __init__(self, problems: str | Sequence[str]) -> None:
        self.problems = [problems] if isinstance(problems, str) else list(problems)
        super().__init__("\n".join(self.problems))


class ConfigError(InputError):
    """A configuration key, value, scenario or override is wrong."""


class GraphFileError(InputError):
    """An edge list is missing, unreadable or malformed."""


class StoreError(InputError):
    """A results folder or file cannot be read or written."""


class WiringError(LiebianError):
    """Mechanisms whose reads and writes cannot be put in one order."""


class RunError(LiebianError):
    """A run that must not go on."""


class ConservationError(RunError):
    """People, goods, parcels or money do not balance; the message names the account."""


class StationarityError(RunError):
    """A burnt-in market that is still drifting."""
