"""Take a planted patient out of the cohort of the restricted identity, and back again.

A change may take up to five seconds to be in force (promise P8); a check has no clock, for its answers must
come again from the journal. It lets time pass by a request that it never finishes: the wire waits for its
answer for ten seconds, unless the server gives up before.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from lab.api import COHORT, Expect, FhirClient, Outgoing, Reply, Truth, status_of
from lab.checks.statement import objects, part

_OK = 200
_CLOSED = frozenset({403, 405})
_TAKEN = frozenset({200, 201})
_READS = 5
_PAUSES = 3


@dataclass(frozen=True)
class Undo:
    """``resource`` is what stood at ``path`` before the patient left."""

    fhir: FhirClient
    path: str
    resource: dict[str, Any]

    def undone(self) -> None:
        """Put back what was there."""
        self.fhir.write("PUT", self.path, self.resource)

    def settled(self, ask: Callable[[], Reply], reached: Callable[[Reply], bool]) -> Reply:
        """Return the answer once it is as wanted, or the last one when more than five seconds passed."""
        reply = ask()
        for pause in range(_PAUSES + 1):
            for _ in range(_READS):
                if reached(reply):
                    return reply
                reply = ask()
            if pause < _PAUSES and _paused(self.fhir):
                return ask()
        return reply


def left(fhir: FhirClient, id_: str, truth: Truth, expect: Expect) -> Undo:
    """Take the patient out by what puts it in: the planted Group, or the mark that it carries.

    Skips the check when the application does not take the change.
    """
    server = truth.subject.server
    identity = server.identity("restricted") if server else None
    mark = identity.patient_mark if identity else {}
    if mark:
        path = f"Patient/{id_}"
        held, other = fhir.get(path), fhir.read("Patient", truth.canary.outside()[0])
        instead = {name: other.resource[name] for name in mark if name in other.resource}
        changed = {**{name: value for name, value in held.resource.items() if name not in mark}, **instead}
    else:
        path = f"Group/{COHORT}"
        held = fhir.get(path)
        members = [
            one
            for one in objects(held.resource.get("member"))
            if not str(part(one, "entity").get("reference")).endswith(f"Patient/{id_}")
        ]
        changed = {**held.resource, "member": members}
    reply = fhir.write("PUT", path, changed) if held.status == _OK else held
    if reply.status not in _TAKEN or changed == held.resource:
        expect.name(held, reply)
        # Cohorts that no client may write are the safer design: there is then nothing to show by the API.
        end = expect.omit if reply.status in _CLOSED else expect.skip
        end(
            f"Le patient marqué n'a pu être sorti de la cohorte (PUT {path} : {status_of(reply)}).",
            f"The marked patient could not be taken out of the cohort (PUT {path}: {status_of(reply)}).",
        )
    return Undo(fhir, path, held.resource)


def _paused(fhir: FhirClient) -> bool:
    """Let time pass; tell whether it was certainly more than five seconds."""
    url = f"{fhir.base_url}/metadata"
    parts = urlsplit(url)
    raw = f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nX-Laboratory-Pause: 1\r\n".encode()
    return fhir.wire.send(Outgoing("GET", url, raw=raw)).error.startswith("TimeoutError")
