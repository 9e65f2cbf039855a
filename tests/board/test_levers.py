"""The form has every lever that is declared as a number, switch or choice, and its own text."""

from __future__ import annotations

import pytest

from sim.board.draft import Draft
from sim.board.form import step_of
from sim.board.levers import fields, found, in_force
from sim.config import SETTINGS, assumptions_table, compose, market_sources

SOURCES = market_sources()
EVERY = {one.key: one for one in fields(SOURCES)}


def test_every_simple_lever_is_in_the_form():
    declared = {
        row.path
        for row in assumptions_table(SOURCES.sections)
        if row.kind == "lever"
        and row.path.partition(".")[0] not in (*SETTINGS, "plan", "graph")
        and (isinstance(row.default, (bool, int, float)) or (isinstance(row.default, str) and row.choices))
    }
    assert declared == set(EVERY)


@pytest.mark.parametrize("key", sorted(EVERY))
def test_what_a_field_offers_composes(key):
    one = EVERY[key]
    offered = [one.default, *one.choices]
    for value in offered:
        assert Draft("baseline", levers={key: value}).problems() == []
    assert one.unit in one.label
    assert key in one.help
    if not isinstance(one.default, (bool, str)):
        assert step_of(one) > 0


def test_fields_hold_what_is_in_force_under_the_options():
    config = compose(["scenario=three_tier_referral"])
    held = in_force(config, SOURCES)
    mine = {one.key: one.default for one in fields(SOURCES, defaults=held)}
    assert mine["incentive.invite_reward"] == config.incentive.invite_reward
    assert mine["logistics.capacity_ratio"] == config.logistics.capacity_ratio


def test_words_find_levers():
    keys = {one.key for one in found(list(EVERY.values()), "Invite REWARD")}
    assert "incentive.invite_reward" in keys
    assert all("logistics" not in key for key in keys)
    assert found(list(EVERY.values()), "") == list(EVERY.values())
    assert found(list(EVERY.values()), "no such lever") == []
