"""Write a folder of the synthetic hospital into a FHIR server, by batches of updates.

An update under the resource's own id may be sent twice: an interrupted load is simply run again.
Spec: https://hl7.org/fhir/R4/http.html#transaction
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import orjson

from lab.model.text import Text
from synthetic_data.folder.read import resources

_BATCH = 200
_PATIENCE_S = 60.0
_FHIR_JSON = "application/fhir+json"


class UploadError(Exception):
    """A folder cannot be written into a server: one sentence for the user."""

    def __init__(self, text: Text) -> None:
        """Keep the sentence in both languages."""
        super().__init__(text.en)
        self.text = text


class RefusedError(UploadError):
    """The server refused a resource."""


class UnreachableServerError(UploadError):
    """The server does not answer."""


def upload(folder: Path, base_url: str, types: frozenset[str] | None, token: str) -> Iterator[int]:
    """Write all the resources, or those of some types; yield the number written after each batch.

    Raises:
        RefusedError: a write was not accepted; those before it stay.
        UnreachableServerError: nothing answers at that address, or not in time.
    """
    headers = {"Content-Type": _FHIR_JSON, "Accept": _FHIR_JSON}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    source = resources(folder, types)
    done = 0
    with httpx.Client(headers=headers, timeout=_PATIENCE_S) as client:
        while batch := list(islice(source, _BATCH)):
            _send(client, base_url, batch)
            done += len(batch)
            yield done


def _send(client: httpx.Client, base_url: str, batch: list[dict[str, Any]]) -> None:
    entries = [
        {"resource": one, "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"}}
        for one in batch
    ]
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": entries}
    try:
        reply = client.post(base_url, content=orjson.dumps(bundle))
    except httpx.HTTPError as error:
        raise UnreachableServerError(
            Text(
                fr=f"Aucune réponse de {base_url} ({type(error).__name__}) : vérifier l'adresse, démarrer le "
                "serveur.",
                en=f"No answer from {base_url} ({type(error).__name__}): check the address, start the "
                "server.",
            )
        ) from None
    if reply.status_code != httpx.codes.OK:
        raise _refused(f"POST {base_url}", str(reply.status_code))
    for one, status in zip(batch, _statuses(reply), strict=True):
        if not status.startswith(("200", "201")):
            raise _refused(f"PUT {one['resourceType']}/{one['id']}", status or "no status")


def _statuses(reply: httpx.Response) -> list[str]:
    try:
        answers = reply.json()["entry"]
        return [str(answer["response"]["status"]) for answer in answers]
    except (ValueError, KeyError, TypeError):
        raise _refused(f"POST {reply.url}", "an answer that is no batch-response") from None


def _refused(request: str, seen: str) -> RefusedError:
    return RefusedError(
        Text(
            fr=f"{request} attend 200 ou 201, reçu {seen} : le serveur doit accepter les lots et les "
            "identifiants du client, et détenir ce dont les ressources dépendent.",
            en=f"{request} expects 200 or 201, got {seen}: the server must accept batches and "
            "client-assigned "
            "ids, and hold what the resources refer to.",
        )
    )
