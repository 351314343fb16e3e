"""The interactions of the server: the one table that requests are run by and capabilities are declared from.

Spec: https://hl7.org/fhir/R4/http.html#summary
"""

from collections.abc import Callable, Mapping
from functools import cache

from lab.fhir.interaction import Interaction
from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirError, FhirResponse
from lab.fhir.view import View
from lab.fhirserver.batch import batch
from lab.fhirserver.capabilities import capabilities
from lab.fhirserver.create import create
from lab.fhirserver.delete import delete
from lab.fhirserver.history_instance import history_instance
from lab.fhirserver.history_system import history_system
from lab.fhirserver.history_type import history_type
from lab.fhirserver.negotiation import check_accepted, check_body, check_sent
from lab.fhirserver.operations.table import operate
from lab.fhirserver.patch import patch
from lab.fhirserver.read import read
from lab.fhirserver.search_system import search_system
from lab.fhirserver.search_type import search_type
from lab.fhirserver.server import Server
from lab.fhirserver.storage.catalogue import served_types
from lab.fhirserver.transaction import transaction
from lab.fhirserver.update import update
from lab.fhirserver.vread import vread
from lab.model.release import Release

Handler = Callable[[Server, FhirRequest, View], FhirResponse]


def perform(server: Server, request: FhirRequest, view: View) -> FhirResponse:
    """Run a request.

    Raises:
        FhirError: the request is refused.
    """
    if request.type is not None and request.type not in _served(server.store.release):
        raise FhirError(404, "not-supported", "This server has no such resource type.")
    if request.body:
        check_sent(request, server.store.release)
    if request.interaction is Interaction.OPERATION:
        return operate(server, request, view)
    handler = PERFORMED.get(request.interaction)
    if handler is None:
        raise FhirError(501, "not-supported", "This server does not run that interaction.")
    check_accepted(request, server.store.release)
    return handler(server, request, view)


@cache
def _served(release: Release) -> frozenset[str]:
    return frozenset(served_types(release))


def _capabilities(server: Server, request: FhirRequest, view: View) -> FhirResponse:
    return capabilities(server, request, view, PERFORMED.keys())


def _batch(server: Server, request: FhirRequest, view: View) -> FhirResponse:
    check_body(request)
    return batch(request, view, lambda each, seen: perform(server, each, seen))


def _transaction(server: Server, request: FhirRequest, view: View) -> FhirResponse:
    check_body(request)
    return transaction(server, request, view, lambda each, seen: perform(server, each, seen))


PERFORMED: Mapping[Interaction, Handler] = {
    Interaction.CAPABILITIES: _capabilities,
    Interaction.READ: read,
    Interaction.VREAD: vread,
    Interaction.HISTORY_INSTANCE: history_instance,
    Interaction.HISTORY_TYPE: history_type,
    Interaction.HISTORY_SYSTEM: history_system,
    Interaction.SEARCH_TYPE: search_type,
    Interaction.SEARCH_SYSTEM: search_system,
    Interaction.CREATE: create,
    Interaction.UPDATE: update,
    Interaction.PATCH: patch,
    Interaction.DELETE: delete,
    Interaction.BATCH: _batch,
    Interaction.TRANSACTION: _transaction,
}
"""What is not here is not declared, and is refused."""
