"""The command line: ``liebian VERB ...``, where whatever holds an equals sign is a setting.

Exit codes are 0 (done), 1 (a run failed), 2 (what the user wrote is wrong) and 130
(interrupted). A user's mistake is told in one line each, without a traceback; the libraries
that simulate and draw are imported only once a verb needs them.
"""

from __future__ import annotations

import argparse
import atexit
import difflib
import gc
import shlex
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from sim.cli.ending import ending_when_asked
from sim.cli.output import configure_logging, configure_streams, print_error, say, silence_stdout
from sim.cli.session import Session, begin, current, document
from sim.cli.verbs import DONE, EXAMPLES, FAILED, INTERRUPTED, VERBS, WRONG_INPUT
from sim.core.errors import InputError, RunError
from sim.core.language import ENGLISH, LANGUAGES, of_locale, speaking, tr
from sim.core.messages import VERB

#: Key that every verb reads: the language in which it tells.
LANGUAGE = "language="
#: Flag that adds features of other packages, before or after the verb.
WITH = "--with"
#: Flag of every verb that prints all keys that it reads, those of every section among them.
HELP_KEYS = "--help-keys"
#: Flags of every verb: output for programs, without progress and remarks, and written down with times.
JSON, QUIET, LOG_FILE = "--json", "--quiet", "--log-file"


class _Parser(argparse.ArgumentParser):
    """Argument parser whose complaints are ordinary input errors, and whose heads are told."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._positionals.title = tr("positional arguments")
        self._optionals.title = tr("options")
        for one in self._actions:
            if one.dest == "help":
                one.help = tr("show this help message and exit")

    def format_help(self) -> str:
        """Help of a verb; its first word is told too."""
        head = "usage: "
        return tr("usage: ") + super().format_help().removeprefix(head)

    def error(self, message: str) -> NoReturn:
        raise InputError(tr("{message}; see '{prog} --help'", message=message, prog=self.prog))


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
    atexit.register(gc.freeze)  # at the end the system takes all memory back: nothing is to be looked through
    configure_streams()
    configure_logging()
    # the documented way to say how warnings look, which the type of a function does not allow
    warnings.showwarning = _print_warning  # type: ignore[assignment]
    words = list(sys.argv[1:] if argv is None else argv)
    begin(Session(json=JSON in words))
    try:
        begin(_session(words))
        chosen = _language(words, current().json)
        with speaking(chosen), ending_when_asked():
            return _told(_done(words))
    except InputError as error:  # of the words that say how a command speaks
        print_error(str(error))
        return _told(WRONG_INPUT)
    finally:
        begin(Session())
        VERB.set("")


def _language(argv: list[str], json: bool) -> str:
    """Take ``language=`` off the line: what is spoken, by default as the locale; to programs English."""
    named = [word.removeprefix(LANGUAGE) for word in argv if word.startswith(LANGUAGE)]
    argv[:] = [word for word in argv if not word.startswith(LANGUAGE)]
    if len(set(named)) > 1:
        wrote = " ".join(f"{LANGUAGE}{one}" for one in named)
        raise InputError(f"language: must be given once (you wrote {wrote}); delete all but one")
    if named and named[0] not in LANGUAGES:
        raise InputError(
            f"language: must be one of {', '.join(LANGUAGES)} (you wrote '{named[0]}'); write language=zh"
        )
    return named[0] if named else ENGLISH if json else of_locale()


def _session(argv: list[str]) -> Session:
    """Take the flags off the line that say how a command speaks."""
    session = Session(json=JSON in argv, quiet=QUIET in argv)
    argv[:] = [word for word in argv if word not in (JSON, QUIET)]
    for at in reversed(range(len(argv))):
        if argv[at].startswith(f"{LOG_FILE}="):
            argv[at : at + 1] = [LOG_FILE, argv[at].removeprefix(f"{LOG_FILE}=")]
    while LOG_FILE in argv:
        at = argv.index(LOG_FILE)
        named = "".join(argv[at + 1 : at + 2])
        if not named or named.startswith("-") or session.log is not None:
            raise InputError(
                tr(
                    "{log_file}: must be followed by one file; write '{log_file} liebian.log'",
                    log_file=LOG_FILE,
                )
            )
        try:
            session.log = Path(named)
            session.note("command", shlex.join(["liebian", *argv]))
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise InputError(
                tr(
                    "{log_file}: '{named}' cannot be written ({reason}); name a file in another folder",
                    log_file=LOG_FILE,
                    named=named,
                    reason=reason.lower(),
                )
            ) from None
        del argv[at : at + 2]
    return session


def _told(code: int) -> int:
    """End a command: the document for a program, and the log's last line."""
    session = current()
    session.note("end", f"exit code {code}")
    if session.json:
        try:
            print(document(session.verb, version(), code))
        except BrokenPipeError:
            silence_stdout()
    return code


def _done(words: list[str]) -> int:
    """Do one command and return its exit code; nothing is raised."""
    try:
        _add_features(words)
        verb, words = _parse(words)
        current().verb = verb
        VERB.set(verb)
        _check_read(verb, words)
        words = _with_own(verb, words)
        return _loaded(verb)(words)
    except SystemExit as leave:  # help and version have printed what was wanted
        current().json = False
        return int(leave.code or DONE)
    except InputError as error:
        for problem in error.problems:
            print_error(problem)
        return WRONG_INPUT
    except RunError as error:  # an engine that cannot go on; runs that fail are summed up by their verbs
        print_error(str(error))
        return FAILED
    except KeyboardInterrupt:
        print_error(tr("interrupted; finished runs are kept, the same command takes up the rest"))
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has seen enough
        silence_stdout()
        return DONE
    except OSError as error:  # a folder that is full, read-only or gone, wherever it was met
        print_error(_unusable(error))
        return WRONG_INPUT
    except Exception as error:
        import traceback

        traceback.print_exc()
        told = " ".join(str(error).split()) or tr("no message")
        print_error(
            tr(
                "a defect of liebian ({name__}: {told}); please report the lines above",
                name__=type(error).__name__,
                told=told,
            )
        )
        return FAILED
    finally:  # a notebook or a test may call this again
        if registry := sys.modules.get("sim.registry"):
            registry.remove_added()


def _loaded(verb: str) -> Callable[[list[str]], int]:
    """The function of a verb; while its modules are loaded nothing becomes garbage, so none is looked for."""
    looking = gc.isenabled()
    gc.disable()
    try:
        return VERBS[verb].load()
    finally:
        if looking:
            gc.enable()


def _add_features(argv: list[str]) -> None:
    """Take ``--with MODULE[:CLASS]`` off the line, wherever it stands, and add what it names."""
    paths = []
    for at in reversed(range(len(argv))):
        if argv[at].startswith(f"{WITH}="):
            argv[at : at + 1] = [WITH, argv[at].removeprefix(f"{WITH}=")]
    while WITH in argv:
        at = argv.index(WITH)
        named = "".join(argv[at + 1 : at + 2])
        if not named or named.startswith("-") or "=" in named:
            raise InputError(
                tr(
                    "{with_}: must be followed by a module; write 'liebian {with_} my_package.features "
                    "run ...'",
                    with_=WITH,
                )
            )
        paths.append(named)
        del argv[at : at + 2]
    if paths:
        from sim.registry import add

        add(paths)


def _parse(argv: list[str]) -> tuple[str, list[str]]:
    """Verb and the words after it; help, version and misspelt verbs are dealt with here."""
    parser = _Parser(
        prog="liebian",
        description=tr(
            "Simulate social commerce: strategies meet customers, cheats, warehouses and the books."
        ),
        epilog=tr("examples:") + "\n" + EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        WITH, metavar="MODULE", help=tr("add features of a module or package (module or module:Class)")
    )
    parser.add_argument(JSON, action="store_true", help=tr("print one JSON document instead of tables"))
    parser.add_argument(
        QUIET, action="store_true", help=tr("no progress and no remarks; results and errors only")
    )
    parser.add_argument(
        LOG_FILE, metavar="FILE", help=tr("add everything that is said to a file, with times")
    )
    parser.add_argument("--version", action=_Version, nargs=0, help=tr("print the version and stop"))
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", parser_class=_Parser)
    asked = argv[0] if argv and {"-h", "--help"} & set(argv) else ""
    for verb in VERBS.values():
        sub = verbs.add_parser(
            verb.name,
            help=tr(verb.purpose),
            description=tr(verb.purpose),
            usage=f"liebian {verb.name} {verb.takes}",
            epilog=_help(verb.name) if verb.name == asked else None,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        sub.add_argument("words", nargs="*", help=verb.takes)
    if HELP_KEYS in argv and argv[0] in VERBS:
        from sim.cli.help import help_text

        say(help_text(argv[0]))
        raise SystemExit(DONE)
    if argv and not argv[0].startswith("-") and argv[0] not in VERBS:
        raise InputError(_unknown_verb(argv[0]))
    if unspelt := [word for word in argv if any("\ud800" <= letter <= "\udfff" for letter in word)]:
        raise InputError(
            tr(
                "'{decode}': cannot be read in this locale ({getfilesystemencoding}); set "
                "LC_ALL=C.UTF-8 or PYTHONUTF8=1, or write ASCII",
                decode=unspelt[0].encode("ascii", "replace").decode(),
                getfilesystemencoding=sys.getfilesystemencoding(),
            )
        )
    known = VERBS[argv[0]].flags if argv and argv[0] in VERBS else ()
    flags = [word for word in argv if word in known]
    given = parser.parse_args([word for word in argv if word not in flags])
    if given.verb is None:
        raise InputError(tr("write a verb: {verbs}; see 'liebian --help'", verbs=", ".join(VERBS)))
    return given.verb, [*given.words, *flags]


def _help(verb: str) -> str:
    """Keys of a verb and sections of its settings; it reads the declarations, which takes a moment."""
    from sim.cli.help import short_help

    return short_help(verb)


def _unknown_verb(word: str) -> str:
    if "=" in word:
        return tr("'{word}' stands where a verb should; write 'liebian run {word}'", word=word)
    close = difflib.get_close_matches(word, VERBS, n=1, cutoff=0.5)
    meant = tr("did you mean '{close}'? ", close=close[0]) if close else ""
    return tr(
        "there is no verb '{word}'; {meant}(verbs: {verbs})", word=word, meant=meant, verbs=", ".join(VERBS)
    )


def _check_read(verb: str, words: Sequence[str]) -> None:
    """Refuse settings that a verb would pass over: only sweeps decide for themselves when to end."""
    until = [word for word in words if word.partition("=")[0] == "experiment.until"]
    if until and verb not in ("run", "compare", "sweep"):  # these look at the whole configuration
        raise InputError(
            tr(
                "experiment.until: is for sweeps (you wrote '{until}' with {verb}); leave it out, or "
                "write 'liebian sweep'",
                until=until[0],
                verb=verb,
            )
        )


def _with_own(verb: str, words: list[str]) -> list[str]:
    """Put the lines of a market of one's own in the place of ``own=NAME``, where a verb simulates."""
    if not any(word.startswith("own=") for word in words):
        return words
    from sim.cli.help import MARKET
    from sim.cli.own_words import with_own

    return with_own(words) if verb in MARKET else words


def _unusable(error: OSError) -> str:
    """The line for a file or folder that the system refuses, with its reason."""
    named = [str(name) for name in (error.filename, error.filename2) if name is not None]
    what = f"'{named[0]}'" if named else tr("a file")
    reason = (error.strerror or str(error) or type(error).__name__).lower()
    return tr(
        "{what} cannot be read or written ({reason}); make room or give access there, or "
        "choose another folder with paths.results=FOLDER or paths.cache=FOLDER",
        what=what,
        reason=reason,
    )


def _print_warning(message: Warning | str, category: type[Warning], *where: object) -> None:
    """Warnings of this package are lines for the user; a source line helps nobody."""
    if issubclass(category, UserWarning) and not issubclass(category, DeprecationWarning):
        print_error(str(message))
