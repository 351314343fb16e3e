"""The sound vendor: a small FHIR R4 server with five levels, which shares no code with the laboratory."""
