"""Parameters with a unit, bounds, a kind and a source, declared once and read everywhere.

From these declarations come validation, the assumptions table, the sensitivity ranges and
the sweep designs: there is no second list. ``kind`` says what a number is: a ``lever`` (the
operator sets it), an ``uncertainty`` (nobody knows it well) or a ``constant``. ``scope`` says
when it takes hold: ``world`` parameters are part of the burnt-in world and of its hash;
``strategy`` parameters switch on the first measured day. Levers are strategy, the rest is
world, unless said otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

Kind = Literal["lever", "uncertainty", "constant"]
Scope = Literal["world", "strategy"]

_SOURCE = re.compile(r"^(F\d{3}(-F\d{3})?|S\d{3}|A-\d{3}|X\d{2}|[A-Z][^0-9]*\d{4}.*|definition)(; .*)?$")


class Params(BaseModel):
    """Base of every parameter model: frozen, strict, no unknown keys, no inf or nan."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, validate_default=True
    )


def param(
    default: Any = ...,
    *,
    unit: str,
    kind: Kind,
    source: str,
    why: str = "",
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
    scope: Scope | None = None,
) -> Any:
    """Declare one parameter on a line.

    Parameters
    ----------
    default
        Value used when the configuration is silent; ``...`` makes it required.
    unit : str
        Unit in words a strategist reads: ``"CNY"``, ``"1/day"``, ``"share"``, ``"minutes"``.
    kind : {'lever', 'uncertainty', 'constant'}
        Who may move it.
    source : str
        A plan figure (``F064``), a plan system (``S040``), an assumption (``A-017``), a
        citation (``Bijmolt 2005``), an exact limit (``X22``) or ``definition``.
    why : str
        One line: what it means and, for an assumption, why this value.
    ge, gt, le, lt : float, optional
        Bounds; for lists and mappings they hold for every entry.
    scope : {'world', 'strategy'}, optional
        Defaults to strategy for levers and world for the rest.

    Raises
    ------
    ValueError
        If the source is not of a known form.
    """
    if not _SOURCE.match(source):
        raise ValueError(f"source {source!r} is not a figure, system, assumption or citation")
    extra = {
        "unit": unit,
        "kind": kind,
        "source": source,
        "scope": scope or ("strategy" if kind == "lever" else "world"),
        "bounds": {k: v for k, v in (("ge", ge), ("gt", gt), ("le", le), ("lt", lt)) if v is not None},
    }
    return Field(default, description=why or None, json_schema_extra=extra, ge=ge, gt=gt, le=le, lt=lt)


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


def field_scope(field: FieldInfo) -> Scope:
    """Scope of a model field; fields not declared with :func:`param` belong to the world."""
    extra = field.json_schema_extra
    return extra["scope"] if isinstance(extra, dict) and "scope" in extra else "world"  # type: ignore[return-value]


def declared(model: type[BaseModel], prefix: str = "") -> Iterator[Declared]:
    """Walk a parameter model and yield every declared number, nested models included."""
    for name, field in model.model_fields.items():
        path = f"{prefix}{name}"
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from declared(inner, f"{path}.")
            continue
        extra = field.json_schema_extra
        if isinstance(extra, dict) and "unit" in extra:
            yield Declared(
                path=path, default=field.default, why=field.description or "", **extra  # type: ignore[arg-type]
            )
