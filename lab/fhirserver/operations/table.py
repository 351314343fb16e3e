"""The operations of the server: the one table that they are run by and declared from.

Spec: https://hl7.org/fhir/R4/operations.html
"""

from typing import Any

from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirError, FhirResponse
from lab.fhir.view import View
from lab.fhirserver.negotiation import check_accepted
from lab.fhirserver.operations.everything import everything
from lab.fhirserver.operations.export import export
from lab.fhirserver.operations.export_file import export_file
from lab.fhirserver.operations.export_status import export_status
from lab.fhirserver.operations.lastn import lastn
from lab.fhirserver.operations.operation import Operation, Place
from lab.fhirserver.operations.subscription_events import subscription_events
from lab.fhirserver.operations.subscription_status import subscription_status
from lab.fhirserver.operations.validate import validate
from lab.fhirserver.server import Server
from lab.fhirserver.subscriptions.topics import BACKPORT
from lab.model.release import Release

_HL7 = "http://hl7.org/fhir/OperationDefinition"
_BULK = "http://hl7.org/fhir/uv/bulkdata/OperationDefinition"
_TOPICS = f"{BACKPORT}/OperationDefinition/backport-subscription"
BULK_DATA = "http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data"
"""What a server with ``$export`` instantiates."""

_TOLD = ("Subscription",)

OPERATIONS = (
    Operation("$everything", Place.INSTANCE, ("Patient",), everything, f"{_HL7}/Patient-everything"),
    Operation("$everything", Place.INSTANCE, ("Encounter",), everything, f"{_HL7}/Encounter-everything"),
    Operation("$validate", Place.TYPE, (), validate, f"{_HL7}/Resource-validate"),
    Operation("$validate", Place.INSTANCE, (), validate),  # declared by the line above
    Operation("$lastn", Place.TYPE, ("Observation",), lastn, f"{_HL7}/Observation-lastn"),
    Operation("$export", Place.SYSTEM, (), export, f"{_BULK}/export"),
    Operation("$export", Place.TYPE, ("Patient",), export, f"{_BULK}/patient-export"),
    Operation("$export", Place.INSTANCE, ("Group",), export, f"{_BULK}/group-export"),
    Operation("$status", Place.TYPE, _TOLD, subscription_status, "", "R4"),  # declared by the next line
    Operation("$status", Place.INSTANCE, _TOLD, subscription_status, f"{_TOPICS}-status", "R4"),
    Operation("$events", Place.INSTANCE, _TOLD, subscription_events, f"{_TOPICS}-events", "R4"),
    Operation("$export-status", Place.SYSTEM, (), export_status),
    Operation("$export-file", Place.SYSTEM, (), export_file),
)


def operate(server: Server, request: FhirRequest, view: View) -> FhirResponse:
    """Run an operation.

    Raises:
        FhirError: 404 for one that is not in the table, and what the operation refuses.
    """
    release = server.store.release
    for operation in OPERATIONS:
        if operation.is_called(request) and operation.is_of(release):
            if operation.name != "$export-file":
                check_accepted(request, release)
            return operation.run(server, request, view)
    raise FhirError(404, "not-supported", "This server has no such operation.")


def declared_operations(type_: str | None, release: Release) -> list[dict[str, Any]]:
    """Return what a CapabilityStatement says of the operations of a type, of the whole server for None."""
    return [
        {"name": operation.name.removeprefix("$"), "definition": operation.definition}
        for operation in OPERATIONS
        if operation.definition
        and operation.is_of(release)
        and (operation.place is Place.SYSTEM if type_ is None else operation.is_on(type_))
    ]
