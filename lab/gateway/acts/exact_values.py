"""From now on values of one patient are as precise as FHIR lets them be: 1.010, a month, an offset of +02:00.

Spec: https://hl7.org/fhir/R4/datatypes.html#decimal
"""

from lab.fhir.response import FhirResponse
from lab.fhir.strict_json import exact_value
from lab.gateway.act import Act, Stage
from lab.gateway.answered import Json, bystander, rewritten, subject_of

_NAME = "exact-values"
_NUMBER = exact_value(b"1.010")
_MONTH = "1987-03"
_MOMENT, _LATER = "2024-03-10T08:15:00+02:00", "2024-03-10T10:45:00+02:00"


def _exact(resource: Json) -> Json:
    match resource["resourceType"]:
        case "Patient":
            return {**resource, "birthDate": _MONTH} if "birthDate" in resource else resource
        case "Encounter":
            # What the hospital plays is valid: a stay does not end before it begins.
            ended = {"end": _LATER} if "end" in resource.get("period", {}) else {}
            period = {**resource.get("period", {}), "start": _MOMENT, **ended}
            hours = {"value": _NUMBER, "unit": "h", "system": "http://unitsofmeasure.org", "code": "h"}
            return {**resource, "period": period, "length": hours}
        case "Observation" if "valueQuantity" in resource:
            quantity = {**resource["valueQuantity"], "value": _NUMBER}
            return {**resource, "valueQuantity": quantity, "effectiveDateTime": _MOMENT}
    return resource


def _has_number(resource: Json) -> bool:
    return resource["resourceType"] == "Encounter" or "valueQuantity" in resource


def _change(stage: Stage, answer: FhirResponse) -> FhirResponse:
    def change(resource: Json) -> Json:
        return _exact(resource) if subject_of(resource) == stage.cast[_NAME] else resource

    return rewritten(answer, change)


def _begin(stage: Stage, answer: FhirResponse) -> FhirResponse | None:
    chosen = bystander(stage, answer, _has_number)
    if chosen is None:
        return None
    stage.cast[_NAME] = subject_of(chosen)
    return _change(stage, answer)


ACT = Act(name=_NAME, after=_begin, lasting=_change, quiet=True)
