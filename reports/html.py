"""Renders a run as one self-contained HTML page, readable and printable without script.

The page carries its own Content-Security-Policy (https://www.w3.org/TR/CSP3/): nothing may be loaded and
no style but its own applies, so that a defect of escaping could neither run nor fetch anything.
"""

from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from reports.figures import Pair, duration, moment, number
from reports.inert import inert
from reports.page import page
from reports.words import EXPECTATIONS, LANGUAGES, words


def render_html(run: Mapping[str, Any]) -> str:
    """Return the page of a run document; the same document gives the same text.

    Raises:
        jinja2.UndefinedError, KeyError: ``run`` is not a document of the published schema.
    """
    clean = inert(run)
    style = _style()
    template = _environment().get_template("report.html.j2")
    return template.render(run=clean, page=page(clean), style=Markup(style), policy=_policy(style))  # noqa: S704 our own file


def _style() -> str:
    return (files("reports") / "templates" / "style.css").read_text(encoding="utf-8")


def _policy(style: str) -> str:
    digest = b64encode(sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"both": _both, "number": number, "duration": duration, "moment": moment}
    environment.globals |= {"words": words(), "languages": LANGUAGES, "expectations": EXPECTATIONS}
    return environment


def _both(pair: Pair) -> Markup:
    """Write a text in both languages, the style sheet showing one; once when they are the same."""
    if pair["fr"] == pair["en"]:
        return Markup("{}").format(pair["fr"])
    spans = Markup('<span class="fr" lang="fr">{}</span><span class="en" lang="en">{}</span>')
    return spans.format(pair["fr"], pair["en"])
