"""Parameters with a unit, bounds, a kind and a source, declared once and read everywhere.

A declaration is a line, and the text under it says what the number means and why it is this one::

    audience: float = uncertainty(5.0, "people", "A-246", ge=0, le=500, span=(2, 15))
    '''Acquaintances who notice a shared post.'''

From these declarations come validation, the assumptions table, the sensitivity ranges and
the sweep designs: there is no second list. ``kind`` says what a number is: a ``lever`` (the
operator sets it), an ``uncertainty`` (nobody knows it well) or a ``constant``. ``scope`` says
when it takes hold: ``world`` parameters are part of the burnt-in world and of its hash;
``strategy`` parameters switch on the first measured day. Levers are strategy, the rest is
world, unless said otherwise.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from sim.core.language import tr

Kind = Literal["lever", "uncertainty", "constant"]
Scope = Literal["world", "strategy"]

_SOURCE = re.compile(r"^(F\d{3}(-F\d{3})?|S\d{3}|A-\d{3,4}|X\d{2}|[A-Z][^0-9]*\d{4}.*|definition)(; .*)?$")


class Params(BaseModel):
    """Base of every parameter model: frozen, strict, no unknown keys, no inf or nan."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, validate_default=True, defer_build=True
    )

    @field_validator("*", mode="after")
    @classmethod
    def _within_bounds(cls, value: Any, info: ValidationInfo) -> Any:
        """Hold a number, or every number of a list or mapping, to the bounds declared for it."""
        field = cls.model_fields[str(info.field_name)]
        bounds = _extra(field).get("bounds", {})
        table = _extra(field).get("table")
        if table is not None and value not in table:
            raise PydanticCustomError("choice", tr("must be one of its choices"), {"choices": tuple(table)})
        outside = list(_outside(value, bounds)) if bounds else []
        if outside:
            rule = describe_bounds(bounds, _extra(field)["unit"])
            context = {"rule": rule, "outside": outside, "bounds": bounds}
            raise PydanticCustomError("bounds", tr("must be {rule}"), context)
        return value


def param(
    default: Any = ...,
    unit: str = "",
    source: str = "",
    *,
    kind: Kind,
    why: str = "",
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
    scope: Scope | None = None,
    pattern: str | None = None,
    span: tuple[float, float] | None = None,
    part_of: str = "",
    table: Collection[str] | None = None,
) -> Any:
    """Declare one parameter; :data:`lever`, :data:`uncertainty` and :data:`constant` name its kind.

    Parameters
    ----------
    default
        Value used when the configuration is silent; ``...`` makes it required.
    unit : str
        Unit in words a strategist reads: ``"CNY"``, ``"1/day"``, ``"share"``, ``"minutes"``.
    source : str
        A plan figure (``F064``), a plan system (``S040``), an assumption (``A-017``), a
        citation (``Bijmolt 2005``), an exact limit (``X22``) or ``definition``.
    kind : {'lever', 'uncertainty', 'constant'}
        Who may move it.
    why : str
        What it means and, for an assumption, why this value; where nothing is said here, the text that
        stands under the declaration (a model typed into a notebook has no file to read it from).
    ge, gt, le, lt : float, optional
        Bounds; for lists and mappings they hold for every entry.
    scope : {'world', 'strategy'}, optional
        Defaults to strategy for levers and world for the rest.
    pattern : str, optional
        Regular expression that a text must match.
    span : (float, float), optional
        Plausible range, within the bounds and around the default, that sensitivity studies and
        designs explore; the bounds say what may be written, the span what may well be true, or for
        a lever what a plan would consider.
    part_of : str, optional
        Name of the whole that this is a share of: shares of one whole add up to at most 1.
    table : collection of str, optional
        Table whose keys are the choices of a text; what is added to it later may be chosen too.

    Raises
    ------
    ValueError
        If there is no unit, the source is not of a known form, or the span does not lie within the bounds or
        does not hold the default.
    """
    if not unit:
        raise ValueError(f"a parameter has a unit in words (source {source!r}, default {default!r})")
    if not _SOURCE.match(source):
        raise ValueError(f"source {source!r} is not a figure, system, assumption or citation")
    bounds = {k: v for k, v in (("ge", ge), ("gt", gt), ("le", le), ("lt", lt)) if v is not None}
    if span is not None:
        _check_span(span, default, bounds)
    extra: dict[str, Any] = {
        "unit": unit,
        "kind": kind,
        "source": source,
        "scope": scope or ("strategy" if kind == "lever" else "world"),
        "bounds": bounds,
        "span": span,
        "part_of": part_of,
    }
    if table is not None:
        extra["table"] = table
    return Field(default, description=why or None, json_schema_extra=extra, pattern=pattern)


#: What the operator sets, what nobody knows well, and what is held: :func:`param` with its kind.
lever = partial(param, kind="lever")
uncertainty = partial(param, kind="uncertainty")
constant = partial(param, kind="constant")


def _check_span(span: tuple[float, float], default: Any, bounds: Mapping[str, float]) -> None:
    """Refuse a plausible range that is empty, leaves the bounds or leaves out the default."""
    low, high = span
    if not low < high:
        raise ValueError(f"span {span} must run from a lower to a higher number")
    if list(_outside(span, bounds)):
        raise ValueError(f"span {span} must lie within the bounds, {describe_bounds(bounds)}")
    if default is not ... and not low <= default <= high:
        raise ValueError(f"span {span} must hold the default, {default}")


def describe_bounds(bounds: Mapping[str, float], unit: str = "") -> str:
    """Bounds in words: ``0..200 CNY``, ``more than 0 and below 1 share``, ``at least 1``."""
    if bounds.keys() == {"ge", "le"}:
        if unit == f"{_number(bounds['ge'])}..{_number(bounds['le'])}":
            return unit  # a scale whose unit is its range
        return f"{_number(bounds['ge'])}..{_number(bounds['le'])} {unit}".rstrip()
    words = {"ge": tr("at least"), "gt": tr("more than"), "le": tr("at most"), "lt": tr("less than")}
    return f"{tr(' and ').join(f'{words[k]} {_number(v)}' for k, v in bounds.items())} {unit}".rstrip()


def within(bounds: Mapping[str, float], value: float) -> str:
    """What to write instead of a number outside its bounds: ``write 200 or less``."""
    low, high = bounds.get("ge", bounds.get("gt")), bounds.get("le", bounds.get("lt"))
    if low is not None and value <= low:
        return (
            tr("write {number} or more", number=_number(low))
            if "ge" in bounds
            else tr("write more than {number}", number=_number(low))
        )
    if high is None:
        return tr("write another number")
    return (
        tr("write {number} or less", number=_number(high))
        if "le" in bounds
        else tr("write less than {number}", number=_number(high))
    )


def _number(value: float) -> str:
    """A bound as people write it: ``5,000,000``, ``0.25``."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:g}"


def _outside(value: Any, bounds: Mapping[str, float], where: tuple[str | int, ...] = ()) -> Iterator[Any]:
    """Yield ``(position, number)`` of every number outside ``bounds``, inside lists and mappings too."""
    if isinstance(value, Mapping):
        for key, entry in value.items():
            yield from _outside(entry, bounds, (*where, key))
    elif isinstance(value, (list, tuple)):
        for index, entry in enumerate(value):
            yield from _outside(entry, bounds, (*where, index))
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        below = value < bounds.get("ge", value) or ("gt" in bounds and value <= bounds["gt"])
        above = value > bounds.get("le", value) or ("lt" in bounds and value >= bounds["lt"])
        if below or above:
            yield where, value


@dataclass(frozen=True)
class Declared:
    """One declared parameter as tables and designs see it."""

    path: str
    default: Any
    unit: str
    kind: Kind
    source: str
    scope: Scope
    why: str
    bounds: dict[str, float]
    choices: tuple[Any, ...] = ()
    span: tuple[float, float] | None = None
    part_of: str = ""


def field_scope(field: FieldInfo) -> Scope:
    """Scope of a model field; fields not declared with :func:`param` belong to the world."""
    scope: Scope = _extra(field).get("scope", "world")
    return scope


def field_kind(field: FieldInfo) -> Kind:
    """Kind of a model field; fields not declared with :func:`param` are constants."""
    kind: Kind = _extra(field).get("kind", "constant")
    return kind


def field_choices(field: FieldInfo) -> tuple[Any, ...]:
    """Values that a ``Literal`` field, or one with a table of choices, may take; empty for any other."""
    if (table := _extra(field).get("table")) is not None:
        return tuple(table)
    kinds = [field.annotation, *get_args(field.annotation)]
    return next((get_args(kind) for kind in kinds if get_origin(kind) is Literal), ())


def _extra(field: FieldInfo) -> dict[str, Any]:
    """What :func:`param` noted on a field; empty if it was not declared with it."""
    return field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}


@cache
def _texts(file: Path) -> dict[tuple[str, str], str]:
    """Text under each annotated field of each class of a source file, by class and field, on one line."""
    classes = [
        one for one in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(one, ast.ClassDef)
    ]
    told = {}
    for owner in classes:
        for field, text in pairwise(owner.body):
            match field, text:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(ast.Constant(str(words))):
                    told[owner.name, name] = " ".join(words.split())
    return told


def _why(model: type[BaseModel], name: str) -> str:
    """What a field means: what :func:`param` was told, or the text under its declaration."""
    if said := model.model_fields[name].description:
        return said
    owner = next((base for base in model.__mro__ if name in inspect.get_annotations(base)), model)
    try:
        return _texts(Path(inspect.getfile(owner))).get((owner.__name__, name), "")
    except (OSError, TypeError, SyntaxError):  # not from a file
        return ""


def declared(model: type[BaseModel], prefix: str = "", held: BaseModel | None = None) -> Iterator[Declared]:
    """Walk a parameter model and yield every declared number, nested models included.

    Parameters
    ----------
    model : type[BaseModel]
        The model to walk.
    prefix : str
        Put before every path, ``"incentive."``.
    held : BaseModel, optional
        An instance whose values are the defaults, where one model serves several entries
        (one platform, one category) that differ in their numbers.
    """
    for name, field in model.model_fields.items():
        path = f"{prefix}{name}"
        default = getattr(held, name) if held else field.get_default(call_default_factory=True)
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from declared(inner, f"{path}.", default if isinstance(default, BaseModel) else None)
            continue
        extra = {key: value for key, value in _extra(field).items() if key != "table"}
        if "unit" in extra:
            why = _why(model, name)
            yield Declared(path=path, default=default, why=why, choices=field_choices(field), **extra)


@cache
def parts(model: type[BaseModel]) -> tuple[tuple[str, ...], ...]:
    """Names of a model's fields that are shares of one whole, a tuple for each whole."""
    wholes: dict[str, list[str]] = {}
    for name, field in model.model_fields.items():
        if whole := _extra(field).get("part_of", ""):
            wholes.setdefault(whole, []).append(name)
    return tuple(tuple(names) for names in wholes.values())


def check_parts(section: str, params: BaseModel) -> list[str]:
    """One line for every whole of a section whose shares add up to more than 1."""
    problems = []
    for names in parts(type(params)):
        values = [getattr(params, name) for name in names]
        if sum(values) > 1.0:
            some = [(name, value) for name, value in zip(names, values, strict=True) if value > 0.0]
            listed = tr(" and ").join(f"{section}.{name}" for name, _ in some)
            wrote = tr(" and ").join(str(value) for _, value in some)
            problems.append(
                tr(
                    "{listed} must add up to at most 1 (you wrote {wrote}); lower one of them",
                    listed=listed,
                    wrote=wrote,
                )
            )
    return problems
