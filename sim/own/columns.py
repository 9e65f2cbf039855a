"""What a column of a user's table may hold, and what a template says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from sim.core.language import mark, tr
from sim.core.params import Params, declared
from sim.logistics.params import LogisticsParams
from sim.world.catalog import CATEGORIES, LAYERS, CategoryParams

Form = Literal["name", "word", "number", "time"]
#: Tables as their rows are counted.
_COUNTED = (mark("products"), mark("prices"), mark("costs"), mark("nodes"), mark("orders"), mark("edges"))
#: First cell of a template's example, which is no row of anybody's.
EXAMPLE = "EXAMPLE"
#: Longest name or word that is kept, letters.
LONGEST = 80


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes
    ----------
    name : str
        As the header calls it.
    text : str
        What it says, in one line.
    example : str
        A cell that is right.
    form : {'name', 'word', 'number', 'time'}
        A name that a row needs, free words, a number, or a day with or without a time.
    unit : str
        Of a number; ``CNY`` stands for the currency of the file.
    low, high : float, optional
        Least and most that a number may be.
    choices : tuple of str
        Words that are allowed; any if empty.
    needed : bool
        Whether the table must have it, and every cell be filled.
    others : tuple of str
        Further names that it goes by, in small letters without blanks, dashes or underscores.
    person : bool
        Whether it names people, so that what is written is a pseudonym.
    """

    name: str
    text: str
    example: str
    form: Form = "number"
    unit: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    needed: bool = False
    others: tuple[str, ...] = ()
    person: bool = False

    @property
    def allowed(self) -> str:
        """What a cell may be, in words."""
        if self.choices:
            return ", ".join(self.choices)
        if self.form == "number":
            high = tr(" to {high:,.10g}", high=self.high) if self.high is not None else tr(" or more")
            return f"{self.low or 0:,.10g}{high}"
        return (
            "2026-01-31 or 2026-01-31 18:05"
            if self.form == "time"
            else tr("up to {longest} letters", longest=LONGEST)
        )


@dataclass(frozen=True)
class Table:
    """One kind of table: what a row is, its columns in order, and columns of which one is needed."""

    name: str
    row: str
    columns: tuple[Column, ...]
    either: tuple[str, ...] = ()

    def column(self, name: str) -> Column:
        """A column by its name."""
        return next(one for one in self.columns if one.name == name)


def _bounds(model: type[Params], name: str) -> Mapping[str, float]:
    return next(row.bounds for row in declared(model) if row.path == name)


def _held(model: type[Params], key: str, column: Column) -> Column:
    """A column with the bounds of the parameter that it becomes."""
    bounds = _bounds(model, key)
    return Column(**{**vars(column), "low": bounds.get("ge"), "high": bounds.get("le")})


def _category(needed: bool = True) -> Column:
    others = ("品类", "类目", "分类")
    text = mark("category of the model; other words with categories=WORD:CATEGORY")
    return Column("category", text, "fresh", "word", choices=CATEGORIES, needed=needed, others=others)


def _goods(name: str, text: str, example: str, unit: str, needed: bool, *others: str) -> Column:
    return _held(CategoryParams, name, Column(name, text, example, unit=unit, needed=needed, others=others))


_PRICE_TEXT = mark("what a customer pays for one unit")
_PRICE = ("price", _PRICE_TEXT, "45.00", "CNY/unit", True, "售价", "价格", "单价")
_COST = ("unit_cost", mark("what one unit costs you"), "29.00", "CNY/unit", True, "cost", "成本", "进价")
_UNITS = Column(
    "units_sold",
    mark(
        "units sold in any one period, the weight of a row in the mean of its category; "
        "1 if there is no column"
    ),
    "120",
    unit="units",
    low=0.0,
    others=("units", "sales", "weight", "销量"),
)


def _product(needed: bool) -> Column:
    text = mark("name or number of the product, each once")
    return Column(
        "product", text, "P-001", "name", needed=needed, others=("sku", "productid", "商品", "货号")
    )


def _node(name: str, key: str, text: str, example: str, unit: str, needed: bool, *others: str) -> Column:
    return _held(LogisticsParams, key, Column(name, text, example, unit=unit, needed=needed, others=others))


def _people(name: str, text: str, *others: str) -> Column:
    return Column(name, text, "u-1001", "name", needed=True, others=others, person=True)


@cache
def tables() -> dict[str, Table]:
    """Name -> table, of all that can be brought."""
    products = (
        _product(True),
        _category(),
        _goods(*_PRICE),
        _goods(*_COST),
        _goods("shelf_life", mark("days that it keeps"), "7", "days", False, "保质期"),
        _goods("volume", mark("packed volume of one unit"), "5", "litres/unit", False, "体积"),
        _goods(
            "stock_days", mark("days that one unit lasts a household"), "4", "days/unit", False, "消耗天数"
        ),
        _goods("return_rate", mark("share of deliveries sent back"), "0.01", "share", False, "退货率"),
        Column(
            "layer",
            mark("where it is stored; none = digital"),
            "chilled",
            "word",
            choices=LAYERS,
            others=("温层",),
        ),
        _UNITS,
    )
    nodes = (
        Column(
            "node",
            mark("name of the warehouse, each once"),
            "W-01",
            "name",
            needed=True,
            others=("warehouse",),
        ),
        Column(
            "kind",
            mark("what it is"),
            "front",
            "word",
            choices=("front", "community", "regional"),
            needed=True,
            others=("type",),
        ),
        _node(
            "consumers",
            "consumers_per_front",
            mark("people that it serves"),
            "20000",
            "people",
            False,
            "人数",
        ),
        _node(
            "radius_km", "front_radius_km", mark("how far a front warehouse rides"), "5", "km", False, "半径"
        ),
        _node(
            "distance_km",
            "trunk_km",
            mark("of a regional centre: to its first stop"),
            "20",
            "km",
            False,
            "距离",
        ),
        Column("orders_a_day", mark("orders that it can deliver a day"), "900", unit="orders/day", low=0.0),
    )
    orders = (
        _people(
            "customer", mark("who ordered"), "customerid", "user", "userid", "buyer", "客户", "用户", "会员"
        ),
        Column(
            "time",
            mark("when, local time; one form a column"),
            "2026-01-31 18:05",
            "time",
            needed=True,
            others=("date", "datetime", "orderdate", "ordertime", "时间", "日期", "下单时间"),
        ),
        Column(
            "value",
            mark("what was paid for the order"),
            "86.50",
            unit="CNY",
            low=0.0,
            high=1e6,
            others=("amount", "total", "revenue", "paid", "金额", "实付"),
        ),
        Column(
            "source",
            mark("where the order came from, in your words"),
            "referral",
            "word",
            others=("channel", "渠道"),
        ),
        _category(False),
        Column(
            "order",
            mark("number of the order, each once; looked at for orders that stand twice, and not kept"),
            "A-1001",
            "name",
            others=("orderid", "orderno", "ordernumber", "订单号", "订单编号", "单号"),
        ),
    )
    edges = (
        _people("source", mark("one person of a tie"), "from", "parent", "inviter", "邀请人"),
        _people("target", mark("the other person"), "to", "child", "invitee", "被邀请人"),
        Column("weight", mark("how strong the tie is"), "1", low=0.0, others=("权重",)),
    )
    which = ("product", "category")
    made = (
        Table("products", mark("a product"), products),
        Table("prices", mark("a price"), (_product(False), _category(False), _goods(*_PRICE), _UNITS), which),
        Table("costs", mark("a cost"), (_product(False), _category(False), _goods(*_COST), _UNITS), which),
        Table("nodes", mark("a warehouse"), nodes),
        Table("orders", mark("an order"), orders),
        Table("edges", mark("a tie between two people"), edges),
    )
    return {table.name: table for table in made}
