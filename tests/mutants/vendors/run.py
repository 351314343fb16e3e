"""Run the sound vendor, or a variant of it, until it is ended.

``python run.py --port N --fixture BUNDLE --jwks FILE [--variant NAME]``
"""

import argparse
import asyncio
import json
import sys
from contextlib import suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from tests.mutants.vendors.sound.vendor import Vendor
from tests.mutants.vendors.variant import variants

_HEAD = 33_000


async def main() -> None:
    """Listen on both loopback addresses, where there are both."""
    reading = argparse.ArgumentParser()
    reading.add_argument("--port", type=int, required=True)
    reading.add_argument("--fixture", type=Path, required=True)
    reading.add_argument("--jwks", type=Path, required=True)
    reading.add_argument("--variant", default="")
    given = reading.parse_args()
    bundle, jwks = (json.loads(file.read_text(encoding="utf-8")) for file in (given.fixture, given.jwks))
    app = Vendor(given.port, [entry["resource"] for entry in bundle.get("entry", [])], jwks)
    if given.variant:
        variants()[given.variant].break_(app)
    servers = [await asyncio.start_server(app.http.serve, "127.0.0.1", given.port, limit=_HEAD)]
    with suppress(OSError):  # a machine without IPv6
        servers.append(await asyncio.start_server(app.http.serve, "::1", given.port, limit=_HEAD))
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(main())
