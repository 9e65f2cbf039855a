"""Sentences in the language in force: looked up when they are told, and never another visitor's."""

import multiprocessing
import threading
from concurrent.futures import ProcessPoolExecutor

import pytest

from sim.core import language
from sim.core.language import catalogue, mark, ntr, of_locale, read_po, speak, speaking, tr


def test_english_is_what_the_code_says():
    assert tr("met") == "met"
    assert tr("{n} of {total:,} runs", n=2, total=1000) == "2 of 1,000 runs"
    assert mark("met") == "met"


def test_chinese_is_looked_up_when_it_is_told():
    told = mark("Add-to-cart rate")
    with speaking("zh"):
        assert tr(told) == "加购率"
        assert tr("{met} of {n}", met=2, n=5) == "5 个中 2 个"
    assert tr(told) == "Add-to-cart rate"


def test_what_lacks_a_translation_stays_readable():
    with speaking("zh"):
        assert tr("nobody has translated {n} of these", n=3) == "nobody has translated 3 of these"


def test_no_blank_stands_between_chinese_and_a_chinese_field():
    with speaking("zh"):
        assert tr("Targets under {who}: {told}", who="基线", told="x") == "基线下的目标：x"
        assert tr("Targets under {who}: {told}", who="plan B", told="x") == "plan B 下的目标：x"


def test_braces_without_fields_are_no_fields():
    assert tr("a list {as it is}") == "a list {as it is}"


def test_numbers_choose_their_form():
    assert ntr("{n} world", "{n} worlds", 1) == "1 world"
    assert ntr("{n} world", "{n} worlds", 2) == "2 worlds"


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_SG"}, "zh"),
        ({"LANG": "zh"}, "zh"),
        ({"LANG": "zh_Hans_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_TW.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LC_ALL": "en_GB.UTF-8", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LC_MESSAGES": "zh_CN.UTF-8", "LANG": "en_US.UTF-8"}, "zh"),
        ({"LC_ALL": "", "LANG": "zh_CN.UTF-8"}, "zh"),
    ],
)
def test_the_locale_says_which(environ, expected):
    assert of_locale(environ) == expected


def test_an_unknown_language_is_refused():
    with pytest.raises(ValueError, match="must be one of en, zh"):
        speak("fr")


def test_threads_do_not_hear_each_other():
    """Two visitors of the board at the same time: each has their own."""
    meet, heard = threading.Barrier(2), {}

    def visit(name):
        speak(name)
        meet.wait()
        heard[name] = tr("met")
        meet.wait()

    threads = [threading.Thread(target=visit, args=(name,)) for name in ("en", "zh")]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert heard == {"en": "met", "zh": "达到"}
    assert language.language() == "en"


def test_a_worker_process_begins_in_english():
    with speaking("zh"), ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        assert pool.submit(language.language).result() == "en"


def test_the_catalogue_is_read_as_babel_reads_it():
    """An independent reader of the same file."""
    pofile = pytest.importorskip("babel.messages.pofile", reason="Babel reads the catalogue too")
    path = language._FOLDER / "zh.po"
    with path.open("rb") as file:
        theirs = {
            (one.id,) if isinstance(one.id, str) else tuple(one.id): one.string
            for one in pofile.read_po(file)
            if one.id and not one.fuzzy
        }
    ours = {ids: texts for ids, texts in read_po(path).items() if ids != ("",)}
    assert ours.keys() == theirs.keys()
    for ids, text in theirs.items():
        assert ours[ids] == ([text] if isinstance(text, str) else list(text))
        if all(ours[ids]):
            assert catalogue("zh").gettext(ids[0]) == ours[ids][0]


def test_doubtful_and_obsolete_entries_are_left_out(tmp_path):
    file = tmp_path / "x.po"
    file.write_text(
        'msgid "a"\nmsgstr "甲"\n\n#, fuzzy\nmsgid "b"\nmsgstr "乙"\n\n#~ msgid "c"\n#~ msgstr "丙"\n\n'
        'msgid ""\n"two "\n"lines\\n"\nmsgstr ""\n"两"\n"行\\n"\n',
        encoding="utf-8",
    )
    assert read_po(file) == {("a",): ["甲"], ("two lines\n",): ["两行\n"]}
