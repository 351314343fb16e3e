"""The CapabilityStatement lacks a mandatory element."""

from lab.sandbox.serve import main
from tests.mutants.answers import rewrite
from tests.mutants.paths import is_at

KILLED_BY = "SRV-CAP-02"
FLAW = "the CapabilityStatement has no kind"


def _without_kind(answer):
    status, headers, body = answer
    return status, headers, body.replace(b'"kind":"instance",', b"")


if __name__ == "__main__":
    main(wrap=lambda app: rewrite(app, is_at("/metadata"), _without_kind))
