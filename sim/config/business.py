"""From the business's own words to the model's units, and back.

With ``N`` real consumers, a month of 365/12 days, ``rate`` CNY a unit of the currency, and a network designed
for ``d`` orders a day and 1,000 consumers whose pick teams have ``m`` times the riders' capacity::

    control.daily_budget     = budget * rate * 12 / 365 / N
    logistics.capacity_ratio = capacity * 1000 / (N * d * min(1, m))
    population.represents    = N / population.size
    experiment.days          = days from calendar.start to the same day ``months`` later
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from sim.config.model import REPRESENTS
from sim.config.overrides import Assignment, business_words
from sim.config.quantities import MONTH, WORDS
from sim.config.settings.business import BusinessParams
from sim.config.sources import Sources
from sim.config.validate import validate
from sim.core.language import tr
from sim.core.params import Params, declared

SECTION = "business"
DAILY_BUDGET, CAPACITY_RATIO = "control.daily_budget", "logistics.capacity_ratio"
SIZE, DAYS = "population.size", "experiment.days"
#: Fewest and most that a model's key takes are told in the business's own units, as many digits as help.
_DIGITS = 3


def daily_budget(money_a_month: float, rate: float, consumers: float) -> float:
    """Allowance in CNY a consumer and day of a budget for the whole market."""
    return float(Fraction(money_a_month) * Fraction(rate) / MONTH / Fraction(consumers))


def monthly_budget(cny_a_day: float, rate: float, consumers: float) -> float:
    """Budget in the currency a month of an allowance; :func:`daily_budget` turned round."""
    return float(Fraction(cny_a_day) * MONTH * Fraction(consumers) / Fraction(rate))


def orders_a_day(capacity_ratio: float, consumers: float, logistics: Any) -> float:
    """Orders a day that the whole market's riders and pick teams can do."""
    per_thousand = logistics.design_orders_per_1000_consumers * min(1.0, logistics.pick_margin)
    return float(capacity_ratio * per_thousand * consumers / 1000.0)


def capacity_ratio(orders: float, consumers: float, logistics: Any) -> float:
    """Capacity over design orders of so many orders a day: :func:`orders_a_day` turned round."""
    return orders / orders_a_day(1.0, consumers, logistics)


def consumers_of(config: Any) -> float:
    """Real consumers of the market that a configuration speaks of."""
    population = config.population
    return float(config.business.market or population.size * population.represents)


def days_of(months: int, first: date) -> int:
    """Days from a date to the same day so many months later, or to that month's last day if it is shorter."""
    year, month = divmod(first.month - 1 + months, 12)
    year, month = first.year + year, month + 1
    last = calendar.monthrange(year, month)[1]
    return (date(year, month, min(first.day, last)) - first).days


def model_units(
    values: Mapping[str, Mapping[str, Any]],
    settings: Sequence[Assignment],
    options: Mapping[str, str],
    sources: Sources,
    problems: list[str],
) -> list[Assignment]:
    """What the section ``business`` sets in the model.

    Parameters
    ----------
    values : mapping
        Section -> values as laid so far.
    settings : sequence of Assignment
        Lines of the scenario and of the command line, in order; for what is written twice.
    options : mapping of str to str
        Option chosen in each group.
    sources : Sources
        Models of the sections.
    problems : list of str
        Problems are added here.
    """
    needed = (SECTION, "population", "graph", "control", "logistics", "calendar")
    if any(name not in sources.sections for name in needed):
        return []
    models = {name: validate(name, sources.sections[name], values.get(name, {}), {}) for name in needed}
    business: Any = models[SECTION]
    if any(isinstance(model, list) for model in models.values()) or not business.stated:
        return []  # what cannot be read is told where the sections are built
    made = _Made(business, models, settings, options, problems)
    return [*made.scale(), *made.money(), *made.delivery(), *made.time()]


def doubled(settings: Sequence[Assignment], words: Sequence[str] = ()) -> list[str]:
    """One line for each thing that two words of one place say differently, as it was written."""
    found: dict[tuple[str, bool], list[str]] = {}
    made: set[str] = set()
    for key, values in _repeated(words).items():
        found[key, False] = values
        made |= {one.key for one in business_words(f"{key}={values[0]}") or () if isinstance(one, Assignment)}
    for one in settings:
        if not one.origin and one.key in made:
            continue
        if one.key == "calendar.start" or one.key.startswith(f"{SECTION}."):
            found.setdefault((one.key, bool(one.origin)), []).append(str(one.value))
    return [
        tr(
            "{key}: must be given once (you wrote {fromkeys}); delete all but one",
            key=key,
            fromkeys=tr(" and ").join(dict.fromkeys(values)),
        )
        for (key, _), values in found.items()
        if len(set(values)) > 1
    ]


def _repeated(words: Sequence[str]) -> dict[str, list[str]]:
    """Words of the business that stand there twice with different values, and the values as written."""
    said: dict[str, list[str]] = {}
    for word in words:
        key, _, value = str(word).partition("=")
        if key in WORDS and isinstance(business_words(word), list):
            said.setdefault(key, []).append(value)
    return {key: values for key, values in said.items() if len(set(values)) > 1}


class _Made:
    """Assignments that follow from one business, each with the line that it comes from."""

    def __init__(
        self,
        business: BusinessParams,
        models: Mapping[str, Any],
        settings: Sequence[Assignment],
        options: Mapping[str, str],
        problems: list[str],
    ) -> None:
        self.business, self.models, self.options, self.problems = business, models, options, problems
        self.written = {one.key: one for one in settings}
        population = models["population"]
        self.consumers = float(business.market or population.size * population.represents)

    def scale(self) -> Iterator[Assignment]:
        """Simulated people and how many real ones each stands for."""
        market, population = self.business.market, self.models["population"]
        if not market or self.models["graph"].from_file:
            return  # as many people as a file has ties for are known when it is read
        size = population.size
        stated = population.represents * size
        if REPRESENTS in self.written and abs(stated - market) > 1e-6 * market:
            self.problems.append(
                tr(
                    "market: is {market:,} consumers, and population.represents makes it {stated:,.0f} "
                    "({represents:g} times {size:,}); write one of the two",
                    market=market,
                    stated=stated,
                    represents=population.represents,
                    size=size,
                )
            )
            return
        least = int(_bounds(type(population), "size")["ge"])
        if market < least:
            self.problems.append(
                tr(
                    "market: must be {least} consumers or more (you wrote {market}); write market={least}",
                    least=least,
                    market=market,
                )
            )
            return
        if market < size:
            if SIZE in self.written or self.options.get("population", "default") != "default":
                self.problems.append(
                    tr(
                        "market: has fewer consumers ({market:,}) than are simulated ({size:,}); write "
                        "population.size={market} or less",
                        market=market,
                        size=size,
                    )
                )
                return
            size = market
            yield self._set(SIZE, size, "market")
        if REPRESENTS not in self.written:
            yield self._set(REPRESENTS, market / size, "market")

    def money(self) -> Iterator[Assignment]:
        """The allowance a consumer and day."""
        business, control = self.business, self.models["control"]
        if not business.budget or self._twice("budget", DAILY_BUDGET, "control.media_budget"):
            return
        if control.budget_rule != "all_in":
            self.problems.append(
                tr(
                    "budget: is all-in, and control.budget_rule=media has a budget for media alone; "
                    "leave the rule out, or set control.media_budget"
                )
            )
            return
        each = daily_budget(business.budget, business.rate, self.consumers)
        if not self._fits("budget", DAILY_BUDGET, each, lambda x: self._money(x)):
            return
        yield self._set(DAILY_BUDGET, each, "budget")

    def delivery(self) -> Iterator[Assignment]:
        """Capacity over design orders."""
        business, logistics = self.business, self.models["logistics"]
        if not business.capacity or self._twice("capacity", CAPACITY_RATIO):
            return
        if not logistics.enabled:
            self.problems.append(
                tr("capacity: logistics.enabled=false delivers every order; leave one of the two out")
            )
            return
        ratio = capacity_ratio(business.capacity, self.consumers, logistics)
        if self._fits("capacity", CAPACITY_RATIO, ratio, lambda x: self._orders(x)):
            yield self._set(CAPACITY_RATIO, ratio, "capacity")

    def time(self) -> Iterator[Assignment]:
        """Measured days."""
        if self.business.months and not self._twice("months", DAYS):
            yield self._set(DAYS, days_of(self.business.months, self.models["calendar"].first), "months")

    def _money(self, each: float) -> str:
        amount = monthly_budget(each, self.business.rate, self.consumers)
        return f"{_short(amount)} {self.business.currency}/month"

    def _orders(self, ratio: float) -> str:
        return f"{_short(orders_a_day(ratio, self.consumers, self.models['logistics']))}/day"

    def _fits(self, word: str, key: str, value: float, said: Any) -> bool:
        """Whether a model's key takes a value; its bounds are told in the word's own units."""
        section, _, field = key.partition(".")
        bounds = _bounds(type(self.models[section]), field)
        low, high = bounds.get("ge", 0.0), bounds["le"]
        if low <= value <= high:
            return True
        self.problems.append(
            tr(
                "{word}: is {value:.4g} as {key}, which is {low:g}..{high:g}: for {consumers:,.0f} "
                "consumers that is {low2} to {high2}; write another amount, or the size of the "
                "market (market=2000000)",
                word=word,
                value=value,
                key=key,
                low=low,
                high=high,
                consumers=self.consumers,
                low2=said(low),
                high2=said(high),
            )
        )
        return False

    def _twice(self, word: str, *keys: str) -> bool:
        """Whether the model's units say the same; the command line takes the place of a scenario."""
        own = self.written.get(f"{SECTION}.{word}")
        others = [self.written[key] for key in keys if key in self.written]
        clash = [one for one in others if own is None or own.origin or not one.origin]
        for one in clash:
            self.problems.append(
                tr(
                    "{word}: and {key} say the same thing in two units; delete one of the two",
                    word=word,
                    key=one.key,
                )
                + "".join(
                    f" [{place}]" for place in dict.fromkeys((own.origin if own else "", one.origin)) if place
                )
            )
        return bool(clash)

    def _set(self, key: str, value: Any, word: str) -> Assignment:
        own = self.written.get(f"{SECTION}.{word}")
        return Assignment(key, value, own.origin if own else tr("from {word}", word=word))


def _bounds(model: type[Params], name: str) -> Mapping[str, float]:
    """Bounds declared for a parameter."""
    return next(row.bounds for row in declared(model) if row.path == name)


def _short(amount: float) -> str:
    """An amount with as many digits as help."""
    return f"{amount:,.0f}" if amount >= 10**_DIGITS else f"{amount:.{_DIGITS}g}"


def translation(config: Any) -> list[str]:
    """What a business's words are in the model's units, one sentence each; none if nothing is said."""
    business: BusinessParams = config.business
    if not business.stated:
        return []
    consumers, first = consumers_of(config), config.calendar.first
    last = first + timedelta(days=config.experiment.days - 1)
    lines = [
        tr(
            "market of {consumers:,.0f} consumers: each of the {size:,} simulated people stands "
            "for {represents:,.6g} (population.represents)",
            consumers=consumers,
            size=config.population.size,
            represents=config.population.represents,
        )
        if not config.graph.from_file
        else tr("market of {consumers:,.0f} consumers", consumers=consumers)
    ]
    if business.budget:
        lines.append(
            tr(
                "budget of {budget:,.0f} {currency} a month: {daily_budget:.4g} CNY a consumer and "
                "day (control.daily_budget)",
                budget=business.budget,
                currency=business.currency,
                daily_budget=config.control.daily_budget,
            )
        )
    if business.capacity:
        lines.append(
            tr(
                "capacity of {capacity:,.6g} orders a day: {capacity_ratio:.4g} times the orders "
                "that the network is designed for (logistics.capacity_ratio)",
                capacity=business.capacity,
                capacity_ratio=config.logistics.capacity_ratio,
            )
        )
    return [
        *lines,
        tr(
            "measured: {first} to {last}, {days:,} days",
            first=first.isoformat(),
            last=last.isoformat(),
            days=config.experiment.days,
        ),
    ]


def other_businesses(configs: Sequence[Any]) -> list[str]:
    """Why strategies cannot be compared whose files speak of different businesses; empty if they can."""
    first = configs[0]
    others = [one for one in configs[1:] if one.business != first.business]
    return [
        tr(
            "{scenario}: its business is not that of {scenario2} ({difference}); write it on the "
            "command line, where it holds for all",
            scenario=one.scenario,
            scenario2=first.scenario,
            difference=_difference(one.business, first.business),
        )
        for one in others
    ]


def _difference(one: Params, other: Params) -> str:
    mine, theirs = one.model_dump(), other.model_dump()
    return ", ".join(
        tr(
            "business.{key}={plain} against {plain2}",
            key=key,
            plain=_plain(mine[key]),
            plain2=_plain(theirs[key]),
        )
        for key in mine
        if mine[key] != theirs[key]
    )


def _plain(value: Any) -> str:
    return f"{value:,.10g}" if isinstance(value, float) else str(value)
