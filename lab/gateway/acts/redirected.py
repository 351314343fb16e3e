"""The platform sends the application elsewhere on itself: 307, the same question under a longer address.

Spec: https://www.rfc-editor.org/rfc/rfc9110#section-15.4.8
"""

from urllib.parse import urlencode

from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirResponse
from lab.gateway.act import Act, Stage, searched

_FORMAT = ("_format", "application/fhir+json")


def address(request: FhirRequest, base_url: str) -> str:
    """Return the address of the same search on a base; what stood in a form stays out of it."""
    if request.method == "POST":
        return f"{base_url}/{request.type}/_search?{urlencode([_FORMAT])}"
    asked = [(f"{p.name}:{p.modifier}" if p.modifier else p.name, p.value) for p in request.parameters]
    return f"{base_url}/{request.type}?{urlencode([*asked, _FORMAT])}"


def suited(request: FhirRequest) -> bool:
    """Tell whether a search may be moved: it names no page and no format of its own."""
    own = {parameter.name for parameter in request.parameters}
    return searched(request) and not own & {"_format", "_page"}


def _move(stage: Stage) -> FhirResponse:
    location = address(stage.request, stage.request.base_url)
    return FhirResponse(307, headers=(("location", location),))


ACT = Act(name="redirected", applies=suited, instead=_move)
