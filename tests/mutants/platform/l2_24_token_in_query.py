"""A token in the query is accepted in place of the header."""

from urllib.parse import parse_qs

from lab.sandbox.serve import main

KILLED_BY = "L2-24"
FLAW = "access_token in the query opens what Authorization opens"


def accept(app):
    async def wrapped(scope, receive, send):
        query = parse_qs(scope.get("query_string", b"").decode())
        names = {name for name, _ in scope["headers"]}
        if "access_token" in query and b"authorization" not in names:
            token = f"Bearer {query['access_token'][0]}".encode()
            scope = {**scope, "headers": [*scope["headers"], (b"authorization", token)]}
        await app(scope, receive, send)

    return wrapped


if __name__ == "__main__":
    main(wrap=accept)
