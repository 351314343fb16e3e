"""What a resource says, the same whether it is written as JSON or as XML: its values, each with its path.

Narratives are left out, as their XHTML may be written in several ways. XML with a document type, which FHIR
forbids, is not read: entities could make a few lines very long.
Specs: https://hl7.org/fhir/R4/xml.html, https://hl7.org/fhir/R4/json.html
"""

import json
import re
from collections import Counter
from datetime import UTC, datetime
from typing import Any
from xml.parsers import expat

XHTML = "http://www.w3.org/1999/xhtml"
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)
LONGEST, DEEPEST = 2_000_000, 100
Values = Counter[tuple[str, str]]


def values_of_json(text: str) -> Values | None:
    """Return the values of a resource in JSON, None when it is not one; numbers are kept as written."""
    try:
        whole = json.loads(text, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        return None
    if not isinstance(whole, dict) or not isinstance(whole.get("resourceType"), str):
        return None
    found: Values = Counter()
    waiting: list[tuple[str, Any]] = [("", whole)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, list):
            waiting += [(path, item) for item in value]
        elif isinstance(value, dict):
            inside = _under(path, str(value["resourceType"])) if "resourceType" in value else path
            for name, item in value.items():
                if name not in {"resourceType", "div"}:
                    waiting.append((_under(inside, name.removeprefix("_")), item))
        elif value is not None:
            said = str(value).lower() if isinstance(value, bool) else str(value)
            found[path, _plain(said)] += 1
    return found


def values_of_xml(body: bytes) -> Values | None:
    """Return the values of a resource in XML, None when it is none or is not read."""
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = reader.doctype
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    try:
        if len(body) > LONGEST:
            return None
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError):
        return None
    return reader.found


class _Reader:
    """Collects what elements say while the parser goes through them."""

    def __init__(self) -> None:
        self.found: Values = Counter()
        self._names: list[str] = []
        self._narrative = 0

    def doctype(self, *_: object) -> None:
        message = "a document type"
        raise ValueError(message)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(" ")
        if self._narrative or namespace == XHTML:
            self._narrative += 1
            return
        self._names.append(local)
        if len(self._names) > DEEPEST:
            message = "too deep"
            raise ValueError(message)
        path = ".".join(self._names)
        for attribute, said in attributes.items():
            if " " not in attribute:  # others are of another namespace, such as a schema location
                where = path if attribute == "value" else f"{path}.{attribute}"
                self.found[where, _plain(said)] += 1

    def end(self, _: str) -> None:
        if self._narrative:
            self._narrative -= 1
        else:
            self._names.pop()


def _plain(said: str) -> str:
    """Return a value with single blanks; a time as its instant, whatever zone and zeros write it."""
    text = " ".join(said.split())
    if not _TIME.fullmatch(text):
        return text
    try:
        return datetime.fromisoformat(text).astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        return text


def _under(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
