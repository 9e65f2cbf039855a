"""Plots as bytes for a page: drawn one at a time, since Matplotlib's state belongs to the whole process."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Sequence
from typing import Any

from sim.core.errors import InputError

_LOCK = threading.Lock()
_DOTS = 130


def picture(draw: Callable[[], Any]) -> bytes | str:
    """A plot as a PNG, or why it cannot be drawn.

    Parameters
    ----------
    draw : callable
        Returns axes, or a list of axes of one figure.

    Returns
    -------
    bytes or str
        The picture; a sentence where the results do not hold what it needs.
    """
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    with _LOCK:
        try:
            axes = draw()
            figure = (axes[0] if isinstance(axes, Sequence) else axes).figure
            file = io.BytesIO()
            figure.savefig(file, format="png", dpi=_DOTS)
            return file.getvalue()
        except InputError as error:
            return str(error)
        finally:
            plt.close("all")
