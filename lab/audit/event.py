"""One decision as a FHIR R4 AuditEvent.

Its entities, in order: what was asked (address or name, query), the patients that the query named, the rule
that decided with its details, the patients whose data were given or written.

Spec: https://hl7.org/fhir/R4/auditevent.html; details are named in docs/audit.md
"""

import base64
import re
from datetime import datetime
from functools import lru_cache

import orjson

from lab.audit import codes
from lab.audit.asked import address, named_patients, place, query, without_values
from lab.audit.codes import Json
from lab.audit.decided import Caller, Decided
from lab.fhir.interaction import Interaction
from lab.fhir.request import FhirRequest
from lab.journal.redact import Redactor
from lab.model.exchange import Decision

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_TYPE = orjson.Fragment(orjson.dumps(codes.REST))
_SUBTYPES = {
    i: orjson.Fragment(orjson.dumps([{"system": codes.INTERACTION, "code": str(i)}])) for i in Interaction
}
_SOURCE = orjson.Fragment(
    orjson.dumps(
        {
            "observer": {
                "identifier": {"system": codes.SOURCE_SYSTEM, "value": "gateway"},
                "display": "gateway",
            },
            "type": [codes.APPLICATION_SERVER],
        }
    )
)
_SEEN = orjson.dumps(codes.SEEN)
_PATIENT = b'{"what":{"reference":"Patient/%%s"},"type":%s,"role":%s,"lifecycle":%%s}' % (
    orjson.dumps(codes.PERSON),
    orjson.dumps(codes.PATIENT),
)
"""An answer may carry a thousand patients; the letters of an id need no escape."""
_MANY = 1024
"""Callers and decisions that are remembered as they are written: most requests repeat both."""


def audit_event(caller: Caller, decided: Decided, id_: str, recorded: datetime, redactor: Redactor) -> bytes:
    """Return the AuditEvent of a decision, as JSON on one line."""
    request = decided.request
    event: Json = {"resourceType": "AuditEvent", "id": id_, "type": _TYPE}
    if request is not None:
        event["subtype"] = _SUBTYPES[request.interaction]
        event["action"] = codes.action(request.interaction)
    event["recorded"] = recorded.isoformat(timespec="milliseconds")
    event["outcome"] = codes.outcome(decided.status, allowed=decided.allowed)
    event["agent"] = _agents(caller)
    event["source"] = _SOURCE
    asked = map(orjson.dumps, _asked(decided, redactor))
    entities = [*asked, _rule(caller, decided, redactor), *_patients(decided)]
    event["entity"] = orjson.Fragment(b"[" + b",".join(entities) + b"]")
    return orjson.dumps(event)


def agent(caller: Caller) -> Json:
    """Return who asked, from which address, for which purpose and by which Permission."""
    found: Json = {"type": codes.CLIENT}
    if caller.client:
        found["who"] = _device(caller.client)
    if caller.laboratory:
        found["altId"] = codes.LABORATORY
    found["requestor"] = True
    if caller.permission:
        found["policy"] = [f"{codes.PERMISSION_SYSTEM}/{caller.permission}"]
    if caller.peer:
        found["network"] = {"address": caller.peer, "type": "2"}
    if caller.purpose:
        found["purposeOfUse"] = [{"coding": [{"system": codes.PURPOSE, "code": caller.purpose}]}]
    return found


@lru_cache(_MANY)
def _agents(caller: Caller) -> orjson.Fragment:
    return orjson.Fragment(orjson.dumps([agent(caller)]))


def _device(client: str) -> Json:
    who: Json = {"identifier": {"system": codes.CLIENT_SYSTEM, "value": client}}
    return {"reference": f"Device/{client}", **who} if _ID.fullmatch(client) else who


def _asked(decided: Decided, redactor: Redactor) -> list[Json]:
    request = decided.request
    if request is None:
        return []
    found = [_subject(request, redactor, decided.location)]
    if request.parameters:
        text = base64.b64encode(query(request, redactor).encode()).decode()
        found.append({"type": codes.SYSTEM_OBJECT, "role": codes.QUERY, "query": text})
        # What is sent on a masked path is not looked into, not even for an id.
        if decided.decision is None or decided.decision.allow or decided.decision.level != 5:
            found += (_named(f"Patient/{id_}") for id_ in named_patients(request))
    found += (_subject(entry, redactor) for entry in decided.entries)
    return found


def _subject(request: FhirRequest, redactor: Redactor, location: str = "") -> Json:
    at = location or address(request)
    found: Json = _named(at) if at else {"type": codes.SYSTEM_OBJECT, "role": codes.ASKED}
    return {**found, "name": f"{request.method} {place(request, redactor)}".strip()}


def _named(at: str) -> Json:
    return {"what": {"reference": at}, "type": codes.SYSTEM_OBJECT, "role": codes.ASKED}


def _rule(caller: Caller, decided: Decided, redactor: Redactor) -> bytes:
    decision = decided.decision
    if decision is not None and not decision.allow:
        # What allowed is named by the gateway; what refused may be told in words of the request.
        rule, reason = (
            without_values(text, decided.request, redactor) for text in (decision.rule, decision.reason)
        )
        decision = Decision(decision.level, allow=False, rule=rule, reason=reason)
    if decided.inside:
        return _written_rule.__wrapped__(caller, decision, decided.status, decided.act, decided.inside)
    return _written_rule(caller, decision, decided.status, decided.act, "")


@lru_cache(_MANY)
def _written_rule(caller: Caller, decision: Decision | None, status: int, act: str, inside: str) -> bytes:
    said = {"status": str(status)}
    if decision is not None:
        said["decision"] = "allowed" if decision.allow else "refused"
        said |= {"level": str(decision.level), "rule": decision.rule, "reason": decision.reason}
    said |= {"permission-version": caller.permission_version, "act": act, "inside": inside}
    details = [{"type": name, "valueString": value} for name, value in said.items() if value]
    found: Json = {"type": codes.SYSTEM_OBJECT, "role": codes.RULE, "detail": details}
    if caller.permission:
        found["what"] = {"identifier": {"system": codes.PERMISSION_SYSTEM, "value": caller.permission}}
    return orjson.dumps(found)


def _patients(decided: Decided) -> list[bytes]:
    found = [_PATIENT % (id_.encode(), _SEEN) for id_ in decided.seen]
    if decided.request is not None and decided.written:
        how = orjson.dumps(codes.WRITTEN.get(decided.request.interaction, codes.AMENDED))
        found += (_PATIENT % (id_.encode(), how) for id_ in decided.written)
    return found
