"""The embedded FHIR R4 server: SQLite storage, search, and one file per interaction."""
