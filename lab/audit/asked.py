"""What a request asked for, as an AuditEvent may say it: names kept, values replaced by keyed digests.

Spec: https://hl7.org/fhir/R4/auditevent.html (entity.query, entity.what)
"""

import re
from urllib.parse import quote

from lab.audit.vocabulary import is_known, known_name, types
from lab.fhir.request import FhirRequest, Parameter
from lab.fhir.search_parameters import definitions
from lab.journal.redact import Redactor
from lab.model.release import VERSIONS, Release

_PATIENT = re.compile(r"(?:.*/)?Patient/(?P<id>[A-Za-z0-9\-.]{1,64})")
_BARE = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_PIECE = re.compile(r"[\w$.-]+")


def address(request: FhirRequest) -> str | None:
    """Return the relative address of the resource that was asked for, None when it was not one resource."""
    if request.type not in types() or request.id is None:
        return None
    version = f"/_history/{request.version}" if request.version else ""
    return f"{request.type}/{request.id}{version}"


def place(request: FhirRequest, redactor: Redactor) -> str:
    """Return where the request went, without the arguments of an operation, which name jobs."""
    type_ = request.type if request.type in types() else redactor.digest(request.type or "")
    operation = request.operation or ""
    return "/".join(
        filter(None, (type_, request.id, operation if is_known(operation) else redactor.digest(operation)))
    )


def query(request: FhirRequest, redactor: Redactor) -> str:
    """Return the question: the place and every parameter, its value digested."""
    pairs = (f"{_name(p, redactor)}={redactor.digest(p.value)}" for p in request.parameters)
    return f"{place(request, redactor)}?{'&'.join(pairs)}"


def named_patients(request: FhirRequest) -> tuple[str, ...]:
    """Return the patients that the parameters name by their ids; chains name nobody."""
    found = (id_ for p in request.parameters for id_ in _named(request.type or "", p))
    return tuple(dict.fromkeys(found))


def without_values(text: str, request: FhirRequest | None, redactor: Redactor) -> str:
    """Return a reason of the gateway, any word of it that the caller brought digested."""
    if request is None or not text:
        return text
    brought = {request.type or "", request.operation or ""}
    for parameter in request.parameters:
        brought.update(_PIECE.findall(f"{parameter.name} {parameter.modifier or ''} {parameter.value}"))
    return _PIECE.sub(
        lambda word: redactor.digest(word[0]) if word[0] in brought and not is_known(word[0]) else word[0],
        text,
    )


def _name(parameter: Parameter, redactor: Redactor) -> str:
    name = parameter.name + (f":{parameter.modifier}" if parameter.modifier else "")
    return quote(known_name(name, redactor.digest), safe=":.$_-")


def _leads_to_patients(type_: str, code: str, release: Release) -> bool:
    known = definitions(type_, release).get(code)
    return known is not None and known.type == "reference" and "Patient" in known.targets


def _named(type_: str, parameter: Parameter) -> list[str]:
    values = parameter.value.split(",")
    if parameter.modifier not in {None, "Patient"}:
        return []
    if parameter.name == "_id":
        return [value for value in values if type_ == "Patient" and _BARE.fullmatch(value)]
    if not any(_leads_to_patients(type_, parameter.name, release) for release in VERSIONS):
        return []
    matches = (_PATIENT.fullmatch(value) for value in values)
    named = [match["id"] for match in matches if match]
    if parameter.name == "patient" or parameter.modifier == "Patient":
        named += [value for value in values if _BARE.fullmatch(value)]
    return named
