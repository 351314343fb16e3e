"""If-None-Exist is searched for before the creation, and not in the same transaction."""

import asyncio
import json

from lab.sandbox.serve import main
from tests.mutants.asking import asking, header, without

KILLED_BY = "SRV-CRT-07"
FLAW = "conditional creations that arrive at the same moment leave several Patients"


def _wrap(app):
    async def wrapped(scope, receive, send):
        wanted = header(scope, b"if-none-exist") if scope["type"] == "http" else None
        if wanted is not None:
            _, _, body = await asking(app, scope)("GET", scope["path"], wanted)
            await asyncio.sleep(0.2)
            if not json.loads(body).get("entry"):
                scope = without(scope, b"if-none-exist")
        await app(scope, receive, send)

    return wrapped


if __name__ == "__main__":
    main(wrap=_wrap)
