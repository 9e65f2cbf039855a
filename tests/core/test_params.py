"""Declared parameters: bounds hold wherever a number stands, and declarations can be read back."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sim.core.params import (
    Params,
    constant,
    declared,
    describe_bounds,
    field_scope,
    lever,
    param,
    uncertainty,
    within,
)


class Inner(Params):
    depth: int = param(1, unit="levels", kind="constant", source="definition", ge=0)


class Everything(Params):
    share: float = param(0.5, unit="share", kind="uncertainty", source="A-999", why="a guess", ge=0, le=1)
    rates: tuple[float, ...] = param((1.0,), unit="1/day", kind="lever", source="S040", gt=0, lt=10)
    by_tier: dict[str, tuple[float, ...]] = param({}, unit="CNY", kind="lever", source="F064", ge=0)
    design: Literal["a", "b"] | None = param(None, unit="design", kind="lever", source="Bijmolt 2005")
    trick: int = param(3, unit="count", kind="lever", source="X22", scope="world")
    inner: Inner = Inner()


finite = st.floats(allow_nan=False, allow_infinity=False, width=32)


@pytest.mark.property
@given(finite)
def test_a_number_is_held_to_its_bounds(value):
    if 0 <= value <= 1:
        assert Everything(share=value).share == value
    else:
        with pytest.raises(ValidationError, match=r"must be 0\.\.1 share"):
            Everything(share=value)


@pytest.mark.property
@given(st.lists(finite, max_size=6))
def test_every_entry_of_a_list_is_held_to_the_bounds(values):
    wrong = [((i,), v) for i, v in enumerate(values) if not 0 < v < 10]
    if not wrong:
        assert Everything(rates=tuple(values)).rates == tuple(values)
        return
    with pytest.raises(ValidationError) as caught:
        Everything(rates=tuple(values))
    assert caught.value.errors()[0]["ctx"]["outside"] == wrong


def test_bounds_reach_into_lists_inside_mappings():
    with pytest.raises(ValidationError) as caught:
        Everything(by_tier={"one": (1.0, -2.0), "two": (-3.0,)})
    assert caught.value.errors()[0]["ctx"]["outside"] == [(("one", 1), -2.0), (("two", 0), -3.0)]


@pytest.mark.parametrize("wrong", [{"share": True}, {"share": "0.5"}, {"share": float("nan")}, {"shar": 0.5}])
def test_nothing_is_coerced_or_ignored(wrong):
    with pytest.raises(ValidationError):
        Everything(**wrong)


def test_parameters_do_not_change():
    with pytest.raises(ValidationError, match="frozen"):
        Everything().share = 0.1


def test_defaults_are_held_to_their_own_bounds():
    class Wrong(Params):
        share: float = param(2.0, unit="share", kind="lever", source="S040", le=1)

    with pytest.raises(ValidationError, match="must be at most 1 share"):
        Wrong()


@pytest.mark.parametrize("source", ["A-9", "F64", "guess", "", "bijmolt 2005", "TODO"])
def test_a_source_has_a_known_form(source):
    with pytest.raises(ValueError, match="is not a figure"):
        param(1.0, unit="share", kind="lever", source=source)


def test_declarations_can_be_read_back():
    rows = {row.path: row for row in declared(Everything, "x.")}
    assert list(rows) == ["x.share", "x.rates", "x.by_tier", "x.design", "x.trick", "x.inner.depth"]
    assert rows["x.share"].bounds == {"ge": 0, "le": 1}
    assert (rows["x.share"].source, rows["x.share"].why, rows["x.share"].unit) == (
        "A-999",
        "a guess",
        "share",
    )
    assert rows["x.design"].choices == ("a", "b")
    assert rows["x.by_tier"].default == {}


def test_levers_switch_on_with_the_strategy_unless_said_otherwise():
    scopes = {name: field_scope(field) for name, field in Everything.model_fields.items()}
    assert scopes["rates"] == "strategy"
    assert scopes["share"] == scopes["trick"] == scopes["inner"] == "world"


@pytest.mark.parametrize(
    ("bounds", "unit", "words"),
    [
        ({"ge": 0, "le": 5e6}, "people", "0..5,000,000 people"),
        ({"gt": 0, "lt": 0.25}, "", "more than 0 and less than 0.25"),
        ({"ge": 1}, "days", "at least 1 days"),
    ],
)
def test_bounds_are_told_in_words(bounds, unit, words):
    assert describe_bounds(bounds, unit) == words


@pytest.mark.parametrize(
    ("bounds", "value", "words"),
    [
        ({"ge": 0, "le": 5e6}, -1, "write 0 or more"),
        ({"ge": 0, "le": 5e6}, 6e6, "write 5,000,000 or less"),
        ({"gt": 0, "lt": 0.25}, 0, "write more than 0"),
        ({"gt": 0, "lt": 0.25}, 0.25, "write less than 0.25"),
        ({"le": 1}, 2, "write 1 or less"),
    ],
)
def test_a_number_out_of_bounds_is_answered_with_the_bound_that_it_breaks(bounds, value, words):
    assert within(bounds, value) == words


class Told(Params):
    plain: float = lever(1.0, "CNY", "A-999", ge=0)
    """Under the line,
    on two lines."""

    said: float = uncertainty(1.0, "CNY", "A-999", why="Said in the line.")
    """Not this."""

    silent: float = constant(1.0, "CNY", "A-999")


class ToldAgain(Told):
    silent: float = constant(2.0, "CNY", "A-999")
    """Here it speaks."""


def test_the_text_under_a_declaration_says_what_the_number_means():
    assert [(row.kind, row.why) for row in declared(Told)] == [
        ("lever", "Under the line, on two lines."),
        ("uncertainty", "Said in the line."),
        ("constant", ""),
    ]
    assert [row.why for row in declared(ToldAgain)] == [
        "Under the line, on two lines.",
        "Said in the line.",
        "Here it speaks.",
    ]


def test_a_model_without_a_file_is_declared_without_text():
    typed: dict[str, type[Params]] = {"Params": Params, "lever": lever}
    exec("class Typed(Params):\n    fee: float = lever(1.0, 'CNY', 'A-999', why='Said.')", typed)
    assert [row.why for row in declared(typed["Typed"])] == ["Said."]


def test_a_parameter_has_a_unit():
    with pytest.raises(ValueError, match="has a unit in words"):
        lever(1.0, source="A-999")
