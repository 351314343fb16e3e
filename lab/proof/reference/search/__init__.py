"""A second, slow and obvious implementation of FHIR search: only the official definitions are shared."""
