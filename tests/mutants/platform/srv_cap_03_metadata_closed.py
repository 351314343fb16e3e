"""The CapabilityStatement needs a token, and does not say so."""

from lab.sandbox.serve import main
from tests.mutants.asking import answer, header

KILLED_BY = "SRV-CAP-03"
FLAW = "/metadata without a token is answered 401"
REFUSAL = (
    b'{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"login"}]}',
    (b"www-authenticate", b"Bearer"),
)


def _closed(app):
    async def wrapped(scope, receive, send):
        about = scope.get("path", "").endswith("/metadata")
        if about and scope["type"] == "http" and header(scope, b"authorization") is None:
            await answer(send, 401, *REFUSAL)
        else:
            await app(scope, receive, send)

    return wrapped


if __name__ == "__main__":
    main(wrap=_closed)
