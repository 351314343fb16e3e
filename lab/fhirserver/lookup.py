"""Find a resource as the view shows it: what is hidden is answered as what never existed."""

from lab.fhir.response import FhirError
from lab.fhir.view import View
from lab.fhirserver.storage.store import Store
from lab.fhirserver.storage.stored import Stored
from lab.fhirserver.visibility import seen


def found(store: Store, view: View, type_: str, id_: str) -> Stored:
    """Return the latest version of a resource, be it a deletion.

    Raises:
        FhirError: 404 when there is none in the view.
    """
    stored = seen(store, view, type_, id_)
    if stored is None:
        raise unknown()
    return stored


def unknown() -> FhirError:
    """Return the one answer for an id that never existed and for one outside the view."""
    return FhirError(404, "not-found", "No resource with that id is known here.")


def deleted() -> FhirError:
    """Return the answer for a resource that the client could see until it was deleted."""
    return FhirError(410, "deleted", "This resource has been deleted.")
