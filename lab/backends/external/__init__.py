"""Any FHIR R4 server over HTTP as a backend: what it is asked is narrowed, what it answers is checked."""
