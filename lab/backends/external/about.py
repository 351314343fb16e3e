"""The patients that a resource is about, and the labels that it carries: what decides who may see it.

What cannot be told is somebody outside: an absolute reference to a patient elsewhere hides the resource.

Spec: https://hl7.org/fhir/R4/compartmentdefinition-patient.html
"""

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

from lab.backends.external.references import pointed
from lab.fhir.compartments import compartment
from lab.fhir.search_parameters import definitions

LABEL = "tag/"
DEFINING = frozenset({"Group", "List"})
"""The types that are the pool of their name."""

NOT_RESOURCES = frozenset({"Resource", "DomainResource", "OperationOutcome", "Parameters", "source"})


@cache
def is_known(type_: str) -> bool:
    """Tell whether the type is one of those whose search parameters, and thus patients, are known."""
    return (
        type_ not in NOT_RESOURCES
        and bool(definitions(type_))
        and set(codes(type_)) <= set(definitions(type_))
    )


@cache
def codes(type_: str) -> tuple[str, ...]:
    """Return the parameters that put a type in the compartment of a patient; none for one outside of it.

    A Patient is its own compartment. A Group has none: it defines who is in a cohort.
    """
    return () if type_ in {"Patient", "Group"} else compartment("Patient").get(type_, ())


@cache
def leads_to_its_patients(type_: str, code: str) -> bool:
    """Tell whether all that a parameter reads is read by the compartment: whom it finds, it is about."""
    known = definitions(type_)
    paths = {path for each in codes(type_) for path in known[each].paths}
    return code in known and bool(known[code].paths) and set(known[code].paths) <= paths


def patients(resource: Mapping[str, Any], code: str, bases: Collection[str]) -> frozenset[str]:
    """Return the ids of the patients that one parameter leads to."""
    return frozenset(found.id for found in pointed(resource, code, bases) if found.type == "Patient")


def about(resource: Mapping[str, Any], bases: Collection[str]) -> frozenset[str]:
    """Return the ids of all the patients that a resource is about."""
    type_ = str(resource["resourceType"])
    if type_ == "Patient":
        return frozenset({str(resource.get("id", ""))})
    return frozenset().union(*(patients(resource, code, bases) for code in codes(type_)))


def own_pools(resource: Mapping[str, Any]) -> frozenset[str]:
    """Return the pools that a resource is in by its labels; a label without a system is in none."""
    meta = resource.get("meta")
    labels = meta.get("security", ()) if isinstance(meta, dict) else ()
    return frozenset(
        f"{LABEL}{label['system']}|{label['code']}"
        for label in (labels if isinstance(labels, list) else ())
        if isinstance(label, dict) and "system" in label and "code" in label
    )
