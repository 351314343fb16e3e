"""CLI-WRT, CLI-DAT: what the application writes to the hospital, and over which version.

Specs: https://hl7.org/fhir/R4/http.html#concurrency, https://hl7.org/fhir/R4/http.html#ccreate
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import orjson

from lab.api import SHALL, Exchange, Expect, Text, Truth, check
from lab.checks.statement import objects, part
from lab.checks.traffic import after, fhir_requests, played

_EDIT, _LOST = "concurrent-edit", "lost-reply"
_OPERATIONS = ("_search", "$")
_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"


@check(
    "CLI-DAT-04",
    expectation=SHALL,
    requirements=("laboratory@no-partial-write-back",),
    title=Text(fr="Pas de réécriture d'une ressource partielle", en="No write-back of partial resources"),
    failure=Text(
        fr="L'application réécrit en entier une ressource qu'elle n'a vue qu'en partie.",
        en="The application writes back whole a resource that it saw in part only.",
    ),
    remedy=Text(
        fr="Ne jamais envoyer en PUT une ressource qui porte SUBSETTED ou un élément masqué : modifier par "
        "PATCH, ou ne pas modifier.",
        en="Never PUT a resource that carries SUBSETTED or a masked element: PATCH it, or leave it.",
    ),
)
def never_writes_a_part_back(journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """No PUT carries the tag SUBSETTED or an element that is absent because it is masked."""
    updates = [e for e in _writes(journal, truth, expect) if e.method == "PUT"]
    if not updates:
        expect.omit(
            "L'application crée sans jamais mettre à jour : rien n'est réécrit.",
            "The application creates and never updates: nothing is written back.",
        )
    for exchange in updates:
        marks = [*(["SUBSETTED"] if _is_subsetted(_body(exchange)) else []), *_masked(_body(exchange))]
        expect.that(
            not marks,
            expected="whole resources only",
            seen=f"PUT with {', '.join(marks)}",
            evidence=[exchange.id],
        )


@check(
    "CLI-WRT-01",
    expectation=SHALL,
    act=_EDIT,
    requirements=("laboratory@version-aware-updates",),
    title=Text(fr="Modifications concurrentes", en="Concurrent edits"),
    failure=Text(
        fr="L'application écrase ce qu'un autre a modifié entre-temps.",
        en="The application overwrites what somebody else changed in the meantime.",
    ),
    remedy=Text(
        fr="Envoyer If-Match avec l'ETag de la version lue ; sur 412, relire, fusionner, puis réessayer.",
        en="Send If-Match with the ETag of the version that was read; on 412 read again, merge, then retry.",
    ),
)
def updates_a_version(journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """Every update names its version; after 412 the resource is read before it is written again."""
    updates = [e for e in _writes(journal, truth, expect) if e.method in {"PUT", "PATCH"}]
    if not updates:
        expect.omit(
            "L'application crée sans jamais mettre à jour : If-Match n'a pas d'objet.",
            "The application creates and never updates: If-Match has no object.",
        )
    blind = [e for e in updates if not e.request_header("if-match")]
    expect.that(
        not blind,
        expected="If-Match on every update",
        seen=f"{len(blind)} of {len(updates)} updates without it",
        evidence=[e.id for e in blind[:3]],
    )
    conflict = played(journal, _EDIT, expect)[-1]
    following = [e for e in after(fhir_requests(journal, truth, expect), conflict) if e.url == conflict.url]
    if not following:
        expect.skip(
            "Après le 412, l'application n'a plus rien demandé de cette ressource.",
            "After the 412 the application asked nothing more of that resource.",
        )
    expect.that(
        following[0].method == "GET",
        expected="a read of the resource after the 412",
        seen=following[0].method,
        evidence=[conflict.id, following[0].id],
    )
    expect.that(
        any(e.method in {"PUT", "PATCH"} for e in following),
        expected="another try of the update after the read",
        seen="the change is given up",
        evidence=[conflict.id, *(e.id for e in following[:3])],
    )


@check(
    "CLI-WRT-02",
    expectation=SHALL,
    act=_LOST,
    requirements=("laboratory@no-duplicate-creates",),
    title=Text(fr="Pas de doublon au nouvel essai", en="No duplicate on retry"),
    failure=Text(
        fr="Une création répétée après une réponse perdue fait un doublon.",
        en="A create that is repeated after a lost reply makes a duplicate.",
    ),
    remedy=Text(
        fr="Envoyer If-None-Exist avec un identifiant de l'application, le même à chaque essai.",
        en="Send If-None-Exist with an identifier of the application, the same at each try.",
    ),
)
def creates_once(journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """Every create can be told from another one, and its retry is the same create."""
    creates = [e for e in _writes(journal, truth, expect) if e.method == "POST"]
    if not creates:
        expect.omit(
            "L'application met à jour sans jamais créer : aucun doublon n'est possible.",
            "The application updates and never creates: no duplicate is possible.",
        )
    anonymous = [e for e in creates if not _marks(e)]
    expect.that(
        not anonymous,
        expected="If-None-Exist, or an identifier in the resource",
        seen=f"{len(anonymous)} of {len(creates)} creates with neither",
        evidence=[e.id for e in anonymous[:3]],
    )
    lost = played(journal, _LOST, expect)[-1]
    again = next((e for e in after(creates, lost) if e.url == lost.url), None)
    if again is None:
        expect.skip(
            "Après la réponse perdue, l'application n'a plus rien créé de ce type.",
            "After the lost reply the application created nothing more of that type.",
        )
    expect.that(
        bool(_marks(again) & _marks(lost)),
        expected="the retry carries the same If-None-Exist or identifier",
        seen="another one",
        evidence=[lost.id, again.id],
    )


def _writes(journal: Sequence[Exchange], truth: Truth, expect: Expect) -> list[Exchange]:
    """Return the creates and updates; omits the check when the application only reads."""
    requests = fhir_requests(journal, truth, expect)
    found = [e for e in requests if _is_write(e, truth)]
    if not found:
        expect.omit(
            f"L'application n'écrit pas : {len(requests)} demandes observées, toutes en lecture.",
            f"The application does not write: {len(requests)} requests were seen, all of them reading.",
        )
    return found


def _is_write(exchange: Exchange, truth: Truth) -> bool:
    path = urlsplit(exchange.url.removeprefix(truth.hospital["fhir"])).path.strip("/").split("/")
    if exchange.method in {"PUT", "PATCH"}:
        return True
    return exchange.method == "POST" and bool(path[0]) and not path[-1].startswith(_OPERATIONS)


def _marks(exchange: Exchange) -> set[str]:
    """Return what tells a create from another one."""
    body = _body(exchange)
    pairs = {f"{one.get('system')}|{one.get('value')}" for one in objects(body.get("identifier"))}
    condition = exchange.request_header("if-none-exist")
    return {pair for pair in pairs if not pair.endswith("|None")} | ({condition} if condition else set())


def _body(exchange: Exchange) -> dict[str, Any]:
    try:
        data = orjson.loads(exchange.request_body)
    except orjson.JSONDecodeError:
        return {}
    return data if isinstance(data, dict) else {}


def _is_subsetted(body: dict[str, Any]) -> bool:
    return any(tag.get("code") == "SUBSETTED" for tag in objects(part(body, "meta").get("tag")))


def _masked(body: dict[str, Any]) -> list[str]:
    """Return the names of the elements that are absent because they are masked; the body may be deep."""
    found = []
    left: list[tuple[str, Any]] = [("resource", body)]
    while left:
        name, value = left.pop()
        if isinstance(value, list):
            left += [(name, item) for item in value]
        elif isinstance(value, dict):
            reasons = [e.get("valueCode") for e in objects(value.get("extension")) if e.get("url") == _ABSENT]
            if "masked" in reasons:
                found.append(f"masked {name.lstrip('_')}")
            left += list(value.items())
    return found
