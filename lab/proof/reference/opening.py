"""Level 3 as the reference decides it: do the scopes and the Permission open this to the application, today?

Specs: ``docs/five-levels.md``, section 3; docs/decisions/0017-operations-and-exports.md;
https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lab.proof.reference.client import RIGHT, Client

_VERSIONS = {"vread", "history-instance", "history-type"}
_ON_INSTANCES = {"$everything": ("Patient", "Encounter"), "$export": ("Group",)}
_ON_TYPES = {"$lastn": ("Observation",), "$export": ("Patient",)}
_ON_THE_SERVER = ("$export", "$export-status")


@dataclass(frozen=True)
class Holder:
    """An application with its Permission: ``status`` and days of ``validity`` decide on all of it."""

    client: Client
    types: tuple[str, ...]


@dataclass(frozen=True)
class Call:
    """One thing asked: an ``action`` on a ``type``, or an operation on a type, an instance or the server.

    ``chosen`` are types that parameters name; ``reads`` what is read on the way, as (action, type).
    """

    action: str
    type: str = ""
    operation: str = ""
    instance: bool = False
    by_criteria: bool = False
    chosen: tuple[str, ...] = ()
    reads: tuple[tuple[str, str], ...] = ()


def opened(holder: Holder, call: Call, today: str) -> bool:
    """Tell whether a call is let through on a day."""
    if not _in_force(holder, today):
        return False
    reads = all(_acts(holder, action, type_) for action, type_ in call.reads)
    if call.operation:
        return _operates(holder, call) and reads
    if call.by_criteria or call.action in {"search-system", "history-system"}:
        return False
    return _acts(holder, call.action, call.type) and reads


def all_opened(holder: Holder, calls: Sequence[Call], today: str) -> bool:
    """Tell whether a transaction is let through: every entry must be."""
    return _in_force(holder, today) and all(opened(holder, call, today) for call in calls)


def _in_force(holder: Holder, today: str) -> bool:
    period = holder.client.permission.get("validity", {})
    valid = period.get("start", "0000") <= today <= period.get("end", "9999")
    return bool(holder.client.permission["status"] == "active" and valid)


def _acts(holder: Holder, action: str, type_: str) -> bool:
    narrowed = holder.client.narrows(type_, RIGHT[action])
    return holder.client.may(action, type_) and (not narrowed or action not in _VERSIONS)


def _operates(holder: Holder, call: Call) -> bool:
    given = [
        t for t in holder.types if all(holder.client.may(a, t) for a in ("operation", "read", "search-type"))
    ]
    if not set(call.chosen) <= set(given):
        return False
    if not call.type:
        return call.operation in _ON_THE_SERVER and bool(given)
    if call.operation == "$validate" and not call.instance:
        return _validates(holder, call.type)
    if call.operation == "$validate":
        return call.type in given
    places = _ON_INSTANCES if call.instance else _ON_TYPES
    return call.type in places.get(call.operation, ()) and call.type in given


def _validates(holder: Holder, type_: str) -> bool:
    """Tell whether what is sent is validated: it reads nothing, any right on the type will do."""
    client = holder.client
    ruled = Client(client.permission, "system/*.cruds", client.purpose).may("operation", type_)
    scoped = Client(_everything(type_), client.scopes, client.purpose)
    return ruled and any(scoped.may(action, type_) for action in RIGHT)


def _everything(type_: str) -> dict[str, object]:
    """Return a Permission that opens a type to every action and purpose of a proof."""
    actions = [{"coding": [{"code": action}]} for action in RIGHT]
    purposes = [{"coding": [{"code": code}]} for code in ("TREAT", "HRESCH")]
    data = [{"expression": {"language": "application/x-fhir-query", "expression": type_}}]
    return {
        "rule": [{"type": "permit", "data": data, "activity": [{"action": actions, "purpose": purposes}]}]
    }
