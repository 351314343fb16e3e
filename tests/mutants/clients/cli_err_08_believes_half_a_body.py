"""Of an answer that breaks off, the entries that arrived are taken."""

import json
import sys
from pathlib import Path

import httpx

EXAMPLE = next(
    folder / "examples" / "tableau_urgences"
    for folder in Path(__file__).resolve().parents
    if (folder / "examples" / "tableau_urgences").is_dir()
)
sys.path.insert(0, str(EXAMPLE))

from tableau_urgences.__main__ import Program, main  # noqa: E402 - found on the path set above
from tableau_urgences.fhir import JSON  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.transport import Answer, Transport  # noqa: E402 - found on the path set above

KILLED_BY = "CLI-ERR-08"
FLAW = "half a body is parsed as truth"


class Salvaging(Transport):
    """Makes the best of what arrived."""

    async def exchange(self, request: httpx.Request) -> Answer:
        """Read as much of the body as there is."""
        response = await self._http.send(request, stream=True)
        body = bytearray()
        try:
            async for chunk in response.aiter_bytes():
                body += chunk
        except httpx.RemoteProtocolError:
            content: JSON = {"resourceType": "Bundle", "entry": entries(body)}
            return Answer(200, response.headers, content, str(request.url))
        finally:
            await response.aclose()
        content = self.content(response.status_code, bytes(body))
        return Answer(response.status_code, response.headers, content, str(request.url))


def entries(body: bytes) -> list[JSON]:
    """Return the entries of a Bundle that arrived whole."""
    text = body.decode(errors="ignore")
    reader, place, found = json.JSONDecoder(), text.find("[", text.find('"entry"')) + 1, []
    while True:
        try:
            entry, place = reader.raw_decode(text, place)
        except ValueError:
            return found
        found.append(entry)
        place += 1


class Flawed(Program):
    """The program with that part."""

    transport = Salvaging


if __name__ == "__main__":
    main(Flawed)
