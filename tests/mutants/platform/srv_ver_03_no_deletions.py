"""Histories tell nothing of deletions."""

import json

from lab.sandbox.serve import main
from tests.mutants.answers import rewrite
from tests.mutants.paths import is_at

KILLED_BY = "SRV-VER-03"
FLAW = "the deletion of a resource is not in its history"


def _what_was_written(answer):
    status, headers, body = answer
    if status != 200:
        return answer
    bundle = json.loads(body)
    entries = bundle.get("entry", [])
    bundle["entry"] = [entry for entry in entries if entry["request"]["method"] != "DELETE"]
    if "total" in bundle:
        bundle["total"] -= len(entries) - len(bundle["entry"])
    return status, headers, json.dumps(bundle).encode()


if __name__ == "__main__":
    main(wrap=lambda app: rewrite(app, is_at("/_history"), _what_was_written))
