"""Names of many runs and worlds at once, equal to those that each run by itself would get.

A name is a digest over some four hundred values, of which the jobs of a sweep share nearly all.
So each section's part of the digested text is made once and put together for every job.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

from sim.config import SETTINGS, Config, code_digest
from sim.config.hashes import RUN_LENGTHS, TOLD, run_values
from sim.config.model import REPRESENTS, feature_values, paired
from sim.config.pairing import referred
from sim.core.params import Params
from sim.core.rng import replication_seed

_WORLD_LENGTHS = ("burn_in_days", "warmup_days")


class Names:
    """Names under one pinned baseline.

    Parameters
    ----------
    pinned : Config
        The scenario ``baseline``, under which worlds are burnt in.
    """

    def __init__(self, pinned: Config) -> None:
        self._pinned = pinned
        self._code = json.dumps(code_digest())
        self._texts: dict[tuple[int, str], str] = {}
        self._pairs: dict[int, Params] = {}
        self._held: list[Params] = []  # what is remembered by identity must stay alive
        self._worlds: dict[tuple[str, int, int], str] = {}

    def baseline(self, config: Config) -> Config:
        """As :func:`sim.config.reference_of`: world and conditions of ``config`` under the pinned levers."""
        models = {name: self._pair(name, model) for name, model in config.models.items()}
        pinned = self._pinned
        plain = Config(
            pinned.scenario,
            pinned.description,
            dict(pinned.options),
            models,
            config.chosen,
            config.pinned,
            features=config.features,
        )
        return referred(config, plain) if config.common else plain

    def key(self, config: Config, replication: int) -> str:
        """As :func:`sim.runs.replicate.run_key`."""
        world = json.dumps(_sha(f'{{"code":"","seed":null,"values":{self._world_values(config)}}}'))
        text = (
            f'{{"code":{self._code},"replication":{replication},"seed":{config.experiment.seed},'
            f'"values":{self.run_values(config)},"world":{world}}}'
        )
        return _sha(text)[:40]

    def world_key(self, config: Config, replication: int) -> str:
        """As :func:`sim.market.snapshot.world_key` of a market of this world."""
        values = self._world_values(config)
        place = (values, config.experiment.seed, replication)
        if place not in self._worlds:
            seed = replication_seed(config.experiment.seed, replication)
            self._worlds[place] = _sha(f'{{"code":{self._code},"seed":{json.dumps(seed)},"values":{values}}}')
        return self._worlds[place]

    def run_values(self, config: Config) -> str:
        """Text of all that changes one run's results, apart from its seed."""
        market = [self._text(name, model) for name, model in config.models.items() if _counts(name)]
        added = _entries(feature_values(config.features))
        lengths = _lengths(config, RUN_LENGTHS)
        told = [self._text(name, config.section(name)) for name in TOLD]
        return _joined([*market, added, lengths, *told])

    def _world_values(self, config: Config) -> str:
        later = {feature.section for feature in config.features if not feature.world}
        market = [
            self._text(name, self._pair(name, model), but=REPRESENTS)
            for name, model in config.models.items()
            if _counts(name) and name not in later
        ]
        added = _entries(feature_values(config.features, world=True))
        return _joined([*market, added, _lengths(config, _WORLD_LENGTHS)])

    def _pair(self, name: str, model: Params) -> Params:
        """One section of the world under the pinned strategy."""
        if name in SETTINGS:
            return model
        if id(model) not in self._pairs:
            one, other = replace(self._pinned, models={name: model}), self._pinned
            self._pairs[id(model)] = paired(one, other).models[name]
            self._held.append(model)
        return self._pairs[id(model)]

    def _text(self, name: str, model: Params, but: str = "") -> str:
        """Entries of one section in the digested text, sorted; all but one key."""
        place = (id(model), but)
        if place not in self._texts:
            settings = {key: self._pinned.models[key] for key in SETTINGS}
            alone = replace(self._pinned, models={**settings, name: model})
            mine = {key: value for key, value in run_values(alone).items() if key.startswith(f"{name}.")}
            mine.pop(but, None)
            self._texts[place] = _entries(mine)
            self._held.append(model)
        return self._texts[place]


def _counts(name: str) -> bool:
    return name not in SETTINGS


def _lengths(config: Config, keys: tuple[str, ...]) -> str:
    return _entries({f"experiment.{key}": getattr(config.experiment, key) for key in keys})


def _entries(values: dict[str, object]) -> str:
    """Sorted entries without the brackets around them."""
    return json.dumps(values, sort_keys=True, separators=(",", ":"), allow_nan=False)[1:-1]


def _joined(parts: list[str]) -> str:
    """One text of all sections; sections sort as their keys do, because '.' sorts before what names hold."""
    return f"{{{','.join(sorted(part for part in parts if part))}}}"


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
