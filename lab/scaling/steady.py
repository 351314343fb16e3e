"""The control: a server of ours that does the same small work for every answer, in a process of its own.

What changes in its latency changed in the machine. An echo would not do: it takes so little that it tells how
quickly processes are woken, not how much of a core is left for work. Prints its port; ends with its input.
"""

import asyncio
import hashlib
import sys

from lab.load.echo import Echo

_WORK = bytes(1 << 20)  # a hash of 1 MiB takes about a millisecond, and needs no memory of its own


class Steady(Echo):
    """Works, then answers."""

    def data_received(self, data: bytes) -> None:
        """Do the work of one request."""
        hashlib.sha256(_WORK).digest()
        super().data_received(data)


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Steady, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.buffer.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve())
