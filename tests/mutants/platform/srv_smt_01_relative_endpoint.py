"""The SMART configuration gives the token endpoint as a path."""

import json

from lab.sandbox.serve import main
from tests.mutants.answers import rewrite
from tests.mutants.paths import is_at

KILLED_BY = "SRV-SMT-01"
FLAW = "token_endpoint is a relative URL"


def _relative(answer):
    status, headers, body = answer
    return status, headers, json.dumps({**json.loads(body), "token_endpoint": "/token"}).encode()


if __name__ == "__main__":
    main(wrap=lambda app: rewrite(app, is_at("/.well-known/smart-configuration"), _relative))
