"""What an application really used at the hospital, read from the requests that its journal holds.

Specs: https://hl7.org/fhir/R4/http.html, https://hl7.org/fhir/R4/search.html
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import orjson

from lab.audit.patients import patients_in
from lab.fhir.interaction import CONTAINERS, Interaction
from lab.fhir.request import FhirRequest, Parameter, parse
from lab.fhir.response import FhirError
from lab.fhir.search_parameters import definitions
from lab.gateway import bundle
from lab.gateway.application import PREFIX
from lab.model.exchange import Exchange

_TYPE = re.compile(r"[A-Z][A-Za-z]{1,63}")
_INCLUDES = frozenset({"_include", "_revinclude"})
_INVENTED = "wrong-patient"
"""The act whose patient is nobody of the hospital."""
_WITH_OTHERS = frozenset({Interaction.SEARCH_TYPE, Interaction.OPERATION})
_ALONG = (Interaction.READ, Interaction.SEARCH_TYPE)
"""What the types that come along (includes, chains, operations) must be open to."""


@dataclass
class Used:
    """``actions`` are by type; ``elements`` are those asked for by ``_elements``, None where whole was asked.

    ``patients`` are those whose data came, ``requests`` how many were answered.
    """

    actions: dict[str, set[Interaction]] = field(default_factory=dict)
    elements: dict[str, set[str] | None] = field(default_factory=dict)
    patients: set[str] = field(default_factory=set)
    requests: int = 0

    def add(self, type_: str, *actions: Interaction) -> None:
        """Note the use of a type."""
        self.actions.setdefault(type_, set()).update(actions)


def used_in(exchanges: Iterable[Exchange]) -> Used:
    """Return what the answered requests of the application used, each of them decided on by the gateway."""
    used, exchanges = Used(), tuple(exchanges)
    invented = {str(one.facts.get("about")) for one in exchanges if one.act == _INVENTED}
    for exchange in exchanges:
        answered = 200 <= exchange.status < 300 or exchange.status == 304
        if exchange.actor != "application" or exchange.decision is None or not answered:
            continue
        request = _request(exchange)
        if request is None:
            continue
        used.requests += 1
        for one in _parts(request):
            _note(one, used)
        body = exchange.response_body.encode()
        if body.startswith(b"{"):
            used.patients |= set(patients_in(body, request.base_url)) - invented
        if request.interaction in _WITH_OTHERS:
            for type_ in _types_in(body) - {request.type}:
                used.add(type_, *_ALONG)
    return used


def _request(exchange: Exchange) -> FhirRequest | None:
    parts = urlsplit(exchange.url)
    if not parts.path.startswith(f"{PREFIX}/") and parts.path != PREFIX:
        return None
    headers = {name.lower(): value for name, value in exchange.request_headers}
    base = f"{parts.scheme}://{parts.netloc}{PREFIX}"
    path, body = parts.path.removeprefix(PREFIX), exchange.request_body.encode()
    try:
        return parse(exchange.method, path, parts.query, headers, body, base_url=base)
    except FhirError:
        return None


def _parts(request: FhirRequest) -> tuple[FhirRequest, ...]:
    """Return the request, and the entries of a batch or transaction."""
    if request.interaction not in CONTAINERS:
        return (request,)
    try:
        return (request, *bundle.entries(request))
    except FhirError:
        return (request,)


def _note(request: FhirRequest, used: Used) -> None:
    if request.type is None:
        return
    used.add(request.type, request.interaction)
    if request.interaction is Interaction.OPERATION:
        used.add(request.type, *_ALONG)
    if request.interaction in _ALONG:
        asked = {name for value in request.values("_elements") for name in value.split(",") if name}
        known = used.elements.get(request.type, set())
        used.elements[request.type] = known | asked if asked and known is not None else None
    for parameter in request.parameters:
        for type_ in _along(request.type, parameter):
            used.add(type_, *_ALONG)


def _along(type_: str, parameter: Parameter) -> Iterator[str]:
    """Yield the types that a parameter leads to: ``_has``, a chain, an include."""
    if parameter.name == "_has" and parameter.modifier:
        yield parameter.modifier.partition(":")[0]
    elif parameter.name in _INCLUDES:
        yield from (part for part in parameter.value.split(":") if _TYPE.fullmatch(part))
    elif "." in parameter.name:
        first = parameter.name.partition(".")[0]
        named = [part for part in first.split(":")[1:] if _TYPE.fullmatch(part)]
        known = definitions(type_).get(first.partition(":")[0])
        yield from named or (known.targets if known is not None else ())


def _types_in(body: bytes) -> set[str]:
    """Return the types of the resources of a Bundle that are no outcomes."""
    try:
        whole = orjson.loads(body)
    except orjson.JSONDecodeError:
        return set()
    entries = whole.get("entry") if isinstance(whole, dict) else None
    found = (entry.get("resource") for entry in entries or () if isinstance(entry, dict))
    types = {str(one.get("resourceType")) for one in found if isinstance(one, dict)}
    return types - {"OperationOutcome", "Bundle", "Basic"}
