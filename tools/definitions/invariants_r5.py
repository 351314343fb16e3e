"""The invariants of R5 that JSON Schema can say and that R4 has not, or words otherwise, by their key.

Spec: the "Constraints" of each page, for example https://hl7.org/fhir/R5/observation.html#invs
"""

from tools.definitions.invariants import Invariants
from tools.definitions.logic import (
    Schema,
    absent,
    both,
    child,
    either,
    forbidden,
    implies,
    is_in,
    items,
    not_both,
    one_of,
    same,
)

_CANCELLED = is_in("status", "noshow", "cancelled")
_NO_LONGER_ACTIVE: Schema = {
    "required": ["clinicalStatus"],
    **child(
        "clinicalStatus",
        {
            "required": ["coding"],
            **child(
                "coding",
                {
                    "contains": both(
                        is_in("system", "http://terminology.hl7.org/CodeSystem/condition-clinical"),
                        is_in("code", "inactive", "resolved", "remission"),
                    )
                },
            ),
        },
    ),
}
_HOME = is_in("use", "home")


def _reference(name: str) -> Schema:
    """The CodeableReference is there and is a reference."""
    return {"required": [name], **child(name, {"required": ["reference"]})}


def _at_least(least: int, name: str) -> Schema:
    """The repeating element has that many items."""
    return {"required": [name], **child(name, {"minItems": least})}


def _display(*names: str) -> Schema:
    """An item that is only shown has none of the elements."""
    return implies(is_in("type", "display"), forbidden(*(form for n in names for form in (n, f"_{n}"))))


def _requested(names: Schema) -> Schema:
    """The entries have a request, and a resource where the method carries one."""
    writes = {"properties": {"request": is_in("method", "POST", "PATCH", "PUT")}}
    return items("entry", both(names, same(writes, {"required": ["resource"]})))


INVARIANTS_R5: Invariants = {
    # Data types
    "av-1": lambda _: implies(is_in("allDay", True), forbidden("availableStartTime", "availableEndTime")),
    "dos-1": lambda has: implies(both(has("asNeededFor"), has("asNeeded")), is_in("asNeeded", True)),
    "rat-1": lambda has: both(
        same(has("numerator"), has("denominator")), either(has("numerator"), has("extension"))
    ),
    "ref-2": lambda has: either(has("reference"), has("identifier"), has("display"), has("extension")),
    "sdd-1": lambda has: one_of(has("interval"), has("offsets")),
    # Administration
    "act-1": lambda has: implies(_reference("condition"), absent(has("dateOfDiagnosis"))),
    "act-2": lambda has: implies(_reference("code"), absent(has("dateOfService"))),
    "app-4": lambda has: implies(has("cancellationReason"), _CANCELLED),
    "app-7": lambda has: implies(has("cancellationDate"), _CANCELLED),
    "apr-1": lambda has: either(has("participantType"), has("actor")),
    "ces-1": lambda has: one_of(has("category"), has("productOrService")),
    "enc-1": lambda has: either(has("actor"), has("type")),
    "org-3": lambda _: child("telecom", absent({"contains": _HOME})),
    "org-4": lambda _: child("address", absent(_HOME)),
    # Clinical resources
    "bdystr-1": lambda has: not_both(has("bodySite"), has("bodyStructure")),
    "con-3": lambda has: implies(has("abatement"), _NO_LONGER_ACTIVE),
    "fhs-1": lambda has: not_both(has("age"), has("born")),
    "fhs-2": lambda has: implies(has("estimatedAge"), has("age")),
    "fhs-3": lambda has: not_both(has("age"), has("deceased")),
    "gol-1": lambda has: implies(has("detail"), has("measure")),
    "mad-1": lambda has: either(has("dose"), has("rate"), has("text")),
    "obs-8": lambda has: not_both(has("bodySite"), has("bodyStructure")),
    "rqg-1": lambda has: one_of(has("resource"), has("action")),
    # Questionnaires
    "qrs-1": lambda has: not_both(has("answer"), has("item")),
    "que-1c": lambda _: _display("item"),
    "que-3": lambda _: _display("code"),
    "que-4": lambda has: not_both(has("answerOption"), has("answerValueSet")),
    "que-6": lambda _: _display("required", "repeats"),
    "que-8": lambda has: implies(is_in("type", "group", "display"), absent(has("initial"))),
    "que-9": lambda _: _display("readOnly"),
    "que-11": lambda has: not_both(has("answerOption"), has("initial")),
    "que-12": lambda has: implies(_at_least(2, "enableWhen"), has("enableBehavior")),
    "que-13": lambda _: either(is_in("repeats", True), child("initial", {"maxItems": 1})),
    # Infrastructure
    "bdl-13": lambda _: implies(
        is_in("type", "subscription-notification"),
        {
            "required": ["entry"],
            **child(
                "entry",
                {
                    "prefixItems": [
                        {
                            "required": ["resource"],
                            **child("resource", is_in("resourceType", "SubscriptionStatus")),
                        }
                    ]
                },
            ),
        },
    ),
    "bdl-17": lambda _: implies(is_in("type", "document"), forbidden("issues")),
    "bdl-2": lambda _: either(is_in("type", "searchset"), items("entry", forbidden("search"))),
    "bdl-3a": lambda _: implies(
        is_in("type", "document", "message", "searchset", "collection"),
        items("entry", both({"required": ["resource"]}, forbidden("request", "response"))),
    ),
    "bdl-3b": lambda _: implies(is_in("type", "history"), _requested({"required": ["request", "response"]})),
    "bdl-3c": lambda _: implies(is_in("type", "transaction", "batch"), _requested({"required": ["request"]})),
    "bdl-3d": lambda _: implies(
        is_in("type", "transaction-response", "batch-response"), items("entry", {"required": ["response"]})
    ),
    "scr-1": lambda has: not_both(has("comparator"), has("modifier")),
    "sst-1": lambda has: implies(
        is_in("type", "event-notification", "query-event"), has("notificationEvent")
    ),
    "sst-2": lambda has: implies(is_in("type", "query-status"), has("status")),
}
