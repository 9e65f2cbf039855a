"""Options that a stage of a plan chooses, turned into the levers in which they differ.

A stage's words count as though they stood at the end of the command line: its options are laid under the
lines of the scenario and of the command line, its levers over them. What travels on are levers alone, so that
a stored plan needs no option files.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sim.config.options import Values, option_values
from sim.config.overrides import Assignment
from sim.config.sources import SETTINGS, Sources
from sim.config.validate import validate
from sim.core.language import tr
from sim.core.messages import did_you_mean, written
from sim.core.params import Params
from sim.levers import FIXED, differences, laid, nested

Lay = Callable[[Values, Assignment, type[Params]], None]


def resolve_stages(
    values: Values, settings: Sequence[Assignment], sources: Sources, problems: list[str], lay: Lay
) -> None:
    """Replace the options of every stage in ``values`` by the levers that they set.

    Parameters
    ----------
    values : dict
        Section -> values as laid so far; the section ``plan`` is changed in place.
    settings : sequence of Assignment
        Lines of the scenario and of the command line, in order.
    sources : Sources
        Option files and models.
    problems : list of str
        Problems are added here.
    lay : callable
        Lays one assignment over values, as composition does.
    """
    plan = values.get("plan", {})
    stages = plan.get("stages")
    if not isinstance(stages, Mapping):
        return
    resolved = {}
    for name, stage in stages.items():
        resolved[name] = stage
        chosen = stage.get("options") if isinstance(stage, Mapping) else None
        own = stage.get("levers", {}) if isinstance(stage, Mapping) else {}
        if not isinstance(chosen, Mapping) or not isinstance(own, Mapping):
            continue
        levers: Any = {}
        for section, option in chosen.items():
            where = f"plan.stages.{name}.options.{section}"
            problem = _unknown(section, option, sources)
            if problem:
                problems.append(f"{where} {problem}")
                continue
            sets, line = _set_by(section, str(option), values, settings, sources, lay)
            levers = laid(levers, {section: sets})
            problems += [f"{where} {line}"] if line else []
        resolved[name] = {**stage, "levers": laid(levers, nested(own))}
    plan["stages"] = resolved


def _unknown(section: str, option: Any, sources: Sources) -> str:
    sections = [one for one in sources.sections if one not in SETTINGS and one not in FIXED]
    if section not in sections:
        return tr("is no section of a strategy; {did_you_mean}", did_you_mean=did_you_mean(section, sections))
    valid = sources.options(section)
    if option not in valid:
        return tr(
            "must name an option (you wrote {option}); {did_you_mean}",
            option=written(option),
            did_you_mean=did_you_mean(str(option), valid),
        )
    return ""


def _set_by(
    section: str, option: str, values: Values, settings: Sequence[Assignment], sources: Sources, lay: Lay
) -> tuple[dict[str, Any], str]:
    """Levers in which a section differs under another option, and what is wrong with choosing it."""
    model = sources.sections[section]
    other = option_values({section: option}, sources)
    for one in settings:
        if one.key.partition(".")[0] == section:
            lay(other, one, model)
    mine, theirs = (validate(section, model, held.get(section, {}), {}) for held in (values, other))
    if isinstance(mine, list) or isinstance(theirs, list):
        return {}, ""  # told where it is written
    levers, others = differences(mine, theirs)
    if others:
        named = tr(" and ").join(f"{section}.{key}" for key in others[:3])
        return {}, tr(
            "sets {named}, which cannot change while a market runs; choose it for the whole run", named=named
        )
    return levers, ""
