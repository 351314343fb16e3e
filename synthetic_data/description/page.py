"""Render a portrait as one self-contained HTML page, readable and printable without script.

The page carries its own Content-Security-Policy (https://www.w3.org/TR/CSP3/): nothing may be loaded and no
style but its own applies, so that a defect of escaping could neither run nor fetch anything.
"""

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from synthetic_data.description.bilingual import Both
from synthetic_data.description.drawing.strip import WIDTH
from synthetic_data.description.drawings import drawings_of
from synthetic_data.description.inert import inert
from synthetic_data.description.laid_out import laid_out
from synthetic_data.description.numbers import day, megabytes, number, share
from synthetic_data.description.portrait import Portrait
from synthetic_data.description.words import words


def page_of(portrait: Portrait) -> str:
    """Give the page; the same portrait gives the same text."""
    style = (files("synthetic_data.description") / "templates" / "style.css").read_text(encoding="utf-8")
    digest = b64encode(sha256(style.encode()).digest()).decode()
    return _environment().get_template("page.html.j2").render(
        portrait=portrait,
        drawings=drawings_of(portrait),
        last_day=(portrait.identity.now - timedelta(seconds=1)).date(),
        style=Markup(style),  # noqa: S704 - our own file
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
    )  # fmt: skip


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("synthetic_data.description"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "both": _both,
        "number": number,
        "share": share,
        "megabytes": megabytes,
        "day": day,
        "moment": _moment,
        # Paths are of our own making, digits and letters, and longer than any text of the data may be.
        "path": escape,
        "laid_out": lambda line: escape(laid_out(line)),
    }
    environment.globals |= {"words": words(), "strip_width": WIDTH}
    return environment


def _shown(value: Any) -> Any:
    """Make every text of the data inert before it is escaped; what is already markup stays as it is."""
    return inert(value) if type(value) is str else value


def _both(text: Both) -> Markup:
    """Write a text in both languages, the style sheet showing one; once when they are the same."""
    if text.fr == text.en:
        return Markup("{}").format(inert(text.fr))
    spans = Markup('<span class="fr" lang="fr">{}</span><span class="en" lang="en">{}</span>')
    return spans.format(inert(text.fr), inert(text.en))


def _moment(wall: int) -> str:
    """Write seconds on the clock of Paris as a date and a time."""
    return f"{datetime.fromtimestamp(wall, UTC):%Y-%m-%d %H:%M}"
