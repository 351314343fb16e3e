"""What is read comes as application/json although application/fhir+json was asked for."""

from lab.sandbox.serve import main
from tests.mutants.answers import rewrite
from tests.mutants.paths import is_read, without

KILLED_BY = "SRV-FMT-01"
FLAW = "read answers Content-Type: application/json to Accept: application/fhir+json"


def _plain(answer):
    status, headers, body = answer
    return status, [*without(headers, b"content-type"), (b"content-type", b"application/json")], body


if __name__ == "__main__":
    main(wrap=lambda app: rewrite(app, is_read, _plain))
