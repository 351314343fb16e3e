"""Run a bulk export to its end, and read its files."""

import time
from typing import Any

import orjson
from server_hospital import BASE, Answer, Hospital

RESPOND_ASYNC = {"prefer": "respond-async"}


def started(hospital: Hospital, url: str, **headers: str) -> str:
    """Start an export and return the address of its status."""
    answer = hospital.get(url, **{**RESPOND_ASYNC, **headers})
    assert answer.status == 202, answer.body
    assert answer.headers["content-location"].startswith(f"{BASE}/$export-status/")
    return answer.headers["content-location"]


def ended(hospital: Hospital, status_url: str) -> Answer:
    """Ask for the status until the job runs no more."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        answer = hospital.get(status_url)
        if answer.status not in {202, 429}:
            return answer
        assert answer.headers["retry-after"] == "1"
        time.sleep(0.02)
    raise AssertionError(status_url)


def manifest(hospital: Hospital, url: str, **headers: str) -> dict[str, Any]:
    """Run an export and return its manifest."""
    answer = ended(hospital, started(hospital, url, **headers))
    assert answer.status == 200, answer.body
    assert answer.headers["content-type"] == "application/json"
    return answer.json


def lines(hospital: Hospital, item: dict[str, Any]) -> list[bytes]:
    """Return the lines of a file, as many as the manifest says."""
    answer = hospital.get(item["url"])
    assert (answer.status, answer.headers["content-type"]) == (200, "application/fhir+ndjson")
    chunks = list(answer.response.chunks or ())
    assert all(chunk.endswith(b"\n") for chunk in chunks)
    found = b"".join(chunks).splitlines()
    assert len(found) == item["count"]
    return found


def exported(hospital: Hospital, url: str, **headers: str) -> dict[str, list[bytes]]:
    """Run an export and return its lines by type."""
    found: dict[str, list[bytes]] = {}
    for item in manifest(hospital, url, **headers)["output"]:
        found.setdefault(item["type"], []).extend(lines(hospital, item))
    return found


def ids(found: dict[str, list[bytes]]) -> set[str]:
    """Return ``Type/id`` of what was exported."""
    resources = [orjson.loads(line) for several in found.values() for line in several]
    return {f"{resource['resourceType']}/{resource['id']}" for resource in resources}
