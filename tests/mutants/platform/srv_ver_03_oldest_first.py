"""Histories begin with the oldest version."""

import json

from lab.sandbox.serve import main
from tests.mutants.answers import rewrite
from tests.mutants.paths import is_at

KILLED_BY = "SRV-VER-03"
FLAW = "the history of a resource is sorted with the oldest version first"


def _the_other_way_round(answer):
    status, headers, body = answer
    if status != 200:
        return answer
    bundle = json.loads(body)
    bundle["entry"] = bundle.get("entry", [])[::-1]
    return status, headers, json.dumps(bundle).encode()


if __name__ == "__main__":
    main(wrap=lambda app: rewrite(app, is_at("/_history"), _the_other_way_round))
