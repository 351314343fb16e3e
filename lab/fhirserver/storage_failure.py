"""What a client is told when the file of the store fails: whether to come again, and nothing of the data.

Spec: https://hl7.org/fhir/R4/http.html#Status-Codes and https://www.sqlite.org/rescode.html
and https://www.postgresql.org/docs/current/errcodes-appendix.html
"""

import sqlite3

from lab.fhir.response import FhirResponse, outcome

_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_FULL = frozenset({sqlite3.SQLITE_FULL})
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_TOO_DEEP = "54001"
_WAITING = frozenset({"55P03", "40P01", "40001"})
_NO_ROOM = frozenset({"53100", "58030"})
_UNREACHABLE = ("08", "57P")
_CORRUPT = "XX"
"""The same of PostgreSQL, as states or the beginnings of states; it has none when it cannot be reached."""
_PRIMARY = 0xFF
"""The part of an extended code that names the kind of failure."""


def storage_failure(error: Exception) -> FhirResponse | None:
    """Return the answer to a request that failed, what it wrote undone; None for other failures."""
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
    state = getattr(error, "sqlstate", "")
    if state is None or state.startswith(_UNREACHABLE):
        away = outcome(503, "transient", "The store cannot be reached: send the request again.")
        return away.with_headers(("retry-after", "1"))
    if code in _BUSY or state in _WAITING:
        busy = outcome(503, "lock-error", "The store is busy with another write: send the request again.")
        return busy.with_headers(("retry-after", "1"))
    if code in _FULL or code == sqlite3.SQLITE_IOERR or state in _NO_ROOM:
        return outcome(507, "no-store", "The disk of the server is full or fails: nothing was written.")
    if code in _DAMAGED or state.startswith(_CORRUPT):
        return outcome(500, "exception", "The store is damaged: its operator must restore it.")
    return None


def is_too_deep(error: Exception) -> bool:
    """Tell whether a statement is nested deeper than the database reads, in SQLite about a dozen levels."""
    return "stack overflow" in str(error) or getattr(error, "sqlstate", "") == _TOO_DEEP
