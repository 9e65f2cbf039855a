"""The Mesa face: columnar consumers behave as Mesa's agent sets do, and cost what columns cost."""

from __future__ import annotations

import copy
import time
import warnings
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import mesa
import numpy as np
import pytest
from mesa.agentset import AbstractAgentSet
from mesa.datacollection import DataCollector

from sim.core.rng import builder
from sim.network.csr import CSRGraph, with_strength
from sim.network.followers import build_followers
from sim.world.agents import (
    Consumer,
    ConsumerSet,
    CyberNative,
    EcoPioneer,
    Influencer,
    Operator,
    PlatformAgent,
    SilverVanguard,
    add_group_agents,
    register_consumers,
)
from sim.world.schema import GROUPS

N = 200


def make_people(n: int = N) -> SimpleNamespace:
    """Columns as the population has them; ids are not positions."""
    rng = np.random.default_rng(3)
    columns = {
        "id": np.arange(n, dtype=np.int64) * 7 + 1000,
        "group": np.repeat([0, 1, 2], [n // 4, n // 2, n - n // 4 - n // 2]).astype(np.int8),
        "trust": rng.random(n).astype(np.float32),
        "orders": rng.integers(0, 5, n).astype(np.int32),
        "registered": rng.random(n) < 0.5,
        "affinity": rng.random((n, 3)).astype(np.float32),
    }
    return SimpleNamespace(columns=columns, **columns)


def make_consumers(n: int = N, seed: int = 5) -> ConsumerSet:
    """Consumers of an otherwise empty market, each tied to the next two on a ring."""
    seats = np.arange(n)
    ring = CSRGraph.from_edges(n, np.tile(seats, 2), np.concatenate(((seats + 1) % n, (seats + 2) % n)))
    return ConsumerSet(mesa.Model(rng=seed), make_people(n), with_strength(ring, 0.5, np.uint64(9)))


class Plain(mesa.Agent):
    """One ordinary Mesa agent with the same attributes."""

    def __init__(self, model: mesa.Model, people: SimpleNamespace, seat: int) -> None:
        super().__init__(model)
        for name, column in people.columns.items():
            setattr(self, name, column[seat].tolist())

    def bump(self, by: int) -> int:
        self.orders += by
        return self.orders


@pytest.fixture
def consumers() -> ConsumerSet:
    return make_consumers()


@pytest.fixture
def plain(consumers: ConsumerSet) -> Iterator[mesa.agent.AgentSet]:
    """The same consumers as ordinary agents; the model keeps them alive while the test runs."""
    model = mesa.Model(rng=5)
    for seat in range(N):
        Plain(model, consumers.people, seat)
    yield model.agents.copy()
    assert len(model.agents) == N


def ids(agents: Any) -> list[int]:
    """Stable ids in order."""
    return [agent.id for agent in agents]


class TestSameAsMesa:
    """Equal to a plain AgentSet on 200 agents."""

    @pytest.mark.parametrize("at_most", [float("inf"), 10, 0, 1, 1.0, 0.5, 0.333, 1000])
    def test_select(self, consumers: ConsumerSet, plain: Any, at_most: float) -> None:
        def keep(agent: Any) -> bool:
            return agent.trust > 0.4

        expected = ids(plain.select(keep, at_most=at_most))
        assert ids(consumers.select(keep, at_most=at_most)) == expected
        assert ids(consumers.select(where=lambda c: c.trust > np.float32(0.4), at_most=at_most)) == expected
        assert ids(consumers.select(at_most=at_most)) == ids(plain.select(at_most=at_most))

    def test_select_by_columns(self, consumers: ConsumerSet, plain: Any) -> None:
        chosen = consumers.select(group="cyber_native", registered=True, orders=[1, 3])
        expected = plain.select(lambda a: a.group == 1 and a.registered and a.orders in (1, 3))
        assert ids(chosen) == ids(expected)
        others = consumers.select(group=["silver_vanguard", 2])
        assert ids(others) == ids(plain.select(lambda a: a.group != 1))
        again = chosen.select(where=chosen.get("trust") > 0.5).select(lambda c: c.orders == 3)
        assert ids(again) == ids(expected.select(lambda a: a.trust > 0.5 and a.orders == 3))

    def test_select_by_type_and_in_place(self, consumers: ConsumerSet, plain: Any) -> None:
        assert len(consumers.select(agent_type=Consumer)) == len(consumers.select(agent_type=mesa.Agent)) == N
        assert len(consumers.select(agent_type=Plain)) == 0
        narrowed, other = consumers.copy(), copy.copy(plain)
        assert narrowed.select(lambda a: a.orders == 2, inplace=True) is narrowed
        other.select(lambda a: a.orders == 2, inplace=True)
        assert ids(narrowed) == ids(other)

    @pytest.mark.parametrize("func", [np.mean, np.sum, sum, min, max, len, [np.min, max, sum], (np.median,)])
    def test_agg(self, consumers: ConsumerSet, plain: Any, func: Any) -> None:
        for name in ("trust", "orders", "registered"):
            assert consumers.agg(name, func) == pytest.approx(plain.agg(name, func), rel=1e-6)
        some, others = (s.select(lambda a: a.orders == 1) for s in (consumers, plain))
        assert some.agg("trust", func) == pytest.approx(others.agg("trust", func), rel=1e-6)

    def test_agg_of_several_columns(self, consumers: ConsumerSet) -> None:
        found = consumers.agg({"trust": np.mean, "orders": [min, max]})
        assert found == {
            "trust": consumers.agg("trust", np.mean),
            "orders": consumers.agg("orders", [min, max]),
        }
        with pytest.raises(TypeError, match="function"):
            consumers.agg("trust")

    def test_get(self, consumers: ConsumerSet, plain: Any) -> None:
        assert consumers.get("trust").tolist() == plain.get("trust")
        assert consumers.get(["orders", "registered"]) == plain.get(["orders", "registered"])
        assert consumers.get("affinity").tolist() == plain.get("affinity")
        for how in ({"handle_missing": "default", "default_value": 3},):
            assert consumers.get("none", **how) == plain.get("none", **how)
            assert consumers.get(["orders", "none"], **how) == plain.get(["orders", "none"], **how)
        for agents in (consumers, plain):
            with pytest.raises(AttributeError, match="none"):
                agents.get("none")
            with pytest.raises(ValueError, match="handle_missing"):
                agents.get("trust", handle_missing="ignore")

    def test_set(self, consumers: ConsumerSet, plain: Any) -> None:
        for agents in (consumers, plain):
            agents.select(lambda a: a.group == 2).set("orders", 9).set("trust", 0.25)
        assert consumers.get("orders").tolist() == plain.get("orders")
        assert consumers.get("trust").tolist() == plain.get("trust")

    def test_sort(self, consumers: ConsumerSet, plain: Any) -> None:
        for ascending in (True, False):
            for key in ("trust", "orders", lambda a: (a.orders, -a.trust)):
                expected = ids(plain.sort(key, ascending=ascending))
                assert ids(consumers.sort(key, ascending=ascending)) == expected
        backwards = consumers.copy()
        assert backwards.sort("trust", inplace=True) is backwards
        assert ids(backwards) == ids(plain.sort("trust"))

    @pytest.mark.parametrize("by", ["orders", "group", "registered", lambda a: a.orders % 2])
    def test_groupby(self, consumers: ConsumerSet, plain: Any, by: Any) -> None:
        ours, theirs = consumers.groupby(by), plain.groupby(by)
        assert [(k, ids(v)) for k, v in ours] == [(k, ids(v)) for k, v in theirs]
        assert ours.count() == theirs.count()
        assert len(ours) == len(theirs)
        assert ours.agg("trust", np.mean) == pytest.approx(theirs.agg("trust", np.mean))
        assert ours.map(len) == theirs.map(len)
        lists, other_lists = consumers.groupby(by, "list"), plain.groupby(by, "list")
        assert [(k, ids(v)) for k, v in lists] == [(k, ids(v)) for k, v in other_lists]
        assert lists.agg("orders", sum) == other_lists.agg("orders", sum)

    def test_one_by_one(self, consumers: ConsumerSet, plain: Any) -> None:
        def raise_orders(agent: Any, by: int) -> int:
            agent.orders += by
            return int(agent.orders)

        assert consumers.map(raise_orders, 2) == plain.map(raise_orders, 2)
        assert consumers.do(raise_orders, by=1) is consumers
        plain.do("bump", 1)
        consumers.shuffle_do(raise_orders, 1)
        plain.shuffle_do("bump", 1)
        assert consumers.get("orders").tolist() == plain.get("orders")
        assert consumers.map("__repr__")[0] == "Consumer(1000)"

    def test_set_algebra(self, consumers: ConsumerSet, plain: Any) -> None:
        pairs = []
        for agents in (consumers, plain):
            a, b = agents.select(lambda c: c.orders > 2), agents.select(lambda c: c.trust > 0.5)
            pairs.append([set(ids(x)) for x in (a & b, a | b, a - b, a ^ b)])
        assert pairs[0] == pairs[1]
        assert consumers.select(orders=1) == consumers.select(orders=1).shuffle()
        assert consumers.select(orders=1) != consumers.select(orders=2)
        with pytest.raises(TypeError, match="same market"):
            consumers | make_consumers()

    def test_everything_mesa_asks_for_is_there(self, consumers: ConsumerSet) -> None:
        assert isinstance(consumers, AbstractAgentSet)
        assert not ConsumerSet.__abstractmethods__
        assert consumers.random is consumers.model.random


class TestViews:
    """A view reads and writes the columns, and knows its person."""

    def test_reads_and_writes_through(self, consumers: ConsumerSet) -> None:
        one = consumers[1014]
        assert (one.unique_id, one.id, one.seat, one.group_name) == (1014, 1014, 2, "silver_vanguard")
        one.trust = 0.75
        one.affinity[1] = 0.5
        assert consumers.people.trust[2] == np.float32(0.75)
        assert consumers.people.affinity[2, 1] == np.float32(0.5)
        consumers.people.columns["orders"][2] = 11
        assert one.orders == 11
        assert isinstance(one.orders, int)
        assert one.model is consumers.model
        assert one.random is consumers.model.random

    def test_undeclared_state_is_refused(self, consumers: ConsumerSet) -> None:
        one = consumers[1000]
        with pytest.raises(AttributeError, match="no column 'mood'"):
            one.mood = 1
        with pytest.raises(AttributeError, match="no column 'mood'"):
            _ = one.mood
        for name in ("id", "group", "unique_id", "seat"):
            with pytest.raises(AttributeError, match="turnover"):
                setattr(one, name, 1)
            with pytest.raises(AttributeError, match="turnover"):
                consumers.set(name, 1)
        with pytest.raises(TypeError, match="turnover"):
            one.remove()

    def test_identity(self, consumers: ConsumerSet) -> None:
        assert consumers[1007] == consumers[1007]
        assert len({consumers[1007], consumers[1007], consumers[1014]}) == 2
        assert consumers[1007] in consumers
        assert consumers[1007] not in consumers.select(where=consumers.get("id") == 1014)
        assert consumers[1007] not in make_consumers()
        assert 1007 not in consumers
        for absent in (-1, 3, 10**12):
            with pytest.raises(KeyError, match="no consumer with id"):
                _ = consumers[absent]
        with pytest.raises(KeyError):
            _ = consumers.select(at_most=1)[1007]

    def test_a_person_who_left_is_not_mistaken(self, consumers: ConsumerSet) -> None:
        one = consumers[1007]
        consumers.people.columns["id"][1] = 5_000_000
        for use in (lambda: one.trust, lambda: setattr(one, "trust", 0.0), lambda: one.neighbors):
            with pytest.raises(LookupError, match="left the market"):
                use()
        assert one not in consumers
        assert consumers[5_000_000].seat == 1

    def test_neighbours(self, consumers: ConsumerSet) -> None:
        assert ids(consumers[1014].neighbors) == [1000, 1007, 1021, 1028]
        strong = consumers[1014].strong_neighbors
        assert set(ids(strong)) < set(ids(consumers[1014].neighbors)) or len(strong) in (0, 4)
        for friend in strong:
            assert consumers[1014] in friend.strong_neighbors
        lonely = ConsumerSet(consumers.model, consumers.people)
        with pytest.raises(LookupError, match="no graph"):
            _ = lonely[1014].neighbors


class TestColumns:
    """Columns in and out."""

    def test_whole_columns_are_lent_read_only(self, consumers: ConsumerSet) -> None:
        trust = consumers.get("trust")
        assert np.shares_memory(trust, consumers.people.trust)
        with pytest.raises(ValueError, match="read-only"):
            trust[0] = 1

    def test_set_one_for_each(self, consumers: ConsumerSet) -> None:
        some = consumers.select(orders=1).sort("trust")
        some.set("trust", np.linspace(0, 1, len(some)))
        assert np.allclose(some.get("trust"), np.linspace(0, 1, len(some)))
        with pytest.raises(ValueError, match="shape"):
            some.set("trust", np.zeros(len(some) + 1))

    def test_wrong_questions_are_answered_clearly(self, consumers: ConsumerSet) -> None:
        with pytest.raises(ValueError, match="silver_vanguard, cyber_native, eco_pioneer"):
            consumers.select(group="cyber")
        with pytest.raises(ValueError, match=r"bool\[200\]"):
            consumers.select(where=np.zeros(200))
        with pytest.raises(ValueError, match="where="):
            consumers.select(affinity=0.5)
        with pytest.raises(AttributeError, match="no column 'mood'"):
            consumers.select(mood=1)

    def test_everybody_stays_everybody(self, consumers: ConsumerSet) -> None:
        for change in (
            lambda: consumers.select(at_most=3, inplace=True),
            lambda: consumers.shuffle(inplace=True),
            lambda: consumers.discard(consumers[1000]),
        ):
            with pytest.raises(TypeError, match="turnover"):
                change()
        some = copy.copy(consumers).select(at_most=3)
        some.remove(consumers[1007])
        some.discard(consumers[1007])
        some.add(consumers[1021])
        some.add(consumers[1021])
        assert ids(some) == [1000, 1014, 1021]
        with pytest.raises(KeyError):
            some.remove(consumers[1007])

    def test_frame(self, consumers: ConsumerSet) -> None:
        frame = consumers.select(at_most=4).to_frame()
        assert frame.index.tolist() == [1000, 1007, 1014, 1021]
        assert frame["affinity.2"].tolist() == consumers.people.affinity[:4, 2].tolist()
        assert consumers.to_frame(["trust", "group_name"])["group_name"].unique().tolist() == list(GROUPS)

    def test_count_and_names(self, consumers: ConsumerSet) -> None:
        assert consumers.count() == N
        assert consumers.count(group="eco_pioneer") == int((consumers.people.group == 2).sum())
        by_name = consumers.groupby("group_name").agg("trust", np.mean)
        assert list(by_name) == list(GROUPS)
        assert by_name["eco_pioneer"] == pytest.approx(
            consumers.people.trust[consumers.people.group == 2].mean()
        )

    def test_shuffle_follows_the_models_generator(self) -> None:
        first, again, other = (make_consumers(seed=s).shuffle() for s in (5, 5, 6))
        assert ids(first) == ids(again) != ids(other)
        assert sorted(ids(first)) == ids(make_consumers())


class TestModel:
    """What is put into a Mesa model, and that Mesa still is what it was when this was written."""

    def test_mesa_keeps_agents_by_type_where_we_write(self) -> None:
        """Contract with mesa 3.5: the one private name that is touched."""
        model = mesa.Model(rng=1)
        assert mesa.__version__.startswith("3.5")
        assert type(model._agents_by_type) is dict
        assert model.agents_by_type is model._agents_by_type

    def test_registered_consumers_are_found_by_type(self, consumers: ConsumerSet) -> None:
        model = consumers.model
        groups = add_group_agents(model, consumers)
        assert register_consumers(model, consumers) is consumers
        assert model.agents_by_type[Consumer] is consumers
        assert Consumer in model.agent_types
        assert list(model.agents) == groups, "consumers are not among the ordinary agents"
        assert len(model.agents_by_type[CyberNative]) == 1
        groups[0].remove()
        assert len(model.agents) == 2
        model.remove_all_agents()
        assert len(model.agents) == 0
        assert len(consumers) == N
        with pytest.raises(TypeError, match="selection"):
            register_consumers(model, consumers.select(at_most=3))

    def test_views_register_nothing(self, consumers: ConsumerSet) -> None:
        before = consumers.model.agent_id_counter
        consumers.to_list()
        assert len(consumers.model.agents) == 0
        assert consumers.model.agent_id_counter == before

    def test_no_warnings_from_our_use_of_mesa(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            consumers = make_consumers()
            model = consumers.model
            register_consumers(model, consumers)
            add_group_agents(model, consumers)
            model.agents.do("step")
            model.agents.select(agent_type=EcoPioneer).agg("trust", np.mean)
            model.step()
            assert model.time == 1
            consumers.shuffle().select(at_most=5).groupby("group").agg("trust", np.mean)
            collector = DataCollector(
                model_reporters={"trust": lambda m: m.agents_by_type[Consumer].agg("trust", np.mean)},
                agenttype_reporters={Consumer: {"trust": "trust"}, SilverVanguard: {"size": "size"}},
            )
            collector.collect(model)
        frame = collector.get_agenttype_vars_dataframe(Consumer)
        assert frame["trust"].tolist() == consumers.get("trust").tolist()
        assert collector.get_model_vars_dataframe()["trust"].iloc[0] == consumers.agg("trust", np.mean)


class TestOrdinaryAgents:
    """Thin views: one truth."""

    def test_groups_read_the_columns(self, consumers: ConsumerSet) -> None:
        silver, cyber, eco = add_group_agents(consumers.model, consumers)
        assert [g.name for g in (silver, cyber, eco)] == list(GROUPS)
        assert [g.size for g in (silver, cyber, eco)] == [50, 100, 50]
        assert cyber.trust == pytest.approx(consumers.people.trust[50:150].mean())
        cyber.members.set("trust", 0.5)
        assert cyber.trust == 0.5
        assert eco.mean("registered") == consumers.people.registered[150:].mean()

    def test_influencers_are_consumers_with_an_audience(self, consumers: ConsumerSet) -> None:
        table = SimpleNamespace(
            seat=np.array([3, 60], np.int32), credibility=np.array([0.5, 0.9], np.float32)
        )
        audiences = build_followers(
            consumers.people.group, table.seat, np.array([5, 20]), np.ones((2, 3)), builder(1, "test")
        )
        koc, kol = (Influencer(consumers.model, table, row, consumers, audiences) for row in (0, 1))
        assert koc.consumer == consumers[1021]
        assert ids(kol.audience) == [consumers.people.id[s] for s in audiences.of(1)]
        kol.credibility = 0.25
        assert table.credibility.tolist() == [0.5, 0.25]
        table.credibility = np.array([0.1, 0.2])  # tables may replace their arrays
        assert kol.credibility == 0.2
        assert consumers.model.agents_by_type[Influencer].get("credibility") == [0.1, 0.2]
        with pytest.raises(AttributeError, match="fame"):
            kol.fame = 1
        assert len(Influencer(consumers.model, table, 0, consumers).audience) == 0
        table.audience = audiences
        assert len(Influencer(consumers.model, table, 1, consumers).audience) == 20

    def test_platforms_ignore_what_is_not_a_row(self) -> None:
        model = mesa.Model(rng=1)
        table = SimpleNamespace(
            adstock=np.zeros(2), ban_until=np.array([3, 0]), shares=np.ones((2, 3)), reach=np.ones((3, 2))
        )
        second = PlatformAgent(model, table, 1)
        second.adstock += 1.5
        second.shares[0] = 4
        assert table.adstock.tolist() == [0.0, 1.5]
        assert table.shares[1].tolist() == [4.0, 1.0, 1.0]
        assert second.ban_until == 0
        with pytest.raises(AttributeError, match="reach"):
            _ = second.reach

    def test_operator_is_its_state(self) -> None:
        state = SimpleNamespace(spent_fen=5)
        operator = Operator(mesa.Model(rng=1), state)
        operator.spent_fen += 2
        assert state.spent_fen == 7
        with pytest.raises(AttributeError, match="mood"):
            operator.mood = 1
        with pytest.raises(AttributeError):
            _ = operator.mood


def cpu(call: Any, repeats: int = 3) -> float:
    """Least CPU seconds of some calls."""
    best = np.inf
    for _ in range(repeats):
        start = time.process_time()
        call()
        best = min(best, time.process_time() - start)
    return float(best)


def test_a_million_consumers_cost_what_columns_cost() -> None:
    """Against a loop over 10,000 views, scaled up; ratios, so that slow machines do not matter."""
    n, sample = 1_000_000, 10_000
    consumers = ConsumerSet(mesa.Model(rng=1), make_people(n))
    some = consumers.select(at_most=sample)
    loop = cpu(lambda: np.mean([c.trust for c in some])) * n / sample
    assert cpu(lambda: consumers.agg("trust", np.mean)) < loop / 200
    assert cpu(lambda: consumers.agg("orders", [min, max, sum])) < loop / 100
    assert cpu(lambda: consumers.select(group="cyber_native", where=lambda c: c.trust > 0.5)) < loop / 20
    assert cpu(lambda: consumers.select(orders=3).agg("trust", np.mean)) < loop / 20
    assert cpu(lambda: consumers.groupby("group").agg("trust", np.mean)) < loop / 5
    assert cpu(lambda: consumers[7_000_993].trust) < loop / 200
