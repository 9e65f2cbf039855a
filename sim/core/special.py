"""Distribution functions of scipy, without what else its package of special functions brings.

``import scipy.special`` takes three to five times as long as the module that holds these functions, most of
it for interfaces to other array libraries and for linear algebra. Whoever imports the package later gets all
of it, with the very same functions.
"""

from __future__ import annotations

import importlib
from typing import Any

from sim.core.deferred import import_alone

__all__ = ["betaincinv", "fdtrc", "ndtr", "ndtri", "stdtr", "stdtrit", "zeta"]

#: Their names in that module: the zeta function of two numbers has an underscore there.
_INSIDE = (*__all__[:-1], "_zeta")


def _functions() -> Any:
    """The module that holds them; the whole package with a scipy that is laid out otherwise."""
    try:
        import_alone("scipy.linalg", "cython_lapack")
        import_alone("scipy.linalg", "cython_blas")
        import_alone("scipy.special", "_ufuncs")
        found = importlib.import_module("scipy.special._ufuncs")
        if all(hasattr(found, name) for name in _INSIDE):
            return found
    except ImportError:
        pass
    return importlib.import_module("scipy.special")


_held: Any = _functions()
betaincinv, fdtrc, ndtr = _held.betaincinv, _held.fdtrc, _held.ndtr
ndtri, stdtr, stdtrit = _held.ndtri, _held.stdtr, _held.stdtrit
zeta = getattr(_held, "_zeta", None) or _held.zeta
