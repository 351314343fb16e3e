"""Draw random requests that only read: searches of every form, reads, versions, compartments, batches.

Specs: https://hl7.org/fhir/R4/search.html, https://hl7.org/fhir/R4/http.html
"""

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from lab.checks.security.request_words import Words, happens

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_JSON = {"Content-Type": "application/fhir+json"}
_SUMMARIES = ("true", "text", "data", "count", "false")
Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Asked:
    """One request; ``path`` is relative to the base."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def __str__(self) -> str:
        """Return the request in one line."""
        condition = self.headers.get("If-None-Match")
        said = f" {self.body.decode()[:300]}" if self.body else ""
        return f"{self.method} {self.path}{said}" + (f" (If-None-Match: {condition})" if condition else "")


def draw(words: Words, chance: random.Random) -> Asked:
    """Draw one request."""
    form: Callable[[Words, random.Random], Asked] = chance.choices(_FORMS, _WEIGHTS)[0]
    return form(words, chance)


def _search(words: Words, chance: random.Random) -> Asked:
    type_ = words.type(chance)
    return Asked("GET", f"{type_}?{_query(_pairs(words, type_, chance))}")


def _search_by_post(words: Words, chance: random.Random) -> Asked:
    type_ = words.type(chance)
    pairs = _pairs(words, type_, chance)
    here = pairs[:1] if happens(0.2, chance) else []  # parameters may stand in both places
    path = f"{type_}/_search" + (f"?{_query(here)}" if here else "")
    return Asked("POST", path, _FORM, _query(pairs[len(here) :]).encode())


def _read(words: Words, chance: random.Random) -> Asked:
    type_ = words.type(chance)
    pairs: Pairs = [_chosen(words, chance)] if happens(0.3, chance) else []
    path = f"{type_}/{words.id(type_, chance)}"
    return Asked("GET", f"{path}?{_query(pairs)}" if pairs else path)


def _conditional_read(words: Words, chance: random.Random) -> Asked:
    type_ = words.type(chance)
    tag = chance.choice(('W/"1"', 'W/"2"', '"1"', "*"))
    hidden = happens(0.75, chance)
    path = f"Patient/{words.outsider(chance)}" if hidden else f"{type_}/{words.id(type_, chance)}"
    return Asked("GET", path, {"If-None-Match": tag})


def _version(words: Words, chance: random.Random) -> Asked:
    type_ = words.type(chance)
    version = chance.choice(("1", "1", "2", "9"))
    return Asked("GET", f"{type_}/{words.id(type_, chance)}/_history/{version}")


def _history(words: Words, chance: random.Random) -> Asked:
    type_ = words.type(chance)
    place = f"{type_}/{words.id(type_, chance)}" if happens(0.8, chance) else type_
    return Asked("GET", f"{place}/_history?_count={chance.choice((1, 5, 20))}")


def _compartment(words: Words, chance: random.Random) -> Asked:
    type_ = words.type(chance)
    pairs = _pairs(words, type_, chance)[:2]
    return Asked("GET", f"Patient/{words.id('Patient', chance)}/{type_}?{_query(pairs)}")


def _everything(words: Words, chance: random.Random) -> Asked:
    return Asked("GET", f"Patient/{words.id('Patient', chance)}/$everything")


def _batch(words: Words, chance: random.Random) -> Asked:
    single = [chance.choice((_search, _read, _version))(words, chance) for _ in range(chance.randint(1, 3))]
    entries = [{"request": {"method": "GET", "url": one.path}} for one in single]
    body = json.dumps({"resourceType": "Bundle", "type": "batch", "entry": entries})
    return Asked("POST", "", _JSON, body.encode())


_FORMS = (
    *(_search, _search_by_post, _read, _conditional_read, _version),
    *(_history, _compartment, _everything, _batch),
)
_WEIGHTS = (42, 10, 10, 13, 5, 4, 6, 2, 8)


def _query(pairs: Pairs) -> str:
    return urlencode(pairs, safe=":,/|*")


def _pairs(words: Words, type_: str, chance: random.Random) -> Pairs:
    """Draw one to three criteria, and what decides how they are answered."""
    pairs = [_criterion(words, type_, chance) for _ in range(chance.choice((0, 1, 1, 1, 2, 3)))]
    if happens(0.25, chance):
        pairs.append(_include(words, type_, chance))
    if happens(0.25, chance):
        name = words.parameter(type_, chance)
        if name and name != "_lastUpdated":
            pairs.append(("_sort", f"{chance.choice(('', '-'))}{name}"))
    if happens(0.2, chance):
        pairs.append(_chosen(words, chance))
    if happens(0.1, chance):
        pairs.append(("_total", chance.choice(("accurate", "none"))))
    pairs.append(("_count", str(chance.choice((1, 2, 3, 5, 10)))))
    return [(name, value) for name, value in pairs if name]


def _criterion(words: Words, type_: str, chance: random.Random) -> tuple[str, str]:
    if happens(0.18, chance):
        return _chain(words, type_, chance)
    if happens(0.18, chance):
        return _reverse(words, chance)
    name = words.parameter(type_, chance)
    kind = words.kinds(type_).get(name, "")
    modifier = words.modifier(kind, chance)
    value = words.value(name, kind, modifier, chance)
    if happens(0.1, chance) and modifier != ":missing" and name != "_lastUpdated":
        value = f"{value},{words.value(name, kind, modifier, chance)}"
    return f"{name}{modifier}", value


def _chain(words: Words, type_: str, chance: random.Random) -> tuple[str, str]:
    """Draw a chain of one or two links, most of them to patients, whose masked values it may ask for."""
    link = words.parameter(type_, chance, "reference")
    if not link:
        return "", ""
    prefix, target = f"{link}{chance.choice((':Patient', ''))}", "Patient"
    if happens(0.2, chance):
        prefix += f".{words.parameter('Patient', chance, 'reference')}"
    name = words.parameter(target, chance)
    kind = words.kinds(target).get(name, "")
    modifier = words.modifier(kind, chance)
    return f"{prefix}.{name}{modifier}", words.value(name, kind, modifier, chance)


def _reverse(words: Words, chance: random.Random) -> tuple[str, str]:
    source = words.type(chance)
    link, name = words.parameter(source, chance, "reference"), words.parameter(source, chance)
    if not link or not name:
        return "", ""
    kind = words.kinds(source).get(name, "")
    modifier = words.modifier(kind, chance)
    return f"_has:{source}:{link}:{name}{modifier}", words.value(name, kind, modifier, chance)


def _include(words: Words, type_: str, chance: random.Random) -> tuple[str, str]:
    name = chance.choice(("_include", "_include", "_revinclude", "_include:iterate", "_revinclude:iterate"))
    source = type_ if name.startswith("_include") else words.type(chance)
    link = words.parameter(source, chance, "reference")
    if name.startswith("_include") and happens(0.2, chance):
        return name, "*"
    return (name, f"{source}:{link}") if link else ("", "")


def _chosen(words: Words, chance: random.Random) -> tuple[str, str]:
    if happens(0.5, chance):
        return "_summary", chance.choice(_SUMMARIES)
    some = chance.sample(words.elements, min(2, len(words.elements)))
    return "_elements", ",".join(some)
