"""A request without a valid token is refused without saying how to authenticate."""

from lab.sandbox.serve import main
from tests.mutants.answers import rewrite
from tests.mutants.paths import is_search, without

KILLED_BY = "SRV-ERR-03"
FLAW = "401 comes without WWW-Authenticate"


def _no_challenge(answer):
    status, headers, body = answer
    return status, without(headers, b"www-authenticate"), body


if __name__ == "__main__":
    main(wrap=lambda app: rewrite(app, is_search, _no_challenge))
