"""Reads a page the way a strict parser would: every tag closed in order, every id once."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"meta", "input", "br", "img", "link", "hr"}


@dataclass
class Page:
    """What the page holds: ids, links, tag names, attributes, text."""

    ids: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    tags: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    languages: set[tuple[str, str]] = field(default_factory=set)
    text: str = ""
    faults: list[str] = field(default_factory=list)


def read_page(html: str) -> Page:
    """Return what the page holds; ``faults`` is empty when every tag is balanced."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.page.faults += [f"<{tag}> never closed" for tag in reader.open]
    return reader.page


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._note(tag, attrs)
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._note(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.page.faults.append(f"</{tag}> closes nothing at {self.getpos()}")

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.page.text += data

    def _note(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.page.tags.add(tag)
        self.page.attributes |= values.keys()
        if "id" in values:
            self.page.ids.append(values["id"])
        if "href" in values:
            self.page.links.append(values["href"])
        for name in {"fr", "en"} & set(values.get("class", "").split()):
            self.page.languages.add((name, values.get("lang", "")))
