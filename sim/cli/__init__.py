"""The command line: ``liebian VERB ...``, where whatever holds an equals sign is a setting.

Exit codes are 0 (done), 1 (a run failed), 2 (what the user wrote is wrong) and 130
(interrupted). A user's mistake is told in one line each, without a traceback; the libraries
that simulate and draw are imported only once a verb needs them.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import logging
import os
import sys
import warnings
from collections.abc import Sequence
from typing import NoReturn

from sim.cli.speech import say, speak_any_encoding
from sim.core.errors import InputError, RunError

DONE, FAILED, WRONG_INPUT, INTERRUPTED = 0, 1, 2, 130

VERBS = {
    "run": "one strategy beside the baseline on the same worlds; prints its scorecard",
    "compare": "several strategies on the same worlds; prints a comparison and writes a report",
    "robustness": "whether the sign of a difference between two strategies survives what nobody knows",
    "sensitivity": "which uncertainties move each figure, and whether they change which strategy is best",
    "sweep": "many runs from one line: lists, ranges and designs over scenarios, options and values",
    "optimise": "search for strategies: margin, targets met together, downside; then test on fresh worlds",
    "execute": "runs of a sweep that is written down: all, or one machine's share of them",
    "select": "which of several strategies is best, with a stated probability of being right",
    "status": "how far sweeps have come: runs done, failed and waiting",
    "compact": "fold the many small files of a finished sweep into few",
    "warmup": "how long a market needs to come to rest, and whether the burn-in waits for it",
    "reversals": "which uncertainties would turn the first recommendation of a comparison round",
    "calibrate": "fit the baseline's free intercepts to the plan's figures, and test them in fresh worlds",
    "list": "what there is to choose from: scenarios, sections, options, parameters",
    "report": "the HTML report of what has been run already",
}
EXAMPLES = """examples:
  liebian run scenario=three_tier_referral
  liebian run scenario=group_buy experiment.days=60 population.size=5000
  liebian compare baseline flat_cash_referral three_tier_referral experiment.replications=5
  liebian robustness flat_cash_referral three_tier_referral draws=40
  liebian sensitivity scenario=baseline,three_tier_referral vary=[sharing,fraud] trajectories=10
  liebian sweep scenario=flat_cash_referral incentive.invite_reward=0,5,10 experiment.replications=5
  liebian optimise vary=[pricing.list_level,incentive.invite_reward] incentive=none,flat_cash trials=40
  liebian select scenario=group_buy,private_domain by=contribution_margin zone=50
  liebian status experiment=default
  liebian compact experiment=default
  liebian warmup population.size=4000 experiment.replications=5
  liebian reversals three_tier_referral flat_cash_referral
  liebian calibrate experiment.replications=5
  liebian list
  liebian list parameters incentive
  liebian report experiment=default
"""
_TAKES = {
    "run": "[scenario=NAME] [group=option] [section.key=value] ...",
    "compare": "NAME [NAME ...] [group=option] [section.key=value] ...",
    "robustness": "NAME NAME [draws=40] [vary=section,...] [group=option] [section.key=value] ...",
    "sensitivity": "[--dry-run] scenario=NAME[,NAME...] [vary=[section,...]] [trajectories=10] "
    "[then=sobol top=5 samples=64 second_order=off] [by=FIGURE] [kpis=[FIGURE,...]] [key=value] ...",
    "sweep": "[--dry-run | --plan-only] [key=1,2,3 | key=range(0,30,10) | group=glob(*)] "
    "[design=lhs|sobol samples=64 vary=[key,...]] [key=value] ...",
    "optimise": "[vary=[key,...]] [group=a,b] [objectives=[...]] [targets=[...]] [subject_to=[...]] "
    "[shocks=[...]] [trials=60] [batch=4] [sampler=tpe|nsga2] [holdout=10] [choose=...] [key=value] ...",
    "execute": "experiment=NAME [chunk=3/8] [engine=local] [engine.key=value] [paths.results=FOLDER]",
    "select": "by=INDICATOR zone=DIFFERENCE [confidence=0.95] [key=1,2,3] [key=value] ...",
    "status": "[experiment=NAME] [paths.results=FOLDER]",
    "compact": "[--unfinished] experiment=NAME [paths.results=FOLDER]",
    "warmup": "[scenario=NAME] [days=720] [group=option] [section.key=value] ...",
    "reversals": "NAME NAME [NAME ...] [by=FIGURE] [vary=[section,...]] [key=value] ...",
    "calibrate": "[rounds=8] [group=option] [section.key=value] ...",
    "list": "[scenarios | sections | parameters [SECTION]]",
    "report": "[experiment=NAME] [paths.results=FOLDER]",
}

_FLAGS = {
    "sweep": ("--dry-run", "--plan-only"), "sensitivity": ("--dry-run",), "compact": ("--unfinished",)
}  # fmt: skip


class _Parser(argparse.ArgumentParser):
    """Argument parser whose complaints are ordinary input errors."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message}; see '{self.prog} --help'")


class _Version(argparse.Action):
    """Print the installed version, looked up only when asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object, **__: object) -> NoReturn:
        print(f"liebian {version()}")
        raise SystemExit(DONE)


def version() -> str:
    """Version of the installed package."""
    from importlib import metadata

    try:
        return metadata.version("liebian")
    except metadata.PackageNotFoundError:
        return "0 (not installed)"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; nothing is raised."""
    speak_any_encoding()
    _listen()
    warnings.showwarning = _tell_warning  # type: ignore[assignment]
    try:
        verb, words = _parse(list(sys.argv[1:] if argv is None else argv))
        return _verb(verb, words)
    except SystemExit as leave:
        return int(leave.code or DONE)
    except InputError as error:
        for problem in error.problems:
            complain(problem)
        return WRONG_INPUT
    except RunError as error:  # an engine that cannot go on; runs that fail are summed up by their verbs
        complain(str(error))
        return FAILED
    except KeyboardInterrupt:
        complain("interrupted; finished runs are kept, the same command takes up the rest")
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has seen enough
        _stop_speaking()
        return DONE
    except OSError as error:  # a folder that is full, read-only or gone, wherever it was met
        complain(_unusable(error))
        return WRONG_INPUT
    except Exception as error:
        import traceback

        traceback.print_exc()
        told = " ".join(str(error).split()) or "no message"
        complain(f"a defect of liebian ({type(error).__name__}: {told}); please report the lines above")
        return FAILED


def _parse(argv: list[str]) -> tuple[str, list[str]]:
    """Verb and the words after it; help, version and misspelt verbs are dealt with here."""
    parser = _Parser(
        prog="liebian",
        description="Simulate social commerce: strategies meet customers, cheats, warehouses and the books.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and stop")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", parser_class=_Parser)
    for verb, purpose in VERBS.items():
        sub = verbs.add_parser(
            verb, help=purpose, description=purpose, usage=f"liebian {verb} {_TAKES[verb]}"
        )
        sub.add_argument("words", nargs="*", help=_TAKES[verb])
    if argv and not argv[0].startswith("-") and argv[0] not in VERBS:
        raise InputError(_unknown_verb(argv[0]))
    if unspelt := [word for word in argv if any("\ud800" <= letter <= "\udfff" for letter in word)]:
        raise InputError(
            f"'{unspelt[0].encode('ascii', 'replace').decode()}': cannot be read in this locale "
            f"({sys.getfilesystemencoding()}); set LC_ALL=C.UTF-8 or PYTHONUTF8=1, or write ASCII"
        )
    flags = [word for word in argv if word in _FLAGS.get(argv[0], ())]
    given = parser.parse_args([word for word in argv if word not in flags])
    if given.verb is None:
        raise InputError(f"write a verb: {', '.join(VERBS)}; see 'liebian --help'")
    return given.verb, [*given.words, *flags]


def _unknown_verb(word: str) -> str:
    if "=" in word:
        return f"'{word}' stands where a verb should; write 'liebian run {word}'"
    close = difflib.get_close_matches(word, VERBS, n=1, cutoff=0.5)
    meant = f"did you mean '{close[0]}'? " if close else ""
    return f"there is no verb '{word}'; {meant}(verbs: {', '.join(VERBS)})"


def _check_read(verb: str, words: Sequence[str]) -> None:
    """Refuse settings that a verb would pass over: only sweeps decide for themselves when to end."""
    until = [word for word in words if word.partition("=")[0] == "experiment.until"]
    if until and verb not in ("run", "compare", "sweep"):  # these look at the whole configuration
        raise InputError(
            f"experiment.until: is for sweeps (you wrote '{until[0]}' with {verb}); leave it out, "
            "or write 'liebian sweep'"
        )


def _verb(verb: str, words: list[str]) -> int:
    _check_read(verb, words)
    if verb == "list":
        from sim.cli.listing import list_

        return list_(words)
    if verb == "robustness":
        from sim.cli.robustness import robustness

        return robustness(words)
    if verb == "sensitivity":
        from sim.cli.sensitivity import sensitivity

        return sensitivity(words)
    if verb == "optimise":
        from sim.cli.optimise import optimise

        return optimise(words)
    if verb == "execute":
        from sim.cli.execute import execute

        return execute(words)
    if verb == "warmup":
        from sim.cli.warmup import warmup

        return warmup(words)
    if verb == "reversals":
        from sim.cli.reversals import reversals

        return reversals(words)
    if verb == "calibrate":
        from sim.cli.calibrate import calibration

        return calibration(words)
    if verb == "select":
        from sim.cli.select import select

        return select(words)
    if verb == "sweep":
        from sim.cli.sweep import sweep

        return sweep(words)
    if verb in ("status", "compact"):
        from sim.cli import store

        return store.status(words) if verb == "status" else store.compact(words)
    from sim.cli import commands

    verbs = {"run": commands.run, "compare": commands.compare, "report": commands.report}
    return verbs[verb](words)


def _unusable(error: OSError) -> str:
    """The line for a file or folder that the system refuses, with its reason."""
    named = [str(name) for name in (error.filename, error.filename2) if name is not None]
    what = f"'{named[0]}'" if named else "a file"
    reason = (error.strerror or str(error) or type(error).__name__).lower()
    return (
        f"{what} cannot be read or written ({reason}); make room or give access there, or choose another "
        "folder with paths.results=FOLDER or paths.cache=FOLDER"
    )


def _tell_warning(message: Warning | str, category: type[Warning], *where: object) -> None:
    """Warnings of this package are lines for the user; a source line helps nobody."""
    if issubclass(category, UserWarning) and not issubclass(category, DeprecationWarning):
        complain(str(message))


def complain(problem: str) -> None:
    """One line on standard error; what a terminal would obey (escape codes, line ends) is shown as '?'."""
    say("liebian: " + problem.replace("\n", "?"), file=sys.stderr)


class _Telling(logging.Handler):
    """What engines tell on their way, on standard error."""

    def emit(self, record: logging.LogRecord) -> None:
        """One line; a warning is told as a problem."""
        if record.levelno >= logging.WARNING:
            complain(record.getMessage())
        else:
            say(record.getMessage(), file=sys.stderr, flush=True)


def _listen() -> None:
    """Tell what the package's own loggers say; once, however often this is called."""
    logger = logging.getLogger("sim")
    if not any(isinstance(one, _Telling) for one in logger.handlers):
        logger.addHandler(_Telling())
        logger.setLevel(logging.INFO)
        logger.propagate = False


def _stop_speaking() -> None:
    """Send what is still to be flushed nowhere, or Python complains of the closed pipe when it leaves."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
