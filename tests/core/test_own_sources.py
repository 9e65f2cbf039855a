"""What is not the package's own is named by all of its owner's code that it may hold."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

from sim.core.own_sources import own_digest, own_files

IMPORTS = {
    "absolute": "from theirs.law import FACTOR",
    "relative": "from .law import FACTOR",
    "of the package": "from theirs import law",
    "of the parent": "from . import law",
    "dotted": "import theirs.law",
    "within a function": "def late():\n    from theirs.law import FACTOR",
    "over two": "from theirs.between import FACTOR",
}


@pytest.fixture
def theirs(tmp_path):
    """A package with a module that can be imported in many ways, and one that nobody imports."""
    place = tmp_path / "theirs"
    place.mkdir()
    files = {
        "__init__": "",
        "law": "FACTOR = 2\n",
        "between": "from .law import FACTOR\n",
        "other": "A = 1\n",
    }
    for name, text in files.items():
        (place / f"{name}.py").write_text(text, encoding="utf-8")
    return place


@pytest.mark.parametrize("words", IMPORTS.values(), ids=IMPORTS)
def test_an_edit_of_what_is_imported_moves_the_digest_and_no_other_edit(theirs, words):
    module = theirs / "features.py"
    module.write_text(f"import numpy as np\nimport sim\n{words}\n", encoding="utf-8")
    before = own_digest("theirs.features", module)
    assert "sim" not in own_files("theirs.features", module)
    for name, moves in (("law", True), ("other", False)):
        text = (theirs / f"{name}.py").read_text(encoding="utf-8")
        (theirs / f"{name}.py").write_text(text + "# edited\n", encoding="utf-8")
        assert (own_digest("theirs.features", module) != before) == moves
        (theirs / f"{name}.py").write_text(text, encoding="utf-8")
    assert own_digest("theirs.features", module) == before


def test_modules_side_by_side_count_and_other_peoples_installed_packages_do_not(tmp_path):
    for place, counts in ((tmp_path / "work", True), (tmp_path / "site-packages", False)):
        place.mkdir()
        (place / "helper.py").write_text("A = 1\n", encoding="utf-8")
        (place / "mine.py").write_text("import helper\n", encoding="utf-8")
        assert ("helper" in own_files("mine", place / "mine.py")) == counts


def test_what_cannot_be_read_counts_by_its_name(tmp_path):
    (tmp_path / "broken.py").write_text("def (\n", encoding="utf-8")
    assert own_digest("broken", tmp_path / "broken.py")
    assert own_digest("gone", tmp_path / "gone.py") != own_digest("lost", tmp_path / "lost.py")


CELLS = """
RATE = {rate}
def law(x): return {law}
def unrelated(x): return {unrelated}
class Mine:
    known = law
    def act(self, world):
        return [RATE * y for y in world]
"""


def test_a_class_of_cells_is_named_by_what_the_cells_say_of_it():
    """Cells have no file; what a class names in them counts as it is now."""

    def digest_of(**changes: str) -> str:
        cells = CELLS.format(**({"rate": "0.1", "law": "x + 1", "unrelated": "x"} | changes))
        code = f"{cells}\nfrom sim.core.own_sources import class_digest\nprint(class_digest(Mine))"
        ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        return ran.stdout

    before = digest_of()
    assert digest_of() == before == digest_of(unrelated="x - 1")
    assert digest_of(rate="0.2") != before


def test_a_feature_is_named_by_the_modules_it_imports(theirs, monkeypatch):
    (theirs / "features.py").write_text(
        "from sim.core.params import Params\nfrom sim.feature import Feature\n"
        "from theirs.law import FACTOR\n\n"
        "class Mine(Feature):\n    section = 'mine'\n    class Params(Params):\n        pass\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(theirs.parent)
    mine = importlib.import_module("theirs.features").Mine
    before = mine.digest()
    (theirs / "law.py").write_text("FACTOR = 3\n", encoding="utf-8")
    assert mine.digest() != before
    for name in [name for name in sys.modules if name.startswith("theirs")]:
        del sys.modules[name]


def test_a_kernel_of_ones_own_is_compiled_anew_when_one_that_it_holds_is_edited(theirs):
    (theirs / "law.py").write_text(
        "from sim.core.jit import njit\n\n@njit\ndef factor():\n    return 2\n", encoding="utf-8"
    )
    (theirs / "kernel.py").write_text(
        "from sim.core.jit import njit\nfrom theirs.law import factor\n\n"
        "@njit(cache=True)\ndef scaled(x):\n    return factor() * x\n",
        encoding="utf-8",
    )

    def scaled() -> str:
        code = "import sys; sys.path.insert(0, '.')\nfrom theirs.kernel import scaled; print(scaled(21))"
        command = [sys.executable, "-B", "-c", code]
        return subprocess.run(command, capture_output=True, text=True, check=True, cwd=theirs.parent).stdout

    assert scaled().strip() == "42"
    text = (theirs / "law.py").read_text(encoding="utf-8")
    (theirs / "law.py").write_text(text.replace("return 2", "return 3"), encoding="utf-8")
    assert scaled().strip() == "63"
