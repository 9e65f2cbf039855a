"""The house stands: no circle of imports, no folder that swallows the rest, no file that nobody can read."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import networkx as nx
import pytest

import sim

PACKAGE = Path(sim.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
#: Marks that keep lines from the formatter.
MARK = re.compile(r"#\s*(fmt|yapf):")


def _module(path: Path) -> str:
    parts = ("sim", *path.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {_module(path) for path in FILES}


def _targets(node: ast.AST) -> list[str]:
    """Modules of the package that an import statement names, wherever it stands."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        full = [f"{node.module}.{alias.name}" for alias in node.names]
        return [name if name in MODULES else node.module for name in full]
    return []


def imports(files: list[Path]) -> nx.DiGraph:
    """Who imports whom: at the top, inside functions, and for type checkers alike."""
    graph = nx.DiGraph()
    for path in files:
        own = _module(path)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            graph.add_edges_from((own, name) for name in _targets(node) if name in MODULES and name != own)
    return graph


def test_no_circle_of_imports():
    circles = [sorted(part) for part in nx.strongly_connected_components(imports(FILES)) if len(part) > 1]
    assert circles == []


def test_no_folder_holds_more_than_a_sixth_of_the_lines():
    lines = Counter()
    for path in FILES:
        lines[path.relative_to(PACKAGE).parts[0]] += len(path.read_text(encoding="utf-8").splitlines())
    folder, most = lines.most_common(1)[0]
    assert most <= 0.15 * lines.total(), f"{folder}: {most} of {lines.total()} lines"


def test_files_can_be_read():
    sizes = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert [path.name for path, size in sizes.items() if size > 400] == []
    assert sorted(sizes.values())[len(sizes) // 2] <= 150


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_every_file_says_what_it_is_for(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)


def test_few_lines_are_kept_from_the_formatter():
    marks = [
        f"{path.relative_to(PACKAGE)}:{number}"
        for path in FILES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if MARK.search(line)
    ]
    assert not marks


def positional(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> int:
    return len(function.args.posonlyargs) + len(function.args.args)


def test_no_function_takes_a_column_of_arguments():
    """What belongs together comes as a record; kernels take named tuples of arrays."""
    long = {
        f"{path.relative_to(PACKAGE)}:{node.lineno}": positional(node)
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)) and positional(node) > 12
    }
    assert long == {}
