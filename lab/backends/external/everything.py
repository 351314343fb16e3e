"""``$everything`` of a patient, put together by searches of our own on the view: the server's is never asked.

What comes along by reference is never of a type of the patient compartment: it would be about somebody else.
Understood: ``_type`` and ``_count``.

Spec: https://hl7.org/fhir/R4/operation-patient-everything.html
"""

from collections.abc import Iterator

from lab.backends.external.about import codes, is_known
from lab.backends.external.desk import Desk
from lab.backends.external.finding import Finder
from lab.backends.external.including import Include, included
from lab.backends.external.reading import current
from lab.backends.external.refusals import not_narrowed, not_taken, too_many
from lab.backends.external.searchset import searchset, self_link
from lab.backends.external.showing import PARAMETERS as SHOWN
from lab.fhir.compartments import compartment
from lab.fhir.page import PARAMETER, gone
from lab.fhir.request import FhirRequest, Parameter
from lab.fhir.response import FhirError, FhirResponse
from lab.fhir.search_parameters import definitions
from lab.fhir.strict_json import Json
from lab.fhir.view import View

NAME = "$everything"
MAX_RESOURCES = 5_000
_PAGE = 1_000


async def everything(desk: Desk, request: FhirRequest, view: View) -> FhirResponse:
    """Answer a searchset Bundle; 404 when the view has no such patient."""
    if (request.operation, request.type) != (NAME, "Patient") or request.id is None or request.body:
        raise not_narrowed()
    token, given, last = _asked(desk, request, view)
    finder = await desk.finder(request, view)
    patient, _ = await current(desk.upstream, finder.sight, "Patient", request.id)
    types = _types(view, given)
    found = [patient] if "Patient" in types else []
    for type_ in types:
        if type_ != "Patient":
            found += await _of(finder, type_, request.id)
        if len(found) > MAX_RESOURCES:
            raise too_many()
    size, start = _size(given), 0
    if last:
        names = [_name(resource) for resource in found]
        if last not in names:
            raise gone()
        start = names.index(last) + 1
    page = found[start : start + size]
    chosen = any(p.name == "_type" for p in given)
    others = (
        [] if chosen else await included(finder, page, tuple(_includes({r["resourceType"] for r in page})))
    )
    address = f"{request.base_url}/Patient/{request.id}/{NAME}"
    links = {"self": f"{address}?{PARAMETER}={token}" if token else self_link(address, request.parameters)}
    if start + size < len(found):
        state = [NAME, request.id, [(p.name, p.value) for p in given], _name(page[-1])]
        links["next"] = f"{address}?{PARAMETER}={desk.pages.seal(state, view.binding)}"
    return searchset(desk, request, links, page, others)


def _asked(desk: Desk, request: FhirRequest, view: View) -> tuple[str, tuple[Parameter, ...], str]:
    """Return the token of a page link, the parameters and the name of the last resource before it."""
    tokens = request.values(PARAMETER)
    if tokens:
        match desk.pages.unseal(tokens[0], view.binding):
            case [str(name), str(id_), list(pairs), str(last)] if (name, id_) == (NAME, request.id) and len(
                request.parameters
            ) == 1:
                return tokens[0], tuple(Parameter(n, v) for n, v in pairs), last
        raise gone()
    given = tuple(p for p in request.parameters if p.name not in SHOWN)
    if any(p.name not in {"_type", "_count"} or p.modifier for p in given):
        raise not_taken("This operation takes _type and _count.")
    return "", given, ""


def _types(view: View, given: tuple[Parameter, ...]) -> tuple[str, ...]:
    """Return the types to give: those of the compartment that the view shows, or those asked for of them."""
    possible = ["Patient", *(t for t in sorted(compartment("Patient")) if codes(t) and is_known(t))]
    seen = tuple(type_ for type_ in possible if view.sees(type_))
    named = {type_.strip() for p in given if p.name == "_type" for type_ in p.value.split(",")}
    if not named <= set(seen):
        raise FhirError(400, "not-supported", "_type names a resource type that this operation cannot give.")
    return tuple(type_ for type_ in seen if not named or type_ in named)


def _size(given: tuple[Parameter, ...]) -> int:
    values = [p.value for p in given if p.name == "_count"]
    if not values:
        return _PAGE
    if len(values) > 1 or not (values[0].isascii() and values[0].isdigit() and len(values[0]) < 10):
        raise FhirError(400, "invalid", "_count takes a number, once.")
    return max(1, min(int(values[0]), _PAGE))


async def _of(finder: Finder, type_: str, patient: str) -> list[Json]:
    """Return what the view shows of a type about a patient, by each way to be about one; none twice."""
    found: dict[str, Json] = {}
    for code in codes(type_):
        asked = (Parameter(code, f"Patient/{patient}"),)
        found |= {str(r["id"]): r for r in await finder.gather(type_, asked, most=MAX_RESOURCES)}
    return [found[id_] for id_ in sorted(found)]


def _includes(types: set[str]) -> Iterator[Include]:
    inside = compartment("Patient")
    for type_ in sorted(types):
        for code, known in definitions(type_).items():
            targets = known.targets if known.type == "reference" else ()
            for target in (t for t in targets if t not in inside and is_known(t)):
                yield Include(type_, code, target, reverse=False, iterate=False)


def _name(resource: Json) -> str:
    return f"{resource['resourceType']}/{resource['id']}"
