"""How pages are made from templates: what users named is escaped, and a missing value is an error.

A sentence of a page stands in its template as ``{{ _('English, with {names}', names=...) }}``; what a
template passes on as text is told by ``tr``.
"""

from __future__ import annotations

from pathlib import Path

import jinja2
from markupsafe import Markup, escape

from sim.core.language import filled, language, tr

TEMPLATES = Path(__file__).parent / "templates"
#: Language -> how a page names it.
_LANGUAGE_TAGS = {"en": "en", "zh": "zh-CN"}


def environment() -> jinja2.Environment:
    """The templates of this folder, with HTML escaped and nothing left undefined."""
    pages = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.globals.update(_=_sentence, tr=tr, lang=_LANGUAGE_TAGS[language()])
    return pages


def _sentence(text: str, **fields: object) -> Markup:
    """A sentence of a template, which may hold markup of its own; what fills its fields is escaped."""
    said = tr(text)
    return Markup(filled(said, {name: escape(value) for name, value in fields.items()}) if fields else said)
