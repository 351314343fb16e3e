"""The constant answers of the proxy: none of them tells what the server behind it said or holds.

Spec: https://hl7.org/fhir/R4/http.html#Status-Codes
"""

from lab.fhir.response import FhirError


class UpstreamError(FhirError):
    """The server behind did not answer as it must; ``reason`` is for the log of the operator alone."""

    def __init__(self, reason: str, status: int = 502) -> None:
        issue = "timeout" if status == 504 else "exception"
        super().__init__(status, issue, "The server of the hospital did not answer as it must.")
        self.reason = reason


def overdue() -> UpstreamError:
    """Return the failure of a server that takes too long."""
    return UpstreamError("no whole answer in time", 504)


def not_narrowed() -> FhirError:
    """Return the one refusal of what cannot be confined to the view, the same whatever the data."""
    message = "This platform cannot answer that request for a confined application."
    return FhirError(403, "forbidden", message)


def not_taken(message: str = "A parameter is not one that this platform passes on.") -> FhirError:
    """Return the refusal of a request that is not of the list of those that are passed on."""
    return FhirError(400, "not-supported", message)


def too_many() -> FhirError:
    """Return the refusal of a request whose *visible* part is too large."""
    return FhirError(400, "too-costly", "The request finds too many resources: narrow it.")


def unknown() -> FhirError:
    """Return the one answer for an id that never existed and for one outside the view."""
    return FhirError(404, "not-found", "No resource with that id is known here.")


def deleted() -> FhirError:
    """Return the answer for a resource that the client could see until it was deleted."""
    return FhirError(410, "deleted", "This resource has been deleted.")


def forbidden() -> FhirError:
    """Return the one refusal of a write beyond the view, before or after it."""
    return FhirError(403, "forbidden", "This write goes beyond what the client may see.")
