"""A conditional update with several matches changes the first of them."""

import json

from lab.sandbox.serve import main
from tests.mutants.asking import asking
from tests.mutants.conditional import open_writes_by_criteria

KILLED_BY = "SRV-UPD-05"
FLAW = "a conditional update that matches several resources updates one of them"


def _wrap(app):
    async def wrapped(scope, receive, send):
        if scope["type"] == "http" and scope["method"] == "PUT" and scope["query_string"]:
            _, _, body = await asking(app, scope)("GET", scope["path"], scope["query_string"])
            if len(json.loads(body).get("entry", [])) > 1:
                message = await receive()
                sent = {**json.loads(message["body"]), "id": json.loads(body)["entry"][0]["resource"]["id"]}
                told = {**message, "body": json.dumps(sent).encode(), "more_body": False}
                headers = [pair for pair in scope["headers"] if pair[0] != b"content-length"]
                path = f"{scope['path']}/{sent['id']}"
                one = {**scope, "path": path, "raw_path": path.encode(), "query_string": b""}

                async def changed():
                    return told

                await app({**one, "headers": headers}, changed, send)
                return
        await app(scope, receive, send)

    return wrapped


if __name__ == "__main__":
    open_writes_by_criteria()
    main(wrap=_wrap)
