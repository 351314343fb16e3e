"""The server half: a small read-only FHIR R4 server over the board, with five levels of security."""
