"""From plain values to frozen models, with every problem told in one line a strategist can act on.

Values are held to JSON's types: a whole number serves where a number is asked for, but a
quoted number, true or null does not. Each line names the key, the rule, what was written and
where, and what to do; nothing stops at the first problem.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from sim.config.settings.patterns import IN_WORDS
from sim.core.language import mark, tr
from sim.core.messages import did_you_mean, written
from sim.core.params import Params, describe_bounds, within

_EXPECTED = {
    "int_type": mark("a whole number"),
    "int_from_float": mark("a whole number"),
    "int_parsing": mark("a whole number"),
    "float_type": mark("a number"),
    "float_parsing": mark("a number"),
    "finite_number": mark("a finite number"),
    "bool_type": mark("true or false"),
    "bool_parsing": mark("true or false"),
    "string_type": mark("text"),
    "list_type": mark("a list"),
    "tuple_type": mark("a list"),
    "dict_type": mark("a mapping"),
    "model_type": mark("a mapping"),
    "model_attributes_type": mark("a mapping"),
    "none_required": "null",
}
_REMEDY = {
    mark("a number"): mark("write a plain number without quotes"),
    mark("a whole number"): mark("write a whole number without quotes"),
    mark("a finite number"): mark("write a finite number"),
    mark("true or false"): mark("write true or false without quotes"),
    mark("text"): mark("write a word, or put it in quotes"),
    mark("a list"): mark("write it as [a, b]"),
    mark("a mapping"): mark("set its entries one by one with dotted keys"),
}
_TOO_DEEP = mark("must not be nested that deep; set its entries one by one with dotted keys")
Origins = Mapping[str, str]


def validate(
    section: str, model: type[Params], values: Mapping[str, Any], origins: Origins
) -> Params | list[str]:
    """Build one section's model.

    Parameters
    ----------
    section : str
        Name of the section, for messages.
    model : type[Params]
        Its parameter model.
    values : mapping
        Plain values; what is missing takes the model's default.
    origins : mapping of str to str
        Dotted key -> where it was set, named in problems.

    Returns
    -------
    Params or list of str
        The frozen model, or one line per problem.
    """
    values = completed(model, values)
    try:
        return _valid(model, json.dumps(values))
    except RecursionError:
        return [f"{section} {tr(_TOO_DEEP)}"]
    except ValidationError as error:
        lines = [line for one in error.errors() for line in _lines(section, model, values, one, origins)]
        return list(dict.fromkeys(lines))


@lru_cache(maxsize=2048)
def _valid(model: type[Params], text: str) -> Params:
    """A section's model of its values as JSON; most sections of most configurations are the usual ones."""
    return model.model_validate_json(text)


def completed(holder: type[BaseModel] | BaseModel, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values with every entry that is a model of its own filled up from *its* defaults.

    One class serves several entries (a platform, a category) that differ in their numbers, so the numbers
    that are not written must come from the entry and not from the class.

    Parameters
    ----------
    holder : type or instance of BaseModel
        The section's model, or an entry of it.
    values : mapping
        What was written; entries that are no mappings are left as they are.
    """
    whole: dict[str, Any] = {} if isinstance(holder, type) else holder.model_dump(mode="json")
    for key, value in values.items():
        entry = default_of(holder, key)
        nested = isinstance(entry, BaseModel) and isinstance(value, Mapping)
        whole[key] = completed(entry, value) if nested else value
    return whole


def default_of(holder: Any, key: str) -> Any:
    """What a model, an entry of it or a mapping that is its default holds under a key; None if nothing."""
    if isinstance(holder, Mapping):
        return holder.get(key)
    model = holder if isinstance(holder, type) else type(holder)
    if not issubclass(model, BaseModel) or key not in model.model_fields:
        return None
    if isinstance(holder, BaseModel):
        return getattr(holder, key)
    field = model.model_fields[key]
    return None if field.is_required() else field.get_default(call_default_factory=True)


def _lines(
    section: str, model: type[Params], values: Mapping[str, Any], error: ErrorDetails, origins: Origins
) -> list[str]:
    """Lines of one pydantic error: one, or one for each entry outside its bounds."""
    where = _position(values, error)
    if error["type"] == "bounds":
        context = error["ctx"]
        told = [
            (
                (*where, *deeper),
                tr(
                    "must be {rule} (you wrote {as_written}); {within}",
                    rule=context["rule"],
                    as_written=written(_as_written(value)),
                    within=within(context["bounds"], value),
                ),
            )
            for deeper, value in context["outside"]
        ]
    else:
        told = [(where, _problem(model, where, error))]
    return [_line(section, position, problem, origins) for position, problem in told]


def _line(section: str, position: tuple[str | int, ...], problem: str, origins: Origins) -> str:
    """One problem with its key, and the file and line if a scenario set it."""
    key = ".".join([section, *map(str, position)])
    separator = ":" if problem.startswith("unknown") else ""
    if problem.startswith(f"{key}."):
        return problem  # a model's own rule that names its keys itself
    parts = key.split(".")
    holders = (".".join(parts[:n]) for n in range(len(parts), 0, -1))
    origin = next((origins[holder] for holder in holders if holder in origins), "")
    return f"{key}{separator} {problem}" + (f" [{origin}]" if origin else "")


def _position(values: Mapping[str, Any], error: ErrorDetails) -> tuple[str | int, ...]:
    """Location in the user's own values: pydantic's location without its names of union branches."""
    position: list[str | int] = []
    here: Any = values
    for part in error["loc"]:
        try:
            here = here[part]
        except (KeyError, IndexError, TypeError):
            if error["type"] != "missing":
                continue
        position.append(part)
    return tuple(position)


def _problem(model: type[Params], where: tuple[str | int, ...], error: ErrorDetails) -> str:
    """Rule, value and remedy of one error."""
    kind, value = error["type"], error["input"]
    owner, field = _declaration(model, where)
    if kind == "extra_forbidden":
        return tr(
            "unknown key; {did_you_mean}", did_you_mean=did_you_mean(str(where[-1]), owner.model_fields)
        )
    if kind == "missing":
        return tr("must be given{of}; set it", of=_of(field))
    if kind in ("literal_error", "choice"):
        choices = _choices(error)
        return tr(
            "must be one of its choices (you wrote {value}); {did_you_mean}",
            value=written(value),
            did_you_mean=did_you_mean(str(value), choices),
        )
    if kind == "string_pattern_mismatch":
        pattern = error["ctx"]["pattern"]
        rule = tr(IN_WORDS[pattern]) if pattern in IN_WORDS else tr("match {pattern}", pattern=pattern)
        return tr("must {rule} (you wrote {value}); write another text", rule=rule, value=written(value))
    if kind == "json_invalid":
        return tr(_TOO_DEEP)
    if kind in ("value_error", "assertion_error"):
        return _own_words(str(error["msg"]))
    if kind in _EXPECTED:
        expected = _EXPECTED[kind]
        remedy = (
            tr(_REMEDY[expected]) if expected in _REMEDY else tr("write {expected}", expected=tr(expected))
        )
        return tr(
            "must be {expected}{of} (you wrote {value}); {remedy}",
            expected=tr(expected),
            of=_of(field),
            value=written(value),
            remedy=remedy,
        )
    return tr(
        "{msg}{msg2} (you wrote {value}); correct it",
        msg=error["msg"][:1].lower(),
        msg2=error["msg"][1:],
        value=written(value),
    )


def _choices(error: ErrorDetails) -> list[str]:
    """What may be written, of a literal or of a table of choices."""
    if error["type"] == "choice":
        return list(error["ctx"]["choices"])
    return str(error["ctx"]["expected"]).replace("'", "").replace(" or ", ", ").split(", ")


def _own_words(message: str) -> str:
    """What a model's own validator says, without pydantic's prefix."""
    return message.removeprefix("Value error, ").removeprefix("Assertion failed, ")


def _of(field: FieldInfo | None) -> str:
    """Bounds and unit of a declared number in brackets, empty if there are none."""
    extra = field.json_schema_extra if field else None
    if not isinstance(extra, dict) or not extra.get("bounds"):
        return ""
    # pydantic types what fields carry as any JSON; declarations put a mapping of numbers here
    bounds = describe_bounds(extra["bounds"], str(extra["unit"]))  # type: ignore[arg-type]
    return (
        tr(" within {bounds}", bounds=bounds) if bounds[0].isdigit() or bounds[0] == "-" else f", {bounds},"
    )


def _declaration(
    model: type[BaseModel], where: tuple[str | int, ...]
) -> tuple[type[BaseModel], FieldInfo | None]:
    """Model that owns the last key of ``where``, and that key's field if it has one."""
    owner: type[BaseModel] = model
    field: FieldInfo | None = None
    for depth, part in enumerate(where):
        field = owner.model_fields.get(str(part), field)
        inner = model_inside(field.annotation) if field else None
        if inner is not None and depth < len(where) - 1:
            owner = inner
    return owner, field


def model_inside(annotation: Any) -> type[BaseModel] | None:
    """Model that an annotation holds: itself, in a union, or as a list's or mapping's entry."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (Union, UnionType, list, tuple, dict):
        return next((found for arg in get_args(annotation) if (found := model_inside(arg))), None)
    return None


def _as_written(value: float) -> float | int:
    """``-3.0`` that the user wrote as ``-3``, as an integer again."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value
