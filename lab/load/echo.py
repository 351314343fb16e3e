"""The calibration target: a process that answers at once, whatever it is asked.

Asked at a low rate during a run, by the engine that plays it: where its answers are slow, the generator or
the machine is, not the server under test. It prints its port, and ends when its standard input does.
"""

import asyncio
import os
import sys

_ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nContent-Length: 27\r\n\r\n"
    b'{"resourceType": "Bundle"}\n'
)
_END = b"\r\n\r\n"


class Echo(asyncio.Protocol):
    """Answers each head; the requests it gets have no body."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where to write."""
        self._transport = transport
        self._rest = b""

    def data_received(self, data: bytes) -> None:
        """Answer as many requests as are whole."""
        *whole, self._rest = (self._rest + data).split(_END)
        if isinstance(self._transport, asyncio.WriteTransport):
            self._transport.write(_ANSWER * len(whole))


async def serve() -> None:
    """Listen on a free port of this machine until standard input ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Echo, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - how the parent learns the port
    ended = asyncio.Event()

    def look() -> None:
        if not os.read(sys.stdin.fileno(), 1):
            ended.set()

    loop.add_reader(sys.stdin.fileno(), look)
    await ended.wait()
    server.close()


if __name__ == "__main__":
    asyncio.run(serve())
