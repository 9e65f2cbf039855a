"""Which files somebody's own module is made of: itself, and those of theirs that it imports.

What a feature or a kernel from outside the package does hangs on these. Installed libraries count by their
versions or not at all, and the package's own sources have digests of their own (:mod:`sim.core.sources`).
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType
from typing import Any

#: Folders of installed packages: there a module's own files are those of its package.
_INSTALLED = ("site-packages", "dist-packages")
_PACKAGE = __name__.partition(".")[0]
#: Values of a notebook's cells that are told by how they are written.
_PLAIN = (bool, int, float, str, tuple, list, dict, type(None))
_WORD = re.compile(r"[A-Za-z_]\w*")


def own_digest(name: str, file: Path) -> str:
    """Digest of a module's file and of all of its owner's that it imports, directly or through others.

    Parameters
    ----------
    name : str
        Dotted name of the module.
    file : Path
        Where it is written; one that cannot be read counts by its name.
    """
    total = hashlib.sha256()
    for dotted, path in sorted(own_files(name, file).items()):
        total.update(f"{dotted}\0".encode() + _bytes(path))
    return total.hexdigest()


def class_digest(cls: type) -> str:
    """Digest of all that a class outside the package is written in.

    Parameters
    ----------
    cls : type
        A class of a module, or of a notebook's cells: there it is its own source, and whatever else of the
        cells it names (functions, classes, plain values), as they are now.
    """
    module = sys.modules.get(cls.__module__)
    file = getattr(module, "__file__", None)
    if file is not None:
        return own_digest(cls.__module__, Path(file))
    total = hashlib.sha256()
    for name, text in sorted(_cells(cls, vars(module) if module is not None else {}).items()):
        total.update(f"{name}\0{text}\0".encode())
    return total.hexdigest()


def _cells(cls: type, names: dict[str, Any]) -> dict[str, str]:
    """Name -> source or value of a class and of everything that it names, directly or through others."""
    found, waiting = dict[str, str](), [(cls.__qualname__, cls)]
    while waiting:
        name, value = waiting.pop()
        if name in found:
            continue
        if isinstance(value, (type, FunctionType)):
            found[name] = _source(value)
            waiting += [(one, names[one]) for one in set(_WORD.findall(found[name])) & names.keys()]
        elif isinstance(value, _PLAIN):
            found[name] = repr(value)
    return found


def _source(value: type | FunctionType) -> str:
    """Text of a class or function; its compiled form where the text is gone."""
    try:
        return inspect.getsource(value)
    except (OSError, TypeError):
        made = vars(value).values() if isinstance(value, type) else (value,)
        codes = [code for one in made if (code := getattr(one, "__code__", None)) is not None]
        return " ".join(f"{code.co_names} {code.co_consts} {code.co_code!r}" for code in codes)


def own_files(name: str, file: Path) -> dict[str, Path]:
    """Dotted name -> file of a module and of all of its owner's that it imports, wherever the import stands.

    Parameters
    ----------
    name : str
        Dotted name of the module.
    file : Path
        Where it is written.
    """
    package = file.name == "__init__.py"
    root = file.resolve().parents[name.count(".") + package]
    found, waiting = dict[str, Path](), [(name, file)]
    while waiting:
        dotted, path = waiting.pop()
        if dotted in found:
            continue
        found[dotted] = path
        for wanted in _imports(dotted, path):
            top = wanted.partition(".")[0]
            if top == _PACKAGE or (root.name in _INSTALLED and top != name.partition(".")[0]):
                continue
            if (there := _file_of(root, wanted)) is not None:
                waiting.append((wanted, there))
    return found


def _imports(dotted: str, path: Path) -> Iterator[str]:
    """Dotted names that a file may import, packages above them included."""
    try:
        tree = ast.parse(_bytes(path))
    except (SyntaxError, ValueError):
        return
    inside = dotted if path.name == "__init__.py" else dotted.rpartition(".")[0]
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = inside.split(".")[: inside.count(".") + 2 - node.level] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            names = [base, *(f"{base}.{alias.name}" for alias in node.names)]
        for one in names:
            parts = one.split(".")
            yield from (".".join(parts[:k]) for k in range(1, len(parts) + 1))


def _file_of(root: Path, dotted: str) -> Path | None:
    """File of a module below a folder, if it is there."""
    path = root.joinpath(*dotted.split("."))
    return next((p for p in (path.with_suffix(".py"), path / "__init__.py") if p.is_file()), None)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return str(path).encode()
