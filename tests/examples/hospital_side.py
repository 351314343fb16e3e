"""The client half of the example, built in this process against a fake hospital."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fake_hospital import FakeHospital
from tableau_urgences.board import Board
from tableau_urgences.hospital.client import HospitalClient
from tableau_urgences.hospital.poller import Poller
from tableau_urgences.hospital.tokens import TokenSource
from tableau_urgences.hospital.transport import Transport, open_http
from tableau_urgences.settings import Settings

FIRST_WAIT_S = 0.02


@asynccontextmanager
async def poller_of(hospital: FakeHospital, folder: Path, **settings: Any) -> AsyncIterator[Poller]:
    key = folder / "key.json"
    key.write_text(json.dumps(hospital.private))
    given = Settings(
        fhir_base_url=hospital.base,
        client_id=hospital.client_id,
        key_file=key,
        consumers_file=folder / "none",
        poll_interval_s=FIRST_WAIT_S,
        **settings,
    )
    async with open_http() as http:
        transport = Transport(http, FIRST_WAIT_S)
        client = HospitalClient(hospital.base, transport, TokenSource(transport, given))
        yield Poller(client, Board(), given)


def with_poller(
    hospital: FakeHospital, folder: Path, use: Callable[[Poller], Awaitable[Any]], **settings: Any
) -> Any:
    """Run a coroutine function on a poller of this hospital and return its result."""

    async def run() -> Any:
        async with poller_of(hospital, folder, **settings) as poller:
            return await use(poller)

    return asyncio.run(run())


def poll(hospital: FakeHospital, folder: Path, times: int = 1, **settings: Any) -> Poller:
    """Poll some times in a row and return the poller; failures are in its log, not raised."""

    async def use(poller: Poller) -> Poller:
        for _ in range(times):
            await poller.round()
        return poller

    result: Poller = with_poller(hospital, folder, use, **settings)
    return result
