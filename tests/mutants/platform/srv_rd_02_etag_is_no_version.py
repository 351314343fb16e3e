"""The ETag of a read is a digest, while meta.versionId counts."""

import hashlib

from lab.sandbox.serve import main
from tests.mutants.answers import rewrite
from tests.mutants.paths import PROBE, is_read, without

KILLED_BY = "SRV-RD-02"
FLAW = "the ETag of a read is a digest of the body, not the versionId"


def _digest(answer):
    status, headers, body = answer
    if status != 200 or PROBE in body:
        return answer
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:16]}"'.encode()
    return status, [*without(headers, b"etag"), (b"etag", tag)], body


if __name__ == "__main__":
    main(wrap=lambda app: rewrite(app, is_read, _digest))
