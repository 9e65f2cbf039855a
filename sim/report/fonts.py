"""A font for the letters of the language in force: figures fall back on it, and readers are told if none is.

In SVG text stays text, and the browser draws it; there the font is for measuring alone. In PNG it is drawn.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from sim.core.language import ENGLISH, language, tr

#: Families with the characters of Simplified Chinese, the best first, and how their files begin.
FAMILIES = {
    "Noto Sans CJK SC": "NotoSansCJK-",
    "Source Han Sans SC": "SourceHanSansSC-",
    "Noto Sans SC": "NotoSansSC-",
    "WenQuanYi Zen Hei": "wqy-zenhei",
    "WenQuanYi Micro Hei": "wqy-microhei",
    "PingFang SC": "PingFang",
    "Hiragino Sans GB": "Hiragino Sans GB",
    "Microsoft YaHei": "msyh",
    "SimHei": "simhei",
}
_LATIN = "DejaVu Sans"


@cache
def chinese() -> str:
    """The first of :data:`FAMILIES` that is installed; empty if none is."""
    from matplotlib import font_manager as fonts

    known = {font.name for font in fonts.fontManager.ttflist}
    if not known & set(FAMILIES):  # the list is kept, and may be older than a font that was installed
        for file in fonts.findSystemFonts():
            if file.replace("\\", "/").rpartition("/")[2].startswith(tuple(FAMILIES.values())):
                fonts.fontManager.addfont(file)
        known = {font.name for font in fonts.fontManager.ttflist}
    return next((family for family in FAMILIES if family in known), "")


def settings() -> dict[str, Any]:
    """Settings of Matplotlib for the language in force; none for English."""
    if language() == ENGLISH:
        return {}
    return {"font.family": [_LATIN, *filter(None, [chinese()])], "axes.unicode_minus": False}


@contextmanager
def measured() -> Iterator[None]:
    """Let letters that no font has pass in silence, where a browser draws them later."""
    with warnings.catch_warnings():
        if language() != ENGLISH:
            warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield


def tell_missing() -> None:
    """Say what to install where letters would be drawn as boxes."""
    if language() != ENGLISH and not chinese():
        warnings.warn(
            tr(
                "note: no font with Chinese characters was found, and pictures show boxes in their place; "
                "install one, on Debian and Ubuntu 'apt install fonts-noto-cjk' or 'fonts-wqy-zenhei'"
            ),
            stacklevel=3,
        )
