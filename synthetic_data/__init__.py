"""The synthetic hospital: a deterministic CHU de Toulouse in FHIR R4, without any real person."""

from synthetic_data.hospital import generate
from synthetic_data.plan import HospitalPlan

__all__ = ["HospitalPlan", "generate"]
