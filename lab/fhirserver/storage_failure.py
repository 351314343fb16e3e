"""What a client is told when the file of the store fails: whether to come again, and nothing of the data.

Spec: https://hl7.org/fhir/R4/http.html#Status-Codes and https://www.sqlite.org/rescode.html
"""

import sqlite3

from lab.fhir.response import FhirResponse, outcome

_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_FULL = frozenset({sqlite3.SQLITE_FULL})
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_PRIMARY = 0xFF
"""The part of an extended code that names the kind of failure."""


def storage_failure(error: sqlite3.Error) -> FhirResponse | None:
    """Return the answer to a request that failed, what it wrote undone; None for other failures."""
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
    if code in _BUSY:
        busy = outcome(503, "lock-error", "The store is busy with another write: send the request again.")
        return busy.with_headers(("retry-after", "1"))
    if code in _FULL or code == sqlite3.SQLITE_IOERR:
        return outcome(507, "no-store", "The disk of the server is full or fails: nothing was written.")
    if code in _DAMAGED:
        return outcome(500, "exception", "The store is damaged: its operator must restore it.")
    return None
