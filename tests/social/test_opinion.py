"""Bad news spreads by itself, further than praise, and ends; information and answers hold it up."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.config import baseline_of, compose, reference_of
from sim.core.records import Table
from sim.core.rng import Draw, keyed_uniform, purpose_key
from sim.market import Market
from sim.social.opinion import DESK, Opinion
from sim.social.opinion_params import OpinionParams
from sim.social.rumour import HEARD, TELLS, TELLS_COMPLAINT, UNAWARE, Minds, Telling, Ties, forget, hear, told
from tests.conftest import LIVELY, live, small_market

STREAM = np.uint64(purpose_key("test.opinion"))
CARRIERS = (TELLS, TELLS_COMPLAINT)


def minds(n: int, **columns: np.ndarray) -> Minds:
    ids = np.arange(n, dtype=np.int64) * 7 + 3
    zeros = {"opinion_state": np.int8, "opinion_since": np.int32, "opinion_born": np.int32}
    own = {name: np.zeros(n, kind) for name, kind in zeros.items()}
    return Minds(**{"id": ids, **own, "trust": np.full(n, 0.5, np.float32), **columns})


def ties(n: int, edges: list[tuple[int, int, bool]]) -> Ties:
    """Both directions of each edge, as rows."""
    rows: list[list[tuple[int, bool]]] = [[] for _ in range(n)]
    for a, b, strong in edges:
        rows[a].append((b, strong))
        rows[b].append((a, strong))
    indptr = np.concatenate(([0], np.cumsum([len(row) for row in rows]))).astype(np.int64)
    flat = [one for row in rows for one in row]
    return Ties(indptr, np.array([b for b, _ in flat], np.int32), np.array([s for _, s in flat], np.bool_))


def telling(**changes: float) -> Telling:
    usual = Telling(strong=0.6, weak=0.2, age_days=5.0, stops=0.3, immune_days=30.0, hit=0.5, bad=0.1)
    return usual._replace(**changes)


EDGE = st.tuples(st.integers(0, 7), st.integers(0, 7), st.booleans()).filter(lambda e: e[0] != e[1])


@pytest.mark.reference
@settings(max_examples=60)
@given(st.lists(EDGE, max_size=20), st.lists(st.integers(0, 3), min_size=8, max_size=8), st.integers(1, 9))
def test_who_is_told_is_what_a_plain_loop_says(edges, states, day):
    m = minds(8, opinion_state=np.array(states, np.int8), opinion_born=np.arange(8, dtype=np.int32) % 3)
    rates = telling()
    seats, tellers, born = told(STREAM, day, ties(8, edges), m, rates)
    expected = {}
    for j in range(8):
        known = [(i, s) for a, b, s in edges for i, other in ((a, b), (b, a)) if other == j]
        said = [
            int(m.id[i]) for i, s in known
            if states[j] == UNAWARE and states[i] in CARRIERS
            and keyed_uniform(STREAM, m.id[j], m.id[i])
            < (rates.strong if s else rates.weak) * math.exp(-(day - m.opinion_born[i]) / rates.age_days)
        ]  # fmt: skip
        if said:
            expected[j] = min(said)
    assert dict(zip(seats.tolist(), m.id[tellers].tolist(), strict=True)) == expected
    assert born.tolist() == m.opinion_born[tellers].tolist()


@pytest.mark.parametrize(("age", "strong"), [(0, True), (5, True), (5, False)])
def test_acquaintances_are_told_with_their_chance_which_falls_with_the_storys_age(age, strong):
    """One carrier and ten thousand acquaintances, four standard errors."""
    n = 10_001
    m = minds(n)
    hear(np.array([0]), np.array([TELLS]), np.array([0]), 0, m, telling())
    seats, _, _ = told(STREAM, max(1, age), ties(n, [(0, k, strong) for k in range(1, n)]), m, telling())
    chance = (0.6 if strong else 0.2) * math.exp(-max(1, age) / 5.0)
    assert abs(len(seats) - (n - 1) * chance) < 4.0 * math.sqrt((n - 1) * chance * (1.0 - chance))


def days_of(m: Minds, graph: Ties, rates: Telling, days: int) -> list[list[int]]:
    """Live a story whose every hearer carries it; who heard it on each day."""
    heard = []
    for day in range(1, days + 1):
        forget(STREAM + np.uint64(day), day, m, rates)
        seats, _, born = told(STREAM + np.uint64(1000 + day), day, graph, m, rates)
        hear(seats, np.full(len(seats), TELLS), born, day, m, rates)
        heard.append(seats.tolist())
    return heard


def test_it_goes_further_than_a_step_a_day_at_a_time():
    """Along a path everybody hears it on the day of their distance; praise goes one step."""
    n = 6
    m = minds(n)
    hear(np.array([0]), np.array([TELLS]), np.array([0]), 0, m, telling())
    sure = telling(strong=1.0, age_days=1e9, stops=0.0)
    found = days_of(m, ties(n, [(k, k + 1, True) for k in range(n - 1)]), sure, n)
    assert found == [[1], [2], [3], [4], [5], []]


@pytest.mark.property
@settings(max_examples=40)
@given(st.lists(EDGE, max_size=25), st.floats(0.05, 1.0), st.floats(1.0, 40.0))
def test_it_ends_on_any_graph_and_nobody_hears_it_twice(edges, stops, age):
    """Hearers recover and the story ages: within its days all who could hear it have, each once."""
    m = minds(8)
    hear(np.array([0]), np.array([TELLS]), np.array([0]), 0, m, telling())
    rates = telling(strong=1.0, weak=0.5, stops=stops, age_days=age, immune_days=1000.0)
    heard = [j for day in days_of(m, ties(8, edges), rates, 300) for j in day]
    assert len(heard) == len(set(heard))
    assert 0 not in heard
    assert set(m.opinion_state.tolist()) <= {UNAWARE, HEARD}


def test_after_its_days_old_news_is_news():
    m = minds(2)
    rates = telling(stops=1.0, immune_days=10.0)
    hear(np.array([0]), np.array([TELLS]), np.array([0]), 0, m, rates)
    states = []
    for day in range(1, 13):
        forget(STREAM, day, m, rates)
        states.append(int(m.opinion_state[0]))
    assert states == [HEARD] * 10 + [UNAWARE] * 2


def test_trust_falls_towards_what_the_story_says_and_never_rises_by_it():
    m = minds(3, trust=np.array([0.5, 0.1, 0.05], np.float32))
    hear(np.arange(3), np.full(3, HEARD), np.zeros(3, np.int64), 0, m, telling(hit=0.5, bad=0.1))
    assert m.trust == pytest.approx([0.3, 0.1, 0.05])


# --- in a market -------------------------------------------------------------------------------

SCANDAL = ("control=media", "shock=scandal", "shock.start=2", "shock.days=6", "shock.recovery=0")


def lived(*words: str, days: int = 40, size: int = 2000):
    return live(small_market("baseline", *SCANDAL, *words, size=size), days)


@pytest.fixture(scope="module")
def worlds():
    """The same world without a scandal, with one that nobody answers, and with information against it."""
    quiet = live(small_market("baseline", "control=media", size=2000), 40)
    return quiet, lived(), lived("opinion.hedging=30", "opinion.hedging_most=0.9")


def test_a_scandal_spreads_from_the_press_and_ends(worlds):
    heard = worlds[1].records.tables["opinion_heard"]
    by_day = np.bincount(heard["day"], minlength=40)
    assert not by_day[:2].any()
    assert by_day[2:12].sum() > 20 * by_day[-10:].sum()
    told_on = heard["cause"] == 2
    assert told_on.sum() > 0.2 * (heard["cause"] == 0).sum()
    # whoever tells has heard before
    first = {int(p): int(d) for p, d in zip(heard["person"][::-1], heard["day"][::-1], strict=True)}
    assert all(
        first[int(t)] < d for t, d in zip(heard["teller"][told_on], heard["day"][told_on], strict=True)
    )


def test_trust_and_carts_follow_and_trust_comes_back(worlds):
    trust = [m.records.daily["mean_trust"] for m in worlds]
    assert trust[1][15] < trust[2][15] < trust[0][15]
    assert trust[0][39] - trust[1][39] < trust[0][15] - trust[1][15]
    chance = [m.records.visits["order_probability"][m.records.visits["day"] >= 8] for m in worlds]
    assert chance[1].mean() < chance[2].mean() < chance[0].mean()


def test_information_is_paid_while_anybody_carries_the_story(worlds):
    """30 CNY a thousand people and day; at most nine tenths of telling are prevented."""
    heard = [int((m.records.tables["opinion_heard"]["cause"] == 2).sum()) for m in worlds[1:]]
    assert heard[1] < 0.5 * heard[0]
    spent = worlds[2].world.ledger.balance["opinion_cost"]
    assert spent % 6000 == 0
    assert 10 * 6000 < spent < 40 * 6000
    assert worlds[1].world.ledger.balance.get("opinion_cost", 0) == 0


COMPLAINTS = (*LIVELY, "opinion=spreads", "control=media", "aftersales.complain=1", "opinion.desk.patience=6",
              "opinion.desk.minutes=30", "opinion.desk.hours=24", "aftersales.low_on_time=0.5")  # fmt: skip


def desk(*words: str):
    market = live(small_market("baseline", *COMPLAINTS, *words, size=1000), 12)
    return market, market.records.tables["opinion_complaints"]


def test_answered_complaints_are_told_less_and_trust_is_repaired():
    (alone, none), (helped, some), (paid, more) = (
        desk(), desk("opinion.desk.staff=200"), desk("opinion.desk.staff=200", "opinion.compensation=60")
    )  # fmt: skip
    assert not none["answered"].any()
    assert some["answered"].mean() > 0.9
    stories = [int((m.records.tables["opinion_heard"]["cause"] == 1).sum()) for m in (alone, helped, paid)]
    assert stories[0] > stories[1] > stories[2]
    trust = [float(m.world.people.trust.mean()) for m in (alone, helped, paid)]
    assert trust[0] < trust[1] < trust[2]
    assert (more["fen"] == 6000 * more["answered"]).all()
    assert not some["fen"].any()


def test_two_complaints_of_a_day_repair_trust_no_further_than_an_answer_can():
    """One customer complains twice and another once; a full compensation closes all of the gap to .6."""
    columns = {"complaint": np.ones(3, bool), "order_id": np.arange(3), "person": np.array([0, 0, 1]),
               "minute": np.zeros(3, np.int64)}  # fmt: skip
    work = SimpleNamespace(done=np.ones(3, bool), waited=np.zeros(3))
    world = SimpleNamespace(
        day=0, seats_of=np.asarray, affords=lambda *_: True, spend=lambda *_: None,
        people=SimpleNamespace(
            id=np.arange(2), trust=np.array([0.1, 0.3], np.float32), opinion_state=np.zeros(2, np.int8)
        ),
        teams={DESK: SimpleNamespace(work=lambda *_: work)},
        records=SimpleNamespace(
            deliveries=SimpleNamespace(today=columns.__getitem__),
            opinion_complaints=Table("opinion_complaints", Opinion.events["opinion_complaints"]),
        ),
    )  # fmt: skip
    params = OpinionParams.model_validate({"compensation": 1000.0, "tells": 0.0, "desk": {"staff": 1.0}})
    Opinion(params).complain(world, Draw(1))
    assert world.people.trust == pytest.approx([0.6, 0.6])


def test_too_few_people_answer_as_many_as_their_hours_allow():
    """Three times overloaded: one person answers five in 24 hours, 288 minutes each; the others give up."""
    _, table = desk("opinion.desk.staff=10", "opinion.desk.minutes=288", "opinion.desk.evenness=20")
    answered, asked = (
        np.bincount(table["day"], w, minlength=12)[4:].mean() for w in (table["answered"], None)
    )
    assert asked > 3 * 5
    assert 0.8 * 5 < answered < 1.1 * 5
    assert np.isnan(table["waited_hours"][~table["answered"]]).all()
    assert (table["waited_hours"][table["answered"]] > 1.0).mean() > 0.5


def test_without_a_scandal_of_any_size_nothing_is_heard_from_the_press():
    market = live(small_market("baseline", *LIVELY, "shock=scandal", "shock.size=0", "shock.start=1"), 6)
    assert not (market.records.tables["opinion_heard"]["cause"] == 0).any()


def test_bad_news_is_of_the_world_and_the_answer_of_the_strategy():
    """The market that an answer is compared with has the same bad news, and nobody who answers."""
    asked = compose(["opinion=answered"])
    beside = reference_of(asked)
    assert asked.opinion.enabled
    assert beside.opinion.enabled
    assert (beside.opinion.hedging, beside.opinion.compensation, beside.opinion.desk.staff) == (0.0, 0.0, 0.0)
    assert baseline_of(asked).opinion.enabled
    assert not compose([]).opinion.enabled
    assert Opinion.on(compose(["scenario=scandal_answered"]))


def test_a_rule_informs_when_the_story_spreads_and_not_before():
    """Twice the level that is taken as usual is seen the morning after, and answered within a day."""
    words = ("scenario=scandal_answered", "population.size=2000", "experiment.burn_in_days=0",
             "experiment.warmup_days=0", "shock.start=4", "control=media",
             "opinion.desk.staff=0")  # fmt: skip
    market = live(Market(compose(list(words))), 12)
    answers, spent = market.records.answers, market.records.spend
    number = market.world.kinds.booking("opinion_cost").kind
    assert len(answers["day"])
    assert answers["day"].min() in (5, 6)
    assert 5 <= spent["day"][spent["kind"] == number].min() <= 7


def test_a_desk_that_is_given_up_rehearses_no_more():
    market = live(small_market("baseline", *COMPLAINTS, "opinion.desk.staff=20",
                               "opinion.readiness.rehearsals=30", size=500), 8)  # fmt: skip
    assert len(market.records.tables["opinion_rehearsals"]) > 0
    market.levers.change({"opinion.desk.staff": 0.0})
    live(market, 1)  # by the midnight after the change it is in force
    held, paid = len(market.records.tables["opinion_rehearsals"]), market.world.ledger.balance["opinion_cost"]
    live(market, 15)
    assert len(market.records.tables["opinion_rehearsals"]) == held
    assert market.world.ledger.balance["opinion_cost"] == paid
