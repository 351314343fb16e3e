"""Of an answer that takes longer than a second, the entries that arrived until then are taken."""

import asyncio
import sys
from pathlib import Path

import httpx

EXAMPLE = next(
    folder / "examples" / "tableau_urgences"
    for folder in Path(__file__).resolve().parents
    if (folder / "examples" / "tableau_urgences").is_dir()
)
sys.path.insert(0, str(EXAMPLE))

from cli_err_08_believes_half_a_body import entries  # noqa: E402 - found beside this file
from tableau_urgences.__main__ import Program, main  # noqa: E402 - found on the path set above
from tableau_urgences.fhir import JSON  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.transport import Answer, Transport  # noqa: E402 - found on the path set above

KILLED_BY = "CLI-ERR-08"
FLAW = "what arrived in time is taken for the whole answer"
PATIENCE_S = 1.0


class Hasty(Transport):
    """Waits for nobody."""

    async def exchange(self, request: httpx.Request) -> Answer:
        """Read as much of the body as comes within a second."""
        response = await self._http.send(request, stream=True)
        body = bytearray()
        try:
            async with asyncio.timeout(PATIENCE_S):
                async for chunk in response.aiter_bytes():
                    body += chunk
        except TimeoutError:
            content: JSON = {"resourceType": "Bundle", "entry": entries(bytes(body))}
            return Answer(200, response.headers, content, str(request.url))
        finally:
            await response.aclose()
        content = self.content(response.status_code, bytes(body))
        return Answer(response.status_code, response.headers, content, str(request.url))


class Flawed(Program):
    """The program with that part."""

    transport = Hasty


if __name__ == "__main__":
    main(Flawed)
