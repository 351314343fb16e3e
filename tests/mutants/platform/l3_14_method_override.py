"""A header changes the method of a POST."""

from lab.sandbox.serve import main

KILLED_BY = "L3-14"
FLAW = "X-HTTP-Method-Override is obeyed"
HEADER = b"x-http-method-override"


def obey(app):
    async def wrapped(scope, receive, send):
        said = dict(scope["headers"]).get(HEADER) if scope["method"] == "POST" else None
        if said:
            headers = [(name, value) for name, value in scope["headers"] if name != HEADER]
            scope = {**scope, "method": said.decode(), "headers": headers}
        await app(scope, receive, send)

    return wrapped


if __name__ == "__main__":
    main(wrap=obey)
