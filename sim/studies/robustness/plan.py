"""A robustness study before it is run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from sim.config import Config
from sim.core.params import Declared
from sim.studies.robustness.arms import Trial


@dataclass(frozen=True)
class Plan:
    """A study before it is run.

    Attributes
    ----------
    a, b : str
        Strategies; differences are b - a.
    uncertainties : tuple of Declared
        What is varied.
    trials : tuple of Trial
        One a draw.
    settings : tuple of str
        What the user set, word by word.
    calibration : str
        Table of draws that the values are taken from; empty for the declared ranges.
    """

    a: str
    b: str
    uncertainties: tuple[Declared, ...]
    trials: tuple[Trial, ...]
    settings: tuple[str, ...] = ()
    calibration: str = ""

    @property
    def config(self) -> Config:
        """Configuration of the first draw's first strategy: experiment, engine and paths."""
        return self.trials[0].arms[0]

    @property
    def key(self) -> str:
        """Digest of the whole study."""
        return digest_of([trial.key for trial in self.trials])


def digest_of(parts: Sequence[str]) -> str:
    """Digest of names in their order, in hexadecimal."""
    return hashlib.sha256(json.dumps(list(parts)).encode()).hexdigest()[:40]
