"""Every read says that the resource is in its first version."""

import re

from lab.sandbox.serve import main
from tests.mutants.answers import rewrite
from tests.mutants.paths import is_read, without

KILLED_BY = "SRV-UPD-01"
FLAW = "meta.versionId stays the same after an update"


def _first_version(answer):
    status, headers, body = answer
    if status != 200:
        return answer
    still = re.sub(rb'"versionId":"[0-9]+"', b'"versionId":"1"', body)
    return status, [*without(headers, b"etag"), (b"etag", b'W/"1"')], still


if __name__ == "__main__":
    main(wrap=lambda app: rewrite(app, is_read, _first_version))
