"""Compiled kernels read back with what a call needs, and without what only the compiler needs.

numba makes itself ready to compile before it looks whether a kernel has been compiled already: it imports
all that it knows about Python's and numpy's functions, which takes as long as to read eighty kernels, and it
parses each kernel's intermediate code, which only callers that are compiled anew would be linked with. Here
both wait until something is compiled. That follows how numba lays out its cache, so it is done for versions
that have been tried; with any other, kernels are read in numba's own way.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from typing import Any

import llvmlite.binding as llvm
import numba
from numba.core import environment
from numba.core.caching import FunctionCache
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompileResult
from numba.core.runtime import rtsys

#: Versions of numba whose cached kernels have been read like this.
TRIED = ("0.68.",)
#: Place of what numba must do anew before it uses a kernel, in what is kept of one.
RELOAD_INIT = 7


def tried() -> bool:
    """Whether this numba's cache is known."""
    return str(numba.__version__).startswith(TRIED)


class Library(JITCodeLibrary):
    """Machine code of a kernel, whose intermediate code is parsed when another kernel is linked with it."""

    bitcode: bytes = b""

    @classmethod
    def _unserialize(cls, codegen: Any, state: tuple[str, str, Any]) -> Any:
        name, kind, data = state
        if kind != "object":
            return super()._unserialize(codegen, state)
        library = cls(codegen, name)
        machine_code, library.bitcode = data
        library.enable_object_caching()
        library._set_compiled_object(machine_code)
        library._finalize_final_module()
        return library

    def get_pointer_to_function(self, name: str) -> int:
        """Address of a function that the machine code is known to hold."""
        address: int = self._codegen._engine.get_function_address(name)
        return address

    def _get_module_for_linking(self) -> Any:
        if self._shared_module is None:
            self._shared_module = llvm.parse_bitcode(self.bitcode)
            self._codegen._engine._load_defined_symbols(self._shared_module)
        return self._shared_module


class KernelCache(FunctionCache):
    """numba's cache of one function.

    Parameters
    ----------
    function : callable
        What is compiled.
    before_compiling : callable
        Called when there is no compiled code for a signature yet.
    """

    def __init__(self, function: Callable[..., Any], before_compiling: Callable[[], None]) -> None:
        super().__init__(function)
        self._before_compiling = before_compiling

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The compiled function of a signature, or None if it has to be compiled."""
        rtsys.initialize(target_context)
        found = self._read(sig, target_context) if self._enabled else None
        if found is None:
            self._before_compiling()
            target_context.refresh()
        return found

    def _read(self, sig: Any, target_context: Any) -> Any:
        index = self._cache_file
        name = index._load_index().get(self._index_key(sig, target_context.codegen()))
        if name is None:
            return None
        try:
            with open(index._data_path(name), "rb") as data:
                held = _Reader(io.BytesIO(data.read())).load()
        except OSError:  # removed while the index still names it
            return None
        if held[RELOAD_INIT]:  # the compiler's own preparations
            target_context.refresh()
        codegen = target_context.codegen()
        usual, codegen._library_class = codegen._library_class, Library
        try:
            return CompileResult._rebuild(target_context, *held)
        finally:
            codegen._library_class = usual


class _Reader(pickle.Unpickler):
    """Reads a kernel without importing the modules of numba whose functions it holds in machine code."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == (environment.__name__, environment._rebuild_env.__name__):
            return _environment
        return super().find_class(module, name)


def _environment(module: str, constants: list[Any], name: str) -> Any:
    """Constants of one compiled function; of numba's own functions nothing else is ever looked up."""
    if module.partition(".")[0] != "numba":
        return environment._rebuild_env(module, constants, name)
    if (found := environment.lookup_environment(name)) is not None:
        return found
    made = environment.Environment({"__name__": module})
    made.consts[:] = constants
    made.env_name = name
    environment.Environment._memo[name] = made
    return made
