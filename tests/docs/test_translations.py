"""Everything that a strategist reads has a Chinese text: what is written out and what is declared."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import pytest

import sim
from docs import translate
from sim.core.language import read_po
from sim.report.environment import TEMPLATES

PACKAGE = Path(sim.__file__).parent
#: What speaks to a strategist: verbs and their errors, reports, board, pictures, requests, stored results.
SPEAKERS = (
    "report", "cli", "board", "plots", "config", "studies", "calibration", "analysis", "store",
    "runs/plan.py", "runs/execute.py", "runs/task.py", "runs/rounds.py", "runs/size.py", "runs/compare.py",
    "measure/display.py", "measure/verdicts.py", "measure/scorecard.py",
    "core/params.py", "core/messages.py", "core/atomic.py",
)  # fmt: skip
#: Words that make a text a sentence and no name.
PROSE = re.compile(r"[A-Za-z]{2,}[,:;.)]? [A-Za-z(]|\} [a-z]{2,}|[a-z]{2,}[: ]+\{|[A-Za-z]{3,}, ")
#: Kinds of text that stay English, each with what it is known by.
EXEMPT = {
    "a command line or what may stand on it": re.compile(
        r"liebian[ :]|mkdir|^\W*(run|compare|plan|robustness|sensitivity|sweep|optimise|execute|select|"
        r"status|compact|warmup|fidelity|reversals|calibrate|list|report|template|import|bundle) [a-z_]+|"
        r"^completion (bash|zsh|fish)|^bundle --|NAME|key=|by=|paths\.results=|export |#!/bin/sh"
    ),
    "a query": re.compile(r"select |create |read_parquet|union all|anti join|set enable|==|@scenario"),
    "a key of the page": re.compile(r"^(\{\}|[a-z]+):\{\}"),
    "markup and style": re.compile(r"</?[a-z]+[ >]|font-size"),
    "a setting of Matplotlib": re.compile(r"^(outside )?(upper|lower) left$|^offset points$|^Glyph "),
    "a name of a font": re.compile(r"^(Noto|Source Han|WenQuanYi|PingFang|Hiragino|Microsoft|DejaVu)"),
    "a salt of a drawing": re.compile(
        r"^(answer|waterfall|robustness|curve|heat|tornado|sweep forest|held out|sensitivity|who is best)\b"
    ),
    "a file that is written": re.compile(r"^# |^description: "),
    "a code that is compared, and told by another text": re.compile(
        r"^(up alone|down alone|one world|not observable|cannot be told apart|too short|cannot tell|at least|"
        r"does not arrive|contradicts|year (first|last)|seconds since 1970|values in force)$"
    ),
    "a name of a strategy of a study": re.compile(
        r"^(private domain|three levels|three tiers|equal media|linked identities|invited with tasks|"
        r"posts passed on|downturn with bundles)$"
    ),
    "a pattern": re.compile(r"\\\(|\\d|you wrote \[|\\n"),
    "a prefix of a library": re.compile(r"^(Value error|Assertion failed), $"),
    "what is stored of a run": re.compile(r"^\{\}, seed \{\}$|CNY per 1,000 people"),
    "a developer's mistake": re.compile(
        r"^(a parameter has a unit|source \{\}|span \{\}|needs zone|every strategy that is still|Results\()"
    ),
    "both languages at once, or before a language is chosen": re.compile(
        r"Language, 语言|^language: must|^exit code|^0 \(not"
    ),
}
#: Files whose texts are declarations: parameters' reasons stay English, their names and units are looked up.
DECLARATIONS = (
    "config/settings/",
    "config/verb_keys.py",
    "studies/fidelity/figures.py",
    "studies/fidelity/content.py",
    "studies/fidelity/causes.py",
    "studies/fidelity/arms.py",  # names of strategies, which nobody is told
)
#: Files that are scripts for a shell.
SCRIPTS = ("cli/completion.py",)
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def spoken() -> list[Path]:
    found = []
    for name in SPEAKERS:
        place = PACKAGE / name
        found += sorted(place.rglob("*.py")) if place.is_dir() else [place]
    return found


def unmarked(tree: ast.AST) -> list[tuple[int, str]]:
    """Sentences of a file that are neither told (tr, ntr) nor kept to be told (mark), nor documentation."""
    skip: set[int] = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        for one in body if isinstance(body, list) else ():
            if isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant):
                skip.add(id(one.value))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in translate.CALLS:
            skip |= {id(one) for one in node.args}
        if isinstance(node, ast.JoinedStr):
            skip |= {id(one) for one in node.values if isinstance(one, ast.Constant)}
            specs = [one.format_spec for one in node.values if isinstance(one, ast.FormattedValue)]
            skip |= {id(inner) for spec in specs if spec for inner in ast.walk(spec)}
    found = []
    for node in ast.walk(tree):
        if id(node) in skip:
            continue
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(v.value) if isinstance(v, ast.Constant) else "{}" for v in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if PROSE.search(text):
            found.append((node.lineno, text))
    return found


def kind(text: str) -> str | None:
    return next((name for name, known in EXEMPT.items() if known.search(text)), None)


def fields(text: str) -> set[str]:
    """Names in a template, those within formats included."""
    found = set()
    for _, name, spec, _ in string.Formatter().parse(text):
        if name is not None:
            found |= {name, *re.findall(r"\{(\w+)\}", spec or "")}
    return found


@pytest.fixture(scope="module")
def messages():
    return translate.messages()


@pytest.fixture(scope="module")
def entries():
    return read_po(translate.CATALOGUE)


def test_untranslated_strings_none(messages, entries):
    missing = [message for message in messages if not all(entries.get(message) or [""])]
    assert missing == [], "run python -m docs.translate, and translate what it lists"


def test_nothing_in_the_catalogue_is_said_by_nobody(messages, entries):
    assert set(entries) - set(messages) - {("",)} == set()


@pytest.mark.parametrize("path", spoken(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_sentences_are_told_and_not_only_written(path):
    if path.relative_to(PACKAGE).as_posix().startswith(DECLARATIONS + SCRIPTS):
        return
    bare = [
        f"line {line}: {text!r}"
        for line, text in unmarked(ast.parse(path.read_text(encoding="utf-8")))
        if kind(text) is None
    ]
    assert bare == [], "wrap it in tr(...), or declare its kind in EXEMPT"


def test_a_bare_sentence_is_found():
    """The check above can fail: bare sentences and f-strings are seen, told and kept ones are not."""
    bare = 'def f(n):\n    "Doc of it."\n    return f"{n} worlds are few", "Nothing to choose from here"\n'
    told = 'A = mark("Nothing to choose")\ndef f(n):\n    return tr("{n} worlds are few", n=n)\n'
    assert [text for _, text in unmarked(ast.parse(bare))] == [
        "{} worlds are few",
        "Nothing to choose from here",
    ]
    assert unmarked(ast.parse(told)) == []


#: What shows the word that it is given first: headings, titles, labels of fields and buttons.
SHOWS = {
    "add_column", "set_title", "set_xlabel", "set_ylabel", "suptitle", "title", "subheader", "caption",
    "expander", "text_input", "selectbox", "radio", "multiselect", "number_input", "button", "checkbox",
    "toggle",
}  # fmt: skip


@pytest.mark.parametrize("path", spoken(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_single_words_that_are_shown_are_told(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [
        one for one in ast.walk(tree) if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute)
    ]
    shown = [one.args[0] for one in calls if one.func.attr in SHOWS and one.args]
    words = [one.value for one in shown if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    assert [word for word in words if re.search("[A-Za-z]{2,}", word) and not CHINESE.search(word)] == []


def test_every_exempt_kind_is_needed():
    used = set()
    for path in spoken():
        used |= {kind(text) for _, text in unmarked(ast.parse(path.read_text(encoding="utf-8")))}
    assert set(EXEMPT) <= used


@pytest.mark.parametrize("path", sorted(TEMPLATES.glob("*.j2")), ids=lambda path: path.name)
def test_templates_write_no_words_of_their_own(path):
    text = re.sub(r"<style>.*?</style>", "", path.read_text(encoding="utf-8"), flags=re.S)
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", text, flags=re.S)
    text = re.sub(r"<[^>]*>", " ", text)
    assert set(re.findall(r"[A-Za-z]{2,}", text)) <= {"Liebian"}


def test_translations_fill_the_same_fields(messages, entries):
    wrong = []
    for message in messages:
        for told in entries.get(message, []):
            if "{" not in message[0] or "'${'" in message[0]:
                continue
            if not fields(told) <= fields(message[0]):
                wrong.append((message[0], told))
    assert wrong == []


def test_translations_keep_numbers_keys_and_marks(messages, entries):
    """What a text says in figures, settings and marks, its translation says too."""
    wrong = []
    for message in messages:
        one, told = message[0], (entries.get(message) or [""])[0]
        for pattern in (r"[a-z_]+\.[a-z_]+=", r"--[a-z-]+", "[✓✗▲▼△▽]", r"95%", "<code>", "href="):
            if len(re.findall(pattern, one)) != len(re.findall(pattern, told)):
                wrong.append((one, told, pattern))
    assert wrong == []


def test_translations_are_chinese(messages, entries):
    """A text with words has Chinese in it, but for names, symbols and abbreviations."""
    same = [
        message[0]
        for message in messages
        if re.search(r"[A-Za-z]{3,}", re.sub(r"\{[^}]*\}", "", message[0]))
        and not CHINESE.search((entries.get(message) or [""])[0])
    ]
    assert {one for one in same if not NAMES.fullmatch(one)} == set()


#: What is called the same in both languages.
NAMES = re.compile(
    r"networkx|dask|slurm|a PDF|logit(/.*)?|Liebian.*|calibration: \{path\}|  .*\.\.\. .*|MM-DD.*|"
    r"(scenario|plot\.response): .*"
)

#: Terms that are common words too, or stand in other senses beside their own.
LOOSE = {
    "Active", "Habit", "Match", "Need", "Notes", "Touch", "Visit", "Commission", "Rank", "Trust", "Event",
    "Fen", "Promise", "Conservation", "Mechanism", "Snapshot", "Replication", "Conversion", "Fatigue",
    "Affiliate", "Clawback", "Cascade", "Emergent figure", "ODD", "Q10", "CPM", "FEFO", "KOC, KOL",
    "Stationary",
    "Fission (liebian)", "World value, strategy value", "Scenario", "Cohort", "Daypart", "Adstock",
    "Acquaintance tie", "Fill rate", "Twin run", "Pick wave", "Instant class", "k-factor", "False positive",
    "Inviter, invitee", "Livestream session", "Repurchase (30 days)", "ROI (marketing)", "Capacity ratio",
    "Task ladder, three tiers", "Branching process", "Competing hazards", "Common random numbers",
    "Cold chain", "Base stock, order-up-to",
}  # fmt: skip


def pairs() -> dict[str, str]:
    """English term -> Chinese term, where one of the glossary is several: each with its own."""
    page = (Path(translate.__file__).parent / "glossary.md").read_text(encoding="utf-8")
    found = {}
    for english, chinese in re.findall(r"^\*\*([^*]+)\.\*\* 〔([^〕]+)〕", page, flags=re.M):
        if english in LOOSE:
            continue
        found |= dict(zip(english.lower().split(", "), chinese.split("、"), strict=True))
    return found


def test_every_term_of_the_glossary_has_its_chinese():
    page = (Path(translate.__file__).parent / "glossary.md").read_text(encoding="utf-8")
    terms = re.findall(r"^\*\*([^*]+)\.\*\*", page, flags=re.M)
    with_chinese = re.findall(r"^\*\*([^*]+)\.\*\* 〔[^〕]*[\u4e00-\u9fff][^〕]*〕", page, flags=re.M)
    assert terms == with_chinese
    assert set(terms) >= LOOSE


@pytest.mark.parametrize(("english", "chinese"), pairs().items())
def test_the_catalogue_speaks_as_the_glossary(english, chinese, messages, entries):
    word = re.compile(rf"(?<![\w.'/_]){re.escape(english)}(?![\w.=_])", flags=re.I)
    wrong = [
        (message[0], entries[message][0])
        for message in messages
        if word.search(re.sub(r"\{[^}]*\}|'[^']*'", " ", message[0]))
        and chinese not in (entries.get(message) or [chinese])[0]
    ]
    assert wrong == []
