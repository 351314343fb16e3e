"""Level 5, data: writes neither tell of masked values nor lose them.

Source: five-levels reference, L5-20, L5-21, L5-23 and P5 (integrity); CWE-203, CWE-209.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

from lab.api import HIGH, SERVER, Expect, FhirClient, Reply, Text, Truth, probe
from lab.checks.sample import declared
from lab.checks.security.concealing import known, masking
from lab.checks.security.copies import writable_server
from lab.checks.security.leaves import last_name, leaves
from lab.checks.security.likeness import answered, twin
from lab.checks.security.masked import Resource, values
from lab.checks.security.masked_questions import masked_values
from lab.checks.security.oracle import told_apart
from lab.checks.security.restriction import Restriction
from lab.checks.security.secret_values import leaked, secrets, strings
from lab.checks.statement import part

_OK = 200
_REFUSED = 400
_MOST_TESTS = 8
_PRECONDITION = frozenset({412, 428})
_JSON_PATCH = {"Content-Type": "application/json-patch+json"}
_NOT_COMPARED = ("meta", "text")
"""What any write may change: the version, and the narrative that is made from the rest."""


@probe(
    "L5-20",
    level=5,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L5-20",),
    title=Text(fr="Le test d'un PATCH comme oracle", en="PATCH test as an oracle"),
    failure=Text(
        fr="Un PATCH qui teste un élément masqué répond autrement à une vraie valeur.",
        en="A PATCH that tests a masked element does not answer the same to a right and to a wrong value.",
    ),
    remedy=Text(
        fr="Refuser par 403, avec un message constant, tout PATCH qui lit ou écrit un élément masqué.",
        en="Refuse with 403, and a constant message, every PATCH that reads or writes a masked element.",
    ),
)
def patch_test(fhir: FhirClient, restricted: FhirClient, truth: Truth, expect: Expect) -> None:
    """Send patches that only test, JSON Patch and FHIRPath Patch, with right and wrong values."""
    writable_server(truth, expect)
    limits = masking(truth, expect)
    chance = truth.random("L5-20")
    for type_, ids, whole in known(fhir, restricted, limits, expect):
        path = f"{type_}/{ids[0]}"
        with _put_back(fhir, path, whole[0]):
            for pointer, value in list(_texts(whole[0], limits))[:_MOST_TESTS]:
                other = twin(value, chance)
                for send in (_json_patch, _fhirpath_patch):
                    right, wrong = (send(restricted, path, pointer, text) for text in (value, other))
                    seen = told_apart(
                        (right, value),
                        (wrong, other),
                        lambda: send(restricted, path, pointer, other),  # noqa: B023 - called at once
                        expect,
                    )
                    expect.that(
                        not seen,
                        expected="the same answer to a right and to a wrong value",
                        seen=f"{seen} by a test of {pointer}",
                        evidence=[right, wrong],
                    )


@probe(
    "L5-21",
    level=5,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L5-21",),
    title=Text(fr="Écriture après lecture masquée", en="Round-trip write"),
    failure=Text(
        fr="Réécrire une ressource lue sous masque efface ce qu'il cache.",
        en="Writing a resource back as read under a mask erases or changes what it hides.",
    ),
    remedy=Text(
        fr="Fusionner le reçu avec les éléments masqués, ou refuser l'écriture.",
        en="Merge what is received with the masked elements, or refuse the write.",
    ),
)
def round_trip(fhir: FhirClient, restricted: FhirClient, truth: Truth, expect: Expect) -> None:
    """Read under the mask, write the same back, and read with the full identity before and after."""
    writable_server(truth, expect)
    limits = masking(truth, expect)
    offered = declared(fhir)
    types = [t for t in limits.masked_types if limits.opens(t, "u") and "update" in offered.get(t, ())]
    if not types:
        expect.omit(
            "Les portées de l'identité restreinte et le CapabilityStatement n'ouvrent ensemble "
            f"la mise à jour d'aucun type masqué ({', '.join(limits.masked_types)}).",
            "The scopes of the restricted identity and the CapabilityStatement together open the update of "
            f"no masked type ({', '.join(limits.masked_types)}).",
        )
    tried = 0
    for type_, ids, _ in known(fhir, restricted, limits, expect):
        path = f"{type_}/{ids[-1]}"
        before, seen = fhir.get(path), restricted.get(path)
        if type_ not in types or before.status != _OK or seen.status != _OK:
            continue
        tried += 1
        with _put_back(fhir, path, before.resource):
            reply = restricted.write("PUT", path, seen.resource)
            if reply.status in _PRECONDITION:
                reply = restricted.write("PUT", path, seen.resource, {"If-Match": seen.header("etag") or "*"})
            after = fhir.get(path)
        answered(reply, expect)
        lost = _changed(before.resource, after.resource)
        expect.that(
            not lost,
            expected="the stored resource as it was",
            seen=f"{lost} is no longer the same (PUT: HTTP {reply.status})",
            evidence=[before, seen, reply, after],
        )
    if not tried:
        expect.skip(
            "Aucune ressource masquée n'a pu être lue puis réécrite par l'identité restreinte.",
            "No masked resource could be read and then written back by the restricted identity.",
        )


@probe(
    "L5-23",
    level=5,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L5-23",),
    title=Text(fr="Valeur répétée dans une erreur", en="Error echo"),
    failure=Text(
        fr="Un message d'erreur dit la valeur d'un élément masqué.",
        en="An error message tells the value of a masked element.",
    ),
    remedy=Text(
        fr="Écrire des messages d'erreur constants, qui nomment la règle et jamais ce qui est enregistré.",
        en="Write constant error messages, which name the rule and never what is stored.",
    ),
)
def error_echo(fhir: FhirClient, restricted: FhirClient, truth: Truth, expect: Expect) -> None:
    """Provoke errors on masked elements by search, $validate, PATCH and PUT; look for their values."""
    limits = masking(truth, expect)
    server = truth.subject.server
    writes = server is not None and not server.read_only
    refused = 0
    wrong = {one.type: one for one in masked_values(fhir, restricted, limits)}
    for type_, ids, whole in known(fhir, restricted, limits, expect):
        hidden = secrets(whole, limits.masked_of(type_))
        path = f"{type_}/{ids[0]}"
        replies = [restricted.get(f"{type_}?_id={ids[0]}&{wrong[type_].name}=%00")] if type_ in wrong else []
        seen = restricted.get(path).resource
        replies += list(_invalid_reads(restricted, path, seen, limits))
        if writes:
            with _put_back(fhir, path, whole[0]):
                replies += list(_invalid_writes(restricted, path, seen, whole[0], limits))
        for reply in replies:
            refused += reply.status >= _REFUSED
            value = leaked(hidden, reply)
            expect.that(not value, expected="no masked value in the message", seen=value, evidence=[reply])
    if not refused:
        expect.skip(
            "Aucune des demandes fautives n'a provoqué d'erreur : aucun message à lire.",
            "None of the wrong requests caused an error: there is no message to read.",
        )


def _invalid_reads(client: FhirClient, path: str, seen: Resource, limits: Restriction) -> Iterator[Reply]:
    type_ = path.partition("/")[0]
    spoiled = {**seen, **dict.fromkeys(_masked_elements(type_, limits), "\u0000 not this")}
    for operation in (f"{path}/$validate", f"{type_}/$validate"):
        yield client.write("POST", operation, spoiled)
    for element in sorted(_masked_elements(type_, limits)):
        yield client.get(f"{type_}?{element}:missing=perhaps")


def _invalid_writes(
    client: FhirClient, path: str, seen: Resource, whole: Resource, limits: Restriction
) -> Iterator[Reply]:
    type_ = path.partition("/")[0]
    pointers = [pointer for pointer, _ in _texts(whole, limits)][:3]
    for element in sorted(_masked_elements(type_, limits)):
        yield client.write("PUT", path, {**seen, element: "not this"})
        pointers.append(f"/{element}")
    for pointer in dict.fromkeys(pointers):
        for operation in ({"op": "test"}, {"op": "replace"}):
            patch = [{**operation, "path": pointer, "value": {"not": "this"}}]
            yield client.request("PATCH", path, headers=_JSON_PATCH, body=json.dumps(patch).encode())
    yield client.write("PUT", path, seen, {"If-Match": 'W/"0"'})


def _masked_elements(type_: str, limits: Restriction) -> frozenset[str]:
    return frozenset(path.split(".")[1] for path in limits.masked_of(type_))


def _texts(resource: Resource, limits: Restriction) -> Iterator[tuple[str, str]]:
    """Yield the JSON Pointer and the value of each text that masks hide of a resource."""
    paths = limits.masked_of(str(resource.get("resourceType")))
    hidden = {text for value in values(resource, paths) for text in strings(value)}
    elements = {path.split(".")[1] for path in paths}
    for path, leaf in leaves(resource):
        if (
            isinstance(leaf, str)
            and leaf in hidden
            and re.split(r"[.\[]", path)[0] in elements
            and last_name(path) != "system"
        ):
            yield "/" + re.sub(r"\[(\d+)\]", r"/\1", path).replace(".", "/"), leaf


def _json_patch(client: FhirClient, path: str, pointer: str, value: str) -> Reply:
    patch = [{"op": "test", "path": pointer, "value": value}]
    return client.request("PATCH", path, headers=_JSON_PATCH, body=json.dumps(patch).encode())


def _fhirpath_patch(client: FhirClient, path: str, pointer: str, value: str) -> Reply:
    """Ask to write ``active`` as it is, where a masked element has the value."""
    element = re.sub(r"/(\d+)", r"[\1]", pointer).removeprefix("/").replace("/", ".")
    condition = f"{path.partition('/')[0]}.where({element} = '{value}').active"
    parts = [
        {"name": "type", "valueCode": "replace"},
        {"name": "path", "valueString": condition},
        {"name": "value", "valueBoolean": True},
    ]
    body = {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": parts}]}
    return client.write("PATCH", path, body)


def _changed(before: Resource, after: Resource) -> str:
    """Return the path of the first thing that is no longer there, or that was not; lists in any order."""
    one, two = (sorted(_said(resource), key=str) for resource in (before, after))
    return next((path for path, value in one if (path, value) not in two), "") or next(
        (path for path, value in two if (path, value) not in one), ""
    )


def _said(resource: Resource) -> list[tuple[str, object]]:
    kept = {name: value for name, value in resource.items() if name not in _NOT_COMPARED}
    return [(re.sub(r"\[\d+\]", "", path), leaf) for path, leaf in leaves(kept)]


@contextmanager
def _put_back(fhir: FhirClient, path: str, held: Resource) -> Iterator[None]:
    """Write a resource again as it was, at the end of the block, if anything has changed it."""
    try:
        yield
    finally:
        now = fhir.get(path).resource
        if part(now, "meta").get("versionId") != part(held, "meta").get("versionId") or _changed(held, now):
            fhir.write("PUT", path, held)
