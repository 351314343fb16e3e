"""What a server declares of a resource type besides its interactions and search parameters.

Spec: https://hl7.org/fhir/R4/capabilitystatement-definitions.html#CapabilityStatement.rest.resource
"""

from lab.api import Expect
from lab.checks.statement import Statement, objects


def option(said: Statement, type_: str, name: str) -> object:
    """Return an element of the declaration of a type, such as ``updateCreate``; None when it is not there."""
    for rest in objects(said.reply.resource.get("rest")):
        for resource in objects(rest.get("resource")):
            if rest.get("mode", "server") == "server" and resource.get("type") == type_:
                return resource.get(name)
    return None


def declares(said: Statement, type_: str, name: str) -> bool:
    """Tell whether a yes-or-no element of the declaration of a type is true."""
    return option(said, type_, name) is True


def require_condition(expect: Expect, said: Statement, name: str) -> None:
    """Omit the check unless an interaction by criteria is declared on Patient, and the search of them."""
    if option(said, "Patient", name) not in (True, "single", "multiple"):
        expect.name(said.reply)
        expect.omit(
            f"Le CapabilityStatement ne déclare pas {name} sur Patient.",
            f"The CapabilityStatement does not declare {name} on Patient.",
        )
    if "identifier" not in said.types["Patient"].parameters:
        expect.name(said.reply)
        expect.omit(
            "Le CapabilityStatement ne déclare pas de recherche de Patient par identifier.",
            "The CapabilityStatement does not declare a search of Patient by identifier.",
        )
