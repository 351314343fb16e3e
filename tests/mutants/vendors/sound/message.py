"""Requests, answers and refusals, as the parts of the server hand them to one another."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

Json = dict[str, Any]
JSON_TYPE = "application/fhir+json"


@dataclass(frozen=True)
class Request:
    """``path`` is decoded and checked, ``query`` raw; header names are lower case."""

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""
    peer: str = "127.0.0.1"

    def header(self, name: str) -> str:
        """Return the first header of a name."""
        return next((value for key, value in self.headers if key == name), "")

    def all(self, name: str) -> list[str]:
        """Return every header of a name."""
        return [value for key, value in self.headers if key == name]

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """Return the parameters of the query."""
        return parse_qsl(self.query, keep_blank_values=True)


@dataclass(frozen=True)
class Answer:
    """What goes out."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = JSON_TYPE

    def with_headers(self, *headers: tuple[str, str]) -> "Answer":
        """Return the answer with more headers."""
        return Answer(self.status, self.body, (*self.headers, *headers), self.content_type)


def said(status: int, resource: Json, *headers: tuple[str, str]) -> Answer:
    """Return a resource as an answer."""
    return Answer(status, json.dumps(resource, ensure_ascii=False).encode(), headers)


def listed(kind: str, entries: list[Json]) -> Answer:
    """Return resources as a whole Bundle; an empty array is no FHIR."""
    bundle: Json = {"resourceType": "Bundle", "type": kind, "total": len(entries)}
    return said(200, bundle | ({"entry": entries} if entries else {}))


@dataclass
class Refused(Exception):
    """A refusal; it becomes an OperationOutcome that names nothing of what is held."""

    status: int
    code: str
    text: str
    headers: tuple[tuple[str, str], ...] = field(default=())

    def answer(self) -> Answer:
        """Return the refusal as an answer."""
        issue = {"severity": "error", "code": self.code, "diagnostics": self.text}
        return said(self.status, {"resourceType": "OperationOutcome", "issue": [issue]}, *self.headers)


def nothing_there() -> Refused:
    """Return the one answer to what does not exist and to what must not be seen."""
    return Refused(404, "not-found", "There is no such resource.")
