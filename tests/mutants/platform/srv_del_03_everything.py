"""A deletion without a criterion deletes everything of its type."""

import json

from lab.sandbox.serve import main
from tests.mutants.asking import answer, asking
from tests.mutants.conditional import open_writes_by_criteria

KILLED_BY = "SRV-DEL-03"
FLAW = "DELETE on a type without a criterion deletes all its resources"


def _wrap(app):
    async def wrapped(scope, receive, send):
        whole = scope["type"] == "http" and scope["path"] == "/fhir/Basic" and not scope["query_string"]
        if not whole or scope["method"] != "DELETE":
            await app(scope, receive, send)
            return
        ask = asking(app, scope)
        _, _, body = await ask("GET", scope["path"])
        for entry in json.loads(body).get("entry", []):
            await ask("DELETE", f"{scope['path']}/{entry['resource']['id']}")
        await answer(send, 204)

    return wrapped


if __name__ == "__main__":
    open_writes_by_criteria()
    main(wrap=_wrap)
