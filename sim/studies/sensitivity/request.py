"""What a user writes after ``liebian sensitivity``, checked whole before anything runs.

Scenarios, what varies, the size of the screening and of the indices are this verb's own words;
everything else is a setting of a sweep and read as one. Ranges come from the declarations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sim.config import assumptions_table, compose, market_sources
from sim.config.compose import BASELINE
from sim.config.overrides import SCENARIO
from sim.config.own_keys import key_of, listed, split_words
from sim.config.sweep_request import MOST_JOBS, Words, understand
from sim.config.verb_keys import own_keys
from sim.core.errors import ConfigError, InputError
from sim.core.language import tr
from sim.core.params import Declared
from sim.measure.guardrails import FIGURES
from sim.measure.kpis import KPIS
from sim.studies.robustness.design import VARIED, uncertainties
from sim.studies.robustness.study import STUDY_WORLD

#: Figures that are looked at unless others are named: the nine targets and what must not be lost.
SHOWN = (*(kpi.name for kpi in KPIS), "contribution_margin", "fraud_rate")
BY = "contribution_margin"
WORLDS = 3
_DEFAULTS = {"trajectories": "10", "top": "5", "samples": "64"}
_MOST = {"trajectories": 1000, "top": 50, "samples": 8192}
_LEAST = {"trajectories": 2, "top": 1, "samples": 4}
_OWN = own_keys("sensitivity")
_BETTER = {figure.name: figure.better for figure in FIGURES}
_EXAMPLE = "'liebian sensitivity scenario=baseline,three_tier_referral vary=[sharing,fraud] trajectories=10'"


@dataclass(frozen=True)
class Request:
    """A study of sensitivity as it was asked for.

    Attributes
    ----------
    scenarios : tuple of str
        Strategies; differences are against the first.
    parameters : tuple of Declared
        Uncertainties that vary.
    trajectories : int
        Trajectories of the screening.
    samples, top : int
        Base samples of the indices (0: no indices) and parameters at most that they are found for.
    second_order : bool
        Whether indices of pairs of parameters are wanted.
    by : str
        Figure that says which strategy is best.
    kpis : tuple of str
        Figures that are looked at, ``by`` among them.
    words : tuple of str
        Settings of all runs, with the scenarios, as a sweep reads them.
    seed, worlds : int
        The experiment's seed, and worlds at each point.
    """

    scenarios: tuple[str, ...]
    parameters: tuple[Declared, ...]
    trajectories: int
    samples: int
    top: int
    second_order: bool
    by: str
    kpis: tuple[str, ...]
    words: tuple[str, ...]
    seed: int
    worlds: int

    @classmethod
    def parse(cls, words: Sequence[str]) -> Request:
        """Read and check the words after ``liebian sensitivity``.

        Raises
        ------
        InputError
            With one line for every problem.
        """
        if not words:
            raise InputError(
                tr("write which scenarios and what varies, for instance {example}", example=_EXAMPLE)
            )
        own, settings, names, problems = split_words(words, _OWN)
        settings += names
        numbers = {key: _whole(key, own.get(key, default), problems) for key, default in _DEFAULTS.items()}
        with_indices = _then(own, numbers["samples"], problems)
        by, kpis = _figures(own, problems)
        given = {key_of(word) for word in settings}
        settings += [word for word in _usual() if key_of(word) not in given]
        scenarios = _scenarios(settings, problems)
        patterns = listed(own.get("vary", ",".join(VARIED)))
        try:
            parameters = uncertainties(assumptions_table(market_sources().sections), patterns, given)
        except ConfigError as error:
            problems += error.problems
        if problems:
            raise InputError(problems)
        top = min(numbers["top"], len(parameters))
        asked = cls(
            scenarios,
            parameters,
            numbers["trajectories"],
            numbers["samples"] if with_indices else 0,
            top,
            own.get("second_order") == "on",
            by,
            kpis,
            tuple(settings),
            *_drawn(settings),
        )
        _check_size(asked)
        return asked

    @property
    def keys(self) -> tuple[str, ...]:
        """Dotted keys of what varies."""
        return tuple(row.path for row in self.parameters)


def higher_is_better(figure: str) -> bool:
    """Whether more of a figure is good."""
    return _BETTER[figure] == "higher"


def _whole(key: str, text: str, problems: list[str]) -> int:
    """One of this verb's numbers; a problem is noted and the default stands in."""
    if text.isdecimal() and _LEAST[key] <= int(text) <= _MOST[key]:
        return int(text)
    rule = tr("must be a whole number, {least}..{most:,}", least=_LEAST[key], most=_MOST[key])
    problems.append(
        tr(
            "{key}: {rule} (you wrote '{text}'); write {key}={defaults}",
            key=key,
            rule=rule,
            text=text,
            defaults=_DEFAULTS[key],
        )
    )
    return int(_DEFAULTS[key])


def _then(own: Mapping[str, str], samples: int, problems: list[str]) -> bool:
    """Whether indices follow the screening."""
    then = own.get("then", "")
    if "then" in own and then != "sobol":
        problems.append(
            tr("then: must be sobol (you wrote '{then}'); write then=sobol or leave it out", then=then)
        )
    if samples.bit_count() != 1:
        nearest = 2 ** (samples.bit_length() - 1)
        problems.append(
            tr(
                "samples: must be a power of two (you wrote {samples}); write samples={nearest}",
                samples=samples,
                nearest=nearest,
            )
        )
    if own.get("second_order", "off") not in ("on", "off"):
        problems.append(
            tr(
                "second_order: must be on or off (you wrote '{second_order}'); write second_order=on",
                second_order=own["second_order"],
            )
        )
    if "then" not in own:
        problems += [
            tr("{key}: belongs to the indices after Sobol; add then=sobol or delete it", key=key)
            for key in ("top", "samples", "second_order")
            if key in own
        ]
    return then == "sobol"


def _figures(own: Mapping[str, str], problems: list[str]) -> tuple[str, tuple[str, ...]]:
    """Figure that decides, and all that are looked at."""
    by = own.get("by", BY)
    if by not in _BETTER:
        problems.append(
            tr("by: there is no figure '{by}'; write by={by2}, or another one of docs/kpis.md", by=by, by2=BY)
        )
    elif not _BETTER[by]:
        problems.append(tr("by: neither more nor less of '{by}' is better; write by={by2}", by=by, by2=BY))
    named = listed(own.get("kpis", ""))
    problems += [
        tr("kpis: there is no figure '{one}'; write kpis=[order_conversion,repurchase_30d]", one=one)
        for one in named
        if one not in _BETTER
    ]
    return by, tuple(dict.fromkeys([*(named or SHOWN), by]))


def _usual() -> tuple[str, ...]:
    """Settings of a study unless the user says otherwise: short worlds, because there are many points."""
    return (*STUDY_WORLD, f"experiment.replications={WORLDS}")


def _scenarios(settings: Sequence[str], problems: list[str]) -> tuple[str, ...]:
    """Strategies that are named; what is wrong with the settings is noted."""
    try:
        asked = understand(settings, market_sources())
    except ConfigError as error:
        problems += error.problems
        return ()
    problems += _unswept(asked)
    if SCENARIO in asked.axes:
        return tuple(str(one.value) for one in asked.axes[SCENARIO])
    word = next((word for word in asked.fixed if word.startswith(f"{SCENARIO}=")), f"={BASELINE}")
    return (word.partition("=")[2],)


def _unswept(asked: Words) -> list[str]:
    """Everything but the scenario has one value, and the design is this verb's own."""
    problems = [
        tr("{key}: must have one value in a study of sensitivity; write one, or use 'liebian sweep'", key=key)
        for key in asked.axes
        if key != SCENARIO
    ]
    if asked.design:
        problems.append(tr("design: a study of sensitivity makes its own; leave it out"))
    return problems


def _drawn(settings: Sequence[str]) -> tuple[int, int]:
    """Seed and number of worlds."""
    experiment = compose([word for word in settings if word.startswith("experiment")]).experiment
    if experiment.replications < 2:
        raise InputError(
            tr(
                "experiment.replications must be at least 2 (you wrote 1): with one world luck "
                "cannot be told from an effect; write experiment.replications={worlds}",
                worlds=WORLDS,
            )
        )
    return int(experiment.seed), int(experiment.replications)


def _check_size(asked: Request) -> None:
    """Refuse more runs than a sweep may have, both stages together."""
    points = asked.trajectories * (len(asked.parameters) + 1)
    points += asked.samples * (2 + asked.top * (2 if asked.second_order else 1))
    runs = points * asked.worlds * (len(asked.scenarios) + (BASELINE not in asked.scenarios))
    if runs > MOST_JOBS:
        raise InputError(
            tr(
                "a study must have at most {most_jobs:,} runs (this has up to {runs:,}); ask for "
                "fewer trajectories, samples, parameters or worlds",
                most_jobs=MOST_JOBS,
                runs=runs,
            )
        )
