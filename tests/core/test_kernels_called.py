"""Kernels that are compiled in every process are called from kernels alone: from Python each call would wait
for all of the compiler, half a second of every run, where a kernel that is kept or a plain function does."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import sim

PACKAGE = Path(sim.__file__).parent
TREES = {
    path.relative_to(PACKAGE.parent).with_suffix("").as_posix().replace("/", "."): ast.parse(
        path.read_text(encoding="utf-8")
    )
    for path in sorted(PACKAGE.rglob("*.py"))
}


def kept(function: ast.FunctionDef) -> bool | None:
    """Whether a kernel's compiled code is kept; None for what is no kernel."""
    for mark in function.decorator_list:
        call = mark.func if isinstance(mark, ast.Call) else mark
        if isinstance(call, ast.Name) and call.id == "njit":
            words = mark.keywords if isinstance(mark, ast.Call) else []
            return any(w.arg == "cache" and getattr(w.value, "value", False) is True for w in words)
    return None


def fresh(trees: dict[str, ast.Module]) -> set[tuple[str, str]]:
    """Module and name of all kernels that every process compiles for itself."""
    return {
        (module, node.name)
        for module, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and kept(node) is False
    }


def calls(trees: dict[str, ast.Module]) -> Iterator[tuple[str, str]]:
    """Where plain code calls such kernels by name."""
    kernels = fresh(trees)
    for module, tree in trees.items():
        names = {name for home, name in kernels if home == module}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                names |= {a.asname or a.name for a in node.names if (node.module, a.name) in kernels}
        yield from ((module, name) for name in _called(tree) if name in names)


def _called(node: ast.AST) -> Iterator[str]:
    """Names that are called within a node and outside its kernels."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef) and kept(child) is not None:
            continue
        if isinstance(child, ast.Call) and isinstance(child.func, ast.Name):
            yield child.func.id
        yield from _called(child)


def test_plain_code_calls_no_kernel_that_every_process_compiles():
    assert len(fresh(TREES)) > 30
    assert list(calls(TREES)) == []


def test_such_a_call_is_found():
    home = "@njit(inline='always')\ndef mix(a): return a\n@njit(cache=True)\ndef many(a): return mix(a)\n"
    user = "from sim.home import mix as blend, many\ndef plain(): return many(1) + blend(2)\n"
    trees = {"sim.home": ast.parse(home), "sim.user": ast.parse(user)}
    assert list(calls(trees)) == [("sim.user", "blend")]
