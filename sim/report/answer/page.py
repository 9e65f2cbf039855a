"""The answer as a page: two sheets of A4, one HTML file that opens from disk with no network."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from sim.core.atomic import commit
from sim.core.language import mark, ntr, tr
from sim.report import business
from sim.report.answer import figures, levers, money, plan, risks
from sim.report.answer.decision import Decision, decide
from sim.report.answer.goals import goals, goals_title, together
from sim.report.claims import Estimate, capital
from sim.report.comparison import Comparison
from sim.report.environment import environment
from sim.report.headline import earned, leader
from sim.report.sentences import scenario_label
from sim.store.results import BASELINE

#: Strategies whose levers are shown.
_MOST_SHOWN = 2
#: Strategies whose verdicts stand beside, and letters of their names.
_MOST_BESIDE, _LETTERS = 3, 20
_REFERENCES = re.compile(r"\s*[(（](?:[FS]\d+[;,、\s]*)+[)）]")


@dataclass(frozen=True)
class Answer:
    """A decision on strategies of a comparison, ready to be laid out.

    Attributes
    ----------
    comparison : Comparison
        The baseline and what was tried; of a sweep or search, what it chose.
    decision : Decision
    changes : sequence of Estimate
        Change of profit of everything that is drawn.
    names : dict
        What the decision calls a strategy -> its name in ``comparison``.
    report : str
        File with everything else.
    kind : str
        ``comparison``, ``sweep`` or ``search``.
    found : str
        A strategy whose levers are shown although it is not recommended, as the decision calls it.
    shocks : bool
        Whether shocks were among what was tried.
    curve, curve_title : str
        A response curve as SVG, where the study has one.
    ground : str
        The scenario that all of them build on, where it is one.
    """

    comparison: Comparison
    decision: Decision
    changes: Sequence[Estimate]
    names: dict[str, str]
    report: str
    kind: str = mark("comparison")
    found: str = ""
    shocks: bool = False
    curve: str = ""
    curve_title: str = ""
    ground: str = ""

    @property
    def experiment(self) -> str:
        """Name of the experiment."""
        return str(self.comparison.results.runs.iloc[0]["experiment"])

    @property
    def chosen(self) -> list[str]:
        """Recommended strategies, by their names in the comparison."""
        return [self.names[name] for name in self.decision.names if name in self.names]

    @property
    def strategies(self) -> list[str]:
        """Strategies of the comparison, in the order of :attr:`names`."""
        order = {mine: place for place, mine in enumerate(self.names.values())}
        return sorted(self.comparison.strategies, key=lambda name: order.get(name, len(order)))

    def called(self, name: str) -> str:
        """What the page calls a strategy of the comparison."""
        if name == BASELINE:
            return tr("the baseline")
        return next((said for said, mine in self.names.items() if mine == name), scenario_label(name))

    @property
    def told(self) -> str:
        """The strategy that targets and money are told of: the recommended one, else the baseline."""
        there = [name for name in (*self.chosen, BASELINE) if name in self.comparison.scenarios]
        return there[0] if there else self.comparison.scenarios[0]


def of_comparison(comparison: Comparison, report: str) -> Answer:
    """The answer to a comparison."""
    changes = earned(comparison)
    decision = decide(changes, leader(comparison), money.money_of(comparison), comparison.worlds)
    names = {scenario_label(name): name for name in comparison.strategies}
    return Answer(comparison, decision, changes, names, report)


def answer_path(report: Path) -> Path:
    """File of the answer beside that of a report."""
    return report.with_name(f"{report.stem}_answer.html")


def beside(comparison: Comparison, report: Path) -> Path:
    """Write the answer to a comparison beside its report; errors as of :func:`write_answer`."""
    return write_answer(of_comparison(comparison, report.name), answer_path(report))


def write_answer(answer: Answer, path: Path) -> Path:
    """Write the page and return its file.

    Raises
    ------
    StoreError
        If it cannot be written; an earlier page then stays as it was.
    """
    page = render(answer)
    commit(path, lambda temporary: temporary.write_text(page, encoding="utf-8"))
    return path


def render(answer: Answer) -> str:
    """The page as text."""
    pages = environment()
    return pages.get_template("answer.html.j2").render({**_first(answer), **_second(answer)})


def _first(answer: Answer) -> dict[str, Any]:
    """Page one: what to do, what it earns, targets."""
    comparison, unit = answer.comparison, money.money_of(answer.comparison)
    beside = _beside(answer)
    found = goals(comparison, answer.told, beside)
    who = answer.called(answer.told)
    return {
        "experiment": answer.experiment,
        "kind": answer.kind,
        "ground": answer.ground,
        "report": answer.report,
        "window": business.window(comparison)
        or ntr("{n} measured day", "{n} measured days", comparison.days),
        "worlds": comparison.worlds,
        "decision": answer.decision,
        "advice": _advice(answer),
        "recommended": bool(answer.chosen),
        "tried": [] if answer.chosen else _tried(answer),
        "earned": Markup(figures.earned(answer.changes, unit)),
        "earned_title": figures.earned_title(answer.changes, unit),
        "goals": found,
        "beside": [_short(answer.called(name)) for name in beside],
        "goals_title": goals_title(who, found),
        "together": together(comparison, answer.told),
    }


def _beside(answer: Answer) -> list[str]:
    """Strategies whose verdicts stand beside: the baseline first, then the others as far as there is room."""
    others = [BASELINE, *answer.chosen, *answer.strategies]
    there = [name for name in dict.fromkeys(others) if name in answer.comparison.scenarios]
    return [name for name in there if name != answer.told][:_MOST_BESIDE]


def _short(name: str) -> str:
    """A strategy's name over a narrow column; a setting may break after the parts of its key."""
    said = capital(name if len(name) <= _LETTERS else name.rpartition(", ")[2])
    return re.sub(r"(?<=[.=])(?=\w)", "\u200b", said if len(said) <= _LETTERS else f"{said[: _LETTERS - 1]}…")


def _plain(info: dict[str, Any]) -> str:
    """A strategy's description without references to a plan."""
    return _REFERENCES.sub("", tr(str(info.get("description", ""))))


def _what(details: dict[str, Any]) -> str:
    """A strategy's description, and the shocks in its world as they are, whatever the description says."""
    return tr("; ").join([_plain(details["info"]), *plan.shocks(details["config"])])


def _advice(answer: Answer) -> list[dict[str, Any]]:
    """Levers of the recommended strategies."""
    found = []
    shown = answer.chosen or [answer.names[name] for name in (answer.found,) if name in answer.names]
    most = levers.MOST if len(shown) == 1 else levers.MOST // 2
    for name in shown[:_MOST_SHOWN]:
        rows = levers.levers(answer.comparison, name)
        found.append(
            {
                "who": capital(answer.called(name)),
                "what": _plain(answer.comparison.details(name)["info"]),
                "rows": rows[:most],
                "more": max(0, len(rows) - most),
            }
        )
    return found


def _tried(answer: Answer) -> list[dict[str, str]]:
    """What was tried, where nothing is recommended."""
    return [
        {
            "who": capital(answer.called(name)),
            "what": _what(answer.comparison.details(name)) if answer.kind == "comparison" else "",
        }
        for name in answer.strategies[:5]
    ]


def _second(answer: Answer) -> dict[str, Any]:
    """Page two: money by channel, the calendar, risks and grounds."""
    comparison, name = answer.comparison, answer.told
    found = money.channels(comparison, name, BASELINE)
    other = name != BASELINE and BASELINE in comparison.scenarios
    events = plan.happenings(comparison, name)
    return {
        "who": answer.called(name),
        "other": other,
        "channels": found,
        "channels_title": money.channels_title(found),
        "channel_unit": money.channel_unit(comparison),
        "returns": Markup(figures.returns(found, other)),
        "curve": Markup(answer.curve),
        "curve_title": answer.curve_title,
        "unit": money.money_of(comparison).unit,
        "periods": [
            {"period": one, "what": plan.during(events, one.first, one.last)}
            for one in money.periods(comparison, name)
        ],
        "headings": money.headings(comparison),
        "calendar_title": plan.title(events, answer.called(name)),
        "risks": risks.risks(comparison, name, answer.shocks, answer.called),
        "grounds": risks.grounds(comparison, name, answer.called),
    }
