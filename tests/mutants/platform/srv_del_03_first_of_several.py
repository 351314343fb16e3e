"""A conditional delete with several matches deletes the first of them."""

import json

from lab.sandbox.serve import main
from tests.mutants.asking import asking
from tests.mutants.conditional import open_writes_by_criteria

KILLED_BY = "SRV-DEL-03"
FLAW = "a conditional delete that matches several resources deletes one of them"


def _wrap(app):
    async def wrapped(scope, receive, send):
        if scope["type"] == "http" and scope["method"] == "DELETE" and scope["query_string"]:
            _, _, body = await asking(app, scope)("GET", scope["path"], scope["query_string"])
            if found := json.loads(body).get("entry"):
                path = f"{scope['path']}/{found[0]['resource']['id']}"
                scope = {**scope, "path": path, "raw_path": path.encode(), "query_string": b""}
        await app(scope, receive, send)

    return wrapped


if __name__ == "__main__":
    open_writes_by_criteria()
    main(wrap=_wrap)
