"""A redirect leads to another host: 308, where the token must not go.

Spec: https://www.rfc-editor.org/rfc/rfc9110#section-15.4.9
"""

from lab.fhir.response import FhirResponse
from lab.gateway.act import Act, Stage
from lab.gateway.acts.redirected import address, suited


def _lure(stage: Stage) -> FhirResponse:
    location = address(stage.request, f"{stage.decoy_url}/fhir")
    return FhirResponse(308, headers=(("location", location),))


ACT = Act(name="redirected-away", applies=suited, instead=_lure)
