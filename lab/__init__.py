"""The FHIR integration laboratory: conformance, five-level security and load for hospital applications."""

from importlib.metadata import version

__version__ = version("fhir-integration-lab")
