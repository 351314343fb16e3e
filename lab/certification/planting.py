"""Plant marked patients in an application: by its API, or as a file that it loads when it starts."""

from dataclasses import replace
from pathlib import Path
from typing import Literal

import orjson

from lab.canary.world import World, world
from lab.certification.application import UnreachableError
from lab.checking.canary import Canary
from lab.fhir.client import FhirClient
from lab.model.target import ServerRole

Side = Literal["one", "two"]
_TAKEN = frozenset({200, 201})


def write_fixture(server: ServerRole | None, seed: int, side: Side, file: Path) -> Canary:
    """Write the world of one side as a Bundle (collection), empty for an application that asks for none."""
    drawn = world(server, seed, side) if server and server.canary == "file" else World((), Canary())
    entries = [{"resource": resource} for resource in drawn.resources]
    file.write_bytes(orjson.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}))
    return drawn.canary


def plant(fhir: FhirClient, server: ServerRole, seed: int, side: Side) -> tuple[Canary, list[str]]:
    """Write the world of one side resource by resource; return the answer key and what was written.

    What the application does not take is no shape of it; its answers are kept in ``refused``.

    Raises:
        UnreachableError: it did not take patients or Groups, without which nothing can be shown.
    """
    drawn = world(server, seed, side)
    written: list[str] = []
    refused: dict[str, str] = {}
    for resource in drawn.resources:
        path = f"{resource['resourceType']}/{resource['id']}"
        reply = fhir.write("PUT", path, resource)
        if reply.status in _TAKEN:
            written.append(path)
            continue
        refused[path] = f"HTTP {reply.status}" if reply.status else reply.error
        if resource["resourceType"] == "Patient":
            raise UnreachableError(
                fr=f"Les patients marqués n'ont pu être écrits : PUT {path} a donné {refused[path]} "
                f"({reply.exchange}). Accepter les identifiants du client, ou charger le fichier "
                "{fixture} au démarrage (server.canary = 'file').",
                en=f"The marked patients could not be written: PUT {path} gave {refused[path]} "
                f"({reply.exchange}). Accept client-assigned ids, or load the file {{fixture}} at start "
                "(server.canary = 'file').",
            )
    return taken(drawn.canary, refused), written


def taken(canary: Canary, refused: dict[str, str]) -> Canary:
    """Return the answer key without what the application did not take."""
    markers = {marker: at for marker, at in canary.markers.items() if at.partition(" ")[0] not in refused}
    shapes = {name: at for name, at in canary.shapes.items() if at not in refused}
    return replace(canary, shapes=shapes, markers=markers, refused=refused)


def held(canary: Canary, fhir: FhirClient) -> Canary:
    """Return the answer key of a file, without the shapes that the application does not hold."""
    answers = {path: fhir.get(path) for path in canary.shapes.values()}
    refused = {
        path: f"HTTP {reply.status}" if reply.status else reply.error
        for path, reply in answers.items()
        if reply.status != 200
    }
    return taken(canary, refused)
