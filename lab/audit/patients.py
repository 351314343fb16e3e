"""The patients whose data an answer carries, found in its bytes without parsing them.

A patient is carried when it is a resource of the answer, or when something of the answer is said to be about
it: an element ``reference``, the ``fullUrl`` or the ``location`` of an entry, a ``url`` that is nothing but
its address. The links of a Bundle repeat the question and carry nobody.

Specs: https://hl7.org/fhir/R4/references.html and https://hl7.org/fhir/R4/bundle.html
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson

_ID = rb"([A-Za-z0-9\-.]{1,64})"
_KEY = re.compile(rb'"(reference|fullUrl|location|url)"\s*:\s*\Z')
_RESOURCE = re.compile(rb'"resourceType"\s*:\s*"\Z')
_ADDRESS = re.compile(r"(?:[^?#]*/)?Patient/(?P<id>[A-Za-z0-9\-.]{1,64})(?:/_history/.*)?", re.DOTALL)
_KEYS = ("reference", "fullUrl", "location", "url")
_BEFORE = 24
"""Bytes in which a key and the white space around its colon stand."""


@dataclass(frozen=True)
class _Patterns:
    """``usual`` finds the ways in which this server writes a patient, or a mark that there are others."""

    usual: re.Pattern[bytes]
    others: re.Pattern[bytes]


@cache
def _patterns(base_url: str) -> _Patterns:
    places = [b'"reference":"Patient/', b'"fullUrl":"' + base_url.encode() + b"/Patient/"]
    known = b"|".join(b"(?<=" + re.escape(place) + b")" for place in places)
    unknown = b"".join(b"(?<!" + re.escape(place) + b")" for place in places)
    address = _ID + rb'(?="|/_history/)'
    own = rb'(?<="resourceType":"Patient)","id":"' + _ID + rb'"'
    return _Patterns(
        re.compile(b"Patient(?:/(?:" + known + b")" + address + b"|" + own + rb'|([/"]))'),
        re.compile(b"Patient(?:/" + unknown + _ID + rb'("|/_history/)|("(?!,"id":"[A-Za-z0-9\-.]{1,64}")))'),
    )


def patients_in(body: bytes, base_url: str = "") -> tuple[str, ...]:
    """Return the ids of the patients that a JSON resource, or lines of NDJSON, carry, sorted.

    ``base_url`` is that of the ``fullUrl`` of its entries; knowing it makes it faster, not different.
    """
    found = _in_bytes(body, _patterns(base_url))
    return tuple(sorted(_parsed(body) if found is None else found))


def _in_bytes(body: bytes, patterns: _Patterns) -> set[str] | None:
    """Return what is found without parsing; None when only parsing can tell."""
    if b"\\" in body and b"\\/" in body:
        return None
    mentions = patterns.usual.findall(body)
    if not mentions:
        return set()
    named, own, others = (set(each) for each in zip(*mentions, strict=True))
    if others != {b""}:
        for match in patterns.others.finditer(body):
            id_, end, alone = match.groups()
            at = match.start()
            if alone is None:
                if _carries(body, at, end):
                    named.add(id_)
            elif _RESOURCE.search(body, max(0, at - _BEFORE), at):
                return None  # a patient whose id does not stand beside its type
    if own - named and b'"contained"' in body:
        return None  # what is contained has an id that names it there only
    return {id_.decode() for id_ in named | own if id_}


def _carries(body: bytes, at: int, end: bytes) -> bool:
    """Tell whether the string around ``at`` is the address of the patient named there."""
    start = body.rfind(b'"', 0, at)
    if start + 1 != at:
        base = body[start + 1 : at]
        if base[-1:] != b"/" or b"?" in base or b"#" in base:
            return False
    key = _KEY.search(body, max(0, start - _BEFORE), start)
    return key is not None and (key[1] != b"url" or (start + 1 == at and end == b'"'))


def _parsed(body: bytes) -> set[str]:
    """Return what is found by reading everything; what is no JSON carries nothing that can be named."""
    found: set[str] = set()
    for document in _documents(body):
        found.update(_walked(document))
    return found


def _documents(body: bytes) -> Iterator[Any]:
    try:
        yield orjson.loads(body)
    except orjson.JSONDecodeError:
        for line in body.splitlines():
            try:
                yield orjson.loads(line)
            except orjson.JSONDecodeError:
                continue


def _walked(document: Any) -> Iterator[str]:
    level = [(document, False)]
    while level:
        node, contained = level.pop()
        if isinstance(node, list):
            level.extend((item, contained) for item in node)
        elif isinstance(node, dict):
            if node.get("resourceType") == "Patient" and isinstance(node.get("id"), str) and not contained:
                yield node["id"]
            for name, value in node.items():
                if name in _KEYS and isinstance(value, str):
                    match = _ADDRESS.fullmatch(value)
                    if match and (name != "url" or value == f"Patient/{match['id']}"):
                        yield match["id"]
                elif isinstance(value, dict | list):
                    level.append((value, name == "contained"))
