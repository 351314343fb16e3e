"""How the tests ask the facade of the example, and read what it answers."""

import socket
from urllib.parse import urlsplit

SCOPE = "system/Encounter.rs system/Patient.rs"
INSIDE, OUTSIDE, UNKNOWN, MOVED = "pat-000001", "pat-000007", "pat-999999", "pat-000006"
"""Patients as ``partenaire-purpan`` sees them; the last one was moved to the other site."""


def bearer(board, client="partenaire-complet", scope=SCOPE, **facts):
    """Return the header of a fresh token of a consumer."""
    return {"Authorization": f"Bearer {board.hospital.grant(client, scope, **facts)}"}


def fhir(board, path, headers=None, **options):
    """Get a path of the facade."""
    return board.get(f"/fhir/{path}", headers=headers or {}, **options)


def ids(answer):
    """Return the ids of a Bundle, in order."""
    assert answer.status_code == 200, answer.text
    return [entry["resource"]["id"] for entry in answer.json().get("entry", [])]


def same(answer):
    """Return everything of an answer but its date."""
    headers = {name: value for name, value in answer.headers.items() if name != "date"}
    return answer.status_code, headers, answer.content


def outcome(answer, status):
    """Return the issue of an error, which always carries an OperationOutcome."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/fhir+json")
    assert answer.headers["cache-control"] == "no-store, private"
    (issue,) = answer.json()["issue"]
    assert issue["severity"] == "error"
    return issue


def raw(board, request: str) -> bytes:
    """Send bytes that no HTTP client would send, and return all that comes back."""
    split = urlsplit(board.url)
    with socket.create_connection((split.hostname, split.port), 5) as wire:
        wire.sendall(request.encode("latin-1"))
        wire.settimeout(5)
        answer = b""
        while chunk := wire.recv(65536):
            answer += chunk
        return answer
