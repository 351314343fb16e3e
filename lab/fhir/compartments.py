"""Which search parameters put a resource in the compartment of a patient, or of an encounter.

Source: the official CompartmentDefinitions (that of the patient from ``lab/fhir/data``).
Spec: https://hl7.org/fhir/R4/compartmentdefinition-patient.html and
https://hl7.org/fhir/R4/compartmentdefinition-encounter.html
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import orjson

_BY_ENCOUNTER = (
    *("CarePlan", "CareTeam", "Claim", "ClinicalImpression", "Communication", "CommunicationRequest"),
    *("Composition", "Condition", "DeviceRequest", "DiagnosticReport", "DocumentReference"),
    *("ExplanationOfBenefit", "Media", "MedicationRequest", "NutritionOrder", "Observation", "Procedure"),
    *("QuestionnaireResponse", "RequestGroup", "ServiceRequest", "VisionPrescription"),
)
_ENCOUNTER: Mapping[str, tuple[str, ...]] = MappingProxyType(
    dict.fromkeys(_BY_ENCOUNTER, ("encounter",))
    | dict.fromkeys(("ChargeItem", "MedicationAdministration"), ("context",))
    | {"DocumentManifest": ("related-ref",)}
)


def compartment(type_: str) -> Mapping[str, tuple[str, ...]]:
    """Return, by resource type, the parameters that lead to a Patient or to an Encounter.

    The resource that the compartment is named after belongs to it by its id.
    """
    return {"Patient": _patient(), "Encounter": _ENCOUNTER}[type_]


@cache
def _patient() -> Mapping[str, tuple[str, ...]]:
    definition: dict[str, list[str]] = orjson.loads(
        (files("lab.fhir") / "data" / "r4.compartment-patient.json").read_bytes()
    )
    return MappingProxyType({type_: tuple(codes) for type_, codes in definition.items()})
