"""Across the levels: a body means one thing, and never what it fetches or what a second reader would see.

Specs: RFC 8259 sections 4, 6 and 8.1; https://hl7.org/fhir/R4/json.html; CWE-611, CWE-436.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from lab.api import (
    CRITICAL,
    MEDIUM,
    SERVER,
    Expect,
    FhirClient,
    Lookout,
    Reply,
    Text,
    Truth,
    probe,
    status_of,
)
from lab.checks.security.likeness import answered
from lab.checks.throwaway import SYSTEM, created, identifier_of, patient, swept, writable

_LOCATION = re.compile(r"([A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64})(?:/_history/[^/]+)?$")
_CREATED = (200, 201)
_REFUSED = 400
_XML = {"Content-Type": "application/fhir+xml", "Accept": "application/fhir+json"}
_JSON = {"Content-Type": "application/fhir+json"}


@probe(
    "X-08",
    level=None,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@X-08",),
    title=Text(fr="Entités externes XML", en="XML external entities"),
    failure=Text(
        fr="Un XML avec DOCTYPE est accepté : il peut faire lire un fichier ou appeler une adresse.",
        en="XML with a DOCTYPE is accepted: it can have a file read or an address called.",
    ),
    remedy=Text(
        fr="Refuser tout DOCTYPE par 400, avant d'analyser le document (FHIR n'en a jamais).",
        en="Refuse every DOCTYPE with 400, before the document is parsed (FHIR never has one).",
    ),
)
def external_entities(fhir: FhirClient, lookout: Lookout, truth: Truth, expect: Expect) -> None:
    """Create a Patient in XML, then the same behind three kinds of DOCTYPE."""
    writable(fhir, truth, expect, "create", "delete")
    mark = identifier_of(truth, "X-08")
    with swept(fhir, mark):
        plain = _sent(fhir, "POST", "Patient", _xml("", mark, "Essai").encode(), _XML)
        _removed(fhir, plain)
        answered(plain, expect)
        if plain.status not in _CREATED:
            expect.name(plain)
            expect.omit(
                f"Le serveur ne prend pas de XML : un Patient correct en XML obtient {status_of(plain)}.",
                f"The server takes no XML: a correct Patient in XML gets {status_of(plain)}.",
            )
        for name, doctype, family in (
            ("an internal entity", '<!DOCTYPE Patient [<!ENTITY lab "lab-entity">]>', "&lab;"),
            ("an external DTD", f'<!DOCTYPE Patient SYSTEM "{lookout.url}/lab.dtd">', "Essai"),
            (
                "a parameter entity",
                f'<!DOCTYPE Patient [<!ENTITY % lab SYSTEM "{lookout.url}/lab.ent"> %lab;]>',
                "Essai",
            ),
        ):
            reply = _sent(fhir, "POST", "Patient", _xml(doctype, mark, family).encode(), _XML)
            _removed(fhir, reply)
            _refused(reply, name, expect)
        calls = lookout.calls()
        said = calls.json.get("calls") if isinstance(calls.json, dict) else None
        expect.that(not said, expected="no outbound call", seen=f"{said}", evidence=[calls])


@probe(
    "X-09",
    level=None,
    severity=MEDIUM,
    role=SERVER,
    requirements=("five-levels@X-09",),
    title=Text(fr="JSON ambigu", en="JSON ambiguity"),
    failure=Text(
        fr="Un corps que deux lecteurs liraient autrement (nom répété, NaN, autre type) est accepté.",
        en="A body that two readers would read differently (a name twice, NaN, another type) is accepted.",
    ),
    remedy=Text(
        fr="Refuser par 400 un nom répété, NaN, une marque d'ordre des octets et un resourceType qui n'est "
        "pas "
        "celui de l'adresse.",
        en="Refuse with 400 a repeated name, NaN, a byte order mark and a resourceType that is not that of "
        "the "
        "address.",
    ),
)
def ambiguous_json(fhir: FhirClient, truth: Truth, expect: Expect) -> None:
    """Create and update a Patient of ours by bodies that are ambiguous in four ways."""
    known = writable(fhir, truth, expect, "create", "delete")
    mark = identifier_of(truth, "X-09")
    with swept(fhir, mark), created(fhir, expect, mark) as held:
        expect.name(held.reply)
        for name, body, required in _ambiguous(patient(mark)):
            reply = _sent(fhir, "POST", "Patient", body, _JSON)
            _removed(fhir, reply)
            _judged(reply, f"{name} by POST", expect, required=required)
        if "update" not in known.interactions:
            return
        for name, body, required in _ambiguous({**patient(mark), "id": held.id}):
            reply = _sent(fhir, "PUT", f"Patient/{held.id}", body, _JSON)
            _judged(reply, f"{name} by PUT", expect, required=required)


def _ambiguous(body: dict[str, Any]) -> Iterator[tuple[str, bytes, bool]]:
    """Yield bodies; the last of each says whether every parser must refuse it."""
    text = json.dumps(body)
    inner = text.removeprefix("{")
    yield "a name twice", f'{{"active": false, {inner}'.encode(), True
    twice = text.replace('"value": ', '"value": "lab-other", "value": ')
    yield "a name twice within", twice.encode(), True
    yield "NaN", f'{{"multipleBirthInteger": NaN, {inner}'.encode(), True
    yield "another type", json.dumps({**body, "resourceType": "Practitioner"}).encode(), True
    yield "a byte order mark", b"\xef\xbb\xbf" + text.encode(), False  # RFC 8259 lets parsers ignore it


def _judged(reply: Reply, name: str, expect: Expect, *, required: bool) -> None:
    if required:
        _refused(reply, name, expect)
        return
    answered(reply, expect)
    expect.should(
        reply.status >= _REFUSED,
        expected="HTTP 400",
        seen=f"{status_of(reply)} to {name}",
        evidence=[reply],
    )


def _refused(reply: Reply, name: str, expect: Expect) -> None:
    answered(reply, expect)
    expect.that(
        reply.status >= _REFUSED,
        expected="HTTP 400",
        seen=f"{status_of(reply)} to {name}",
        evidence=[reply],
    )


def _sent(fhir: FhirClient, method: str, path: str, body: bytes, headers: dict[str, str]) -> Reply:
    return fhir.request(method, path, headers=headers, body=body)


def _removed(fhir: FhirClient, reply: Reply) -> None:
    """Remove what an answer says was created, of whatever type it is."""
    found = _LOCATION.search(reply.header("location") or "") if reply.status in _CREATED else None
    if found:
        fhir.delete(found[1])


def _xml(doctype: str, mark: str, family: str) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{doctype}<Patient xmlns="http://hl7.org/fhir">'
        f'<identifier><system value="{SYSTEM}"/><value value="{mark}"/></identifier>'
        f'<active value="true"/><name><use value="official"/><family value="{family}"/>'
        '<given value="Essai"/></name><gender value="unknown"/><birthDate value="1970-01-01"/></Patient>'
    )
