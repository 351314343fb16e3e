"""The CapabilityStatement says that the server is one of FHIR STU3."""

from lab.sandbox.serve import main
from tests.mutants.answers import rewrite
from tests.mutants.paths import is_at

KILLED_BY = "SRV-CAP-01"
FLAW = "/metadata announces fhirVersion 3.0.1"


def _stu3(answer):
    status, headers, body = answer
    return status, headers, body.replace(b'"fhirVersion":"4.0.1"', b'"fhirVersion":"3.0.1"')


if __name__ == "__main__":
    main(wrap=lambda app: rewrite(app, is_at("/metadata"), _stu3))
