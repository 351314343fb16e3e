"""A trivial target for load generators: the same small Bundle to whatever is asked; prints its port."""

import asyncio

import uvloop

BODY = b'{"resourceType": "Bundle", "type": "searchset", "total": 0}'
HEAD = (
    b"HTTP/1.1 200 OK\r\nServer: target\r\nDate: Mon, 30 Nov 2026 12:00:00 GMT\r\n"
    b'Content-Type: application/fhir+json\r\nETag: W/"1"\r\nContent-Length: %d\r\n\r\n'
)


class Target(asyncio.Protocol):
    """Answers each head."""

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Keep where to write."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer."""
        self.transport.write((HEAD % len(BODY) + BODY) * data.count(b"\r\n\r\n"))


async def serve() -> None:
    """Listen on a free port until killed."""
    server = await asyncio.get_running_loop().create_server(Target, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve())
