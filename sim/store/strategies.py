"""What a run is called in tables: its scenario and, among namesakes, the settings in which it differs.

A scenario's name says what was asked for; what was played is its resolved settings. So runs are one
strategy if scenario, settings and seed are the same, and two strategies of one scenario are told
apart by the keys whose values differ. The baseline that others are paired with keeps the bare name.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from sim.core.language import tr

#: The strategy that all others are compared with.
BASELINE = "baseline"
#: Columns that make runs one strategy.
IDENTITY = ["scenario", "variant", "seed"]
#: So many differing keys are written out, and so many strategies under one name are told apart by keys.
MOST_KEYS, MOST_NAMESAKES = 4, 300
_DIGITS = 6
#: Groups whose options change no market, or lengths that are told key by key.
_MACHINE = ("engine", "paths", "store", "experiment")
#: Settings that say how runs are filed or how many there are.
_NO_SETTINGS = (
    "experiment.name",
    "experiment.replications",
    "experiment.first_replication",
    "experiment.until",
    "experiment.most_replications",
)

#: One row of runs -> what was noted of it: ``config`` and ``info``.
Noted = Callable[[Any], Mapping[str, Any]]


def strategy_names(runs: pd.DataFrame, noted: Noted) -> pd.Series:
    """Name of the strategy of every run.

    Parameters
    ----------
    runs : DataFrame
        One row a run: ``scenario``, ``variant``, ``seed``, ``key``, ``baseline_key``.
    noted : callable
        What the store notes of a run; asked for one run of each strategy that has a namesake.

    Returns
    -------
    Series of str
        Indexed as ``runs``: the scenario where all its runs are one strategy, else the scenario with the
        keys that differ, ``three_tier_referral (incentive.invite_reward=20)``.
    """
    groups = runs.groupby(IDENTITY, sort=False)
    which = groups.ngroup()
    first = groups.head(1).reset_index(drop=True)
    is_reference = (runs["key"] == runs["baseline_key"]).groupby(which).all().to_numpy(bool)
    names = first["scenario"].tolist()
    for scenario, namesakes in first.groupby("scenario", sort=False):
        if len(namesakes) > 1:
            for place, name in _told_apart(str(scenario), namesakes, is_reference, noted):
                names[place] = name
    return which.map(dict(enumerate(names))).astype(object)


def _told_apart(
    scenario: str, namesakes: pd.DataFrame, is_reference: Any, noted: Noted
) -> Iterator[tuple[int, str]]:
    """Position and name of every strategy of one scenario."""
    places = namesakes.index.tolist()
    digests = [f"#{variant[:_DIGITS]}" for variant in namesakes["variant"]]
    if len(places) > MOST_NAMESAKES:
        said = [f"{digest}, seed {seed}" for digest, seed in zip(digests, namesakes["seed"], strict=True)]
    else:
        told = [noted(row) for row in namesakes.itertuples()]
        options = [one.get("info", {}).get("options", {}) for one in told]
        said = differing(by_options([_settings(one) for one in told], options))
        twice = {one for one in said if said.count(one) > 1}
        said = [
            f"{one}, {digest}".removeprefix(", ") if one in twice else one
            for one, digest in zip(said, digests, strict=True)
        ]
    references = [place for place in places if is_reference[place]]
    bare = references[0] if scenario == BASELINE and len(references) == 1 else None
    for place, one in zip(places, said, strict=True):
        yield place, scenario if place == bare else f"{scenario} ({one})"


def differing(settings: Sequence[Mapping[str, str]]) -> list[str]:
    """The entries in which each of several settings differs from any other, as ``key=value, ...``."""
    keys = dict.fromkeys(key for one in settings for key in one)
    varied = [key for key in sorted(keys) if len({one.get(key) for one in settings}) > 1]
    shown = varied[:MOST_KEYS]
    more = [tr("{n_shown} more", n_shown=len(varied) - len(shown))] if len(varied) > len(shown) else []
    return [", ".join([*(f"{key}={one[key]}" for key in shown if key in one), *more]) for one in settings]


def by_options(
    settings: Sequence[Mapping[str, str]], options: Sequence[Mapping[str, str]]
) -> list[dict[str, str]]:
    """Settings in which a section that runs chose by different options is told by the option alone.

    Parameters
    ----------
    settings : sequence of mapping
        Dotted key -> value of each run.
    options : sequence of mapping
        Section -> option of each run; empty for runs that noted none.

    Returns
    -------
    list of dict
        As ``settings``. Keys of such a section stay where they differ between runs of one option, since
        there the option does not tell them apart.
    """
    made = [dict(one) for one in settings]
    if not all(options):
        return made
    for section in dict.fromkeys(name for one in options for name in one):
        chosen = [one.get(section, "") for one in options]
        if section in _MACHINE or len(set(chosen)) < 2:
            continue
        keys = dict.fromkeys(key for one in settings for key in one if key.startswith(f"{section}."))
        if not any(len({one.get(key) for one in settings}) > 1 for key in keys):
            continue
        for key in keys:
            of_option: dict[str, set[str | None]] = {}
            for option, one in zip(chosen, settings, strict=True):
                of_option.setdefault(option, set()).add(one.get(key))
            if all(len(values) == 1 for values in of_option.values()):
                for one in made:
                    one.pop(key, None)
        for one, option in zip(made, chosen, strict=True):
            one[section] = option
    return made


def _settings(noted: Mapping[str, Any]) -> dict[str, str]:
    """Dotted key -> value of all that a run's settings say, with its seed and the version of the code."""
    flat = {key: text for key, text in flattened(noted.get("config", {})) if key not in _NO_SETTINGS}
    info = noted.get("info", {})
    known = {"experiment.seed": info.get("seed"), "code": info.get("code")}
    return flat | {key: str(value) for key, value in known.items() if value is not None}


def flattened(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Dotted key and value as text of every entry of nested settings."""
    rows: list[tuple[str, str]] = []
    for key, value in values.items():
        if isinstance(value, Mapping):
            rows += flattened(value, f"{prefix}{key}.")
        else:
            text = f"{value:g}" if isinstance(value, float) else _plain(value)
            rows.append((f"{prefix}{key}", text))
    return rows


def _plain(value: Any) -> str:
    return json.dumps(value) if isinstance(value, list) else str(value)
