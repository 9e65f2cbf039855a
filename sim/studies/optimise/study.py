"""The search itself: strategies are drawn in batches, run, and told to the sampler, which draws the next.

What the sampler knows is kept in Optuna's journal, line by line, so that a killed search goes on
where it was. Every draw has a random number generator of its own, named by the seed, the trial and
the lever: a search that was interrupted draws what it would have drawn.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import math
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import Any

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.samplers import BaseSampler, NSGAIISampler, TPESampler
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, Trial, TrialState

from sim.core.errors import StoreError
from sim.core.language import tr
from sim.core.rng import builder
from sim.core.sealed import SEAL, seal_of, sealed, unsealed
from sim.store.writing import writing
from sim.studies.optimise.objectives import DIRECTIONS, Measured, Proposal, Scored, Told
from sim.studies.optimise.request import Request

JOURNAL, LOCK = "journal.log", "search.lock"
_REASON = "reason"


#: Runs strategies; gives the figures of each, or the reason why it failed, in the order given.
Evaluate = Callable[[Sequence[Proposal]], Sequence[Measured | str]]


def search(request: Request, folder: Path, evaluate: Evaluate) -> Generator[list[Told]]:
    """Lead a search to its end, or go on with it.

    Parameters
    ----------
    request : Request
        What to search, for what.
    folder : Path
        Where the journal is kept.
    evaluate : callable
        Runs a batch of strategies.

    Yields
    ------
    list of Told
        Trials in the order of numbers: those of an earlier call first, then batch after batch.

    Raises
    ------
    StoreError
        If another process leads this search, or the journal cannot be used.
    """
    with _alone(folder):
        study = _study(request, folder)
        told: set[int] = set()
        while True:
            ended = [one for one in study.get_trials(deepcopy=False) if one.state.is_finished()]
            fresh = [one for one in ended if one.number not in told]
            told |= {one.number for one in fresh}
            yield [_told(request, one) for one in fresh]
            batch = _draw(study, request)
            if not batch:
                return
            proposals = [Proposal(one.number, request.space.strategy(one.params)) for one in batch]
            for trial, outcome in zip(batch, evaluate(proposals), strict=True):
                _tell(study, request, trial, outcome)


def _study(request: Request, folder: Path) -> optuna.Study:
    """The study of a folder, with the market as it is as its first strategy."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    path = folder / JOURNAL
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _heal(path)
        study = optuna.create_study(
            storage=JournalStorage(SealedJournal(path, _name(request))),
            study_name="search",
            load_if_exists=True,
            directions=[DIRECTIONS[name] for name in request.aims.objectives],
            sampler=_sampler(request, 0, ""),
        )
    except (OSError, ValueError, KeyError) as error:
        raise StoreError(
            tr(
                "results: '{path}' cannot be used ({error}); move it away, or choose another experiment.name",
                path=path,
                error=error,
            )
        ) from None
    if not study.get_trials(deepcopy=False):
        study.enqueue_trial(request.space.start())
    return study


def _name(request: Request) -> str:
    """What a journal is sealed under: no other search may go on from it."""
    return seal_of(str(request.config.experiment.name), json.loads(json.dumps(request.spec())))


class SealedJournal(JournalFileBackend):
    """Optuna's journal, each line of which seals itself and all lines before it.

    Parameters
    ----------
    path : Path
        File.
    name : str
        Search that it belongs to.

    Raises
    ------
    ValueError
        If a line was changed, taken out, or belongs to another search.
    """

    def __init__(self, path: Path, name: str) -> None:
        super().__init__(str(path))
        self._last = name
        for number, line in enumerate(path.read_bytes().splitlines(), start=1):
            try:
                log = unsealed(line.decode(), self._last)
            except ValueError as error:
                raise ValueError(tr("line {number}: {error}", number=number, error=error)) from None
            self._last = seal_of(self._last, log)

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        """Write lines, each with its seal."""
        whole = []
        for log in logs:
            whole.append(sealed(log, self._last))
            self._last = str(whole[-1][SEAL])
        super().append_logs(whole)


def _heal(path: Path) -> None:
    """Drop the end of a line that a killed writer left unfinished, and its lock."""
    path.with_name(f"{path.name}.lock").unlink(missing_ok=True)
    if path.exists():
        whole = path.read_bytes()
        kept = whole[: whole.rfind(b"\n") + 1]
        if len(kept) < len(whole):
            with path.open("r+b") as file:
                file.truncate(len(kept))


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the search's lock, which the system releases however this process ends."""
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        opened = (folder / LOCK).open("w", encoding="utf-8")
    with opened as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise StoreError(
                tr(
                    "experiment.name: another process leads the search in '{folder}'; wait for it, or "
                    "choose another experiment.name",
                    folder=folder,
                )
            ) from None
        yield


def _sampler(request: Request, trial: int, lever: str) -> BaseSampler:
    """A sampler whose draws depend on the seed, the trial and the lever alone, and on what was told."""
    seed = int(builder(request.config.experiment.seed, f"optimise.{trial}.{lever}").integers(2**32))
    settings = request.settings
    if settings.sampler == "nsga2":
        return NSGAIISampler(population_size=settings.generation, seed=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        return TPESampler(n_startup_trials=settings.startup, constant_liar=True, seed=seed)


def _draw(study: optuna.Study, request: Request) -> list[Trial]:
    """The batch to be run next: what was under way, else the next numbers up to the end of their batch."""
    settings, trials = request.settings, study.get_trials(deepcopy=False)
    begun = [one for one in trials if one.state == TrialState.RUNNING]
    count = sum(one.state != TrialState.WAITING for one in trials)
    batch = [_drawn(study, request, Trial(study, one._trial_id)) for one in begun]
    first = begun[0].number if begun else count
    finished = any(
        one.state.is_finished() and one.number // settings.batch == first // settings.batch for one in trials
    )
    if begun and finished:  # it was killed while it told this batch: nothing more is drawn before all is told
        return batch
    end = min((first // settings.batch + 1) * settings.batch, settings.trials)
    while count < end:
        study.sampler = _sampler(request, count, "")
        batch.append(_drawn(study, request, study.ask()))
        count += 1
    return batch


def _drawn(study: optuna.Study, request: Request, trial: Trial) -> Trial:
    """A trial with all its values, each drawn by a generator of its own."""
    for _ in range(2):  # the first time, nsga2 chooses the parents; later it reads them in another order
        study.sampler = _sampler(request, trial.number, "")
        trial = Trial(study, trial._trial_id)
        _ = trial.relative_params  # drawn together and kept by the trial
    for name, distribution in distributions(request).items():
        study.sampler = _sampler(request, trial.number, name)
        _suggest(trial, name, distribution)
    return trial


def _suggest(trial: Trial, name: str, distribution: BaseDistribution) -> None:
    if isinstance(distribution, CategoricalDistribution):
        trial.suggest_categorical(name, distribution.choices)
    elif isinstance(distribution, IntDistribution):
        trial.suggest_int(name, distribution.low, distribution.high)
    elif isinstance(distribution, FloatDistribution):
        trial.suggest_float(name, distribution.low, distribution.high)


def distributions(request: Request) -> dict[str, BaseDistribution]:
    """What Optuna draws from: choices first, then levers over their ranges."""
    drawn: dict[str, BaseDistribution] = {
        key: CategoricalDistribution(values) for key, values in request.space.choices.items()
    }
    for row in request.space.levers:
        low, high = request.space.spans[row.path]
        whole = isinstance(row.default, int)
        drawn[row.path] = (
            IntDistribution(math.ceil(low), math.floor(high)) if whole else FloatDistribution(low, high)
        )
    return drawn


def _tell(study: optuna.Study, request: Request, trial: Trial, outcome: Measured | str) -> None:
    """Hand a trial's end to the journal: objectives, rules, intervals; or why it failed."""
    if isinstance(outcome, Measured):
        scores = request.aims.score(outcome)
        missing = [name for name, score in scores.items() if score.value != score.value]
        if not missing:
            figures = request.aims.values(outcome)
            with warnings.catch_warnings():  # set already if it was killed while it told this trial
                warnings.simplefilter("ignore")
                for rule in request.aims.rules:
                    trial.set_constraint(rule.text, rule.violation(figures[rule.figure]))
            trial.set_user_attr("scores", {name: [*map(_plain, score)] for name, score in scores.items()})
            trial.set_user_attr("figures", {name: _plain(value) for name, value in figures.items()})
            study.tell(trial, [score.value for score in scores.values()])
            return
        outcome = tr("{missing}: not observable", missing=", ".join(missing))
    trial.set_user_attr(_REASON, outcome)
    study.tell(trial, state=TrialState.FAIL)


def _plain(value: float) -> float | None:
    """A number for JSON, None where there is none."""
    return float(value) if value == value else None


def _told(request: Request, trial: FrozenTrial) -> Told:
    def number(value: Any) -> float:
        return float("nan") if value is None else float(value)

    said = trial.user_attrs
    scores = {name: Scored(*map(number, score)) for name, score in said.get("scores", {}).items()}
    figures = {name: number(value) for name, value in said.get("figures", {}).items()}
    failed = trial.state != TrialState.COMPLETE
    reason = str(said.get(_REASON, tr("no reason was kept"))) if failed else ""
    strategy = request.space.strategy(trial.params)
    return Told(trial.number, strategy, {} if failed else scores, {} if failed else figures, reason)
