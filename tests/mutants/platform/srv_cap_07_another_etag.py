"""Each answer of /metadata has an ETag of its own."""

from itertools import count

from lab.sandbox.serve import main
from tests.mutants.answers import rewrite
from tests.mutants.paths import is_at, without

KILLED_BY = "SRV-CAP-07"
FLAW = "the ETag of the CapabilityStatement changes although it does not"
NUMBERS = count(1)


def _another(answer):
    status, headers, body = answer
    return status, [*without(headers, b"etag"), (b"etag", b'W/"%d"' % next(NUMBERS))], body


if __name__ == "__main__":
    main(wrap=lambda app: rewrite(app, is_at("/metadata"), _another))
