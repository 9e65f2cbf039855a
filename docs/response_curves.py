"""How profit answers to single levers: ``python -m docs.response_curves [WORLDS [GROUP]]``.

Each lever is set to four or five values in the same small worlds; the figure is what it adds to the
contribution per 1,000 people beside the baseline of the same world. Runs that are done are kept in
``response_curves.csv`` and not made again while the code is the same, so that the command may be stopped and
started; those of other code are taken up where the last value of the same lever comes out as it is kept. It
writes the table of ``response_curves.md`` and its figure.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from collections.abc import Collection, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from docs.kept_runs import Run, holding
from docs.levers_left import levers_left, told
from docs.pages import DOCS, alone, table, write_block
from sim.config import code_digest
from sim.market import Market
from sim.measure.intervals import Interval, t_interval
from sim.report.svg import MUTED, colour, drawing, to_svg

FIGURE = "contribution_per_1000"
SMALL = (
    "population.size=3000",
    "experiment.burn_in_days=60",
    "experiment.warmup_days=7",
    "experiment.days=45",
)
ROWS, PICTURE = DOCS / "response_curves.csv", DOCS / "img" / "response_curves.svg"


class Curve(NamedTuple):
    """A lever: label, key, values, and what else is set."""

    label: str
    key: str
    values: tuple[float, ...]
    beside: tuple[str, ...] = ()


_HOST = "influencers.session"
_HOSTS = ("influencers.sessions_per_week=7",)
_GROUPS = ("group_buy=or_alone",)
_REFER = ("incentive=three_tier",)
CURVES = (
    Curve("own sessions a week", "sessions.per_week", (0, 3, 7, 14, 21)),
    Curve("first hour of own sessions", "sessions.hour", (3, 9, 13, 17, 20), ("sessions.per_week=7",)),
    Curve("sessions of hosts a week", "influencers.sessions_per_week", (0, 1, 3, 7, 14)),
    Curve(
        "fee of hosts, CNY/follower", "influencers.session_fee_per_follower", (0.01, 0.03, 0.05, 0.1), _HOSTS
    ),
    Curve("price cut of hosts' sessions", "influencers.session_discount", (0.05, 0.1, 0.2, 0.3, 0.4), _HOSTS),
    Curve("influencers' share of media money", "channel_mix.influencer_share", (0, 0.15, 0.3, 0.5, 0.8)),
    Curve("large accounts' share of it", "channel_mix.kol_split", (0, 0.25, 0.5, 0.75, 1)),
    Curve("members of a group", "group_buy.size", (2, 3, 4, 6), _GROUPS),
    Curve("price cut of groups", "group_buy.discount", (0.05, 0.1, 0.15, 0.2, 0.3), _GROUPS),
    Curve("reward of an invitation, CNY", "incentive.invite_reward", (0, 4, 8, 16, 30), _REFER),
    Curve("coupon of the invited", "incentive.recipient_coupon", (0, 0.1, 0.2, 0.3), _REFER),
)
_PRICES, _SHELVES = ("dynamic_prices=cover",), ("shelf_feedback=hourly",)
_DATA, _OWN = ("data_platform=hourly",), ("own_site=settling",)
_STRUCK = (
    "remix=two_days",
    "shock.kind=commission_rise",
    "shock.start=5",
    "shock.days=35",
    "shock.size=0.95",
    "platforms.douyin.commission=0.15",
)
_CHALLENGE = ("challenge=makeup", "challenge.start=0")
_HOSTS_AT_NIGHT = ("virtual_hosts=nights",)
_POOL = ("content_pool=pool",)
_STUDIO = (*_POOL, "studio=three_stations")
_VOTES = ("community=three_levels", "cocreation=new_products")
#: Further levers, each group with a table of its own on the page and a file of its own for what is played.
GROUPS: dict[str, tuple[Curve, ...]] = {
    "curves": CURVES,
    "prices": (
        Curve("days that stock is to last", "dynamic_prices.cover_days", (4, 8, 14, 30), _PRICES),
        Curve("surfaces that know the stock", "shelf_feedback.surfaces", (0, 0.4, 0.8), _SHELVES),
        Curve("classes of source", "data_platform.sources", (0, 9, 18), _DATA),
        Curve("hours until goods leave a dear platform", "remix.response_hours", (12, 48, 240), _STRUCK),
        Curve("premium on the own site", "own_site.premium", (0, 0.05, 0.1), _OWN),
    ),
    "newest": (
        Curve("days that stock is to last, default six", "dynamic_prices.cover_days", (4, 6, 8), _PRICES),
        Curve("premium of craft", "craft.premium", (0.1, 0.3, 1, 5), ("craft=classes",)),
        Curve(
            "articles certified without additives", "labels.zero_additives", (0.3, 1), ("labels=certified",)
        ),
        Curve("own stores per 1,000 people", "shops.number", (0.2, 1, 5), ("shops=codes",)),
        Curve("calls of care per 1,000 people", "care.calls", (1, 5, 20), ("care=three_signals",)),
        Curve("endorsers' tests a week", "endorsement.tests", (1, 5), ("endorsement=three",)),
    ),
    "systems": (
        Curve("orders whose batch is known", "tracing.traced", (0, 0.5, 1), ("tracing=bad_batches",)),
        Curve(
            "prizes of a challenge, CNY per 1,000 people", "challenge.prize", (0, 50, 150, 300), _CHALLENGE
        ),
        Curve("sessions of rendered hosts a week", "virtual_hosts.per_week", (0, 7, 14, 28), _HOSTS_AT_NIGHT),
        Curve("pieces by hand a day", "content_pool.pieces", (2, 6, 12, 20), _POOL),
        Curve("original pieces", "content_pool.original", (0, 0.2, 0.4, 0.6), _POOL),
        Curve("how far feeds prefer tests", "content_pool.tilt", (0, 0.5, 1), _POOL),
        Curve("people whose behaviour is collected", "content_pool.learn", (0, 0.3, 0.6, 1), _POOL),
        Curve("pieces that stations are asked for a day", "studio.briefs", (1, 4, 8, 15), _STUDIO),
        Curve("partners", "partners.firms", (1, 4, 8), ("partners=marketing",)),
        Curve("partners' part of payments", "partners.share", (0, 0.1, 0.2, 0.3), ("partners=marketing",)),
        Curve("customers asked a day, per 1,000 people", "survey.asked", (0, 2, 8, 20), ("survey=asked",)),
        Curve(
            "compensation for a complaint, CNY", "opinion.compensation", (0, 20, 60), ("opinion=answered",)
        ),
        Curve(
            "people at the desk, 10,000 consumers",
            "opinion.desk.staff",
            (0, 0.5, 2, 10),
            ("opinion=answered",),
        ),
        Curve("votes on a product, per 1,000 people", "cocreation.votes", (0, 10, 50), _VOTES),
        Curve(
            "parcels in a bonded warehouse",
            "cross_border.stocked",
            (0, 0.3, 0.6, 0.9),
            ("cross_border=direct",),
        ),
        Curve(
            "days promised across the border",
            "cross_border.promise_days",
            (5, 10, 15, 20),
            ("cross_border=direct",),
        ),
        Curve(
            "first hour of bought posts on Douyin", "rhythm.douyin", (8, 12, 16, 20, 23), ("rhythm=evening",)
        ),
        Curve("media moved into the evening", "rhythm.moved", (0, 0.3, 0.6), ("rhythm=evening",)),
        Curve("proof sent a day, per 1,000 people", "decision.folders", (0, 5, 20), ("decision=in_steps",)),
        Curve(
            "accounts under contract, per 1,000 people",
            "ambassadors.number",
            (0, 1, 2, 5),
            ("ambassadors=retained",),
        ),
        Curve(
            "boxes from the origin a day, per 1,000 people", "origin.boxes", (0, 2, 4, 12), ("origin=fresh",)
        ),
        Curve("price cut at the origin", "origin.discount", (0, 0.1, 0.2, 0.3), ("origin=fresh",)),
    ),
}
GROUPS["left"] = tuple(
    Curve(f"`{one.key}`, {one.unit}{told(one.beside)}", one.key, one.values, one.beside)
    for one in levers_left({curve.key for curves in GROUPS.values() for curve in curves})
)
#: Groups of curves that are played in worlds of fewer people.
_IN_FEWER = {
    "newest": "population.size=2000",
    "systems": "population.size=2000",
    "left": "population.size=1500",
}
#: Sections that say what a market is: the baseline beside which a lever is shown has them as well.
_OF_MARKET = ("catalog", "experiment", "population")
#: Words of a run and its world -> the figure.
Played = dict[tuple[str, int], float]


def words(curve: Curve, value: float) -> tuple[str, ...]:
    """What a run sets beside the small world."""
    return *curve.beside, f"{curve.key}={value:g}"


def baseline(curve: Curve) -> str:
    """What the baseline sets beside which a lever is shown."""
    return " ".join(word for word in curve.beside if word.startswith(tuple(f"{one}." for one in _OF_MARKET)))


def wanted(worlds: int, group: str = "curves") -> Iterator[tuple[str, int]]:
    """All runs, baselines first."""
    curves = GROUPS[group]
    played = (" ".join(words(c, v)) for c in curves for v in c.values)
    every = dict.fromkeys(["", *map(baseline, curves), *played])
    return ((text, world) for text in every for world in range(worlds))


def size(group: str) -> tuple[str, ...]:
    """The worlds of a group."""
    return (*SMALL, _IN_FEWER[group]) if group in _IN_FEWER else SMALL


def rows_of(group: str) -> Path:
    """Where runs of a group are kept."""
    return ROWS if group == "curves" else ROWS.with_name(f"response_curves_{group}.csv")


def kept(worlds: int, group: str, cache: str) -> Played:
    """Runs that are done: of today's code, and of other code where a probe comes out as it is kept."""
    if not rows_of(group).exists():
        return {}
    with rows_of(group).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    of_code: dict[str, dict[Run, tuple[float, float]]] = {}
    of_today = set(wanted(worlds, group))
    for r in rows:
        run = Run(r["words"], group, int(r["world"]), 0)
        if (run.level, run.world) in of_today:
            of_code.setdefault(r["code"], {})[run] = float(r["value"]), 0.0
    done = of_code.pop(code_digest()[:12], {})
    for older in of_code.values():
        done = (
            dict(holding(older, done, lambda run, older=older: [_probe(run, older)], partial(_play, cache)))
            | done
        )
    return {(run.level, run.world): value for run, (value, _) in done.items()}


def _probe(run: Run, among: Collection[Run]) -> Run:
    """The last value of the same lever, which speaks for the others; its first often is nothing at all."""
    lever = run.level.rpartition("=")[0]
    same = [one for one in among if one.level.rpartition("=")[0] == lever]
    return next(one for one in same if one.level == same[-1].level)


def _play(cache: str, run: Run) -> tuple[float, float]:
    """The figure of a run; seconds are not kept."""
    words = (*size(run.arm), *run.level.split())
    market = Market.from_scenario("baseline", *words, replication=run.world, cache=cache)
    return float(market.run().kpis()[FIGURE]), 0.0


def play(worlds: int, group: str) -> Played:
    """Play what is missing and keep each run as soon as it is done."""
    with tempfile.TemporaryDirectory() as cache:
        done = kept(worlds, group, cache)
        return _played(worlds, group, done, cache)


def _played(worlds: int, group: str, done: Played, cache: str) -> Played:
    """All runs, those that are done among them; each is written as soon as it is there."""
    with rows_of(group).open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(("code", "words", "world", "value"))
        for text, world in sorted(wanted(worlds, group), key=lambda run: run not in done):
            if (text, world) not in done:
                done[text, world] = _play(cache, Run(text, group, world, 0))[0]
            out.writerow((code_digest()[:12], text, world, f"{done[text, world]:.6g}"))
            file.flush()
    return done


def answers(curve: Curve, done: Played, worlds: int) -> np.ndarray:
    """What each value adds in each world, float64[values, worlds]."""
    base = np.array([done[baseline(curve), world] for world in range(worlds)])
    return np.array(
        [[done[" ".join(words(curve, v)), w] for w in range(worlds)] - base for v in curve.values]
    )


def verdict(curve: Curve, added: np.ndarray) -> str:
    """Where the mean is best, and whether that stands against the ends of the range."""
    if (added == added[0]).all():
        return "nothing moves in these worlds"
    best = int(added.mean(axis=1).argmax())
    ends = [k for k in (0, len(curve.values) - 1) if k != best]
    clear = [t_interval(added[best] - added[k]).low > 0.0 for k in ends]
    inner = best not in (0, len(curve.values) - 1)
    where = f"best at {curve.values[best]:g}, {'inside' if inner else 'at the end of'} the range"
    if all(clear):
        return f"{where}; clear of {'both ends' if inner else 'the other end'}"
    return f"{where}; not clear of {'an end' if inner else 'the other end'}"


def draw(levels: dict[str, list[Interval]]) -> None:
    """One panel a lever: mean and 95% interval at each value."""
    with drawing("response curves"):
        figure = Figure(figsize=(9.0, 8.4), layout="constrained")
        for at, curve in enumerate(CURVES):
            axis, level = figure.add_subplot(-(-len(CURVES) // 3), 3, at + 1), levels[curve.label]
            mean = np.array([one.value for one in level])
            low, high = (np.array([getattr(one, side) for one in level]) for side in ("low", "high"))
            axis.axhline(0.0, color=MUTED, linewidth=0.7)
            axis.plot(curve.values, mean, color=colour(1), marker="o", markersize=4, linewidth=1.2)
            axis.vlines(curve.values, low, high, color=colour(1), linewidth=1.2)
            axis.set_title(curve.label, fontsize=8.5)
        PICTURE.write_text(alone(to_svg(figure, "What levers add to the contribution")), encoding="utf-8")


def main(worlds: int = 5, group: str = "curves") -> None:
    """Play, and write the table of a group, and the figure of the first."""
    done = play(worlds, group)
    rows, levels = [], {}
    for curve in GROUPS[group]:
        added = answers(curve, done, worlds)
        levels[curve.label] = [t_interval(one) for one in added]
        cells = [
            f"{value:g}: {one.value:+,.0f} ({one.low:+,.0f} to {one.high:+,.0f})"
            for value, one in zip(curve.values, levels[curve.label], strict=True)
        ]
        rows.append((curve.label, "<br>".join(cells), verdict(curve, added)))
    people = size(group)[-1 if group in _IN_FEWER else 0].rpartition("=")[2]
    other = " where a row says nothing else" if any(map(baseline, GROUPS[group])) else ""
    said = (
        f"{worlds} worlds of {int(people):,} people, 45 days{other}; 95% t intervals, each value taken alone."
    )
    write_block(
        "response_curves.md",
        group,
        table(("lever", "CNY per 1,000 people beside the baseline", "where it is best"), rows)
        + f"\n\n{said}",
    )
    if group == "curves":
        draw(levels)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]), *sys.argv[2:3])
