"""What an operation is: its name, where it is called, on which types, and how it is run.

Spec: https://hl7.org/fhir/R4/operations.html
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirError, FhirResponse
from lab.fhir.strict_json import read
from lab.fhir.view import View
from lab.fhirserver.negotiation import check_body
from lab.fhirserver.server import Server
from lab.model.release import Release


class Place(StrEnum):
    """Where an operation is called."""

    SYSTEM = "system"
    TYPE = "type"
    INSTANCE = "instance"


@dataclass(frozen=True)
class Operation:
    """``types`` empty means every type; one without a ``definition`` is a part of another, not declared.

    ``only`` is the release that has the operation, None when all have.
    """

    name: str
    place: Place
    types: tuple[str, ...]
    run: Callable[[Server, FhirRequest, View], FhirResponse]
    definition: str = ""
    only: Release | None = None

    def is_on(self, type_: str) -> bool:
        """Tell whether a type has the operation."""
        return self.place is not Place.SYSTEM and (not self.types or type_ in self.types)

    def is_of(self, release: Release) -> bool:
        """Tell whether a server of a release has the operation."""
        return self.only in {None, release}

    def is_called(self, request: FhirRequest) -> bool:
        """Tell whether a request calls the operation."""
        place = Place.SYSTEM if request.type is None else Place.TYPE if request.id is None else Place.INSTANCE
        on = request.type is None or self.is_on(request.type)
        return (self.name, self.place) == (request.operation, place) and on


def check_parameters(request: FhirRequest, known: frozenset[str]) -> None:
    """Verify that an operation knows its parameters.

    Raises:
        FhirError: 400 for another one: without it, the answer would not be the one asked for; and as
            ``check_content``.
    """
    check_content(request)
    if any(p.name not in known or p.modifier is not None for p in request.parameters):
        raise FhirError(400, "not-supported", f"This operation takes {', '.join(sorted(known))}.")


def check_content(request: FhirRequest) -> None:
    """Verify that a body is made of parameters; the request holds them already.

    Raises:
        FhirError: 400 for another resource, 415 for what is no FHIR JSON.
    """
    if request.body:
        check_body(request)
        if read(request.body).get("resourceType") != "Parameters":
            raise FhirError(400, "invalid", "This operation takes a Parameters resource.")


def single(request: FhirRequest, name: str) -> str | None:
    """Return the value of a parameter that is given once at most.

    Raises:
        FhirError: 400 when it is given several times.
    """
    values = request.values(name)
    if len(values) > 1:
        raise FhirError(400, "invalid", f"{name} is given more than once.")
    return values[0] if values else None
