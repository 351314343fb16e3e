"""Patients whose languages do not say which: an element that R4 makes mandatory and nobody searches."""

import json

from lab.sandbox.serve import main
from tests.mutants.answers import rewrite
from tests.mutants.paths import is_at

KILLED_BY = "SRV-VAL-01"
FLAW = "a search of patients gives a communication without its language"


def _languages_unsaid(answer):
    status, headers, body = answer
    bundle = json.loads(body)
    for entry in bundle.get("entry", ()):
        if entry.get("resource", {}).get("resourceType") == "Patient":
            entry["resource"]["communication"] = [{"preferred": True}]
    return status, headers, json.dumps(bundle).encode()


if __name__ == "__main__":
    main(wrap=lambda app: rewrite(app, is_at("/Patient"), _languages_unsaid))
