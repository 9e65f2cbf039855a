"""Which orderings of strategies hold, and what they depend on: ``python -m docs.rankings [LEVEL ...]``.

Plays every shipped scenario that shares the baseline's world, and a placebo, at a default and with one factor
changed at a time: people, days, network, seeds, budget rule. All arms of a level meet the same worlds. Runs
that are done are kept in ``rankings.csv`` and not made again while the code gives the same numbers, so that
the command may be stopped and started (``docs/kept_runs.py``); strategies come before events, and one world
of all levels before the next. With names of levels only those are played, with ``none`` nothing. It writes
the tables of ``rankings.md``. Real networks lie beside the project (``../shared/data``); a level whose file
is absent is skipped by name.
"""

from __future__ import annotations

import gzip
import math
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np

from docs.kept_runs import Played, Run, read, write
from docs.pages import DOCS, table, write_block
from docs.real_sets import DATA
from docs.sizes import comparable
from sim.core.special import stdtrit
from sim.market import Market
from sim.measure.intervals import Interval, t_interval

PAGE, ROWS = "rankings.md", DOCS / "rankings.csv"
FIGURE = "contribution_per_1000"
#: An arm that changes nothing that matters: the daily budget of either rule by less than a thousandth
#: (9 CNY per 1,000 people in 90 days), which is enough to let histories part.
PLACEBO, NUDGE = "placebo", ("control.daily_budget=0.1201", "control.media_budget=0.05004")
START = ("experiment.burn_in_days=90", "experiment.warmup_days=0")
#: Accounts with so many ties to one another make the core of a network that is too large to be played whole.
CORE = 4
#: Shipped scenarios that nobody chooses; they are played after the others.
EVENTS = ("downturn", "platform_loss", "rider_shortage", "scandal", "scandal_answered")
#: Column of the default, all seeds together; those of its seeds; those of longer windows of the first seeds.
DEFAULT, SEEDS = "3,000 people, 90 days", ("first seeds", "second seeds", "third seeds")
LONGER = ("180 days", "360 days")
_NONE = (float("nan"), 0.0)


class Level(NamedTuple):
    """One factor at one level.

    Attributes
    ----------
    name, factor : str
        As the page says them.
    words : tuple of str
        What is set beside the default.
    worlds : int
        Paired worlds.
    days : tuple of int
        Ends of windows that are read from the same runs.
    file : str
        Network beside the project, if it is played on one.
    strategies : bool
        Whether events are left out, because a run costs much.
    """

    name: str
    factor: str
    words: tuple[str, ...] = ()
    worlds: int = 5
    days: tuple[int, ...] = (90,)
    file: str = ""
    strategies: bool = False


_SMALL = "population.size=3000"
#: Systems of the plan that the baseline leaves off, other than those that scenarios choose between.
SYSTEMS = (
    "bidders=four", "long_tail=video", "labels=certified", "content_pool=pool", "studio=three_stations",
    "virtual_hosts=nights", "craft=classes", "challenge=makeup", "points=exchange", "dynamic_prices=cover",
    "shelf_feedback=hourly", "data_platform=hourly", "own_site=settling", "reviews=read", "shops=codes",
    "cross_border=bonded", "endorsement=three", "opinion=answered", "tracing=bad_batches", "remix=two_days",
    "partners=alliance", "policy=open_data", "rhythm=evening", "profiles=kept", "decision=in_steps",
    "usage=counted", "ambassadors=retained", "cocreation=new_products", "circles=led", "touchpoints=three",
    "origin=fresh", "survey=asked", "care=three_signals", "recovery=packages", "expression=marked",
    "attachment=answered", "service=ranked", "platform_ally=traffic", "links=unwatched", "firm_value=daily",
    "own_traffic=reviewed",
)  # fmt: skip
#: Systems left out: scenarios choose the logistics, groups and private domain (communities are one of three
#: levels), a shock is an event, and a trial splits one market in two.
COMPARED = ("logistics", "group_buy", "community", "shock", "trial")
#: What makes time, buyers, ties, passing on and memory as uneven as may be.
UNEVEN = (
    "calendar=china", "bursts=default", "lifecycle=default", "late_memory=default", "brand=default",
    "contagion=field_trial", "sharing=uneven", "graph=pareto_lognormal", "relay=on", "onboarding=three_steps",
)  # fmt: skip
LEVELS = (
    Level("first seeds", "seeds", (_SMALL,), 3, (90, 180, 360), strategies=True),
    Level("second seeds", "seeds", (_SMALL, "experiment.seed=2"), 3, strategies=True),
    Level("third seeds", "seeds", (_SMALL, "experiment.seed=3"), 3, strategies=True),
    Level("media rule", "budget rule", (_SMALL, "control=media"), 3, strategies=True),
    Level("Facebook", "network", (), 3, file="graphs/facebook_combined.txt.gz", strategies=True),
    Level("Twitch", "network", (), 3, file="graphs/twitch_DE_edges.csv.gz", strategies=True),
    Level("Higgs core", "network", (), 3, file="cascades/higgs-retweet_network.edgelist.gz", strategies=True),
    Level("20,000 people", "people", ("population.size=20000",), 3, strategies=True),
    Level("100,000 people", "people", ("population.size=100000",), 2, strategies=True),
    Level("market systems", "market", (_SMALL, *SYSTEMS), 3, strategies=True),
    Level("systems, media rule", "market", (_SMALL, "control=media", *SYSTEMS), 3, strategies=True),
    Level("uneven market", "market", (_SMALL, *UNEVEN), 3, strategies=True),
)
LEVEL = {level.name: level for level in LEVELS}

#: Column of the page -> arm -> float64[worlds], what the arm adds to the baseline of the same world;
#: nan: not played.
Added = dict[str, dict[str, np.ndarray]]


@cache
def arms() -> list[str]:
    """Scenarios that are played, the baseline first and the placebo last."""
    return [*comparable(), PLACEBO]


def words(arm: str) -> tuple[str, tuple[str, ...]]:
    """Scenario of an arm, and what it sets beside it."""
    return ("baseline", NUDGE) if arm == PLACEBO else (arm, ())


def core(path: Path, least: int) -> np.ndarray:
    """int64[m, 2]: ties among accounts each of which has at least ``least`` of them."""
    with gzip.open(path, "rt", encoding="utf-8") as text:
        ends = np.sort(np.loadtxt(text, dtype=np.int64, usecols=(0, 1)), axis=1)
    ends = np.unique(ends[ends[:, 0] != ends[:, 1]], axis=0)
    while len(ends):
        kept = (np.bincount(ends.ravel())[ends] >= least).all(axis=1)
        if kept.all():
            break
        ends = ends[kept]
    return ends


def _graph(level: Level, folder: Path) -> tuple[str, ...]:
    """Words that lay a level's network; the core of a large one is written into a passing folder."""
    if not level.file:
        return ()
    path = DATA / level.file
    if "core" in level.name:
        path, whole = folder / "core.txt", path
        if not path.exists():
            np.savetxt(path, core(whole, CORE), fmt="%d")
    return "graph=edge_list", f"graph.path={path}"


def probes(run: Run) -> list[Run]:
    """Baseline and arm at the default; on networks and under the other rule the baseline there, too.

    Levels of many people differ from the default in nothing else, and a probe of them would cost much.
    """
    first = LEVELS[0]
    days = first.days[0]
    found = [Run(first.name, arm, 0, days) for arm in dict.fromkeys(("baseline", run.arm))]
    if LEVEL[run.level].factor in ("network", "budget rule"):
        found.append(Run(run.level, "baseline", 0, days))
    return found


def _probed(run: Run, folder: Path) -> tuple[float, float]:
    level = LEVEL[run.level]
    if level.file and not (DATA / level.file).exists():
        return _NONE
    return next(lived(level, run.arm, run.world, _graph(level, folder), folder))[1]


def wanted(levels: Sequence[Level]) -> Iterator[tuple[Level, str, int]]:
    """Runs, those that say most first: strategies before events, one world of all levels before the next."""
    played = arms()
    for events in (False, True):
        some = [arm for arm in played if (arm in EVENTS) == events]
        for world in range(max((level.worlds for level in levels), default=0)):
            for level in levels:
                if world < level.worlds and not (events and level.strategies):
                    yield from ((level, arm, world) for arm in some)


def lived(
    level: Level, arm: str, world: int, graph: Sequence[str], cache: Path
) -> Iterator[tuple[Run, tuple[float, float]]]:
    """The figure at the end of each of a level's windows, from one run."""
    begun = time.process_time()
    scenario, own = words(arm)
    settings = (*START, *level.words, *graph, *own, f"experiment.days={level.days[-1]}")
    market = Market.from_scenario(scenario, *settings, replication=world, cache=cache)
    for days in level.days:
        value = market.run(days).kpis()[FIGURE]
        now = time.process_time()
        yield Run(level.name, arm, world, days), (value, now - begun)
        begun = now


def play(levels: Sequence[Level]) -> Played:
    """Play what is missing and keep each run as soon as it is done."""
    absent = set()
    with tempfile.TemporaryDirectory() as folder:
        done = read(ROWS, probes, lambda run: _probed(run, Path(folder)))
        for level, arm, world in wanted(levels):
            if level.file and not (DATA / level.file).exists():
                absent.add(f"skipped {level.name}: {level.file} is not there\n")
            elif any(Run(level.name, arm, world, days) not in done for days in level.days):
                done |= dict(lived(level, arm, world, _graph(level, Path(folder)), Path(folder)))
                write(ROWS, done)
    sys.stdout.writelines(sorted(absent))
    return done


def _values(done: Played, level: Level, arm: str, days: int) -> np.ndarray:
    worlds = range(level.worlds)
    return np.array([done.get(Run(level.name, arm, world, days), _NONE)[0] for world in worlds])


def columns(done: Played) -> Added:
    """What each arm adds to the baseline, by level and window; nan for runs that are not there.

    Levels in which some strategy was not played are left out.
    """
    found: Added = {}
    for level in LEVELS:
        for days in level.days:
            value = {arm: _values(done, level, arm, days) for arm in arms()}
            if all(np.isfinite(own).any() for arm, own in value.items() if arm not in EVENTS):
                title = level.name if days == level.days[0] else f"{days} days"
                found[title] = {arm: own - value["baseline"] for arm, own in value.items()}
    blocks = [found[title] for title in SEEDS if title in found]
    return {DEFAULT: {arm: np.concatenate([one[arm] for one in blocks]) for arm in arms()}} | found


def intervals(gaps: dict[str, np.ndarray]) -> dict[str, Interval]:
    """Mean and 95% interval of one paired difference at each level.

    Levels of 90 days share one spread, that within levels, so that few worlds of each suffice; seeds are one
    level, because they differ by luck alone. Larger markets differ less from world to world, so that their
    intervals are rather too wide. Longer windows and other markets have a spread of their own.

    Parameters
    ----------
    gaps : dict
        Column -> float64[worlds], nan where a run is not there.
    """
    clean = {title: gap[np.isfinite(gap)] for title, gap in gaps.items()}
    apart = (*LONGER, *(level.name for level in LEVELS if level.factor == "market"))
    alike = [gap for title, gap in clean.items() if title not in (*apart, *SEEDS) and len(gap)]
    free = sum(len(gap) - 1 for gap in alike)
    spread = (
        math.sqrt(sum(float(((gap - gap.mean()) ** 2).sum()) for gap in alike) / free) if free else math.nan
    )
    found = {}
    for title, gap in clean.items():
        if title in apart:
            found[title] = t_interval(gap)
        elif len(gap):
            mean = float(gap.mean())
            half = float(stdtrit(free, 0.975)) * spread / math.sqrt(len(gap)) if free else math.nan
            found[title] = Interval(mean, mean - half, mean + half, len(gap))
    return found


def sign(interval: Interval) -> int:
    """1 or -1 where an interval leaves 0 out, else 0."""
    return int(interval.low > 0.0) - int(interval.high < 0.0)


def verdict(levels: Sequence[Interval]) -> str:
    """What all columns together say of a pair, by its paired difference."""
    signs = {sign(one) for one in levels}
    if signs == {1} or signs == {-1}:
        return "everywhere"
    if {1, -1} <= signs:
        return "turns"
    if signs == {0}:
        return "never"
    way = 1 if 1 in signs else -1
    return "where clear" if all(way * one.value > 0.0 for one in levels) else "doubtful"


def compared(added: Added, a: str, b: str) -> dict[str, Interval]:
    """Column -> paired difference a - b, where both were played; without single blocks of seeds."""
    found = intervals({title: own[a] - own[b] for title, own in added.items()})
    return {title: one for title, one in found.items() if np.isfinite(one.low) and title not in SEEDS}


def order(added: Added) -> list[str]:
    """Arms from the best to the worst, by the mean of the first column."""
    first = next(iter(added.values()))
    there = [arm for arm in first if np.isfinite(first[arm]).any()]
    return sorted(there, key=lambda arm: -np.nanmean(first[arm]))


def effects(added: Added) -> str:
    """Tables of effects: rows are arms, columns levels, some columns a table."""
    names, titles, parts = order(added), list(added), []
    against = {arm: compared(added, arm, "baseline") for arm in names if arm != "baseline"}
    for begin in range(0, len(titles), 4):
        some = titles[begin : begin + 4]
        heads = [f"{one} ({_worlds(added[one])})" for one in some]
        rows = [(f"`{arm}`", *(_cell(added[one], against, arm, one) for one in some)) for arm in names]
        parts.append(table(("scenario", *heads), rows))
    return "\n\n".join(parts)


def _worlds(own: dict[str, np.ndarray]) -> str:
    number = int(np.isfinite(own["baseline"]).sum())
    return "1 world" if number == 1 else f"{number} worlds"


def _cell(own: dict[str, np.ndarray], against: dict[str, dict[str, Interval]], arm: str, title: str) -> str:
    """Place among the arms that are not events, and the effect."""
    mean = np.nanmean(own[arm]) if np.isfinite(own[arm]).any() else math.nan
    if np.isnan(mean):
        return "–"
    rivals = [np.nanmean(v) for name, v in own.items() if name not in EVENTS and np.isfinite(v).any()]
    place = "" if arm in EVENTS else f"**{sum(one > mean for one in rivals) + 1}.** "
    if arm == "baseline":
        return f"{place}0"
    told = against[arm].get(title)
    return f"{place}{mean:+,.0f}" + (f" ({told.low:+,.0f} to {told.high:+,.0f})" if told else "")


def _named(arms_: Sequence[str]) -> str:
    return ", ".join(f"`{one}`" for one in arms_) or "–"


def pairs(added: Added) -> str:
    """Table: below each arm those that stand under it, by how far the order can be trusted."""
    found: dict[str, dict[str, list[str]]] = {}
    turned, count = [], dict.fromkeys(("everywhere", "where clear", "turns", "doubtful", "never"), 0)
    for a, b in combinations(order(added), 2):
        levels = compared(added, a, b)
        said = verdict(list(levels.values()))
        count[said] += 1
        found.setdefault(a, {}).setdefault(said, []).append(b)
        if said == "turns":
            way = {s: [t for t, one in levels.items() if sign(one) == s] for s in (1, -1)}
            turned.append((f"`{a}`", f"`{b}`", ", ".join(way[1]), ", ".join(way[-1])))
    heads = {
        "everywhere": "clearly above, at every level",
        "where clear": "above at every level, clearly at some",
        "turns": "depends (next table)",
        "doubtful": "clear at some levels, means turn at others",
        "never": "told apart nowhere",
    }
    rows = [(f"`{a}`", *(_named(found[a].get(key, [])) for key in heads)) for a in order(added)[:-1]]
    total = sum(count.values())
    said = f"Of {total} pairs: " + "; ".join(f"{n} {heads[key]}" for key, n in count.items()) + "."
    parts = [said, table(("scenario", *heads.values()), rows)]
    if turned:
        parts.append(table(("first", "second", "first clearly above at", "second clearly above at"), turned))
    return "\n\n".join(parts)


def placebo(added: Added) -> str:
    """How often what changes nothing was called a change."""
    mine = compared(added, PLACEBO, "baseline").values()
    if not mine:
        return ""
    signs = [sign(one) for one in mine]
    widest = max(mine, key=lambda one: one.high - one.low)
    return (
        f"The placebo is called better or worse than the baseline at {sum(map(abs, signs))} of {len(signs)} "
        f"levels (one in twenty is expected by chance); its widest interval is {widest.low:+,.0f} to "
        f"{widest.high:+,.0f} CNY per 1,000 people."
    )


def main(names: Sequence[str]) -> None:
    """Play, and write the page's tables."""
    if unknown := [name for name in names if name not in ("none", *(level.name for level in LEVELS))]:
        raise SystemExit(
            f"no level is called '{unknown[0]}'; choose from {', '.join(one.name for one in LEVELS)}"
        )
    done = play([level for level in LEVELS if not names or level.name in names])
    added, minutes = columns(done), sum(seconds for _, seconds in done.values()) / 60.0
    cost = f"Runs of this page: {len({r[:3] for r in done}):,}, {minutes:.0f} CPU minutes."
    write_block(PAGE, "effects", f"{effects(added)}\n\n{placebo(added)} {cost}")
    write_block(PAGE, "pairs", pairs(added))


if __name__ == "__main__":
    main(sys.argv[1:])
