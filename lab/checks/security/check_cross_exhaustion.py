"""Across the levels: one request never costs so much that the others are not served.

Source: OWASP API4:2023; CWE-770. The time of an answer is bounded by the patience of the wire: no clock here.
"""

from lab.api import HIGH, SERVER, Expect, FhirClient, Reply, Text, probe, status_of
from lab.checks.sample import sample
from lab.checks.security.oversized import Oversized, oversized

_OK = 200
_REFUSED, _BROKEN, _NOT_IMPLEMENTED = 400, 500, 501
_MOST_ENTRIES = 10_000


@probe(
    "X-07",
    level=None,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@X-07",),
    title=Text(fr="Épuisement des ressources", en="Resource exhaustion"),
    failure=Text(
        fr="Une requête démesurée casse le serveur, l'occupe trop longtemps, ou est exécutée en entier.",
        en="An oversized request breaks the server, keeps it too long, or is carried out in full.",
    ),
    remedy=Text(
        fr="Borner avant de lire : taille et profondeur du corps, compression, nombre de valeurs, longueur "
        "des "
        "chaînes, _count ; répondre 400 ou 413.",
        en="Set bounds before reading: size and depth of bodies, compression, number of values, length of "
        "chains, _count; answer 400 or 413.",
    ),
)
def exhaustion(fhir: FhirClient, restricted: FhirClient, expect: Expect) -> None:
    """Send seven oversized requests; each is refused or bounded, and both identities are served after."""
    found = sample(fhir, expect)
    path = f"{found.type}/{found.resources[0]['id']}"
    before = fhir.get(path), restricted.get("metadata")
    if before[0].status != _OK:
        expect.name(before[0])
        expect.skip(
            f"La lecture de référence n'aboutit pas ({status_of(before[0])}).",
            f"The reference read does not succeed ({status_of(before[0])}).",
        )
    for one in oversized(fhir):
        _bounded(one, expect)
    after = fhir.get(path), restricted.get("metadata")
    for then, now in zip(before, after, strict=True):
        expect.that(
            then.status == now.status,
            expected=f"HTTP {then.status} as before",
            seen=status_of(now),
            evidence=[then, now],
        )


def _bounded(one: Oversized, expect: Expect) -> None:
    reply = one.reply
    if reply.status == 0 and one.body and not _stuck(reply):
        expect.name(reply)  # a server that closes instead of reading 10 MB has refused them
        return
    seen = f"{status_of(reply)} for {one.name}"
    broken = reply.status == 0 or (reply.status >= _BROKEN and reply.status != _NOT_IMPLEMENTED)
    expect.that(not broken, expected="400 or 413", seen=seen, evidence=[reply])
    if one.body:
        expect.that(reply.status >= _REFUSED, expected="400 or 413", seen=seen, evidence=[reply])
    else:
        count = len(reply.entries)
        expect.that(
            count <= _MOST_ENTRIES and not reply.error,
            expected="a refusal, or a page of a normal size",
            seen=f"{count} entries for {one.name} {reply.error}".rstrip(),
            evidence=[reply],
        )


def _stuck(reply: Reply) -> bool:
    return "imeout" in reply.error
