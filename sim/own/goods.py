"""Products, prices and costs of one's own as values of the model's categories."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sim.core.amounts import short
from sim.core.language import tr
from sim.core.params import declared
from sim.own.cells import Read
from sim.own.checks import unique
from sim.world.catalog import CATEGORIES, LAYERS, CatalogParams, CategoryParams

Columns = Mapping[str, np.ndarray]
#: Columns that become a category's value of the same name.
NUMBERS = ("price", "unit_cost", "shelf_life", "volume", "stock_days", "return_rate")
_MONEY = ("price", "unit_cost")
#: Table -> what it sets; later tables take the place of earlier ones.
TABLES = {"products": NUMBERS, "prices": ("price",), "costs": ("unit_cost",)}


@dataclass
class Goods:
    """What tables of goods say.

    Attributes
    ----------
    values : dict of str to value
        ``catalog.CATEGORY.KEY`` -> value.
    lines : list of str
        What was understood.
    """

    values: dict[str, Any] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)


def check(reads: Mapping[str, Read], tables: Mapping[str, Columns]) -> None:
    """Note what is wrong between lines and between tables: names twice, products that nobody declares."""
    known = set(tables["products"].get("product", ())) if "products" in tables else None
    for name in TABLES:
        if name not in tables:
            continue
        read, columns = reads[name], tables[name]
        _filled(read)
        which = "product" if "product" in columns else "category"
        if which in columns and (name != "products" or which == "product"):
            unique(which, list(columns[which]), read.lines, read.faults)
        if name == "products" or which != "product":
            continue
        if known is None:
            remedy = tr("import products in the same command, or give a column category instead")
            rule = tr("products must be those of a table products")
            read.faults.add(rule, tr("none"), remedy, None, which)
            continue
        for line, product in zip(read.lines, columns[which], strict=True):
            if product not in known:
                rule, remedy = (
                    tr("must be a product of the table products"),
                    tr("add it there, or delete the line"),
                )
                read.faults.add(rule, product, remedy, line, which)


def _filled(read: Read) -> None:
    """Note rows that name neither of two things one of which a table needs."""
    held = [name for name in read.table.either if name in read.columns]
    if len(held) == 1:
        for line, cell in zip(read.lines, read.columns[held[0]], strict=True):
            if not cell:
                read.faults.add(tr("a name is needed"), "", tr("complete it"), line, held[0])


def goods(tables: Mapping[str, Columns], rate: float) -> Goods:
    """Values of categories, each the mean of its rows by units sold.

    Parameters
    ----------
    tables : mapping of str to mapping
        Kind -> column -> values, without faults.
    rate : float
        CNY for one unit of the files' currency.
    """
    made = Goods()
    usual = CatalogParams()
    category_of, weight_of = _products(tables.get("products"))
    for name, keys in TABLES.items():
        if name not in tables:
            continue
        columns = tables[name]
        category = _categories(columns, category_of)
        weight = _weights(columns, weight_of)
        for key in keys:
            if key in columns:
                _means(made, key, columns[key] * (rate if key in _MONEY else 1.0), category, weight)
        if "layer" in columns and name == "products":
            _layers(made, columns["layer"], category, weight)
    made.lines += [_said(key, value, usual) for key, value in made.values.items()]
    made.lines += _thin(made.values)
    return made


def _products(columns: Columns | None) -> tuple[dict[str, str], dict[str, float]]:
    """Product -> its category and its weight."""
    if columns is None:
        return {}, {}
    names = columns["product"]
    weight = _weights(columns, {})
    return (
        dict(zip(names, columns["category"], strict=True)),
        dict(zip(names, weight.tolist(), strict=True)),
    )


def _categories(columns: Columns, category_of: Mapping[str, str]) -> np.ndarray:
    if "category" in columns:
        return columns["category"]
    return np.array([category_of[one] for one in columns["product"]], dtype=object)


def _weights(columns: Columns, weight_of: Mapping[str, float]) -> np.ndarray:
    """Units sold of each row; one where nothing is said."""
    if "units_sold" in columns:
        return np.nan_to_num(columns["units_sold"], nan=0.0)
    if weight_of and "product" in columns:
        return np.array([weight_of[one] for one in columns["product"]])
    return np.ones(len(next(iter(columns.values()))))


def _means(made: Goods, key: str, values: np.ndarray, category: np.ndarray, weight: np.ndarray) -> None:
    """Mean of a category's rows by weight; by rows where none of them was sold."""
    for name in CATEGORIES:
        rows = (category == name) & np.isfinite(values)
        if not rows.any():
            continue
        by = weight[rows] if weight[rows].sum() > 0 else np.ones(rows.sum())
        mean = float(np.average(values[rows], weights=by))
        made.values[f"catalog.{name}.{key}"] = round(mean, 4 if key == "return_rate" else 2)


def _layers(made: Goods, layers: np.ndarray, category: np.ndarray, weight: np.ndarray) -> None:
    """The layer of most of a category's units."""
    for name in CATEGORIES:
        rows = (category == name) & (layers != "")
        if not rows.any():
            continue
        units = {one: float(weight[rows & (layers == one)].sum()) for one in LAYERS}
        counts = {one: int((rows & (layers == one)).sum()) for one in LAYERS}
        most = max(LAYERS, key=lambda one: (units[one], counts[one]))
        made.values[f"catalog.{name}.layer"] = most
        if counts[most] < rows.sum():
            made.lines.append(
                tr(
                    "{name}: {others} of {all} products are not {most}; a category has one layer, that "
                    "of most units",
                    name=name,
                    others=int(rows.sum()) - counts[most],
                    all=int(rows.sum()),
                    most=most,
                )
            )


def _said(key: str, value: Any, usual: CatalogParams) -> str:
    """What a value replaces."""
    _, category, name = key.split(".")
    was = getattr(getattr(usual, category), name)
    unit = next(row.unit for row in declared(CategoryParams) if row.path == name)
    return (
        tr("{key}: {value} {unit} (was {was})", key=key, value=short(value), was=short(was), unit=tr(unit))
        if isinstance(value, float)
        else tr("{key}: {value} (was {was})", key=key, value=value, was=was)
    )


def _thin(values: Mapping[str, Any]) -> list[str]:
    """A remark for every category that is sold at or below what it costs."""
    usual = CatalogParams()
    lines = []
    for name in CATEGORIES:
        keys = [f"catalog.{name}.{key}" for key in _MONEY]
        if not any(key in values for key in keys):
            continue
        price, cost = (
            values.get(k, getattr(getattr(usual, name), key)) for k, key in zip(keys, _MONEY, strict=True)
        )
        if price <= cost:
            lines.append(
                tr(
                    "{name}: its mean price ({price:g} CNY) does not cover its mean cost ({cost:g} CNY)",
                    name=name,
                    price=price,
                    cost=cost,
                )
            )
    return lines
