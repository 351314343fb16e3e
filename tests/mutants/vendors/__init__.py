"""A zoo of vendors: a sound FHIR server with five levels of its own, and variants with one flaw each."""
