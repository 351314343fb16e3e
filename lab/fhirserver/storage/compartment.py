"""The patients that a resource is about: what decides who may see it.

A resource belongs to the compartments of all the patients that its compartment parameters reference. A
reference to a patient elsewhere, or known by an identifier only, puts it in no compartment: it is then
hidden from every confined view rather than shown by mistake.

Spec: https://hl7.org/fhir/R4/compartmentdefinition-patient.html
"""

from collections.abc import Collection, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from lab.fhir.compartments import compartment
from lab.fhirserver.storage.catalogue import Parameter, parameters
from lab.fhirserver.storage.references import target
from lab.model.release import Release


def patients(resource: Mapping[str, Any], bases: Collection[str], release: Release) -> frozenset[str]:
    """Return the ids of the patients whose compartments hold the resource.

    A Patient is its own compartment. A Group has none: it defines who is in a cohort, and is seen by its id.
    """
    type_ = resource["resourceType"]
    if type_ == "Patient":
        return frozenset({resource["id"]}) if "id" in resource else frozenset()
    found = set()
    for parameter in compartment_parameters(type_, release).values():
        for node in parameter.path.evaluate(dict(resource)):
            literal = node.get("reference") if isinstance(node, dict) else None
            pointed = target(literal, bases) if isinstance(literal, str) else None
            if pointed is not None and pointed.type == "Patient":
                found.add(pointed.id)
    return frozenset(found)


@cache
def compartment_parameters(type_: str, release: Release) -> Mapping[str, Parameter]:
    """Return the compartment parameters of a type by code.

    Raises:
        KeyError: one of them is beyond the path evaluator; a view could then not be enforced.
    """
    if type_ == "Group":
        return MappingProxyType({})
    known = parameters(type_, release)
    return MappingProxyType({code: known[code] for code in compartment("Patient", release).get(type_, ())})
