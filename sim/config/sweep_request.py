"""What a user writes after ``liebian sweep``: Hydra's sweep syntax, and designs over declared ranges.

``a=1,2,3``, ``range(0,30,10)``, ``choice(a,b)`` and ``glob(*)`` mean what Hydra's users expect;
every value of them is held to the rules of a single run. Ranges of a design come from the
declarations of the parameters and stand nowhere else.
"""

from __future__ import annotations

import math
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.config import Sources, assumptions_table, quantities
from sim.config.overrides import SCENARIO, Assignment, business_words, by_grammar, literal, parse, refusal
from sim.config.verb_keys import own_keys
from sim.core.errors import ConfigError
from sim.core.language import tr
from sim.core.params import Declared
from sim.core.rng import builder

if TYPE_CHECKING:
    from hydra.core.override_parser.types import Glob, Override

#: Jobs and points of one sweep at most, against slips of the keyboard.
MOST_JOBS, MOST_POINTS = 100_000, 10_000
SAMPLES = 64
_OWN = own_keys("sweep")
_DESIGNS = ("lhs", "sobol")
_SHOWN = 8
#: Settings of a whole sweep, which cannot differ between its jobs.
_WHOLE = (
    "engine",
    "paths",
    "store",
    "targets",
    "experiment",
    "experiment.name",
    "experiment.seed",
    "experiment.replications",
    "experiment.first_replication",
    "experiment.until",
    "experiment.most_replications",
)


@dataclass(frozen=True)
class Words:
    """A sweep as it was asked for.

    Attributes
    ----------
    fixed : tuple of str
        Settings with one value, as written.
    axes : mapping of str to tuple of Assignment
        Swept scenario, group or key -> its values, in the order written.
    design : str
        ``lhs``, ``sobol`` or empty.
    samples : int
        Points of the design.
    vary : tuple of Declared
        Parameters that the design varies.
    held : tuple of str
        Numbers that ``vary`` names by section or pattern and that keep their values, because they declare no
        plausible range.
    """

    fixed: tuple[str, ...]
    axes: dict[str, tuple[Assignment, ...]]
    design: str = ""
    samples: int = 0
    vary: tuple[Declared, ...] = ()
    held: tuple[str, ...] = ()


def understand(words: Sequence[str], sources: Sources) -> Words:
    """Read the words of a sweep.

    Raises
    ------
    ConfigError
        With one line for every problem.
    """
    fixed: list[str] = []
    axes: dict[str, tuple[Assignment, ...]] = {}
    problems = _doubled(words)
    own = {key: value for key, _, value in (word.partition("=") for word in words) if key in _OWN}
    for word in (one for one in words if one.partition("=")[0] not in _OWN):
        values = _values(word, sources)
        if isinstance(values, str):
            problems.append(f"{' '.join(word.split())[:100]}: {values}")
        elif values is None:
            fixed.append(word)
        else:
            assigned, wrong = parse([f"{word.partition('=')[0]}={value}" for value in values])
            problems += wrong
            axes[word.partition("=")[0]] = tuple(assigned)
    problems += _refused(axes)
    taken = {word.partition("=")[0] for word in fixed} | set(axes)
    design, samples, vary = _design(own, sources, taken, problems)
    if problems:
        raise ConfigError(list(dict.fromkeys(problems)))
    return Words(tuple(fixed), axes, design, samples, vary, held(_patterns(own), taken, sources))


def held(patterns: Sequence[str], taken: Container[str], sources: Sources) -> tuple[str, ...]:
    """Numbers that patterns name and no design can draw, because they declare no plausible range.

    Parameters
    ----------
    patterns : sequence of str
        Keys, sections or wildcards that are to vary.
    taken : container of str
        Keys with values of their own, which nobody expects to vary.
    """
    rows = [row for row in assumptions_table(sources.sections) if row.kind != "constant" and _is_number(row)]
    return tuple(
        row.path
        for row in rows
        if row.span is None and row.path not in taken and any(named(row.path, one) for one in patterns)
    )


def held_said(keys: Sequence[str]) -> list[str]:
    """The line that says which numbers keep their values; none if all may vary."""
    if not keys:
        return []
    more = tr(" and {shown} more", shown=len(keys) - _SHOWN) if len(keys) > _SHOWN else ""
    return [
        tr(
            "not varied, because no plausible range is declared: {keys}{more}; write values for "
            "one as KEY=a,b,c",
            keys=", ".join(keys[:_SHOWN]),
            more=more,
        )
    ]


def _patterns(own: Mapping[str, str]) -> list[str]:
    return [one.strip() for one in own.get("vary", "").strip("[]").split(",") if one.strip()]


def _doubled(words: Sequence[str]) -> list[str]:
    keys = [word.partition("=")[0] for word in words]
    return [
        tr(
            "{key}: must be given once (you wrote it {count} times); delete all but one",
            key=key,
            count=keys.count(key),
        )
        for key in dict.fromkeys(keys)
        if keys.count(key) > 1
    ]


def _values(word: str, sources: Sources) -> list[str] | str | None:
    """Texts of the values that a word sweeps; None if it has one value; else what is wrong."""
    if problem := refusal(word):
        return problem
    key, _, value = word.partition("=")
    if listed := quantities.several(key, value):
        return listed
    if literal(word) or business_words(word):
        return None
    override = by_grammar(word)
    if override is None:
        return tr("the value cannot be read; write a=1,2,3, range(start,stop,step) or glob(*)")
    return _swept(override, sources) if override.is_sweep_override() else None


def _swept(override: Override, sources: Sources) -> list[str] | str:
    """Texts of the values of a sweep, or what is wrong with it."""
    from hydra.core.override_parser.types import Glob, RangeSweep

    if override.is_interval_sweep():
        return tr(
            "interval(...) has no end of values; write range(start,stop,step), or design=lhs vary=[key]"
        )
    value = override.value()
    if getattr(value, "shuffle", False):
        return tr("shuffle(...) would give another order each time; write the values themselves")
    if isinstance(value, Glob):
        return _matching(override.key_or_group, value, sources)
    if isinstance(value, RangeSweep) and not value.step:
        return tr("the step of a range must not be 0; write range(start,stop,step)")
    listed = list(islice(override.sweep_string_iterator(), MOST_POINTS + 1))
    if len(listed) > MOST_POINTS:
        return tr("must be at most {most_points:,} values; write fewer", most_points=MOST_POINTS)
    return listed or tr("holds no value; write range(start,stop,step) with stop beyond start")


def _matching(key: str, glob: Glob, sources: Sources) -> list[str] | str:
    """Options of a group, or scenarios, that a glob matches."""
    known = list(sources.scenario_paths()) if key == SCENARIO else []
    if key in sources.sections:
        known = sources.options(key)
    if not known:
        return tr("glob(...) chooses among options of a group or scenarios; write the values of a key")
    return glob.filter(known) or tr("matches nothing; choose from: {known}", known=", ".join(known))


def _refused(axes: dict[str, tuple[Assignment, ...]]) -> list[str]:
    """Axes that one sweep cannot have, and values that stand twice in one."""
    problems = []
    for key, values in axes.items():
        if key in _WHOLE or key.partition(".")[0] in _WHOLE[:4]:
            problems.append(tr("{key}: is one for the whole sweep; write one value", key=key))
        said = [repr(one.value) for one in values]
        problems += [
            tr(
                "{key}: must hold each value once ({value} stands there {count} times); delete one",
                key=key,
                value=value,
                count=said.count(value),
            )
            for value in dict.fromkeys(said)
            if said.count(value) > 1
        ]
    return problems


def _design(
    own: dict[str, str], sources: Sources, taken: set[str], problems: list[str]
) -> tuple[str, int, tuple[Declared, ...]]:
    """Kind, number of points and parameters of the design; problems are added."""
    if not own:
        return "", 0, ()
    kind, samples = own.get("design", ""), own.get("samples", str(SAMPLES))
    if kind not in _DESIGNS:
        wrote = tr("you wrote '{kind}'", kind=kind) if kind else tr("you wrote none")
        problems.append(
            tr(
                "design: must be lhs or sobol ({wrote}); write design=lhs samples=64 vary=[key,...]",
                wrote=wrote,
            )
        )
    if not samples.isdecimal() or not 2 <= int(samples) <= MOST_POINTS:
        problems.append(
            tr(
                "samples: must be 2..{most_points:,} (you wrote '{samples}'); write samples={samples2}",
                most_points=MOST_POINTS,
                samples=samples,
                samples2=SAMPLES,
            )
        )
        samples = "2"
    if kind == "sobol" and int(samples).bit_count() != 1:
        nearest = 2 ** round(math.log2(int(samples)))
        problems.append(
            tr(
                "samples: must be a power of two for sobol (you wrote {samples}); write samples={nearest}",
                samples=samples,
                nearest=nearest,
            )
        )
    patterns = _patterns(own)
    if not patterns:
        problems.append(
            tr("vary: must name what the design varies; write vary=[incentive.invite_reward,sharing]")
        )
    return kind, int(samples), _varied(patterns, sources, taken, problems)


def _varied(
    patterns: list[str], sources: Sources, taken: set[str], problems: list[str]
) -> tuple[Declared, ...]:
    """Levers and uncertainties with a range that are named by key, section or pattern."""
    rows = [
        row
        for row in assumptions_table(sources.sections)
        if row.kind != "constant" and span_of(row) is not None
    ]
    for pattern in patterns:
        if not any(named(row.path, pattern) for row in rows):
            problems.append(
                tr(
                    "vary: '{pattern}' names no lever or uncertainty with a plausible range; write "
                    "values for one as KEY=a,b,c, or see 'liebian list parameters'",
                    pattern=pattern,
                )
            )
        elif pattern in taken:
            problems.append(
                tr(
                    "vary: '{pattern}' has values of its own on the line; delete one of the two",
                    pattern=pattern,
                )
            )
    return tuple(row for row in rows if row.path not in taken and any(named(row.path, p) for p in patterns))


def named(path: str, pattern: str) -> bool:
    """Whether a pattern (key, section or wildcard) names the dotted key ``path``."""
    return path.startswith(f"{pattern}.") or fnmatchcase(path, pattern)


def span_of(row: Declared) -> tuple[float, float] | None:
    """Range that a design explores: the plausible span of a number, or None.

    Bounds say what may be written and reach far beyond what may be true, so they are no range to draw from.
    """
    return row.span if _is_number(row) else None


def _is_number(row: Declared) -> bool:
    return isinstance(row.default, (int, float)) and not isinstance(row.default, bool)


def points(words: Words, seed: int) -> list[dict[str, Any]]:
    """Values of the varied parameters at each point of the design; one empty point without a design.

    Whole numbers are rounded, and shares of one whole folded (:func:`fold`). The same words and seed
    give the same points; another number of points gives another design, not a longer one.
    """
    if not words.design:
        return [{}]
    from scipy.stats import qmc  # here, because a sweep over written values draws nothing

    rng = builder(seed, "sweep.design")
    kind = qmc.Sobol if words.design == "sobol" else qmc.LatinHypercube
    return placed(words.vary, kind(d=len(words.vary), rng=rng).random(words.samples))


def placed(rows: Sequence[Declared], unit: np.ndarray) -> list[dict[str, Any]]:
    """Points of the unit cube as values: each column is stretched over its parameter's span.

    Parameters
    ----------
    rows : sequence of Declared
        Parameters with a span.
    unit : float64[n, len(rows)]
        Points, 0..1.

    Returns
    -------
    list of dict
        Dotted key -> value at each point; whole numbers are rounded, shares of one whole folded
        (:func:`fold`).
    """
    low, high = np.array([span_of(row) or (0.0, 0.0) for row in rows], np.float64).T
    whole = [isinstance(row.default, int) for row in rows]
    return [
        {
            row.path: round(value) if is_whole else value
            for row, value, is_whole in zip(rows, point, whole, strict=True)
        }
        for point in fold(rows, low + unit * (high - low)).tolist()
    ]


def fold(rows: Sequence[Declared], drawn: np.ndarray) -> np.ndarray:
    """Bring shares of one whole that add up to more than 1 back into their plausible range.

    A point beyond is mirrored at the middle of the ranges, which keeps two shares between 0 and 1
    uniform over all that they may be; what is still beyond is drawn towards the low ends until the
    sum is 1.

    Parameters
    ----------
    rows : sequence of Declared
        Varied parameters.
    drawn : float64[points, parameters]
        Values within the ranges.

    Returns
    -------
    float64[points, parameters]
        Values within the ranges; shares of one whole that are all varied add up to at most 1,
        if their low ends do.
    """
    folded = drawn.copy()
    wholes: dict[tuple[str, str], list[int]] = {}
    for n, row in enumerate(rows):
        if row.part_of:
            wholes.setdefault((row.path.rpartition(".")[0], row.part_of), []).append(n)
    for at in wholes.values():
        spans = np.array([span_of(rows[n]) or (0.0, 0.0) for n in at])
        low = spans[:, 0]
        mine = folded[:, at]
        mine = np.where(mine.sum(axis=1, keepdims=True) > 1.0, spans.sum(axis=1) - mine, mine)
        above = mine.sum(axis=1, keepdims=True) - low.sum()
        room = np.where(above > 0, np.minimum((1.0 - low.sum()) / np.where(above > 0, above, 1.0), 1.0), 1.0)
        folded[:, at] = np.where(room < 1.0, (low + (mine - low) * room) * (1 - 1e-12), mine)
    return folded
