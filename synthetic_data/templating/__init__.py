"""Resource shapes as ordinary FHIR JSON with `$placeholders`, filled by columns instead of one by one."""
