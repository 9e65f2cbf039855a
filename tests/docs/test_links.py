"""Links resolve, and nothing tells of the machine on which a file was written."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, ROOT, prose, tracked

pytestmark = pytest.mark.docs

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
#: Folders of machines, and hosts that packages come from; neither belongs into a file others read.
_MACHINE = re.compile(r"(?<![\w.])/(?:home|root|work|tmp|Users|mnt|private)/")
_HOSTS = re.compile("pypi[.]org|python[h]osted|anaconda[.]|npm[j]s|index-[u]rl|jsdeliv[r]|cdn[j]s")
_TEXT = {".md", ".py", ".yaml", ".yml", ".toml", ".txt", ".cfg", ".ipynb", ".svg", ".j2", ".json", ".csv", ""}


def anchors(page: Path) -> set[str]:
    """Anchors of a page's headings, as code hosts make them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=[str(p.relative_to(ROOT)) for p in PAGES])
def test_links_resolve(page: Path) -> None:
    broken = []
    for link in _LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        missing = not target.exists() or ROOT not in (target, *target.parents)
        if missing or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def test_every_page_of_docs_is_in_the_index() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    unlisted = [
        p.name for p in (ROOT / "docs").glob("*.md") if p.name != "index.md" and f"({p.name})" not in index
    ]
    assert unlisted == []


def test_files_name_no_machine_and_no_registry() -> None:
    if not tracked():
        pytest.skip("needs a git checkout to know which files are under version control")
    told = []
    for path in tracked():
        if path.suffix not in _TEXT or path == Path(__file__).resolve():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        found = _MACHINE.search(text) or _HOSTS.search(text)
        if found:
            told.append(f"{path.relative_to(ROOT)}: {found[0]}")
    assert told == []


def test_no_file_holds_two_versions_of_itself() -> None:
    if not tracked():
        pytest.skip("needs a git checkout to know which files are under version control")
    marked = re.compile(rb"^(<{7}|>{7}) ", re.MULTILINE)
    assert [
        str(p.relative_to(ROOT)) for p in tracked() if p.is_file() and marked.search(p.read_bytes())
    ] == []


def test_every_library_has_one_tested_version() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!+]+", pin) for pin in pins)
    names = [re.sub(r"[-_.]+", "-", pin.partition("==")[0]).lower() for pin in pins]
    assert len(names) == len(set(names))


#: What a test asks for -> the library that brings it, where the two are not called the same.
_BROUGHT_BY = {"distributed": "dask[distributed]", "ipyvuetify": "solara", "nbformat": "nbclient"}
#: Libraries of tests that have a command of their own (``make browser``).
_ELSEWHERE = {"playwright"}


def test_no_test_is_left_out_for_want_of_a_library_that_make_test_could_install() -> None:
    """Whatever a test skips without is in the extra that the tests are run with, in a tested version."""
    asked = set()
    for path in (ROOT / "tests").rglob("*.py"):
        found = re.findall(r"importorskip\(\s*[\"'](\w+)", path.read_text(encoding="utf-8"))
        asked |= {_BROUGHT_BY.get(name, name) for name in found} - _ELSEWHERE
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    listed = {re.split("[<>=]", one)[0] for one in extras["optional-dependencies"]["dev"]}
    assert {"babel", "solara", "altair"} <= asked
    assert asked <= listed
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8").lower()
    assert [name for name in asked if f"\n{name.partition('[')[0]}==" not in pins] == []


def test_pictures_are_small_and_need_no_network() -> None:
    pictures = sorted((ROOT / "docs" / "img").iterdir())
    assert pictures
    for picture in pictures:
        assert picture.stat().st_size < 200_000, picture.name
        if picture.suffix == ".svg":
            text = picture.read_text(encoding="utf-8")
            outside = [a for a in re.findall(r"https?://[^\"' )<]+", text) if "www.w3.org" not in a]
            assert outside == [], picture.name
