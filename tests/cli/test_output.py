"""Texts of files are shown and never obeyed, and marks stay readable in any encoding."""

from __future__ import annotations

import io
import os
import subprocess
import sys

import pytest
from rich.table import Table
from rich.text import Text

from sim.cli import main
from sim.cli.output import clean, say
from sim.cli.screen import Screen

HOSTILE = ["a [/nope]", "[link=https://example.org]b[/link]", "[bold red]c", ":smile:", "<script>d</script>"]
COMMANDS = ["\x1b[31mred", "\x1b]0;title\x07", "\u202etxt.exe", "\u2066x\u2069", "a\rb", "\u200bx", "\x9b2J"]


def shown(thing: object) -> str:
    out = io.StringIO()
    Screen(file=out, width=120, force_terminal=False).print(thing)
    return out.getvalue()


@pytest.mark.parametrize("text", HOSTILE)
def test_texts_are_no_markup(text):
    table = Table("A", title=text)
    table.add_row(text)
    assert text in shown(text)
    assert shown(table).count(text) == 2


@pytest.mark.parametrize("text", COMMANDS)
def test_texts_command_no_terminal(text, capsys):
    table = Table("A")
    table.add_row(text)
    say(text)
    told = [shown(text), shown(Text(text)), shown(table), capsys.readouterr().out]
    assert not any(set(one) & set("\x1b\x07\r\u202e\u2066\u2069\u200b\x9b") for one in told)


def test_letters_of_every_script_stay():
    assert clean("三级　分销 é\nç\u00a0✓") == "三级　分销 é\nç\u00a0✓"


@pytest.mark.parametrize("text", [*HOSTILE, r"x\e[31my", r"z\u202ew"])
def test_a_borrowed_description_is_listed(text, tmp_path, monkeypatch, capsys):

    (tmp_path / "scenarios").mkdir()
    line = f'description: "{text}"\n'
    (tmp_path / "scenarios" / "borrowed.yaml").write_text(line, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["list", "scenarios"]) == 0
    out = capsys.readouterr().out
    assert "borrowed" in out
    assert "group_buy" in out
    assert not set(out) & set("\x1b\u202e")
    assert "\\" in text or text in out


@pytest.mark.parametrize("coding", ["ascii", "gbk", "utf-8"])
def test_marks_are_readable_in_any_encoding(coding):
    code = "from sim.cli.output import say, configure_streams; configure_streams(); say('✓ ✗ ▲ ▽ – 三')"
    env = {**os.environ, "PYTHONIOENCODING": coding}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=env)
    told = done.stdout.decode(coding)
    wanted = {"ascii": "+ x ^ , - ?", "utf-8": "✓ ✗ ▲ ▽ – 三"}
    assert "?" not in told or coding == "ascii"
    assert told.strip() == wanted.get(coding, told.strip())
    assert "三" in told or coding == "ascii"


@pytest.mark.parametrize(
    "places", [{"HOME": "/proc/none"}, {"MPLCONFIGDIR": "/proc/none"}, {"XDG_CACHE_HOME": "/proc/none"}]
)
def test_a_home_that_cannot_be_written_to_is_no_news(places):
    """Figures are drawn there too, and Matplotlib does not speak in our name."""
    code = "from sim.cli.output import configure_logging; configure_logging(); import matplotlib.font_manager"
    inherited = {k: v for k, v in os.environ.items() if k not in ("MPLCONFIGDIR", "XDG_CACHE_HOME")}
    done = subprocess.run(
        [sys.executable, "-c", code], env=inherited | places, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("closed", ["1>&-", "2>&-", "1>&- 2>&-"])
def test_a_closed_stream_is_no_error(closed):
    command = f'"{sys.executable}" -m sim list scenarios {closed}'
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
