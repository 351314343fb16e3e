"""Say what is wrong with a FHIR resource, by the place and the rule, never by the value."""

from lab.validation.fast import Defect, covered_types, defects, not_checked

__all__ = ["Defect", "covered_types", "defects", "not_checked"]
