"""Which uncertainties would turn the first recommendation of a comparison round.

Three stages. Every uncertainty with a plausible range is put to both ends of it, one at a time, in a few
worlds of the comparison. Where the lead changes hands or shrinks to less than half, all worlds are played.
Where it then turns, worlds are burnt in under that value, because a value that begins with the window meets
customers whom it has not made. One at a time means that what two of them do together is not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sim.config import Config, assumptions_table, compose, market_sources, world_differences
from sim.config.overrides import parse
from sim.config.own_keys import listed, split_words
from sim.config.verb_keys import own_keys
from sim.core.errors import ConfigError, InputError, RunError
from sim.core.language import tr
from sim.core.messages import did_you_mean
from sim.core.params import Declared
from sim.measure.guardrails import FIGURES, UNITS
from sim.runs.execute import CRASHES, check_engine, execute
from sim.store.store import Store
from sim.studies.reversals.evaluate import Branch
from sim.studies.reversals.stored import read_figures
from sim.studies.reversals.tasks import BranchTask
from sim.studies.reversals.verdicts import End, Lead, lead_of, leader
from sim.studies.robustness.design import uncertainties
from sim.studies.robustness.study import STUDY_WORLD

#: Worlds of the first stage, and a world's setting unless the user says otherwise.
FIRST_WORLDS, WORLDS = 2, 5
#: Ends that are confirmed with worlds burnt in anew, those that turn furthest first.
CONFIRMED = 4
#: A lead that shrinks to less than this share of itself is looked at in all worlds.
SUSPECT = 0.5

#: Figure that recommends unless another is named.
BY = "contribution_margin"
_BETTER = {figure.name: figure.better for figure in FIGURES}


@dataclass(frozen=True)
class Request:
    """What is asked.

    Attributes
    ----------
    names : tuple of str
        Strategies.
    configs : tuple of Config
        The same, composed; all in one world.
    by : str
        Figure that recommends.
    rows : tuple of Declared
        Uncertainties that are screened.
    unscreened : int
        Uncertainties that declare no plausible range and are left out.
    settings : tuple of str
        Settings of all strategies, as written.
    """

    names: tuple[str, ...]
    configs: tuple[Config, ...]
    by: str
    rows: tuple[Declared, ...]
    unscreened: int
    settings: tuple[str, ...] = ()

    @classmethod
    def parse(cls, words: Sequence[str]) -> Request:
        """Read the words after ``liebian reversals``.

        Raises
        ------
        InputError
            With one line for every problem.
        """
        own, settings, names, problems = split_words(words, own_keys("reversals"))
        problems += [
            tr(
                "'{word}': reversals takes the names of scenarios alone; write them without 'scenario='",
                word=word,
            )
            for word in settings
            if word.startswith("scenario=")
        ]
        if problems:
            raise InputError(problems)
        return request(names, own.get("by", BY), listed(own.get("vary", "")), settings)

    @property
    def sign(self) -> float:
        """1 where higher is better, -1 where lower is."""
        return 1.0 if _BETTER[self.by] == "higher" else -1.0

    @property
    def worlds(self) -> range:
        """Numbers of all worlds."""
        experiment = self.configs[0].experiment
        return range(experiment.first_replication, experiment.first_replication + experiment.replications)

    @property
    def most_runs(self) -> int:
        """Runs of the first stage."""
        return len(self.configs) * (len(self.worlds) + 2 * len(self.rows) * len(self.worlds[:FIRST_WORLDS]))


@dataclass(frozen=True)
class Reversals:
    """What came out.

    Attributes
    ----------
    request : Request
        What was asked.
    first : int
        Strategy that the comparison recommends.
    lead : Lead
        Its lead with all values in force.
    ends : tuple of End
        Both ends of every uncertainty, the least lead first.
    """

    request: Request
    first: int
    lead: Lead
    ends: tuple[End, ...]

    @property
    def turning(self) -> tuple[End, ...]:
        """Ends at which another strategy leads for sure."""
        return tuple(end for end in self.ends if end.suspect and (end.anew or end.lead).verdict == "turns")

    @property
    def opening(self) -> tuple[End, ...]:
        """Ends looked at in all worlds where the lead is not sure, though it is with the values in force."""
        if self.lead.verdict != "holds":
            return ()
        suspects = (end for end in self.ends if end.suspect)
        return tuple(end for end in suspects if (end.anew or end.lead).verdict == "open")

    @property
    def inert(self) -> tuple[str, ...]:
        """Uncertainties that moved the figure at neither end."""
        moving = {end.key for end in self.ends if not end.inert}
        return tuple(sorted({end.key for end in self.ends} - moving))


def request(names: Sequence[str], by: str, vary: Sequence[str], settings: Sequence[str]) -> Request:
    """Compose the strategies and choose the uncertainties.

    Parameters
    ----------
    names : sequence of str
        At least two scenarios.
    by : str
        Figure that recommends.
    vary : sequence of str
        Sections or patterns of keys; empty for all uncertainties with a plausible range.
    settings : sequence of str
        ``group=option`` and ``section.key=value`` for all strategies.

    Raises
    ------
    ConfigError
        With one line for every problem.
    """
    if problems := _wrong(names, by):
        raise ConfigError(problems)
    words = [*STUDY_WORLD, f"experiment.replications={WORLDS}", *settings]
    baseline = compose([])
    configs = tuple(replace(compose([f"scenario={name}", *words]), pinned=baseline) for name in names)
    if configs[0].engine.kind == "slurm" and not configs[0].engine.wait:
        raise ConfigError(
            tr(
                "engine.wait: must be true with reversals, whose later runs depend on the earlier "
                "ones (you wrote false); leave it out"
            )
        )
    check_engine(configs[0].engine)
    if differing := world_differences(configs):
        raise ConfigError(
            [tr("{key}: all strategies must share their world; set it for all", key=key) for key in differing]
        )
    if configs[0].experiment.replications < FIRST_WORLDS:
        raise ConfigError(
            [
                tr(
                    "experiment.replications: must be at least {first_worlds}, because one world has no "
                    "interval (you wrote {replications}); write {worlds}",
                    first_worlds=FIRST_WORLDS,
                    replications=configs[0].experiment.replications,
                    worlds=WORLDS,
                )
            ]
        )
    table = [row for row in assumptions_table(market_sources().sections) if row.kind == "uncertainty"]
    ranged = [row for row in table if row.span is not None]
    given = [one.key for one in parse(settings)[0]]
    rows = uncertainties(ranged, vary or sorted({row.path.partition(".")[0] for row in ranged}), given)
    return Request(tuple(names), configs, by, rows, len(table) - len(ranged), tuple(settings))


def _wrong(names: Sequence[str], by: str) -> list[str]:
    problems = []
    if len(set(names)) < 2 or len(set(names)) < len(names):
        listed = ", ".join(names) or "none"
        problems.append(
            tr(
                "reversals needs the names of two strategies or more, each once (you named "
                "{listed}); write 'liebian reversals three_tier_referral baseline'",
                listed=listed,
            )
        )
    if by not in UNITS:
        problems.append(
            tr(
                "by: there is no indicator '{by}'; {did_you_mean}",
                by=by,
                did_you_mean=did_you_mean(by, list(UNITS)),
            )
        )
    elif not _BETTER[by]:
        problems.append(tr("by: of '{by}' neither more nor less is better; choose another indicator", by=by))
    return problems


class Screening:
    """Plays what is not in the store and reads the figure.

    Parameters
    ----------
    asked : Request
        What is asked.
    store : Store
        Where runs are kept.
    ended : callable
        Called after every run that was made.
    """

    def __init__(self, asked: Request, store: Store, ended: Callable[[], None] = lambda: None) -> None:
        self._asked, self._store, self._ended = asked, store, ended

    def values(self, points: Sequence[Branch]) -> list[float]:
        """The figure of every run, in the order given.

        Raises
        ------
        RunError
            If one failed.
        """
        tasks = {one.key: BranchTask.of(one) for one in points}
        engine = self._asked.configs[0].engine
        for outcome in execute(list(tasks.values()), engine, self._store, CRASHES):
            branch = outcome.task.branch
            if outcome.error is not None:
                what = " ".join(f"{k}={v}" for k, v in branch.values.items()) or "values in force"
                raise RunError(
                    tr(
                        "world {replication}, {what}: {error}",
                        replication=branch.replication,
                        what=what,
                        error=outcome.error,
                    )
                ) from outcome.error
            if outcome.made:
                self._ended()
        return [(read_figures(self._store, one) or {}).get(self._asked.by, np.nan) for one in points]

    def table(
        self, ends: Sequence[dict[str, float]], worlds: Sequence[int], anew: bool = False
    ) -> Iterator[np.ndarray]:
        """float64[n strategies, n worlds] for every end (values that differ; empty for those in force)."""
        configs = self._asked.configs
        runs = [Branch(c, end, w, anew) for end in ends for c in configs for w in worlds]
        yield from np.array(self.values(runs)).reshape(len(ends), len(configs), len(worlds))


def screen(asked: Request, store: Store, ended: Callable[[], None] = lambda: None) -> Reversals:
    """Make the study; what is stored of it is not played again.

    Parameters
    ----------
    asked : Request
        From :func:`request`.
    store : Store
        Where runs are kept.
    ended : callable
        Called after every run that was made.

    Raises
    ------
    RunError
        If a run failed or the figure cannot be observed.
    """
    screening, worlds = Screening(asked, store, ended), list(asked.worlds)
    (base,) = screening.table([{}], worlds)
    if not np.isfinite(base).all():
        raise RunError(
            tr(
                "'{by}' cannot be observed in these worlds; write longer experiment.days or a larger "
                "population.size",
                by=asked.by,
            )
        )
    first = leader(base, asked.sign)
    lead = lead_of(base, first, asked.sign)
    points = [(row, value) for row in asked.rows for value in _ends(row, asked.configs[0])]
    tables = screening.table([{row.path: value} for row, value in points], worlds[:FIRST_WORLDS])
    ends = [
        _end(row, value, table, base, first, asked)
        for (row, value), table in zip(points, tables, strict=True)
    ]
    ends = _again(ends, screening, worlds, first, asked, lead)
    ends = _confirmed(ends, screening, worlds, first, asked)
    return Reversals(asked, first, lead, tuple(sorted(ends, key=lambda end: (end.anew or end.lead).mean)))


def _ends(row: Declared, config: Config) -> list[float]:
    """Ends of a plausible range that differ from the value in force."""
    low, high = row.span or (0.0, 0.0)
    whole = isinstance(row.default, int)
    now = config.value(row.path)
    ends = [round(x) if whole else float(x) for x in (low, high)]
    return [x for x in ends if x != now]


def _end(row: Declared, value: float, table: np.ndarray, base: np.ndarray, first: int, asked: Request) -> End:
    inert = bool((table == base[:, : table.shape[1]]).all())
    was = asked.configs[0].value(row.path)
    lead = lead_of(table, first, asked.sign)
    return End(row.path, row.unit, row.source, was, value, lead, inert)


def _again(
    ends: Sequence[End], screening: Screening, worlds: Sequence[int], first: int, asked: Request, lead: Lead
) -> list[End]:
    """Leads of suspects in all worlds."""
    suspects = [end for end in ends if not end.inert and end.lead.mean < SUSPECT * lead.mean]
    tables = screening.table([{end.key: end.value} for end in suspects], worlds)
    again = {
        (end.key, end.value): replace(end, lead=lead_of(table, first, asked.sign), suspect=True)
        for end, table in zip(suspects, tables, strict=True)
    }
    return [again.get((end.key, end.value), end) for end in ends]


def _confirmed(
    ends: Sequence[End], screening: Screening, worlds: Sequence[int], first: int, asked: Request
) -> list[End]:
    """Leads of the ends that turn furthest, in worlds burnt in under them."""
    turning = sorted(
        (end for end in ends if end.suspect and end.lead.verdict == "turns"), key=lambda end: end.lead.mean
    )
    chosen = turning[:CONFIRMED]
    tables = screening.table([{end.key: end.value} for end in chosen], worlds, anew=True)
    anew = {
        (end.key, end.value): replace(end, anew=lead_of(table, first, asked.sign))
        for end, table in zip(chosen, tables, strict=True)
    }
    return [anew.get((end.key, end.value), end) for end in ends]
