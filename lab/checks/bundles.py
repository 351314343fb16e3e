"""Batches and transactions that a check sends, and what their answers say of each entry.

Spec: https://hl7.org/fhir/R4/http.html#transaction
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from lab.api import Expect, FhirClient, Reply, Truth
from lab.checks.statement import Statement, part
from lab.checks.throwaway import declared_writes

_LOCATION = re.compile(r"(?:^|/)Patient/([A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]{1,64})?$")


def entry(
    method: str, url: str, resource: Mapping[str, Any] | None = None, full_url: str = ""
) -> dict[str, Any]:
    """Return an entry that asks for one interaction."""
    asked: dict[str, Any] = {"request": {"method": method, "url": url}}
    if resource is not None:
        asked["resource"] = dict(resource)
    return {"fullUrl": full_url, **asked} if full_url else asked


def send(fhir: FhirClient, type_: str, entries: Sequence[Mapping[str, Any]]) -> Reply:
    """Send the entries as a batch or a transaction."""
    return fhir.write("POST", "", {"resourceType": "Bundle", "type": type_, "entry": list(entries)})


def offering(fhir: FhirClient, truth: Truth, expect: Expect, container: str, *interactions: str) -> Statement:
    """Return what is declared; omit unless batch or transaction is, and the interactions on Patient."""
    said = declared_writes(fhir, truth, expect, *interactions)
    if container not in said.system:
        expect.omit(
            f"Le CapabilityStatement ne déclare pas {container}.",
            f"The CapabilityStatement does not declare {container}.",
        )
    return said


def statuses(reply: Reply) -> list[str]:
    """Return the first three characters of the status of each entry, empty where there is none."""
    return [str(part(one, "response").get("status", ""))[:3] for one in reply.entries]


def patient_of(answered: Mapping[str, Any]) -> str:
    """Return the id of the Patient that the answer of an entry says it wrote, empty when it does not say."""
    found = _LOCATION.search(str(part(answered, "response").get("location", "")))
    return found[1] if found else ""
