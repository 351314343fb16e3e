"""If-Match is compared before the write, and not under the same lock."""

import asyncio

from lab.sandbox.serve import main
from tests.mutants.asking import answer, asking, header, without

KILLED_BY = "SRV-UPD-04"
FLAW = "two updates of the same version that arrive at the same moment both succeed"
CONFLICT = b'{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"conflict"}]}'


def _wrap(app):
    async def wrapped(scope, receive, send):
        wanted = header(scope, b"if-match") if scope["type"] == "http" and scope["method"] == "PUT" else None
        if wanted is None:
            await app(scope, receive, send)
            return
        _, headers, _ = await asking(app, scope)("GET", scope["path"])
        if headers.get(b"etag") != wanted:
            await answer(send, 412, CONFLICT)
            return
        await asyncio.sleep(0.2)
        await app(without(scope, b"if-match"), receive, send)

    return wrapped


if __name__ == "__main__":
    main(wrap=_wrap)
