"""Keys that a verb of the command line reads beside the settings of a run: one declaration each.

Requests take the names from here and ``liebian VERB --help`` the texts, so that a verb cannot read a key that
its help does not name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from sim.config.settings.optimise import OptimiseParams
from sim.core.params import declared


class Own(NamedTuple):
    """How a value is written, what it is for, and the value unless told otherwise (empty: none)."""

    form: str
    text: str
    default: str = ""


_STORED = {
    "experiment": Own("NAME", "name of what was run"),
    "experiment.name": Own("NAME", "the same"),
    "paths.results": Own("FOLDER", "where results are", "results"),
}
_VARY = Own("[SECTION,...]", "sections, keys or patterns of keys whose uncertain numbers vary")
_TABLE = Own("FILE", "table of draws of 'liebian calibrate'; strategies play in the market that it found")


def _of_optimise() -> dict[str, Own]:
    """Numbers of a search, from their declarations."""
    return {
        row.path: Own(str(row.default), " ".join(row.why.split()), str(row.default))
        for row in declared(OptimiseParams)
    }


#: Verb -> key -> how it is written. Verbs that are not here have no keys of their own.
VERB_KEYS: Final[Mapping[str, Mapping[str, Own]]] = {
    "ask": {"own": Own("NAME", "a scenario that 'liebian import' wrote, whose market is taken")},
    "template": {
        "currency": Own("CODE", "currency of the money in it", "CNY"),
        "out": Own("FILE", "where it is written; printed unless told"),
    },
    "import": {
        **{
            name: Own("FILE", f"table of {name}, where the file's name does not say it")
            for name in ("products", "prices", "costs", "nodes", "orders", "edges")
        },
        "name": Own("NAME", "name of the scenario and of the tables that are written", "own"),
        "currency": Own("CODE", "currency of all money in the files", "CNY"),
        "rate": Own("NUMBER", "CNY for one unit of it", "1"),
        "columns": Own("price:NAME,...", "names of columns that are not found by themselves"),
        "categories": Own("WORD:CATEGORY,...", "your words for categories of the model"),
        "sheets": Own("TABLE:NAME,...", "sheets of Excel files; the first where none is named"),
        "dates": Own("day_first|month_first", "how dates such as 03/04/2026 are read"),
        "encoding": Own("NAME", "how the files' letters are written, UTF-8 unless told or marked"),
        "folder": Own("FOLDER", "where orders and ties with pseudonyms go", "own"),
        "salt": Own("FILE", "key of the pseudonyms, made at the first import", "own/salt.key"),
        "replace": Own("yes", "write over what an earlier import wrote", "no"),
    },
    "compare": {"calibration": _TABLE},
    "robustness": {
        "draws": Own("40", "worlds, each with other values of the uncertain numbers", "40"),
        "vary": _VARY,
        "calibration": Own("FILE", "draws of 'liebian calibrate' in place of the declared ranges"),
    },
    "sensitivity": {
        "trajectories": Own("10", "walks through the ranges by which numbers are screened", "10"),
        "top": Own("5", "numbers at most that get Sobol indices", "5"),
        "samples": Own("64", "base samples of these indices, a power of two", "64"),
        "vary": _VARY,
        "then": Own("sobol", "find Sobol indices of those that matter after the screening"),
        "by": Own("FIGURE", "figure that says which strategy is best", "contribution_margin"),
        "kpis": Own("[FIGURE,...]", "figures that are looked at"),
        "second_order": Own("off", "on: indices of pairs of numbers too", "off"),
    },
    "sweep": {
        "design": Own("lhs|sobol", "draw points over the declared ranges instead of combining lists"),
        "samples": Own("64", "points of the design", "64"),
        "vary": Own("[KEY,...]", "keys, sections or patterns that the design draws"),
    },
    "optimise": {
        "vary": Own("[KEY,...]", "levers that are searched, over their declared ranges"),
        "objectives": Own("[NAME,...]", "what is weighed: figures, targets_together, targets_met, downside"),
        "targets": Own("[KPI,...]", "targets that count, all unless told otherwise"),
        "subject_to": Own("[FIGURE<=VALUE,...]", "rules that a strategy must keep"),
        "shocks": Own("[none,downturn]", "markets over which the downside is taken"),
        "choose": Own("OBJECTIVE", "objective, or number of a trial, that is tested in fresh worlds"),
        **_of_optimise(),
    },
    "execute": {
        "experiment": Own("NAME", "name of the sweep that is written down"),
        "chunk": Own("3/8", "share of it: the third of eight", "1/1"),
        "batch": Own("NAME", "a file of tasks within it, as clusters name it"),
        "paths.results": Own("FOLDER", "where results are", "results"),
    },
    "select": {
        "by": Own("FIGURE", "figure that says which strategy is best"),
        "zone": Own("NUMBER", "differences below this do not matter, in the unit of the figure"),
        "confidence": Own("0.95", "probability of being right", "0.95"),
    },
    "status": _STORED,
    "compact": _STORED,
    "report": {**_STORED, "scenario": Own("NAME", "runs of this scenario alone, beside the baseline")},
    "bundle": {
        "paths.results": _STORED["paths.results"],
        "runs": Own("N", "runs of a bundle that are played again at most, all unless told"),
        "inputs": Own("FOLDER", "where files lie that its runs read, beside the bundle unless told"),
    },
    "board": {
        "port": Own("8501", "port of this machine that the page is served at", "8501"),
        "paths.results": _STORED["paths.results"],
    },
    "warmup": {"days": Own("720", "days lived from a cold start, twice the burn-in unless told otherwise")},
    "reversals": {
        "by": Own("FIGURE", "figure by which strategies are recommended", "contribution_margin"),
        "vary": _VARY,
    },
    "calibrate": {
        "orders": Own("FILE", "your orders: customer, time, amount"),
        "cascades": Own("FILE", "your shares: who passed on what to whom"),
        "deliveries": Own("FILE", "your deliveries: ordered, promised, handed over"),
        "edges": Own("FILE", "ties between people"),
        "encoding": Own("NAME", "how the files' letters are written, found out unless told"),
        "dates": Own("day_first|month_first", "how dates such as 03/04/2026 are read"),
        "columns": Own("customer:NAME,...", "names of columns that are not found by themselves"),
        "drop": Own("negative,missing", "rows that may be left out"),
        "customers": Own("new", "orders hold new customers alone, or all", "all"),
        "waves": Own("2", "waves of simulation, each nearer to the files", "2"),
        "wave_points": Own("32", "points of each wave", "32"),
        "draws": Own("40", "draws of the market that are handed on", "40"),
        "free": Own("KEY,KEY", "numbers that are fitted"),
        "statistics": Own("NAME,NAME", "figures of the files that are fitted to"),
        "discrepancy": Own("0.1", "what the model leaves out, as a share of every figure", "0.1"),
        "holdout": Own("0.3", "share of the orders' days that the fit does not see", "0.3"),
        "rounds": Own("8", "rounds at most without files, towards the plan's figures", "8"),
    },
}


def own_keys(verb: str, *but: str) -> tuple[str, ...]:
    """Names of a verb's own keys in order, without some."""
    return tuple(key for key in VERB_KEYS[verb] if key not in but)


def defaults(verb: str) -> dict[str, str]:
    """Own keys of a verb with the values that they have unless told otherwise."""
    return {key: own.default for key, own in VERB_KEYS[verb].items()}
