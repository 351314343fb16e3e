"""``Observation/$lastn``: the most recent observations of a patient for each code, latest first.

Two observations have the same code when they share a coding or, without codings, the text. All is one page.
Spec: https://hl7.org/fhir/R4/operation-observation-lastn.html
"""

from collections.abc import Iterator
from typing import Any

import orjson

from lab.fhir.request import FhirRequest, Parameter
from lab.fhir.response import FhirError, FhirResponse
from lab.fhir.view import View
from lab.fhirserver.bundle import bundle, entry
from lab.fhirserver.operations.operation import check_content, single
from lab.fhirserver.presentation import PARAMETERS as SHOWN
from lab.fhirserver.search.includes import Row
from lab.fhirserver.search.own import Scope
from lab.fhirserver.search.plan import find
from lab.fhirserver.search.query import Query
from lab.fhirserver.search.reading import read
from lab.fhirserver.search_type import bodies, self_link
from lab.fhirserver.server import Server

MOST_READ = 20_000
"""The observations that one request may go through."""

MOST_ANSWERED = 1_000
_CHUNK = 500
_LARGEST_MAX = 100
_SUBJECTS = frozenset({"patient", "subject"})


def lastn(server: Server, request: FhirRequest, view: View) -> FhirResponse:
    """Answer a searchset Bundle."""
    most, criteria = _most(request), _criteria(request)
    with server.store.transaction("deferred"):
        scope = Scope(server.store, view, request.base_url, server.store.now())
        latest = Parameter("_sort", "-date")
        query = read(scope, "Observation", (*criteria, latest), strict=True).query
        chosen: list[Row] = []
        given: dict[int, int] = {}
        for group, row in _grouped(_observations(server, query)):
            given[group] = given.get(group, 0) + 1
            if given[group] <= most:
                chosen.append(row)
    if len(chosen) > MOST_ANSWERED:
        raise FhirError(
            400, "too-costly", f"More than {MOST_ANSWERED} observations: narrow by category or code."
        )
    base = request.base_url
    entries = [entry(f"{base}/Observation/{row.id}", row.body, search={"mode": "match"}) for row in chosen]
    links = {"self": self_link(f"{base}/Observation/$lastn", request.parameters)}
    return FhirResponse(200, bundle("searchset", entries, links, len(chosen)))


def _most(request: FhirRequest) -> int:
    text = single(request, "max") or "1"
    if not (text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= _LARGEST_MAX):
        raise FhirError(400, "invalid", f"max takes a number from 1 to {_LARGEST_MAX}.")
    return int(text)


def _criteria(request: FhirRequest) -> tuple[Parameter, ...]:
    """Return the search criteria, those of one patient among them."""
    check_content(request)
    criteria = tuple(p for p in request.parameters if p.name != "max" and p.name not in SHOWN)
    subjects = [p for p in criteria if p.name in _SUBJECTS and p.modifier in {None, "Patient"}]
    if len(subjects) != 1 or "," in subjects[0].value:
        raise FhirError(400, "required", "This operation is about one patient: give patient or subject.")
    if any(p.name.startswith("_") for p in criteria):
        raise FhirError(400, "not-supported", "This operation takes max and the criteria of Observation.")
    return criteria


def _observations(server: Server, query: Query) -> Iterator[Row]:
    after, read_so_far = None, 0
    while True:
        found = find(server.store, query, _CHUNK, after)
        yield from bodies(server.store, query.type, found)
        read_so_far += len(found)
        if len(found) < _CHUNK:
            return
        if read_so_far >= MOST_READ:
            raise FhirError(
                400, "too-costly", "The patient has too many observations: narrow by category or code."
            )
        after = found[-1]


def _grouped(rows: Iterator[Row]) -> Iterator[tuple[int, Row]]:
    """Return the rows in their order, each with the number of the group of its code.

    A coding that two groups share makes them one, wherever it stands: all is read before anything is told.
    """
    parents: list[int] = []
    known: dict[tuple[str, str], int] = {}
    placed: list[tuple[int, Row]] = []

    def root(group: int) -> int:
        while parents[group] != group:
            group = parents[group]
        return group

    for row in rows:
        keys = _keys(orjson.loads(row.body).get("code", {}))
        groups = sorted({root(known[key]) for key in keys if key in known})
        if not groups:
            groups = [len(parents)]
            parents.append(groups[0])
        for other in groups[1:]:
            parents[other] = groups[0]
        known |= dict.fromkeys(keys, groups[0])
        placed.append((groups[0], row))
    return ((root(group), row) for group, row in placed)


def _keys(code: dict[str, Any]) -> list[tuple[str, str]]:
    codings = [(c.get("system", ""), c["code"]) for c in code.get("coding", ()) if "code" in c]
    return codings or [("text", code.get("text", ""))]
