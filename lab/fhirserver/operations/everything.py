"""``$everything``: the compartment of a patient or of an encounter, page by page, with what it refers to.

What comes along by reference is never of a type of the patient compartment: that would be about somebody
else; but an encounter brings its patient. Links are opaque; a page starts after the last resource of the one
before, whatever is written meanwhile.

Spec: https://hl7.org/fhir/R4/operation-patient-everything.html and
https://hl7.org/fhir/R4/operation-encounter-everything.html
"""

from collections.abc import Iterable
from typing import NamedTuple

from lab.fhir.care_dates import care_date
from lab.fhir.compartments import compartment
from lab.fhir.request import FhirRequest, Parameter
from lab.fhir.response import FhirResponse
from lab.fhir.view import View
from lab.fhirserver import page
from lab.fhirserver.bundle import bundle, entry
from lab.fhirserver.lookup import deleted, found
from lab.fhirserver.operations.about import about_patient, changed_since, instant_of
from lab.fhirserver.operations.chosen_types import exported_types
from lab.fhirserver.operations.operation import check_parameters, single
from lab.fhirserver.search.criterion import Criterion, all_of, merged
from lab.fhirserver.search.includes import Include, Row, included
from lab.fhirserver.search.own import Scope
from lab.fhirserver.search.plan import find
from lab.fhirserver.search.query import Found, Query
from lab.fhirserver.search.reading import MAX_COUNT, page_size, read
from lab.fhirserver.search_type import bodies, page_token, self_link
from lab.fhirserver.server import Server
from lab.fhirserver.storage.catalogue import parameters, served_types
from lab.model.release import Release

_NAME = "$everything"
_KNOWN = {
    "Patient": frozenset({"_type", "_since", "_count", "start", "end"}),
    "Encounter": frozenset({"_type", "_since", "_count"}),
}
_FORMATS = frozenset({"_format", "_pretty"})
_SUBJECT = Include("Encounter", "subject", "Patient", reverse=False, iterate=False)


class _Asked(NamedTuple):
    """The request of the first page and, on a further one, type and id of the last entry before it."""

    request: FhirRequest
    last: tuple[str, str] | None


def everything(server: Server, request: FhirRequest, view: View) -> FhirResponse:
    """Answer a searchset Bundle; 404 when the view has no such patient or encounter."""
    type_, id_ = request.type or "", request.id or ""
    with server.store.transaction("deferred"):
        if found(server.store, view, type_, id_).deleted:
            raise deleted()
        asked = _asked(server, request, view)
        scope = Scope(server.store, view, request.base_url, server.store.now())
        chosen = exported_types(asked.request, view, _types(type_, server.store.release))
        size = page_size(asked.request.parameters) if asked.request.values("_count") else MAX_COUNT
        queries = [_query(scope, asked.request, each) for each in chosen]
        rows, more = _page(server, queries, asked.last, max(size, 1))
        others = _referred(scope, type_, rows) if not asked.request.values("_type") else []
    address = f"{request.base_url}/{type_}/{id_}/{_NAME}"
    links = {"self": self_link(address, request.parameters)}
    if more:
        kept = [(p.name, p.value) for p in asked.request.parameters]
        state = [_NAME, type_, id_, kept, rows[-1].type, rows[-1].id]
        links["next"] = f"{address}?{page.PARAMETER}={server.pages.seal(state, view.binding)}"
    entries = [
        entry(f"{request.base_url}/{row.type}/{row.id}", row.body, search={"mode": mode})
        for mode, part in (("match", rows), ("include", others))
        for row in part
    ]
    return FhirResponse(200, bundle("searchset", entries, links))


def _types(root: str, release: Release) -> tuple[str, ...]:
    """Return the types of the compartment, its own first: who reads one page sees whom it is about."""
    inside = compartment(root, release)
    return (root, *(t for t in served_types(release) if t in inside and t != root))


def _asked(server: Server, request: FhirRequest, view: View) -> _Asked:
    token = page_token(request)
    if token is None:
        plain = tuple(p for p in request.parameters if p.name not in _FORMATS)
        first = _of(request, plain)
        check_parameters(first, _KNOWN[request.type or ""])
        return _Asked(first, None)
    match server.pages.unseal(token, view.binding):
        case [str(name), str(type_), str(id_), list(pairs), str(last_type), str(last_id)] if (
            name == _NAME and (type_, id_) == (request.type, request.id)
        ):
            given = tuple(Parameter(n, v) for n, v in pairs)
            return _Asked(_of(request, given), (last_type, last_id))
    raise page.gone()


def _of(request: FhirRequest, given: tuple[Parameter, ...]) -> FhirRequest:
    return FhirRequest(
        request.method, request.interaction, request.base_url, request.type, request.id, parameters=given,
        headers=request.headers, body=request.body,
    )  # fmt: skip


def _query(scope: Scope, request: FhirRequest, type_: str) -> Query:
    """Return what a type has in the compartment, in the view."""
    criteria = [_belonging(scope, request, type_)]
    since = single(request, "_since")
    if since is not None:
        criteria.append(changed_since(scope.store, scope.view, instant_of(since)))
    for name, prefix in (("start", "ge"), ("end", "le")):
        value, code = single(request, name), care_date(type_, scope.store.release)
        if value is not None and code is not None and type_ != request.type:
            criteria.append(_in_care(scope, type_, code, f"{prefix}{value}"))
    return Query(type_, (*criteria, *read(scope, type_, (), strict=True).query.criteria))


def _belonging(scope: Scope, request: FhirRequest, type_: str) -> Criterion:
    id_ = request.id or ""
    if type_ == request.type:
        return _of_search(scope, type_, Parameter("_id", id_))
    if request.type == "Patient":
        return about_patient(scope.store, type_, id_)
    codes = compartment("Encounter", scope.store.release)[type_]
    return merged(*(_of_search(scope, type_, Parameter(code, f"Encounter/{id_}")) for code in codes))


def _in_care(scope: Scope, type_: str, code: str, value: str) -> Criterion:
    """Return the criterion that the care took place in time; a resource without a date is not left out."""
    undated = _of_search(scope, type_, Parameter(code, "true", "missing"))
    return merged(_of_search(scope, type_, Parameter(code, value)), undated)


def _of_search(scope: Scope, type_: str, parameter: Parameter) -> Criterion:
    own = read(scope, type_, (parameter,), strict=True).query.criteria
    return all_of(own)


def _page(
    server: Server, queries: list[Query], last: tuple[str, str] | None, size: int
) -> tuple[list[Row], bool]:
    """Return the resources of a page, and whether others follow."""
    rows: list[Row] = []
    started = last is None
    for query in queries:
        after = None
        if last is not None and query.type == last[0]:
            stored = server.store.current(*last)
            if stored is None:
                raise page.gone()
            started, after = True, Found(stored.k, stored.id, (stored.k,))
        if not started:
            continue
        matches = find(server.store, query, size - len(rows) + 1, after)
        more = len(matches) > size - len(rows)
        rows += bodies(server.store, query.type, matches[: size - len(rows)])
        if more:
            return rows, True
    if not started:
        raise page.gone()
    return rows, False


def _referred(scope: Scope, root: str, rows: list[Row]) -> list[Row]:
    """Return what the resources of a page refer to: organizations, practitioners, places."""
    subject = (_SUBJECT,) if root == "Encounter" else ()
    return included(scope, rows, (*subject, *_includes({row.type for row in rows}, scope.store.release)))


def _includes(types: Iterable[str], release: Release) -> Iterable[Include]:
    inside, served = compartment("Patient", release), served_types(release)
    for type_ in sorted(types):
        for code, known in parameters(type_, release).items():
            targets = known.definition.targets if known.definition.type == "reference" else ()
            outside = [t for t in targets if t not in inside and t in served]
            for target in [""] if len(outside) == len(targets) and outside else outside:
                yield Include(type_, code, target, reverse=False, iterate=False)
