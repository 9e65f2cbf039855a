"""Everything that a strategist reads has a Chinese text: what is written out and what is declared."""

from __future__ import annotations

import ast
import re
import string
from functools import cache
from pathlib import Path

import pytest

import sim
from docs import translate
from sim.core.language import read_po
from sim.report.environment import TEMPLATES

PACKAGE = Path(sim.__file__).parent
#: Words that make a text a sentence and no name.
PROSE = re.compile(r"[A-Za-z]{2,}[,:;.)]? [A-Za-z(]|\} [a-z]{2,}|[a-z]{2,}[: ]+\{|[A-Za-z]{3,}, ")
#: Kinds of text that stay English, each with what it is known by.
EXEMPT = {
    "a command line or what may stand on it": re.compile(
        r"^\W*liebian [a-z-]|mkdir|^\W*(run|compare|plan|robustness|sensitivity|sweep|optimise|execute|"
        r"select|status|compact|warmup|fidelity|reversals|calibrate|list|report|template|import|bundle) "
        r"[a-z_]+|^completion (bash|zsh|fish)|^bundle --|NAME|key=|by=|paths\.results=|"
        r"export ([A-Z_]+=|\{\})|#!/bin/sh"
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
    "a line with the program's name before it": re.compile(r"^\s*liebian:? (note: )?(\{\}|%s)"),
    "a name of a format of files": re.compile(
        r"^(Matrix Market|UCINET (DL|VNA)|Trivial Graph Format|(multiline )?adjacency list)$"
    ),
    "what is stored of a run, and is looked up when it is shown": re.compile(r"^goes on$|^is passed over$"),
    "a file that goes with results": re.compile(
        r"^cff-version|^\{\} runs of Liebian|^Play it again|^`(settings|\{\})/|^Files that were read|"
        r"^Made with $"
    ),
    "a mark of time in a record": re.compile(
        r"^(second ride|on the road or finished|in a pick wave|at the dock|waiting for a rider|"
        r"coming back|next day)$"
    ),
    "a figure's meaning or unit, which the reference tells": re.compile(
        r"^(mean |people at the stage|looking at|from \{\}$|Trust of all|Net promoter|CNY/new user$|at most$)"
    ),
    "a mistake of code, in which no setting is wrong": re.compile(
        r"^logistics: (the clock|a parcel's minute)|^features: \{\}$|"
        r"slurm controller\|"
    ),
    "a text of a declaration": re.compile(r"^named shocks$|^What happens: one|^Further shocks by name"),
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
    "content/pool_params.py",
    "content/studio_params.py",
    "network/files/headers.py",  # words by which headers of files are known
)
#: Files that speak to whoever writes features and models with the package, who reads its English names too.
FOR_AUTHORS = (
    "feature.py", "levers.py", "world/", "network/csr.py", "market/base.py", "market/model.py",
)  # fmt: skip
#: Files that are scripts for a shell.
SCRIPTS = ("cli/completion.py",)
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def spoken() -> list[Path]:
    """Every file of the package: a new one is among them without being named."""
    return sorted(PACKAGE.rglob("*.py"))


#: Calls that declare: what they are given is looked up by ``docs.translate``, or stays English as reasons.
DECLARES = {
    "lever", "uncertainty", "constant", "Guardrail", "Kpi", "Figure", "Purpose", "VisitSource", "ShockKind",
    "Signal", "Condition", "Gauge", "Monitor", "Response", "Pool", "Column", "_rate", "mean_over_days",
}  # fmt: skip
#: Errors of whoever writes code against the package, or of its own books: told to who mends it, in English.
MISTAKES = {"TypeError", "AttributeError", "KeyError", "LookupError", "WiringError", "ConservationError"}
#: Folders of the market itself, where a wrong value is a mistake of code, unless it is a setting's.
MARKET = (
    "core", "network", "stations", "world", "demand", "content", "social", "commerce", "private_domain",
    "operator", "compliance", "logistics", "shocks", "measure", "market",
)  # fmt: skip


def declared(tree: ast.AST, market: bool) -> set[int]:
    """Nodes of texts that are no sentences to a strategist: declarations, meanings of columns, mistakes."""
    held: set[int] = set()
    settings = {
        id(inner)
        for one in ast.walk(tree)
        if isinstance(one, ast.ClassDef) and any("Params" in ast.unparse(base) for base in one.bases)
        for inner in ast.walk(one)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            wrong = node.func.id in MISTAKES or (
                market and node.func.id == "ValueError" and id(node) not in settings
            )
            if wrong or node.func.id in DECLARES:
                held |= {id(inner) for inner in ast.walk(node)}
        if isinstance(node, ast.Tuple) and market and node.elts:
            first = node.elts[0]
            if isinstance(first, ast.Constant) and re.fullmatch(DTYPE, str(first.value)):
                held |= {id(inner) for inner in ast.walk(node)}
    return held


#: NumPy's names of types, beside which a table's columns say what they mean.
DTYPE = r"u?int\d+|float\d+|bool|[US]\d+|datetime64\[\w\]"


def of_market(path: Path) -> bool:
    """Whether a file belongs to the market itself."""
    return path.relative_to(PACKAGE).parts[0] in MARKET


def unmarked(tree: ast.AST, market: bool = False) -> list[tuple[int, str]]:
    """Sentences of a file that are neither told (tr, ntr) nor kept (mark, keep), nor documentation."""
    skip = declared(tree, market)
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


@cache
def written_in(path: Path) -> list[tuple[int, str]]:
    """Lines and sentences of a file that are only written."""
    return unmarked(ast.parse(path.read_text(encoding="utf-8")), of_market(path))


def folder_of(path: Path) -> str:
    """Folder of the package in which a file lies, or its own name."""
    return path.relative_to(PACKAGE).parts[0]


FOLDERS = sorted({folder_of(path) for path in spoken()})


@pytest.mark.parametrize("folder", FOLDERS)
def test_sentences_are_told_and_not_only_written(folder):
    left_out = DECLARATIONS + SCRIPTS + FOR_AUTHORS
    bare = [
        f"{path.relative_to(PACKAGE)}, line {line}: {text!r}"
        for path in spoken()
        if folder_of(path) == folder and not path.relative_to(PACKAGE).as_posix().startswith(left_out)
        for line, text in written_in(path)
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


def test_a_new_speaker_is_scanned_without_being_named(monkeypatch, tmp_path):
    """What is left out is listed, not what is looked at: a folder that did not exist is among the spoken."""
    new = tmp_path / "megaphone" / "loud.py"
    new.parent.mkdir()
    new.write_text('def f():\n    raise InputError("give another name to it")\n', encoding="utf-8")
    monkeypatch.setitem(globals(), "PACKAGE", tmp_path)
    assert spoken() == [new]
    with pytest.raises(AssertionError, match="give another name to it"):
        test_sentences_are_told_and_not_only_written("megaphone")


def test_only_what_declares_or_blames_code_is_passed_over_in_a_market():
    """A setting's error is told wherever it stands; a mistake of code and a column's meaning are not."""
    text = (
        'class AParams(Params):\n    x: int = lever(1, "d", "a reason of it")\n'
        '    def check(self):\n        raise ValueError("must be a small number")\n'
        'def f(x):\n    raise ValueError("arrays must be equally long")\n'
        'def g(x):\n    raise ConfigError("write a smaller one")\n'
        'C = {"day": ("int32", "absolute day of it")}\n'
    )
    found = [one for _, one in unmarked(ast.parse(text), market=True)]
    assert sorted(found) == ["must be a small number", "write a smaller one"]
    assert "arrays must be equally long" in [one for _, one in unmarked(ast.parse(text))]


@pytest.mark.parametrize("name", [*DECLARATIONS, *SCRIPTS, *FOR_AUTHORS])
def test_what_is_left_out_is_there(name):
    assert (PACKAGE / name).exists()


#: What shows the word that it is given first: headings, titles, labels of fields and buttons.
SHOWS = {
    "add_column", "set_title", "set_xlabel", "set_ylabel", "suptitle", "title", "subheader", "caption",
    "expander", "text_input", "selectbox", "radio", "multiselect", "number_input", "button", "checkbox",
    "toggle",
}  # fmt: skip


def shown(path: Path) -> list[str]:
    """Words that a file gives to what shows them, as they are."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [
        one for one in ast.walk(tree) if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute)
    ]
    given = [one.args[0] for one in calls if one.func.attr in SHOWS and one.args]
    return [one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)]


@pytest.mark.parametrize("folder", FOLDERS)
def test_single_words_that_are_shown_are_told(folder):
    words = [(path.name, word) for path in spoken() if folder_of(path) == folder for word in shown(path)]
    assert [one for one in words if re.search("[A-Za-z]{2,}", one[1]) and not CHINESE.search(one[1])] == []


def test_every_exempt_kind_is_needed():
    used = set()
    for path in spoken():
        used |= {kind(text) for _, text in written_in(path)}
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


@pytest.fixture(scope="module")
def bare(messages):
    """Each message and its words without fields and what stands in quotes."""
    return [(message, re.sub(r"\{[^}]*\}|'[^']*'", " ", message[0])) for message in messages]


@pytest.mark.parametrize(("english", "chinese"), pairs().items())
def test_the_catalogue_speaks_as_the_glossary(english, chinese, bare, entries):
    word = re.compile(rf"(?<![\w.'/_]){re.escape(english)}(?![\w.=_])", flags=re.I)
    wrong = [
        (message[0], entries[message][0])
        for message, words in bare
        if word.search(words) and chinese not in (entries.get(message) or [chinese])[0]
    ]
    assert wrong == []
