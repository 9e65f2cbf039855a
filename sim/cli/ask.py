"""The verb ``ask``: a guided start that turns answers about a business into a scenario file and its commands.

Every answer is checked by what a run would check, and asked again with the rule if it is wrong. Nothing is
written before the last answer, and no file is replaced unless the user says so.
"""

from __future__ import annotations

import json
import math
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sim.cli.output import say
from sim.cli.session import current
from sim.config import Sources, compose, describe_scenarios, market_sources, scenarios
from sim.config.business import monthly_budget, orders_a_day
from sim.config.remarks import remarks
from sim.config.settings import TargetParams
from sim.config.sources import NAME
from sim.core.atomic import commit
from sim.core.errors import InputError
from sim.core.language import mark, tr
from sim.core.messages import did_you_mean
from sim.core.shipped import shipped
from sim.measure.kpis import KPI_BY_NAME

DONE = 0
_FOLDER = Path("scenarios")
_MARKET = 200_000
#: Goal -> what it is about, and the shipped scenarios that are worth a look for it.
GOALS = {
    "customers": (
        mark("win new customers at a low cost"),
        ("three_tier_referral", "flat_cash_referral", "koc_pyramid"),
    ),
    "loyalty": (mark("bring customers back"), ("private_domain", "three_tier_referral")),
    "sales": (mark("sell more, with groups and rewards"), ("group_buy", "referral_with_groups")),
    "service": (mark("deliver sooner"), ("instant_retail", "private_domain")),
}


@dataclass
class Answers:
    """What was answered: words of the business, targets, and the strategy to begin with."""

    name: str = ""
    words: dict[str, str] = field(default_factory=dict)
    targets: dict[str, float] = field(default_factory=dict)
    goal: str = "customers"
    begin: str = ""
    own: str = ""
    market: dict[str, Any] = field(default_factory=dict)

    def settings(self) -> list[str]:
        """All that holds for the business, as words of a command line."""
        own = [f"{key}={value}" for key, value in self.market.items()]
        return [*own, *self.told()]

    def told(self) -> list[str]:
        """Words of what was answered, without those of a market of one's own."""
        return [*(f"{key}={value}" for key, value in self.words.items()), *self.target_words()]

    def target_words(self) -> list[str]:
        """Targets that are not the plan's."""
        return [f"targets.{name}={value:g}" for name, value in self.targets.items()]


def ask(words: Sequence[str]) -> int:
    """Ask about the business; write a scenario file and print the commands that use it."""
    own, names = [word for word in words if word.startswith("own=")], [w for w in words if "=" not in w]
    if len(names) > 1 or len(own) > 1 or len(names) + len(own) < len(words):
        raise InputError(
            tr(
                "ask takes a name for the scenario and nothing else (you wrote '{words}'); write "
                "'liebian ask shop'",
                words=" ".join(words),
            )
        )
    if current().json:
        raise InputError(tr("ask talks with you, so it has no --json; leave it out"))
    answers = Answers()
    if own:
        _own_market(answers, own[0].partition("=")[2].strip("'\""))
    say(tr("A few questions; an empty answer takes what stands in brackets.\n"))
    answers.name = _name(names[0] if names else "")
    _business(answers)
    _goals(answers)
    path = _FOLDER / f"{answers.name}.yaml"
    _write(path, file_text(answers))
    say(tr("\nwritten: {path}\n\nWhat to run:", path=path))
    for line, purpose in commands(answers):
        say(f"  {line}\n      {purpose}")
    return DONE


def _own_market(answers: Answers, name: str) -> None:
    """Take the lines of an imported market; what it says of the business is asked all the same."""
    lines = scenarios.load(name, market_sources()).assignments
    answers.own = name
    answers.market = {one.key: one.value for one in lines if not one.key.startswith("business.")}


def _question(text: str, default: str, read: Callable[[str], Any]) -> Any:
    """Ask until an answer can be read; a wrong one is told why.

    Raises
    ------
    InputError
        If there are no more answers.
    """
    while True:
        say(f"{text} [{default}]: " if default else f"{text}: ", end="", flush=True)
        line = _line()
        if not line:
            say("")
            raise InputError(
                tr(
                    "ask: there was no answer to '{text}'; nothing was written. Answer in a terminal, or "
                    "give one line an answer on standard input",
                    text=text,
                )
            )
        answer = line.strip() or default
        if not sys.stdin.isatty():
            say(answer)  # what is piped in is not echoed by a terminal
        try:
            return read(answer)
        except InputError as error:
            for problem in error.problems:
                say(f"  {problem}")


def _line() -> str:
    """The next line of standard input; empty if there is none."""
    try:
        return sys.stdin.readline() if sys.stdin else ""
    except UnicodeDecodeError:
        raise InputError(tr("ask: the answers are no UTF-8; save them as UTF-8, or type them")) from None


def _name(given: str) -> str:
    """A name for the scenario that no shipped one has; an own file only if it may be replaced."""

    def read(answer: str) -> str:
        if not NAME.fullmatch(answer):
            raise InputError(
                tr("a name is 1 to 64 of a-z, 0-9 and _ (you wrote '{answer}'); write another", answer=answer)
            )
        known = market_sources().scenario_paths().get(answer, [])
        own = (_FOLDER / f"{answer}.yaml").resolve()
        if (shipped("scenarios") / f"{answer}.yaml").is_file() or any(
            path.resolve() != own for path in known
        ):
            raise InputError(
                tr("'{answer}' is a scenario that comes with liebian; write another name", answer=answer)
            )
        return answer

    name: str = read(given) if given else _question(tr("Name of the scenario"), "my_business", read)
    while (_FOLDER / f"{name}.yaml").exists():
        if _question(tr("{name}.yaml exists. Replace it?", name=_FOLDER / name), "no", _yes_or_no):
            break
        name = _question(tr("Another name"), f"{name[:60]}_2", read)
    return name


def _yes_or_no(answer: str) -> bool:
    if answer.lower() not in ("yes", "y", "no", "n"):
        raise InputError(tr("write yes or no (you wrote '{answer}')", answer=answer))
    return answer.lower() in ("yes", "y")


def _business(answers: Answers) -> None:
    """Market, money, delivery and time; each is composed as a run would do it."""

    def read(word: str) -> Callable[[str], str]:
        def checked(answer: str) -> str:
            compose([*answers.settings(), f"{word}={answer}"])
            return answer

        return checked

    def put(word: str, text: str, default: str) -> Any:
        answers.words[word] = _question(text, default, read(word))
        return compose(answers.settings())

    config = put("market", tr("How many consumers could you reach?"), f"{_MARKET:,}")
    consumers, control = config.business.market, config.control
    usual = monthly_budget(control.daily_budget, 1.0, consumers)
    config = put(
        "budget",
        tr(
            "Budget for everything: media, rewards, discounts, influencers (amount/day, /week, /month, /year)"
        ),
        f"{round(usual, -3) or round(usual, 2):,.0f}/month" if usual >= 1000 else f"{usual:.2f}/month",
    )
    for line in remarks(config):
        say(tr("  note: {line}", line=line))
    carried = orders_a_day(config.logistics.capacity_ratio, consumers, config.logistics)
    put(
        "capacity",
        tr("Orders that delivery can do (number/day, /week, /month)"),
        f"{max(1, round(carried)):,}/day",
    )
    put("start", tr("First day of the plan (year-month-day)"), _next_month().isoformat())
    put("months", tr("How many months"), "3")


def _next_month() -> date:
    """First day of the month after this one."""
    return (date.today().replace(day=1) + timedelta(days=32)).replace(day=1)


def _goals(answers: Answers) -> None:
    """What matters most, targets of one's own, and the strategy to begin with."""
    say(tr("\nWhat matters most?"))
    for name, (purpose, _) in GOALS.items():
        say(f"  {name}: {purpose}")
    answers.goal = _question("Goal", "customers", _one_of(tuple(GOALS)))
    say(tr("\nTargets of the operating plan:"))
    for name, value in _plan_targets().items():
        say(f"  {name}: {_words_of_target(name, value)}")
    answers.targets = _question(tr("Targets to change, as name=value, name=value"), "none", _targets)
    names = GOALS[answers.goal][1]
    say(tr("\nStrategies that are worth a look for this goal:"))
    described = _described()
    for name in names:
        say(f"  {name}: {described[name]}")
    choose = _one_of(tuple(described))

    def read(answer: str) -> str:
        compose([f"scenario={choose(answer)}", *answers.settings()])
        return answer

    answers.begin = _question(tr("Begin with"), names[0], read)


def _words_of_target(name: str, value: float) -> str:
    """A target as people read it."""
    kpi = KPI_BY_NAME[name]
    if kpi.relative:
        return tr("{label} {value:.0%} above the baseline's", label=tr(kpi.label).lower(), value=value)
    return f"{tr(kpi.label).lower()} {tr(kpi.direction)} " + (
        f"{value:.0%}" if kpi.unit == "share" else tr("{value:g} CNY", value=value)
    )


def _one_of(valid: Sequence[str]) -> Callable[[str], str]:
    def read(answer: str) -> str:
        if answer not in valid:
            raise InputError(
                tr(
                    "there is no '{answer}'; {did_you_mean}",
                    answer=answer,
                    did_you_mean=did_you_mean(answer, valid),
                )
            )
        return answer

    return read


def _plan_targets() -> dict[str, float]:
    return dict(TargetParams().model_dump())


def _described() -> dict[str, str]:
    """Scenarios that come with liebian."""
    sources = market_sources()
    return describe_scenarios(Sources(sources.sections, scenarios=(shipped("scenarios"),)))


def _targets(answer: str) -> dict[str, float]:
    """Targets by name; percent signs are read."""
    if answer in ("none", "no", "-"):
        return {}
    found = {}
    for part in answer.split(","):
        name, equals, value = (one.strip() for one in part.partition("="))
        name = name.removeprefix("targets.")
        try:
            number = float(value.removesuffix("%")) / (100 if value.endswith("%") else 1)
        except ValueError:
            number = float("nan")
        if not equals or not math.isfinite(number):
            raise InputError(
                tr(
                    "write name=value, for instance acquisition_cost=25 (you wrote '{part}')",
                    part=part.strip(),
                )
            )
        found[name] = number
    compose([f"targets.{name}={value!r}" for name, value in found.items()])
    return found


def file_text(answers: Answers) -> str:
    """The scenario file: the business, targets of its own, and the lines of the strategy it begins with."""
    begun = scenarios.load(answers.begin, market_sources())
    lines = [
        f"# liebian run scenario={answers.name}",
        f"description: {_yaml(tr('Our business, beginning with {begin}', begin=answers.begin))}",
        *(f"{key}: {_yaml(value)}" for key, value in answers.words.items()),
        *(f"{key}: {_yaml(value)}" for key, value in answers.market.items()),
        *(f"targets.{name}: {value:g}" for name, value in answers.targets.items()),
        *(f"{one.key}: {_yaml(one.value)}" for one in begun.assignments),
    ]
    return "\n".join(lines) + "\n"


def _yaml(value: Any) -> str:
    """A value that YAML reads as it is."""
    return json.dumps(value, ensure_ascii=False)


def commands(answers: Answers) -> list[tuple[str, str]]:
    """Lines to run one after the other, and what each is for."""
    others = [name for name in GOALS[answers.goal][1] if name != answers.begin]
    business = shlex.join([*([f"own={answers.own}"] if answers.own else []), *answers.told()])
    return [
        (
            f"liebian plan {answers.name}",
            tr("the calendar and the money, before anything runs"),
        ),
        (
            f"liebian run scenario={answers.name} experiment=quick",
            tr("a first look beside the baseline"),
        ),
        (
            f"liebian compare {answers.name} {' '.join(others)} {business}",
            tr("beside other strategies for the same business, with intervals; takes minutes"),
        ),
        ("liebian report", tr("the page of what was run last")),
    ]


def _write(path: Path, text: str) -> None:
    commit(path, lambda temporary: temporary.write_text(text, encoding="utf-8"), "")
