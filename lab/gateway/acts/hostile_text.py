"""The name and the narrative of a patient carry a script from now on: whoever shows them must escape them.

Spec: https://hl7.org/fhir/R4/narrative.html#security
"""

from lab.fhir.response import FhirResponse
from lab.gateway.act import Act, Stage
from lab.gateway.answered import Json, chosen, rewritten

_NAME = "hostile-text"
MARK = "lab-hostile-text"
_SCRIPT = f'<script>alert("{MARK}")</script>'
_IMAGE = f'<img src=x onerror=alert("{MARK}")>'
_DIV = f'<div xmlns="http://www.w3.org/1999/xhtml"><p>Patient</p>{_SCRIPT}</div>'


def _poison(stage: Stage, answer: FhirResponse) -> FhirResponse:
    patient = stage.cast[_NAME]

    def change(resource: Json) -> Json:
        if resource["resourceType"] != "Patient" or resource.get("id") != patient:
            return resource
        names = [
            {**name, "family": f"{name.get('family', '')} {_IMAGE}"} for name in resource.get("name", [])
        ]
        text = {"status": "generated", "div": _DIV}
        return {**resource, "text": text, **({"name": names} if names else {})}

    return rewritten(answer, change)


def _begin(stage: Stage, answer: FhirResponse) -> FhirResponse | None:
    return _poison(stage, answer) if chosen(stage, _NAME, answer) else None


ACT = Act(name=_NAME, after=_begin, lasting=_poison)
