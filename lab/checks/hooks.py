"""What the hooks of an application show: whom it holds, what it passes on, and the page that people see.

Spec: docs/client-hooks.md
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from lab.api import Exchange, Expect, FhirClient, Outgoing, Reply, Truth
from lab.checks.traffic import answer

_OK = 200
_UNSHOWN = frozenset({"script", "style", "template", "head"})


@dataclass(frozen=True)
class Page:
    """``texts`` are what people read, piece by piece; ``elements`` the tags, attributes and scripts in it."""

    reply: Reply
    texts: tuple[str, ...]
    elements: tuple[tuple[str, dict[str, str]], ...]
    scripts: tuple[str, ...]

    @property
    def text(self) -> str:
        """Return all that people read."""
        return " ".join(self.texts)


def held_patients(caller: FhirClient, truth: Truth, expect: Expect) -> tuple[Reply, frozenset[str]]:
    """Return the patients that the application says it holds; skips when its hook does not tell."""
    url = truth.subject.client.state_url if truth.subject.client else ""
    if not url:
        expect.skip(
            "Ce que l'application garde ne se voit pas : il faut déclarer client.state_url.",
            "What the application keeps cannot be seen: declare client.state_url.",
        )
    reply, patients = _listed(caller, expect, url, "client.state_url", "patients")
    return reply, frozenset(one.rpartition("/")[2] for one in patients)


def forwarded(caller: FhirClient, truth: Truth, expect: Expect) -> tuple[Reply, frozenset[str]]:
    """Return what the application says it passes on (``Type/id``); skips when its hook does not tell."""
    url = truth.subject.client.sink_url if truth.subject.client else ""
    if not url:
        expect.skip(
            "Ce que l'application transmet à d'autres ne se voit pas : il faut déclarer client.sink_url.",
            "What the application passes on to others cannot be seen: declare client.sink_url.",
        )
    reply, sent = _listed(caller, expect, url, "client.sink_url", "forwarded")
    return reply, frozenset(sent)


def _listed(caller: FhirClient, expect: Expect, url: str, hook: str, member: str) -> tuple[Reply, list[str]]:
    """Return what a hook lists; skips when it answers something else."""
    reply = caller.wire.send(Outgoing("GET", url, (("Accept", "application/json"),)))
    found = reply.json.get(member) if isinstance(reply.json, dict) else None
    if reply.status != _OK or not isinstance(found, list):
        expect.name(reply)
        expect.skip(
            f'{hook} ne répond pas {{"{member}": [...]}}.',
            f'{hook} does not answer {{"{member}": [...]}}.',
        )
    return reply, [str(one) for one in found]


def shown_page(
    caller: FhirClient, journal: Sequence[Exchange], truth: Truth, expect: Expect, act: str
) -> Page:
    """Return the page of the application; skips when there is none, or none of its patients is on it."""
    url = truth.subject.client.page_url if truth.subject.client else ""
    if not url:
        expect.skip(
            "Ce que l'application affiche ne se voit pas : il faut déclarer client.page_url.",
            "What the application shows cannot be seen: declare client.page_url.",
        )
    reply = caller.wire.send(Outgoing("GET", url, (("Accept", "text/html"),)))
    expect.name(reply)
    expect.that(reply.status == _OK, expected=f"a page after {act}", seen=f"HTTP {reply.status}")
    reading = _Reading()
    reading.feed(reply.text)
    reading.close()
    page = Page(reply, tuple(reading.texts), tuple(reading.elements), tuple(reading.scripts))
    seen = page.text.casefold()
    if not any(family.casefold() in seen for family in _families(journal)):
        expect.skip(
            "La page déclarée (client.page_url) ne montre aucun des patients reçus.",
            "The declared page (client.page_url) shows none of the patients received.",
        )
    return page


def names_with(journal: Sequence[Exchange], mark: str) -> frozenset[str]:
    """Return the family names that were given with a mark after them, without it."""
    return frozenset(family.partition(" <")[0] for family in _families(journal) if mark in family)


def patients_served(journal: Sequence[Exchange]) -> frozenset[str]:
    """Return the ids of the Patient resources that answers held."""
    return frozenset(str(one.get("id")) for one in _patients(journal))


def _families(journal: Sequence[Exchange]) -> frozenset[str]:
    names = (
        name for one in _patients(journal) for name in one.get("name") or () if isinstance(one["name"], list)
    )
    families = (name.get("family") for name in names if isinstance(name, dict))
    return frozenset(family for family in families if isinstance(family, str) and len(family) > 1)


def _patients(journal: Sequence[Exchange]) -> list[dict[str, Any]]:
    found: list[Any] = []
    for exchange in journal:
        if exchange.status == _OK and '"Patient"' in exchange.response_body:
            whole = answer(exchange)
            entries = whole.get("entry")
            found += [e.get("resource") for e in entries if isinstance(e, dict)] if entries else [whole]
    return [one for one in found if isinstance(one, dict) and one.get("resourceType") == "Patient"]


class _Reading(HTMLParser):
    """Reads a page as a browser would: what is shown, and which elements there are."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.scripts: list[str] = []
        self._within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag in _UNSHOWN:
            self._within.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._within:
            del self._within[self._within.index(tag) :]

    def handle_data(self, data: str) -> None:
        if "script" in self._within:
            self.scripts.append(data)
        elif not self._within and data.strip():
            self.texts.append(data.strip())
