"""One process of the server alone: read a plan on standard input, serve, stop when the input is closed.

Several of them share one listening socket and one store: each reads for itself, and they write in turn.
"""

import asyncio
import socket
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
import uvicorn

from lab.fhirserver.asgi import application
from lab.fhirserver.backend import EmbeddedBackend
from lab.fhirserver.listening import settings
from lab.fhirserver.storage.connection import StoreError
from lab.model.release import Release


@dataclass(frozen=True)
class WorkerPlan:
    """``listener`` is the number of an open socket; an empty ``key`` lets everybody of this machine in.

    ``store`` is a path or a URL; an empty ``page_key`` stands for that of the store.
    """

    store: str
    base_url: str
    key: str
    page_key: str
    listener: int
    release: Release = "R4"
    exports: str = ""

    def to_line(self) -> bytes:
        """Return the plan as one line of JSON."""
        return orjson.dumps(asdict(self)) + b"\n"


async def serve(plan: WorkerPlan) -> None:
    """Serve until standard input is closed."""
    backend = EmbeddedBackend(
        plan.store,
        page_key=bytes.fromhex(plan.page_key) or None,
        release=plan.release,
        exports=Path(plan.exports) if plan.exports else None,
    )
    backend.share()
    server = uvicorn.Server(settings(application(backend, base_url=plan.base_url, key=plan.key)))
    running = asyncio.create_task(server.serve(sockets=[socket.socket(fileno=plan.listener)]))
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.005)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.buffer.read)
    server.should_exit = True
    await running
    backend.close()


def main() -> None:
    """Run one process from the plan on standard input; what keeps it from starting is said on one line."""
    try:
        asyncio.run(serve(WorkerPlan(**orjson.loads(sys.stdin.buffer.readline()))))
    except (StoreError, OSError) as error:
        sys.stdout.write(f"{error}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
