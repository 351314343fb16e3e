"""The RESTful interactions of FHIR R4, named as the specification names them.

Spec: https://hl7.org/fhir/R4/http.html and the code system ``restful-interaction``.
"""

from enum import StrEnum


class Interaction(StrEnum):
    """What a request asks for; the exhaustive list that scopes and policies are written over."""

    CAPABILITIES = "capabilities"
    READ = "read"
    VREAD = "vread"
    HISTORY_INSTANCE = "history-instance"
    HISTORY_TYPE = "history-type"
    HISTORY_SYSTEM = "history-system"
    SEARCH_TYPE = "search-type"
    SEARCH_SYSTEM = "search-system"
    CREATE = "create"
    UPDATE = "update"
    PATCH = "patch"
    DELETE = "delete"
    BATCH = "batch"
    TRANSACTION = "transaction"
    OPERATION = "operation"

    __hash__ = str.__hash__  # that of an Enum is a function of Python, and every level looks these up


WRITES = frozenset({Interaction.CREATE, Interaction.UPDATE, Interaction.PATCH, Interaction.DELETE})
CONTAINERS = frozenset({Interaction.BATCH, Interaction.TRANSACTION})
ALONE = frozenset({"$export", "$export-status", "$export-file"})
"""The operations that are no entry of a Bundle: what they answer is no resource."""

SYSTEM = CONTAINERS | {Interaction.SEARCH_SYSTEM, Interaction.HISTORY_SYSTEM}
"""The interactions that a CapabilityStatement declares of the whole server."""
