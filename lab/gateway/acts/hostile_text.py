"""Names and narratives of every third patient carry a script from now on: who shows them must escape them.

Spec: https://hl7.org/fhir/R4/narrative.html#security
"""

from lab.fhir.response import FhirResponse
from lab.gateway.act import Act, Stage
from lab.gateway.answered import Json, chosen, rewritten, turn

_NAME = "hostile-text"
MARK = "lab-hostile-text"
_SCRIPT = f'<script>alert("{MARK}")</script>'
_IMAGE = f'<img src=x onerror=alert("{MARK}")>'
_DIV = f'<div xmlns="http://www.w3.org/1999/xhtml"><p>Patient</p>{_SCRIPT}</div>'
_THIRD = 1


def _poison(stage: Stage, answer: FhirResponse) -> FhirResponse:
    def change(resource: Json) -> Json:
        if resource["resourceType"] != "Patient" or turn(stage, resource["id"]) != _THIRD:
            return resource
        names = [
            {**name, "family": f"{name.get('family', '')} {_IMAGE}"} for name in resource.get("name", [])
        ]
        text = {"status": "generated", "div": _DIV}
        return {**resource, "text": text, **({"name": names} if names else {})}

    return rewritten(answer, change)


def _begin(stage: Stage, answer: FhirResponse) -> FhirResponse | None:
    return _poison(stage, answer) if chosen(stage, _NAME, answer, _THIRD) else None


ACT = Act(name=_NAME, after=_begin, lasting=_poison)
