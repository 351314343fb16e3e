"""CORS is open on the CapabilityStatement, and forgotten elsewhere."""

from lab.sandbox.serve import main

KILLED_BY = "SRV-SMT-06"
FLAW = "the preflight of .well-known/smart-configuration is not answered, that of /metadata is"


def open_to_browsers(app):
    async def wrapped(scope, receive, send):
        if scope["type"] == "http" and scope["method"] == "OPTIONS" and scope["path"].endswith("/metadata"):
            headers = [(b"access-control-allow-origin", b"*"), (b"content-length", b"0")]
            await send({"type": "http.response.start", "status": 204, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return
        await app(scope, receive, send)

    return wrapped


if __name__ == "__main__":
    main(wrap=open_to_browsers)
