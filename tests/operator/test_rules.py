"""Monitors and responses in markets made for them: at the multiple, after the delay, at the cost, in time."""

from __future__ import annotations

import numpy as np
import pytest

from sim.config import compose
from sim.core.clock import MINUTES_PER_DAY
from sim.core.errors import ConfigError
from sim.market import Market
from sim.world.accounts import Account
from sim.world.answers import Step
from tests.conftest import LIVELY, live, small_market

#: Invited accounts of a market in which cheating pays; three in ten are reviewed until somebody answers.
CHEATS = (
    *LIVELY, "sharing.invite_gain=2.0", "sharing.invite_click=1.0", "orders.register_invited=1",
    "fraud.detection=1", "fraud.attempts=0.3", "fraud.penalty=5", "incentive.invite_reward=60",
    "control.daily_budget=50", "control.alarm.ratio=100",
)  # fmt: skip
#: Usually two in a hundred invited accounts are rejected.
RULE = (
    "rules.named.cheats.figure=rejected_share", "rules.named.cheats.against=given",
    "rules.named.cheats.reference=0.02",
    "rules.named.cheats.ratio=2", "rules.named.cheats.levers={fraud.review: 1.0}",
)  # fmt: skip
#: A rule that surely fires on the first morning: there are visits.
SURE = (
    "rules.named.cheats.figure=visits", "rules.named.cheats.against=given",
    "rules.named.cheats.reference=1", "rules.named.cheats.ratio=1.01",
    "rules.named.cheats.levers={fraud.review: 1.0}",
)  # fmt: skip
AT_ONCE = tuple(f"rules.named.cheats.{step}_hours=0" for step in ("read", "decide", "act"))


def market(*words: str, replication: int = 0, days: int = 12) -> Market:
    made = small_market("flat_cash_referral", *CHEATS, *words, size=500, replication=replication)
    return live(made, days)


def steps(made: Market, step: Step) -> list[int]:
    """Minutes at which a step was taken, in order."""
    rows = made.records.answers
    return rows["minute"][rows["step"] == int(step)].tolist()


def review(made: Market) -> list[float]:
    return made.records.daily["review_intensity"].round(6).tolist()


@pytest.fixture(scope="module")
def plain() -> Market:
    return market()


@pytest.fixture(scope="module")
def answered() -> Market:
    return market(*SURE, *AT_ONCE, "rules.named.cheats.days=3")


def test_it_is_seen_the_morning_after_and_in_force_for_its_days(answered):
    """Seen at midnight, in force for three days from there; what is still on is then answered again."""
    assert steps(answered, Step.SEEN)[0] == MINUTES_PER_DAY
    assert steps(answered, Step.ACTED)[0] == MINUTES_PER_DAY
    assert steps(answered, Step.ENDED)[0] == 4 * MINUTES_PER_DAY
    assert review(answered)[:4] == [0.3, 1.0, 1.0, 1.0]
    row = answered.records.answers
    assert row["monitor"][0] == row["response"][0] == "cheats"
    assert row["level"][0] == answered.world.observed.readings["visits"][0].over[0]
    assert row["reference"][0] == 1.0


@pytest.mark.parametrize(
    ("hours", "acts"), [((0, 0, 9), 720), ((3, 3, 2), 480), ((0, 30, 0), 1440 + 480), ((2, 8, 2), 720)]
)
def test_reading_deciding_and_acting_take_their_hours(hours, acts):
    """In force from the first daypart that begins when all three are done."""
    delays = zip(("read", "decide", "act"), hours, strict=True)
    made = market(*SURE, *(f"rules.named.cheats.{step}_hours={h}" for step, h in delays), days=5)
    assert steps(made, Step.SEEN) == [MINUTES_PER_DAY]
    assert steps(made, Step.ACTED) == [MINUTES_PER_DAY + acts]
    decided = steps(made, Step.DECIDED)[0] - MINUTES_PER_DAY
    assert 60 * (hours[0] + hours[1]) <= decided <= acts


def test_seen_seven_days_later_it_is_answered_seven_days_later(answered):
    late = market(*SURE, *AT_ONCE, "instruments.delay=7")
    assert steps(late, Step.SEEN)[0] == steps(answered, Step.SEEN)[0] + 7 * MINUTES_PER_DAY
    assert review(late)[:9] == [0.3] * 8 + [1.0]


def test_below_its_multiple_it_never_fires(plain):
    rows = plain.records.registrations
    invited = rows["inviter"] != -1
    share = rows["caught"][invited].mean()
    above, below = (market(*RULE, f"rules.named.cheats.ratio={share * k / 0.02}") for k in (0.3, 4.0))
    assert len(above.records.answers) > 0
    assert len(below.records.answers) == 0


def test_it_costs_what_it_says():
    """5 CNY and 2 CNY a day per 1,000 consumers; 500 consumers, three days begun: 2.50 + 3 x 1.00."""
    made = market(
        *SURE, *AT_ONCE, "rules.named.cheats.days=2.5", "rules.named.cheats.cost=5",
        "rules.named.cheats.daily_cost=2", "turnover=none", days=5,
    )  # fmt: skip
    rows = made.records.answers
    ended = rows["step"] == int(Step.ENDED)
    assert rows["paid_fen"][ended][:1].tolist() == [550]
    paid = made.world.ledger.balance[Account.RESPONSES.key]
    assert paid == sum(answer.paid_fen for answer in made.world.answers.open) + rows["paid_fen"][ended].sum()


def test_what_cannot_be_paid_does_not_begin():
    made = market(*SURE, *AT_ONCE, "rules.named.cheats.cost=100000", days=4)
    assert steps(made, Step.ACTED) == []
    assert len(steps(made, Step.UNPAID)) >= 1
    assert review(made) == [0.3] * 4
    assert 10 in made.records.campaign_stops["kind"]


def test_what_is_still_on_when_its_days_are_over_is_prolonged_without_a_gap():
    """Twelve hours to begin, once; then one stretch after the other, each paid for."""
    made = market(*SURE, "rules.named.cheats.days=2", "rules.named.cheats.act_hours=4")
    assert steps(made, Step.ACTED) == [day * MINUTES_PER_DAY + 1080 for day in (1, 3, 5, 7, 9, 11)]
    assert review(made)[1:] == [1.0] * 11


def test_one_alarm_is_answered_once_and_while_it_is_on_again_when_that_has_ended(answered):
    """There are visits on every day: three days each, one after the other and never two at a time."""
    assert steps(answered, Step.SEEN) == [day * MINUTES_PER_DAY for day in (1, 4, 7, 10)]
    assert steps(answered, Step.ENDED) == [day * MINUTES_PER_DAY for day in (4, 7, 10)]


def test_it_helps():
    """The same worlds with and without it: fewer fakes get through, by more than chance (paired, 95%)."""
    changes = []
    for world in range(6):
        pair = [market(*words, replication=world) for words in ((), (*RULE, *AT_ONCE))]
        passed = [
            int((m.records.registrations["fake"] & ~m.records.registrations["caught"]).sum()) for m in pair
        ]
        changes.append(passed[1] - passed[0])
    error = np.std(changes, ddof=1) / np.sqrt(len(changes))
    assert np.mean(changes) + 2.57 * error < 0  # t with 5 degrees of freedom


@pytest.fixture(scope="module")
def baselines(tmp_path_factory) -> list[Market]:
    words = [
        "scenario=baseline", "population.size=1200", "experiment.burn_in_days=70", "experiment.warmup_days=1",
        "experiment.days=40", *(f"rules.named.watch_{name}.figure={name}" for name in (
            "complaint_rate", "late_rate", "orders", "returns_asked", "visits")),
    ]  # fmt: skip
    return [Market(compose(words), world).run() for world in range(4)]


def test_nothing_fires_in_the_baseline(baselines):
    """Five monitors and the plan's alarm, four worlds of 40 days at twice and three times what is usual."""
    for made in baselines:
        assert len(made.records.answers) == 0
        assert set(made.records.observed["figure"]) >= {"fission", "orders", "late_rate"}


def test_people_of_a_pool_are_waited_for():
    """Half an hour a task and four tasks at one desk from 9 o'clock: read at 11, decided two hours later."""
    pool = (
        "fraud.review_by=team", "fraud.reviewers.staff=20",
        "fraud.reviewers.minutes=30", "fraud.reviewers.evenness=20",
        "fraud.reviewers.wage=1", "fraud.review=0.0",
    )  # fmt: skip
    rule = (
        "rules.named.desk.figure=visits", "rules.named.desk.against=given",
        "rules.named.desk.reference=1", "rules.named.desk.ratio=1.01",
        "rules.named.desk.pool=reviewers", "rules.named.desk.tasks=4", "rules.named.desk.decide_hours=2",
        "rules.named.desk.act_hours=0",
    )  # fmt: skip
    made = market(*pool, *rule, days=3)
    [answer] = made.world.answers.open
    assert answer.decided - MINUTES_PER_DAY == pytest.approx(13 * 60, abs=15)
    assert steps(made, Step.DECIDED) == [MINUTES_PER_DAY + 18 * 60]


def test_the_plans_alarm_is_a_rule_like_any_other():
    """Three times this market's own level before the strategy raises review by what the strategy says."""
    words = ("population.size=1500", "experiment.burn_in_days=0", "experiment.warmup_days=14", *LIVELY)
    more = (
        "sharing.invite_gain=3.0",
        "control.alarm.against=given",
        "control.alarm.reference=0.05",
        "control.answer.days=30",
    )
    made = Market(compose(["scenario=flat_cash_referral", *words, *more, "experiment.days=8"])).run()
    assert "control_alarm" in made.records.answers["monitor"]
    assert review(made)[-1] == 0.6
    assert review(made)[:14] == [0.3] * 14


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["rules.named.x.ratio=2"], "rules.named.x.figure must be given"),
        (["rules.named.x.figure=happiness"], "rules.named.x.figure must be one of"),
        (["rules.named={Crisis: {figure: visits}}"], "a-z, 0-9 and _"),
        (["rules.named.x.figure=visits", "rules.named.x.levers={fraud.detection: 1}"], "is no lever"),
        (["rules.named.x.figure=visits", "rules.named.x.levers={nobody.there: 1}"], "is no lever"),
        (["rules.named.x.figure=visits", "rules.named.x.levers={fraud.review: 7}"], "cannot be 7"),
        (["rules.named.x.figure=visits", "rules.named.x.levers={fraud.review: often}"], "cannot be 'often'"),
        (["rules.named.x.figure=visits", "rules.named.x.pool=cooks"], "rules.named.x.pool must be one of"),
        (["rules.named.x.figure=visits", "rules.named.x.pool=reviewers"], "nobody works in 'reviewers'"),
        (["rules.named.x.figure=visits", "rules.named.x.window=0"], "rules.named.x.window must be"),
        (["rules.named.control_alarm.figure=visits"], "there is a monitor 'control_alarm' already"),
        (["instruments.of.happiness.delay=2"], "instruments.of.happiness must name a figure"),
        (["instruments.delay=-1"], "instruments.delay must be"),
    ],
)
def test_wrong_rules_are_refused_in_one_line(words, told):
    with pytest.raises(ConfigError) as error:
        compose(["scenario=baseline", *words])
    assert any(told in line for line in error.value.problems), error.value.problems
