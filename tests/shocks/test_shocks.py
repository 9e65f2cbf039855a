"""Shocks as a list: how they combine, what each kind moves, and how they are written."""

from __future__ import annotations

import numpy as np
import pytest

from sim.config import compose, from_resolved, market_sources
from sim.config.compose import baseline_of, reference_of
from sim.config.model import market_values
from sim.core.errors import ConfigError
from sim.runs.plan import plan
from sim.shocks.kinds import CONDITIONS, KINDS, ShockKind, add_kind
from sim.shocks.shocks import OneShock, ShockParams, together
from sim.world.platforms import PLATFORMS
from tests.conftest import LIVELY, live, small_market

DOUYIN, JD = PLATFORMS.index("douyin"), PLATFORMS.index("jd")


def of(kind: str, **values) -> OneShock:
    return OneShock(kind=kind, **{"start": 2, "days": 3, "recovery": 1, "size": 0.4} | values)


def test_one_shock_alone_has_its_own_course():
    course = [of("downturn").strength(day) for day in range(8)]
    assert course == [0.0, 0.0, 0.4, 0.4, 0.4, 0.2, 0.0, 0.0]


@pytest.mark.parametrize(
    ("sizes", "left"), [((0.4,), 0.6), ((0.3, 0.5), 0.35), ((0.5, 0.3), 0.35), ((0.5, 0.5, 0.5), 0.125)]
)
def test_each_of_several_losses_takes_its_share_of_what_the_others_leave(sizes, left):
    shocks = [of("platform_loss", size=size) for size in sizes]
    lost = together(shocks, "traffic", 3)
    assert 1.0 - lost[DOUYIN] == pytest.approx(left)
    assert lost.sum() == pytest.approx(lost[DOUYIN])  # no other platform


def test_several_rises_of_a_commission_multiply():
    risen = together([of("commission_rise", size=0.2), of("commission_rise", size=0.5)], "commission", 3)
    assert 1.0 + risen[DOUYIN] == pytest.approx(1.2 * 1.5)


def test_shocks_of_different_platforms_and_days_do_not_meet():
    shocks = [of("platform_loss"), of("platform_loss", platform="jd", start=4, size=0.1)]
    early, late = together(shocks, "traffic", 2), together(shocks, "traffic", 4)
    assert (early[DOUYIN], early[JD]) == (0.4, 0.0)
    assert (late[DOUYIN], late[JD]) == (0.4, 0.1)


def test_a_market_lives_two_overlapping_shocks_and_comes_back_to_normal():
    words = ["shock.kind=downturn", "shock.size=0.5", "shock.start=1", "shock.days=2", "shock.recovery=0",
             "shock.also.more.kind=downturn", "shock.also.more.size=0.2", "shock.also.more.start=2",
             "shock.also.more.days=2", "shock.also.more.recovery=0",
             "shock.also.less.kind=ad_limits", "shock.also.less.start=2", "shock.also.less.days=1",
             "shock.also.less.recovery=0", "shock.also.less.platform=jd"]  # fmt: skip
    market = small_market("baseline", *LIVELY, *words, size=300)
    seen, ads = [], []
    for _ in range(6):
        market.step()
        seen.append(market.world.conditions.confidence)
        ads.append(market.world.platforms.paid_traffic[JD])
    assert seen == pytest.approx([1.0, 0.5, 0.4, 0.8, 1.0, 1.0])
    assert ads == pytest.approx([1.0, 1.0, 0.6, 1.0, 1.0, 1.0])


def test_a_shock_under_a_name_is_the_same_as_the_first():
    """Bit for bit: where a shock is written makes no difference."""
    first = ["shock.kind=downturn", "shock.start=1", "shock.size=0.3"]
    named = [word.replace("shock.", "shock.also.slump.") for word in first]
    one, other = (live(small_market("baseline", *LIVELY, *words, size=300), 4) for words in (first, named))
    for table in ("orders", "visits"):
        a, b = one.records.tables[table].arrays(), other.records.tables[table].arrays()
        assert all(np.array_equal(a[column], b[column]) for column in a)


#: Kind of shock -> the figure that it must lower while it lasts (in the same worlds, drawn alike).
LOWERS = {
    "price_resistance": lambda m: m.records.orders["paid_fen"].mean(),
    "feed_change": lambda m: m.records.media["organic_impressions"].sum(),
    "ad_limits": lambda m: m.records.media["impressions"].sum(),
    "commission_rise": lambda m: -(m.records.orders["commission_fen"].sum()),
    "supplier_delay": lambda m: -m.world.logistics.stock.pipeline[2:].sum() if m.world.day else 0,
}


@pytest.mark.parametrize("kind", sorted(LOWERS))
def test_each_kind_moves_what_it_says(kind):
    def figure(size: float) -> float:
        words = (f"shock.kind={kind}", "shock.start=0", f"shock.size={size}", "control.daily_budget=4",
                 "choice.confidence_price=0.6", "supply.supplier_lead_days=1", "supply.supplier_late_days=3",
                 "supply.supplier_late_probability=0.0")  # fmt: skip
        return float(LOWERS[kind](live(small_market("baseline", *LIVELY, *words, size=600), 6)))

    assert figure(0.9) < figure(0.0)


def test_riders_and_suppliers_fall_short_together_in_a_storm():
    market = live(small_market("baseline", "shock.kind=storm", "shock.start=0", "shock.size=0.3"), 1)
    conditions = market.world.conditions
    assert (conditions.riders_short, conditions.suppliers_short) == (0.3, 0.3)
    assert market.world.logistics.stock.suppliers_short == 0.3


def test_a_kind_added_to_the_table_can_be_chosen_and_acts():
    kind = add_kind(ShockKind("test_strike", "half of all riders and trust in the news", "A-940",
                              {"riders": 0.5, "confidence": 0.25}))  # fmt: skip
    try:
        market = live(small_market("baseline", f"shock.kind={kind.name}", "shock.start=0"), 1)
        assert market.world.conditions.riders_short == pytest.approx(0.2)
        assert market.world.conditions.confidence == pytest.approx(0.9)
        with pytest.raises(ValueError, match="another name"):
            add_kind(kind)
    finally:
        del KINDS[kind.name]
    with pytest.raises(ConfigError, match="one of its choices"):
        compose([f"shock.kind={kind.name}"])


@pytest.mark.parametrize("moves", [{"weather": 1.0}, {"riders": 0.0}, {"riders": 1.5}])
def test_a_kind_that_moves_nothing_known_is_refused(moves):
    with pytest.raises(ValueError, match="test_wrong"):
        add_kind(ShockKind("test_wrong", "", "A-940", moves))


def test_every_kind_says_what_it_moves():
    assert all(kind.moves.keys() <= CONDITIONS.keys() for kind in KINDS.values())
    assert [name for name, kind in KINDS.items() if not kind.moves] == ["none"]


WRONG = {
    "shock.also.loss.kind=plaform_loss": r"shock\.also\.loss\.kind .*'plaform_loss'.*did you mean",
    "shock.also.loss={kind:downturn,size:3}": r"shock\.also\.loss\.size must be 0\.\.0\.95.*wrote 3",
    "shock.also.loss={kind:downturn,days:0}": r"shock\.also\.loss\.days must be 1\.\..*wrote 0",
    "shock.also.loss={kind:downturn,sze:1}": r"shock\.also\.loss\.sze: unknown key; did you mean 'size'",
    "shock.also.loss.size=0.3": r"shock\.also\.loss\.kind must be given .*wrote size.*; write",
    "shock.also={Loss:{kind:downturn}}": r"shock\.also must have names .*'Loss'.*another name",
    "shock.also.loss=5": r"shock\.also\.loss must be a mapping \(you wrote 5\)",
    "shock.also=[downturn]": r"shock\.also must be a mapping",
    "shock.also.a.also.b.kind=downturn": r"shock\.also\.a\.(kind must be given|also: unknown key)",
}


@pytest.mark.parametrize("word", WRONG)
def test_anything_wrong_is_told_in_one_line(word):
    with pytest.raises(ConfigError, match=WRONG[word]) as told:
        compose([word])
    assert len(told.value.problems) == 1


def test_shocks_in_a_mapping_are_those_under_dotted_keys_and_survive_the_store():
    dotted = compose(["shock.also.a.kind=storm", "shock.also.a.size=0.2", "shock.also.b.kind=downturn"])
    mapped = compose(["shock.also={a:{kind:storm,size:0.2},b:{kind:downturn}}"])
    stored = from_resolved(dotted.resolved, market_sources())
    assert market_values(dotted) == market_values(mapped) == market_values(stored)


def test_shocks_on_the_command_line_are_the_baselines_too_and_never_burnt_in():
    config = compose(["scenario=downturn", "shock.also.a.kind=storm", "shock.also.a.size=0.2"])
    reference, burnt = reference_of(config), baseline_of(config)
    assert list(config.shock.listed()) == ["shock", "also.a"]
    assert list(reference.shock.listed()) == ["also.a"]
    assert reference.shock.also["a"] == config.shock.also["a"]
    assert burnt.shock.listed() == {}


def test_shocks_of_a_scenario_are_the_strategys_alone(tmp_path):
    from dataclasses import replace

    lines = "description: two\nshock.also.a.kind: storm\nshock.also.b.kind: downturn\n"
    (tmp_path / "two_shocks.yaml").write_text(lines)
    sources = market_sources()
    sources = replace(sources, scenarios=(*sources.scenarios, tmp_path))
    config = compose(["scenario=two_shocks", "shock.also.b.size=0.2"], sources=sources)
    assert list(config.shock.listed()) == ["also.a", "also.b"]
    assert config.shock.also["b"].size == 0.2
    assert reference_of(config, sources=sources).shock.listed() == {}


def test_sizes_of_a_named_shock_can_be_swept():
    planned = plan(["scenario=group_buy", "population.size=400", "shock.also.a.kind=storm",
                    "shock.also.a.size=0.1,0.3", "experiment.replications=1"])  # fmt: skip
    assert sorted({config.shock.also["a"].size for config in planned.configs}) == [0.1, 0.3]
    added = [planned.configs[job.config] for job in planned.jobs if job.added]
    assert sorted(config.shock.also["a"].size for config in added) == [0.1, 0.3]


def test_a_market_without_further_shocks_has_the_names_it_had():
    assert not any(key.startswith("shock.also") for key in market_values(compose(["shock=downturn"])))
    assert ShockParams().listed() == {}
