"""A page link is served to whoever has it, without a token."""

from lab.sandbox.serve import main

KILLED_BY = "SRV-PAG-04"
FLAW = "a page link needs no token: it is served in the name of who was last there"


def accept(app):
    last = []

    async def wrapped(scope, receive, send):
        known = [header for header in scope.get("headers", ()) if header[0] == b"authorization"]
        last[:] = known or last
        if not known and b"_page=" in scope.get("query_string", b""):
            scope = {**scope, "headers": [*scope["headers"], *last]}
        await app(scope, receive, send)

    return wrapped


if __name__ == "__main__":
    main(wrap=accept)
