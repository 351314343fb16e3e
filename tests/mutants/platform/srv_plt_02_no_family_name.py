"""Patients are valid R4, but do not follow the profile of the platform."""

import json

from lab.sandbox.serve import main
from tests.mutants.answers import rewrite
from tests.mutants.paths import is_at

KILLED_BY = "SRV-PLT-02"
FLAW = "a search of patients gives an official name without a family name"


def _without_family(answer):
    status, headers, body = answer
    bundle = json.loads(body)
    for entry in bundle.get("entry", ()):
        for name in entry.get("resource", {}).get("name", ()):
            if name.get("use") == "official":
                name.pop("family", None)
    return status, headers, json.dumps(bundle).encode()


if __name__ == "__main__":
    main(wrap=lambda app: rewrite(app, is_at("/Patient"), _without_family))
