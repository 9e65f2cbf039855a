"""Where a configuration comes from: the parameter models, ``conf/`` and the folders of scenarios.

A checkout keeps ``conf/`` and ``scenarios/`` at its root and a wheel carries them inside the
package; both are found from this file, never from the working directory. The one thing read
from the working directory is its own ``scenarios/`` folder, so that an installed ``liebian``
can run scenarios its user wrote.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from sim.config import plain_yaml
from sim.config.settings import (
    BusinessParams,
    EngineParams,
    ExperimentParams,
    PathsParams,
    StoreParams,
    TargetParams,
)
from sim.core.errors import ConfigError
from sim.core.language import tr
from sim.core.params import Params
from sim.core.shipped import shipped

#: Sections that are no part of the market, kept outside every strategy.
SETTINGS: dict[str, type[Params]] = {
    "targets": TargetParams,
    "business": BusinessParams,
    "experiment": ExperimentParams,
    "engine": EngineParams,
    "paths": PathsParams,
    "store": StoreParams,
}
NAME = re.compile(r"[a-z0-9_]{1,64}")

Check = Callable[[Any], list[str]]


@dataclass(frozen=True)
class Sources:
    """Everything :func:`sim.config.compose` reads.

    Attributes
    ----------
    sections : mapping of str to type[Params]
        Section name -> its model; the settings (experiment, engine, ...) included.
    checks : sequence of callables
        Each takes a valid :class:`~sim.config.model.Config` and returns problems that span sections.
    conf : Path
        Folder of the option files, one folder a section.
    scenarios : tuple of Path
        Folders of scenario files; a name must be unique among them.
    features : tuple of type[Feature]
        Features beside the market's own; their sections are among ``sections``.
    """

    sections: Mapping[str, type[Params]]
    checks: Sequence[Check] = ()
    conf: Path = field(default_factory=lambda: shipped("conf"))
    scenarios: tuple[Path, ...] = field(default_factory=lambda: (shipped("scenarios"), Path("scenarios")))
    features: tuple[Any, ...] = ()

    def defaults(self) -> dict[str, str]:
        """Section -> option chosen when nobody says otherwise, as listed in ``conf/config.yaml``."""
        document = plain_yaml.read(self.conf / "config.yaml", self.conf)
        entries = document.values.get("defaults")
        if document.values.keys() != {"defaults"} or not isinstance(entries, list):
            raise ConfigError(
                tr("conf/config.yaml: must hold the list 'defaults' and nothing else; move values away")
            )
        chosen: dict[str, str] = {}
        for entry in entries:
            if isinstance(entry, dict):
                chosen.update(entry)
        return chosen

    def options(self, section: str) -> list[str]:
        """Names of the options of one section, sorted."""
        return sorted(path.stem for path in self.folder(section).glob("*.yaml"))

    def folder(self, section: str) -> Path:
        """Folder of the option files of one section."""
        own = {feature.section: feature.options for feature in self.features}
        return Path(own.get(section) or self.conf / section)

    def scenario_paths(self) -> dict[str, list[Path]]:
        """Scenario name -> files of that name (one, unless a user's file repeats a shipped name)."""
        found: dict[str, dict[Path, Path]] = {}
        for folder in self.scenarios:
            place = folder.resolve()
            for path in sorted(folder.glob("*.yaml")):
                found.setdefault(path.stem, {}).setdefault(place / path.name, path)
        return {name: list(files.values()) for name, files in sorted(found.items())}


def market_sources(features: Sequence[Any] | None = None) -> Sources:
    """The market's own sections and checks, with the shipped option files.

    Parameters
    ----------
    features : sequence of type[Feature], optional
        Features beside the market's own; those that this process has added if None.

    Raises
    ------
    ConfigError
        If one of them is no feature, or takes a name that is taken.
    """
    # Imported here: the registry imports every mechanism, and importing this package must stay cheap.
    from sim.registry import added, checked

    return _market_sources(added() if features is None else checked(features))


@cache
def _market_sources(features: tuple[Any, ...]) -> Sources:
    from sim.checks import CHECKS
    from sim.registry import sections_with

    return Sources({**sections_with(features), **SETTINGS}, tuple(CHECKS), features=features)
