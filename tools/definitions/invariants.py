"""The invariants of R4 that JSON Schema can say, by the key they have in the specification.

Each is a function of ``has``: ``has("value")`` is the schema "the element has a value[x]", whatever its type
and whether the value or only its extension is given. What is missing here (comparisons of two values,
resolution of references, uniqueness, narrative) needs a program and is listed as not checked.

Spec: the "Constraints" of each page, for example https://hl7.org/fhir/R4/observation.html#invs
"""

from collections.abc import Callable, Mapping

from tools.definitions.logic import (
    Schema,
    absent,
    both,
    child,
    coded,
    either,
    forbidden,
    implies,
    is_in,
    items,
    not_both,
    one_of,
    same,
)

Has = Callable[[str], Schema]
Invariants = Mapping[str, Callable[[Has], Schema]]

_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"
_UCUM = "http://unitsofmeasure.org"
_NOT_NEGATIVE = {"minimum": 0}

_CONDITION_IN_ERROR = coded("verificationStatus", _TERMINOLOGY + "condition-ver-status", "entered-in-error")
_ALLERGY_IN_ERROR = coded(
    "verificationStatus", _TERMINOLOGY + "allergyintolerance-verification", "entered-in-error"
)
_NO_LONGER_ACTIVE = coded(
    "clinicalStatus", _TERMINOLOGY + "condition-clinical", "resolved", "remission", "inactive"
)


def _measured(has: Has, *systems: str) -> Schema:
    """A value comes with a code, and the code is of one of the systems."""
    return both(implies(has("value"), has("code")), child("system", {"enum": list(systems)}))


def _entries_with(name: str, *kinds: str) -> Schema:
    """The entries of these kinds of Bundle have the element, those of the other kinds have not."""
    return {
        "if": is_in("type", *kinds),
        "then": items("entry", {"required": [name]}),
        "else": items("entry", forbidden(name)),
    }


def _document(consequence: Schema) -> Schema:
    return implies(is_in("type", "document"), consequence)


INVARIANTS: dict[str, Callable[[Has], Schema]] = {
    # Any element, any resource
    "ext-1": lambda has: one_of(has("extension"), has("value")),
    "dom-2": lambda _: items("contained", forbidden("contained")),
    "dom-4": lambda _: items("contained", child("meta", forbidden("versionId", "lastUpdated"))),
    "dom-5": lambda _: items("contained", child("meta", forbidden("security"))),
    # Quantities and other data types
    "qty-3": lambda has: implies(has("code"), has("system")),
    "age-1": lambda has: both(_measured(has, _UCUM), child("value", {"exclusiveMinimum": 0})),
    "cnt-3": lambda has: both(
        _measured(has, _UCUM), child("code", {"const": "1"}), child("value", {"type": "integer"})
    ),
    "dis-1": lambda has: _measured(has, _UCUM),
    "drt-1": lambda has: implies(has("code"), both(is_in("system", _UCUM), has("value"))),
    "rat-1": lambda has: both(
        same(has("numerator"), has("denominator")), either(has("numerator"), has("extension"))
    ),
    "att-1": lambda has: implies(has("data"), has("contentType")),
    "cpt-2": lambda has: implies(has("value"), has("system")),
    "exp-1": lambda has: either(has("expression"), has("reference")),
    "drq-1": lambda has: one_of(has("path"), has("searchParam")),
    "drq-2": lambda has: one_of(has("path"), has("searchParam")),
    "trd-1": lambda has: not_both(has("data"), has("timing")),
    "trd-2": lambda has: implies(has("condition"), has("data")),
    "trd-3": lambda has: both(
        implies(is_in("type", "named-event"), has("name")),
        implies(is_in("type", "periodic"), has("timing")),
        implies({"required": ["type"], **child("type", {"pattern": "^data-"})}, has("data")),
    ),
    "tim-1": lambda has: implies(has("duration"), has("durationUnit")),
    "tim-2": lambda has: implies(has("period"), has("periodUnit")),
    "tim-4": lambda _: child("duration", _NOT_NEGATIVE),
    "tim-5": lambda _: child("period", _NOT_NEGATIVE),
    "tim-6": lambda has: implies(has("periodMax"), has("period")),
    "tim-7": lambda has: implies(has("durationMax"), has("duration")),
    "tim-8": lambda has: implies(has("countMax"), has("count")),
    "tim-9": lambda has: implies(
        has("offset"), both(has("when"), items("when", {"not": {"enum": ["C", "CM", "CD", "CV"]}}))
    ),
    "tim-10": lambda has: not_both(has("timeOfDay"), has("when")),
    # Patients, organisations, agenda
    "pat-1": lambda has: either(has("name"), has("telecom"), has("address"), has("organization")),
    "org-1": lambda has: either(has("identifier"), has("name")),
    "org-2": lambda _: absent(is_in("use", "home")),
    "org-3": lambda _: absent(is_in("use", "home")),
    "app-1": lambda has: either(has("type"), has("actor")),
    "app-2": lambda has: same(has("start"), has("end")),
    "app-3": lambda has: either(
        both(has("start"), has("end")), is_in("status", "proposed", "cancelled", "waitlist")
    ),
    "app-4": lambda has: implies(has("cancelationReason"), is_in("status", "noshow", "cancelled")),
    "grp-1": lambda has: implies(has("member"), is_in("actual", True)),
    "lst-1": lambda has: not_both(has("emptyReason"), has("entry")),
    "lst-2": lambda _: either(is_in("mode", "changes"), items("entry", forbidden("deleted"))),
    "lst-3": lambda _: either(is_in("mode", "working"), items("entry", forbidden("date"))),
    # Clinical resources
    "obs-3": lambda has: either(has("low"), has("high"), has("text")),
    "obs-6": lambda has: not_both(has("dataAbsentReason"), has("value")),
    "con-1": lambda has: either(has("summary"), has("assessment")),
    "con-2": lambda has: either(has("code"), has("detail")),
    "con-4": lambda has: implies(has("abatement"), _NO_LONGER_ACTIVE),
    "con-5": lambda has: implies(_CONDITION_IN_ERROR, absent(has("clinicalStatus"))),
    "ait-1": lambda has: either(_ALLERGY_IN_ERROR, has("clinicalStatus")),
    "ait-2": lambda has: implies(_ALLERGY_IN_ERROR, absent(has("clinicalStatus"))),
    "imm-1": lambda has: either(has("documentType"), has("reference")),
    "prr-1": lambda has: implies(has("orderDetail"), has("code")),
    "mad-1": lambda has: either(has("dose"), has("rate")),
    "cpl-3": lambda has: not_both(has("detail"), has("reference")),
    "cmp-1": lambda has: either(has("text"), has("entry"), has("section")),
    "cmp-2": lambda has: not_both(has("emptyReason"), has("entry")),
    # Security and infrastructure
    "ppc-1": lambda has: either(has("policy"), has("policyRule")),
    "sev-1": lambda has: not_both(has("name"), has("query")),
    "inv-1": lambda has: one_of(has("part"), has("value"), has("resource")),
    "cpb-1": lambda has: either(has("rest"), has("messaging"), has("document")),
    "cpb-2": lambda has: either(has("description"), has("software"), has("implementation")),
    "cpb-3": lambda _: either(is_in("kind", "instance"), items("messaging", forbidden("endpoint"))),
    "cpb-14": lambda has: implies(is_in("kind", "instance"), has("implementation")),
    "cpb-15": lambda has: implies(
        is_in("kind", "capability"), both(absent(has("implementation")), has("software"))
    ),
    "cpb-16": lambda has: implies(
        is_in("kind", "requirements"), both(absent(has("implementation")), absent(has("software")))
    ),
    "bdl-1": lambda has: implies(has("total"), is_in("type", "searchset", "history")),
    "bdl-2": lambda _: either(is_in("type", "searchset"), items("entry", forbidden("search"))),
    "bdl-3": lambda _: _entries_with("request", "batch", "transaction", "history"),
    "bdl-4": lambda _: _entries_with("response", "batch-response", "transaction-response", "history"),
    "bdl-5": lambda has: either(has("resource"), has("request"), has("response")),
    "bdl-8": lambda _: child("fullUrl", {"not": {"pattern": "/_history/"}}),
    "bdl-9": lambda _: _document(
        {"required": ["identifier"], **child("identifier", {"required": ["system", "value"]})}
    ),
    "bdl-10": lambda _: _document({"required": ["timestamp"]}),
    "bdl-11": lambda _: _document(_first_entry_is("Composition")),
    "bdl-12": lambda _: implies(is_in("type", "message"), _first_entry_is("MessageHeader")),
}


def _first_entry_is(type_: str) -> Schema:
    first = {"required": ["resource"], **child("resource", is_in("resourceType", type_))}
    return child("entry", {"prefixItems": [first]})


HOMONYMS = frozenset({("Task", "inv-1")})
"""Constraints of an element that have the key of another one and mean something else."""
