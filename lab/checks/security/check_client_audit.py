"""What the hospital keeps of the requests of the application: one line for each, and no secret in it.

Source: five-levels reference, X-13 and P7; CWE-778 (insufficient logging), CWE-532 (secrets in logs).
"""

import base64
import string
import time
from binascii import Error
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from lab.api import CLIENT, HIGH, Expect, FhirClient, Interaction, Reply, Text, Truth, probe
from lab.checks.granted import granted
from lab.checks.sample import declared
from lab.checks.security.grant_terms import grant_terms
from lab.checks.statement import objects, part

_TRIES, _PAUSE_S = 40, 0.5
"""The index of the audit is a little behind the trail: twenty seconds at most are waited for it."""
_OK = 200


@dataclass(frozen=True)
class _Asked:
    """A request whose id is nobody's else, the level that decides on it, and who must be named."""

    reply: Reply
    address: str
    level: str
    named: bool


@probe(
    "X-13",
    level=None,
    severity=HIGH,
    role=CLIENT,
    requirements=("five-levels@X-13",),
    title=Text(fr="Audit complet", en="Audit completeness"),
    failure=Text(
        fr="Une décision manque à l'audit de l'hôpital, y est deux fois, ou y laisse un secret.",
        en="A decision is missing from the hospital's audit, is in it twice, or leaves a secret in it.",
    ),
    remedy=Text(
        fr="Écrire une ligne par décision avant de répondre : qui, quel niveau, pourquoi ; jamais un jeton, "
        "jamais la valeur cherchée sur un élément masqué.",
        en="Write one line for each decision before answering: who, which level, why; never a token, never "
        "the value searched on a masked element.",
    ),
)
def audit_completeness(
    grant: FhirClient,
    grant_stranger: FhirClient,
    hospital: FhirClient,
    truth: Truth,
    expect: Expect,
) -> None:
    """Be refused or served at every level, each time about an id of its own, then read the audit."""
    asked, secrets = _ask(grant, grant_stranger, truth, expect)
    client = truth.subject.client.client_id if truth.subject.client else ""
    _wait_for(hospital, asked[-1].address, expect)
    for one in asked:
        found = _events(hospital, one.address, expect)
        expect.that(
            len(found) == 1,
            expected=f"one AuditEvent about {one.address} (HTTP {one.reply.status})",
            seen=f"{len(found)} of them",
            evidence=[one.reply],
        )
        said, who = _details(found[0]), _who(found[0])
        expect.that(
            said.get("level") == one.level and bool(said.get("reason")) and bool(said.get("decision")),
            expected=f"level {one.level}, the decision and its reason",
            seen=f"level {said.get('level')}, {said.get('decision')}, {said.get('reason')}",
            evidence=[one.reply],
        )
        expect.that(
            who == client if one.named else bool(_peer(found[0])),
            expected=f"who asked: {client if one.named else 'the address'}",
            seen=who or "nobody",
            evidence=[one.reply],
        )
        told = [secret for secret in secrets if secret in _whole(found[0])]
        expect.that(
            not told,
            expected="no token and no searched value in the audit",
            seen=f"{len(told)} of them",
            evidence=[one.reply],
        )


def _ask(
    grant: FhirClient, stranger: FhirClient, truth: Truth, expect: Expect
) -> tuple[list[_Asked], list[str]]:
    """Send one request that each level up to 4 decides on; return them, and what must not be in the audit."""
    terms, chance = grant_terms(truth, expect), truth.random("X-13")
    names = ["".join(chance.choices(string.ascii_lowercase, k=24)) for _ in range(6)]
    opened = terms.readable[0]
    read = list(granted(truth, expect, Interaction.READ))
    known = [type_ for type_, codes in declared(grant).items() if "read" in codes]
    closed = [type_ for type_ in known if type_ not in {*terms.readable, *read}]
    false = names[5]
    asked = [
        _Asked(stranger.read(opened, names[0]), f"{opened}/{names[0]}", "1", named=False),
        _Asked(
            grant.get(f"{opened}/{names[1]}", headers={"Authorization": f"Bearer {false}"}),
            f"{opened}/{names[1]}",
            "2",
            named=False,
        ),
    ]
    asked += [
        _Asked(grant.read(type_, names[3]), f"{type_}/{names[3]}", "3", named=True) for type_ in closed[:1]
    ]
    asked += [
        _Asked(grant.read(type_, names[2]), f"{type_}/{names[2]}", "4", named=True) for type_ in read[:1]
    ]
    token = grant.authorization().partition(" ")[2]
    return asked, [false, *([token] if token else [])]


def _wait_for(hospital: FhirClient, address: str, expect: Expect) -> None:
    """Wait until the last request is in the index, which is filled in the order of requests."""
    for _ in range(_TRIES):
        if _found(hospital, address, expect).entries:
            return
        time.sleep(_PAUSE_S)


def _events(hospital: FhirClient, address: str, expect: Expect) -> list[Mapping[str, Any]]:
    return list(_found(hospital, address, expect).resources("AuditEvent"))


def _found(hospital: FhirClient, address: str, expect: Expect) -> Reply:
    parts = urlsplit(hospital.base_url)
    reply = hospital.get(f"{parts.scheme}://{parts.netloc}/audit/AuditEvent", {"entity": address})
    if reply.status != _OK or reply.type != "Bundle":
        expect.name(reply)
        expect.skip(
            f"L'audit de l'hôpital ne se lit pas (HTTP {reply.status}).",
            f"The audit of the hospital cannot be read (HTTP {reply.status}).",
        )
    return reply


def _details(event: Mapping[str, Any]) -> dict[str, str]:
    details = (one for entity in objects(event.get("entity")) for one in objects(entity.get("detail")))
    return {str(one.get("type")): str(one.get("valueString")) for one in details}


def _who(event: Mapping[str, Any]) -> str:
    agents = objects(event.get("agent"))
    return str(part(part(agents[0], "who"), "identifier").get("value", "")) if agents else ""


def _peer(event: Mapping[str, Any]) -> str:
    agents = objects(event.get("agent"))
    return str(part(agents[0], "network").get("address", "")) if agents else ""


def _whole(event: Mapping[str, Any]) -> str:
    """Return all that an event says, its queries decoded."""
    queries = [str(entity["query"]) for entity in objects(event.get("entity")) if "query" in entity]
    return "\n".join([str(event), *map(_decoded, queries)])


def _decoded(query: str) -> str:
    try:
        return base64.b64decode(query).decode("utf-8", "replace")
    except (Error, ValueError):
        return query
