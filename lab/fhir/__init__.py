"""FHIR itself, with no logic of the laboratory: requests, answers, Bundles, search, scopes, Permission."""
