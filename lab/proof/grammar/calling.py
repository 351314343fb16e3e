"""Random Permissions and scopes of whole types, and random calls: every interaction, alone or as an entry.

Specs: https://hl7.org/fhir/R4/http.html#summary, https://hl7.org/fhir/R5/permission.html
"""

from dataclasses import dataclass
from random import Random
from typing import Any

from lab.proof.grants import NETWORK, PEER
from lab.proof.reference.client import Client
from lab.proof.reference.opening import Call, Holder
from lab.proof.world import Json

TYPES = ("Patient", "Observation", "Encounter", "Condition", "Organization")
SCOPED = (*TYPES, "ObservationDefinition", "Group")
DAYS = tuple(f"2026-05-{day:02}" for day in range(10, 20))
_READS = ("read", "vread", "history-instance", "search-type", "history-type", "operation")
_WRITES = ("create", "update", "patch", "delete")
_QUERY = "application/x-fhir-query"


@dataclass(frozen=True)
class Written:
    """A call as it is sent; ``query`` and ``body`` as on the wire."""

    call: Call
    method: str
    path: str
    query: str = ""
    body: Json | list[Json] | None = None
    headers: tuple[tuple[str, str], ...] = ()


def holder(chance: Random, id_: str) -> Holder:
    """Draw an application; most Permissions open most of what they name."""
    purpose = chance.choice(["TREAT", "TREAT", "HRESCH"])
    rules = [_permit(chance, id_, purpose) for _ in range(chance.choice([1, 1, 2]))]
    denied = chance.random() < 0.4
    permission: Json = {
        "resourceType": "Permission",
        "id": id_,
        "status": "active"
        if chance.random() < 0.9
        else chance.choice(["draft", "rejected", "entered-in-error"]),
        "combining": "deny-overrides" if denied else "deny-unless-permit",
        "rule": [*rules, *([_denial(chance, purpose)] if denied else [])],
    }
    if chance.random() < 0.25:
        start, end = sorted(chance.sample(DAYS, 2))
        permission["validity"] = chance.choice([{"start": start}, {"end": end}, {"start": start, "end": end}])
    return Holder(Client(permission, _scopes(chance), purpose), SCOPED)


def _permit(chance: Random, id_: str, purpose: str) -> Json:
    actions = [*_READS, *_WRITES]
    # Most actions are open: many calls need two or three, and one that is missing must tell.
    named = chance.sample(actions, chance.randint(6, 9))
    purposes = [purpose] if chance.random() < 0.88 else [{"TREAT": "HRESCH", "HRESCH": "TREAT"}[purpose]]
    return {
        "type": "permit",
        "modifierExtension": [{"url": NETWORK, "extension": [{"url": "cidr", "valueString": f"{PEER}/32"}]}],
        "data": [_whole(type_) for type_ in chance.sample(TYPES, chance.randint(4, 5))],
        "activity": [
            {"actor": [{"reference": f"Device/{id_}"}], "action": _codes(named), "purpose": _codes([code])}
            for code in purposes
        ],
    }


def _denial(chance: Random, purpose: str) -> Json:
    rule: Json = {"type": "deny", "data": [_whole(chance.choice(TYPES))]}
    if chance.random() < 0.5:
        named = _codes(chance.sample([*_READS, *_WRITES], 3))
        rule["activity"] = [{"action": named, "purpose": _codes([purpose])}]
    return rule


def _whole(type_: str) -> Json:
    return {"expression": {"language": _QUERY, "expression": type_}}


def _codes(codes: list[str]) -> list[Json]:
    return [{"coding": [{"code": code}]} for code in codes]


def _scopes(chance: Random) -> str:
    drawn = chance.random()
    if drawn < 0.2:
        return chance.choice(
            ["system/*.cruds", "system/*.read", "system/*.write", "system/*.*", "system/*.rs"]
        )
    scopes = {type_: _rights(chance) for type_ in chance.sample(SCOPED, chance.randint(4, 7))}
    if drawn < 0.5:
        scopes["Observation"] = "rs?category=laboratory"
    return " ".join(f"system/{type_}.{rights}" for type_, rights in scopes.items())


def _rights(chance: Random) -> str:
    letters = "".join(letter for letter in "cruds" if chance.random() < 0.8)
    return (
        letters
        if letters and chance.random() < 0.8
        else chance.choice(["read", "write", "*", "rs", "cruds", "r", "s"])
    )


def written(chance: Random) -> Written | tuple[str, list[Written]]:
    """Draw a request: a call, or those of a batch, which are many decisions at once, or of a transaction."""
    drawn = chance.random()
    if drawn < 0.45:
        return _call(chance)
    if drawn < 0.8:
        return "batch", [_entry(chance, operations=True) for _ in range(chance.randint(3, 8))]
    entries = [_entry(chance, operations=False) for _ in range(chance.randint(1, 2))]
    return "transaction", [_referring(chance)] if chance.random() < 0.25 else entries


def _referring(chance: Random) -> Written:
    """Draw a create whose reference is found by criteria: only a transaction looks for it."""
    type_ = chance.choice(TYPES)
    body = {**_body("Observation"), "subject": {"reference": f"{type_}?_id=nobody"}}
    call = Call("create", "Observation", reads=(("search-type", type_),))
    return Written(call, "POST", "Observation", body=body, headers=_JSON)


def _entry(chance: Random, *, operations: bool) -> Written:
    """Draw what may be an entry: no export and, in a transaction, no operation."""
    while True:
        made = _call(chance)
        alone = (
            made.call.operation.startswith("$export")
            or made.path.endswith("_search")
            or made.method == "HEAD"
        )
        system = not made.call.type
        if not alone and not system and (operations or not made.call.operation):
            return made


def _call(chance: Random) -> Written:
    type_ = chance.choice(TYPES)
    return chance.choice(
        [_reading, _reading, _writing, _writing, _writing, _operating, _operating, _stranger]
    )(chance, type_)


def _reading(chance: Random, type_: str) -> Written:
    method = chance.choice(["GET", "GET", "GET", "HEAD"])
    path = f"{type_}/a"
    return chance.choice(
        [
            Written(Call("read", type_), method, path),
            Written(Call("vread", type_), method, f"{path}/_history/1"),
            Written(Call("history-instance", type_), method, f"{path}/_history"),
            Written(Call("history-type", type_), method, f"{type_}/_history"),
            Written(Call("search-type", type_), method, type_, "_count=1"),
            Written(Call("search-type", type_), "POST", f"{type_}/_search", headers=_FORM),
        ]
    )


_FORM = (("content-type", "application/x-www-form-urlencoded"),)
_JSON = (("content-type", "application/fhir+json"),)


def _writing(chance: Random, type_: str) -> Written:
    body = _body(type_)
    by = Call(chance.choice(["update", "delete", "patch"]), type_, by_criteria=True)
    patch = (("content-type", "application/json-patch+json"),)
    tests: list[Json] = [{"op": "test", "path": "/id", "value": "nobody"}]
    seen = ("read", type_)
    searched = ("search-type", type_)
    made = chance.choice(
        [
            *[Written(Call("create", type_), "POST", type_, body=body, headers=_JSON)] * 2,
            Written(
                Call("create", type_, reads=(searched,)),
                "POST",
                type_,
                body=body,
                headers=(*_JSON, ("if-none-exist", "_id=nobody")),
            ),
            Written(Call("update", type_), "PUT", f"{type_}/b", body={**body, "id": "b"}, headers=_JSON),
            *[Written(Call("delete", type_), "DELETE", f"{type_}/c")] * 3,
            Written(Call("patch", type_, reads=(seen,)), "PATCH", f"{type_}/a", body=tests, headers=patch),
            Written(Call("patch", type_, reads=(seen,)), "PATCH", f"{type_}/a", body=tests, headers=patch),
        ]
    )
    if chance.random() < 0.15:
        sent: Any = {"update": ("PUT", body), "delete": ("DELETE", None), "patch": ("PATCH", tests)}[
            by.action
        ]
        headers = patch if by.action == "patch" else _JSON
        return Written(by, sent[0], type_, "_id=nobody", sent[1], headers)
    return made


def _operating(chance: Random, type_: str) -> Written:
    prefer = (("prefer", "respond-async"),)
    named = tuple(chance.sample(TYPES, 1)) if chance.random() < 0.5 else ()
    chosen = f"_type={named[0]}" if named else ""
    validated = {"resourceType": type_}
    return chance.choice(
        [
            Written(_on("Patient", "$everything", named), "GET", "Patient/a/$everything", chosen),
            Written(_on("Encounter", "$everything"), "GET", "Encounter/a/$everything"),
            Written(_on(type_, "$everything"), "GET", f"{type_}/a/$everything"),
            Written(
                Call("operation", "Observation", "$lastn"), "GET", "Observation/$lastn", "patient=Patient/a"
            ),
            Written(
                Call("operation", type_, "$validate"), "POST", f"{type_}/$validate", "", validated, _JSON
            ),
            Written(
                Call("operation", type_, "$validate"), "POST", f"{type_}/$validate", "", validated, _JSON
            ),
            Written(_on(type_, "$validate"), "GET", f"{type_}/a/$validate"),
            Written(Call("operation", "", "$export", chosen=named), "GET", "$export", chosen, headers=prefer),
            Written(Call("operation", "Patient", "$export"), "GET", "Patient/$export", headers=prefer),
            Written(
                Call("operation", "", "$export", reads=(("search-type", type_),)),
                "GET",
                "$export",
                f"_typeFilter={type_}%3F_id%3Dx",
                headers=prefer,
            ),
            Written(Call("operation", "", "$export-status"), "GET", "$export-status/none"),
        ]
    )


def _on(type_: str, operation: str, chosen: tuple[str, ...] = ()) -> Call:
    return Call("operation", type_, operation, instance=True, chosen=chosen)


def _stranger(chance: Random, type_: str) -> Written:
    return chance.choice(
        [
            Written(Call("search-system"), "GET", "", "_type=Patient"),
            Written(Call("search-system"), "POST", "_search", headers=_FORM),
            Written(Call("history-system"), "GET", "_history"),
            Written(_on(type_, "$meta"), "GET", f"{type_}/a/$meta"),
            Written(Call("operation", type_, "$purge"), "POST", f"{type_}/$purge"),
            Written(Call("operation", "", "$reindex"), "POST", "$reindex"),
            Written(Call("operation", type_, "$lastn"), "GET", f"{type_}/$lastn", "patient=Patient/a"),
        ]
    )


def _body(type_: str) -> Json:
    subject = {"reference": "Patient/a"}
    coded = {"coding": [{"system": "http://loinc.org", "code": "718-7"}]}
    needed: dict[str, Json] = {
        "Observation": {"status": "final", "code": coded, "subject": subject},
        "Encounter": {"status": "finished", "class": {"code": "IMP"}, "subject": subject},
        "Condition": {"subject": subject, "code": coded},
        "Organization": {"name": "CHU"},
    }
    return {"resourceType": type_, **needed.get(type_, {})}


def stored() -> list[Json]:
    """Return what there is at first: three resources of each type."""
    return [{**_body(type_), "id": id_} for type_ in TYPES for id_ in "abc"]
