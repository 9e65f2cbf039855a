"""Resolved values of many configurations in one file, where what they share stands once.

Settings files that change later change nothing in it: a configuration is rebuilt from the file alone, by the
version of the program that wrote it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sim.config import Config, Sources, code_digest, market_sources
from sim.config.validate import validate
from sim.core.atomic import commit
from sim.core.errors import ConfigError, StoreError
from sim.core.language import tr
from sim.core.params import Params
from sim.registry import load

_FILE = re.compile(r"values-[0-9a-f]{16}\.json")


def values_of(configs: Sequence[Config], pinned: Config) -> tuple[str, dict[str, Any]]:
    """File name and content of the resolved values of all configurations, each section's values once."""
    sections: dict[str, Any] = {}
    names: dict[int, str] = {}

    def filed(config: Config) -> dict[str, str]:
        for name, model in config.models.items():
            if id(model) not in names:
                plain = model.model_dump(mode="json")
                names[id(model)] = section_key(name, plain)
                sections[names[id(model)]] = plain
        return {name: names[id(model)] for name, model in sorted(config.models.items())}

    content = {
        "code": code_digest(),
        **({"features": [one.path() for one in pinned.features]} if pinned.features else {}),
        "pinned": _described(pinned, filed(pinned)),
        "configs": [_described(config, filed(config)) for config in configs],
        "sections": sections,
    }
    return named_values(content)[0], content


def named_values(content: Mapping[str, Any]) -> tuple[str, str]:
    """Name and text of the file that holds such content."""
    return f"values-{_digest(content)}.json", json.dumps(content, sort_keys=True)


def section_key(name: str, plain: Mapping[str, Any]) -> str:
    """Key of a section's values among those of all configurations."""
    return f"{name}-{_digest(plain)}"


def write_values(folder: Path, content: Mapping[str, Any]) -> str:
    """Write what :func:`values_of` gave into ``folder``; returns the file's name.

    Raises
    ------
    StoreError
        If the file cannot be written.
    """
    name, text = named_values(content)
    commit(folder / name, lambda temporary: temporary.write_text(text, encoding="utf-8", newline="\n"))
    return name


def read_values(folder: Path, name: str) -> dict[str, Any]:
    """Content of a file of values.

    Raises
    ------
    StoreError
        If it is missing, torn or changed.
    """
    file = folder / name
    try:
        if not _FILE.fullmatch(name):
            raise ValueError(tr("not a file of values"))
        content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        if name != named_values(content)[0]:
            raise ValueError(tr("its content was changed"))
    except (OSError, ValueError) as error:
        raise StoreError(
            tr(
                "results: '{file}' cannot be used ({error}); give its command again to plan it anew",
                file=file,
                error=error,
            )
        ) from None
    return content


def check_code(content: Mapping[str, Any], experiment: str) -> None:
    """Refuse values that another version of the program planned.

    Raises
    ------
    StoreError
        Naming the experiment.
    """
    if content["code"] != code_digest():
        raise StoreError(
            tr(
                "experiment: '{experiment}' was planned with another version of the program; write "
                "its sweep again to plan it anew, or choose another experiment.name",
                experiment=experiment,
            )
        )


def configs_of(content: Mapping[str, Any]) -> list[Config]:
    """Configurations of a file of values, in the order in which they were given.

    Raises
    ------
    ConfigError
        If a feature of theirs cannot be imported, or a value is not allowed.
    """
    features = tuple(one for path in content.get("features", ()) for one in load(path))
    sources = market_sources(features)
    models = {key: _model(key, plain, sources) for key, plain in content["sections"].items()}
    pinned = replace(_config(content["pinned"], models, None), features=features)
    return [replace(_config(one, models, pinned), features=features) for one in content["configs"]]


def _described(config: Config, sections: dict[str, str]) -> dict[str, Any]:
    return {
        "scenario": config.scenario,
        "description": config.description,
        "options": dict(config.options),
        "chosen": sorted(config.chosen),
        "sections": sections,
        "common": sorted(config.common),
    }


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def _model(key: str, plain: dict[str, Any], sources: Sources) -> Params:
    section = key.rpartition("-")[0]
    outcome = validate(section, sources.sections[section], plain, {})
    if isinstance(outcome, list):
        raise ConfigError(outcome)
    return outcome


def _config(one: Mapping[str, Any], models: Mapping[str, Params], pinned: Config | None) -> Config:
    held = {name: models[key] for name, key in one["sections"].items()}
    chosen, common = frozenset(one["chosen"]), frozenset(one.get("common", ()))
    return Config(one["scenario"], one["description"], one["options"], held, chosen, pinned, common)
