"""A resource refers to another one on a foreign host: who fetches it must not hand over the token.

Spec: https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html (references to other servers)
"""

import orjson

from lab.fhir.response import FhirResponse
from lab.gateway.act import Act, Stage
from lab.gateway.searchset import searchset

PLACE = "Organization/foreign-reference"
_ELEMENTS = {
    "Encounter": "serviceProvider",
    "Patient": "managingOrganization",
    "PractitionerRole": "organization",
    "Location": "managingOrganization",
}


def _refer(stage: Stage, answer: FhirResponse) -> FhirResponse | None:
    bundle = searchset(answer)
    suited = [
        e["resource"]
        for e in bundle.get("entry", [])
        if e.get("resource", {}).get("resourceType") in _ELEMENTS
    ]
    for resource in suited:
        resource[_ELEMENTS[resource["resourceType"]]] = {"reference": f"{stage.decoy_url}/fhir/{PLACE}"}
    return FhirResponse(200, orjson.dumps(bundle), answer.headers) if suited else None


ACT = Act(name="foreign-reference", after=_refer, quiet=True)
