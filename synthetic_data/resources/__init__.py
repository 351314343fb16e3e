"""How facts become FHIR R4: one file for each kind of resource, found by folder."""
