"""From now on references about one patient come in every form: absolute, contained, logical, urn.

Spec: https://hl7.org/fhir/R4/references.html
"""

from lab.fhir.response import FhirResponse
from lab.gateway.act import Act, Stage
from lab.gateway.answered import Json, bystander, rewritten, subject_of

_NAME = "reference-forms"
_CONTAINED = {"resourceType": "Practitioner", "id": "lab-contained", "name": [{"family": "CONTENU"}]}
_LOGICAL = {"system": "urn:oid:1.2.250.1.71.4.2.1", "value": "3lab-logical"}
_FORMS = (
    {"reference": "#lab-contained"},
    {"type": "Practitioner", "identifier": _LOGICAL},
    {"reference": "urn:uuid:1ab00000-0000-4000-8000-000000000001"},
)
_PLACES = {"Encounter": ("participant", "individual"), "Observation": ("performer", "")}


def _suits(resource: Json) -> bool:
    return resource["resourceType"] in _PLACES


def _change(stage: Stage, answer: FhirResponse) -> FhirResponse:
    base = stage.request.base_url

    def change(resource: Json) -> Json:
        patient = stage.cast[_NAME]
        if not _suits(resource) or subject_of(resource) != patient:
            return resource
        element, inner = _PLACES[resource["resourceType"]]
        people = [{inner: form} for form in _FORMS] if inner else list(_FORMS)
        return {
            **resource,
            "contained": [*resource.get("contained", []), _CONTAINED],
            "subject": {**resource["subject"], "reference": f"{base}/Patient/{patient}"},
            element: people,
        }

    return rewritten(answer, change)


def _begin(stage: Stage, answer: FhirResponse) -> FhirResponse | None:
    chosen = bystander(stage, answer, _suits)
    if chosen is None:
        return None
    stage.cast[_NAME] = subject_of(chosen)
    return _change(stage, answer)


ACT = Act(name=_NAME, after=_begin, lasting=_change, quiet=True)
