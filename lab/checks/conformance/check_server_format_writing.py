"""SRV-FMT: the media type and the characters of what is written.

Specs: https://hl7.org/fhir/R4/http.html#mime-type, https://www.rfc-editor.org/rfc/rfc9110#section-15.5.16
"""

import json
from unicodedata import normalize

from lab.api import SHALL, SHOULD, Expect, FhirClient, Reply, Text, Truth, check, status_of
from lab.checks.sample import matches
from lab.checks.statement import objects
from lab.checks.throwaway import (
    SYSTEM,
    bearing,
    declared_writes,
    identifier_of,
    location,
    patient,
    swept,
)
from lab.checks.wording import quoted

UNSUPPORTED, FIRST_ERROR, FIRST_SERVER_ERROR = 415, 400, 500
FAMILY = "Éloïse-Cœur Ÿ 🏥 \N{LATIN SMALL LETTER E}\N{COMBINING ACUTE ACCENT}"
"""Two bytes, three bytes, four bytes, and a letter whose accent is a character of its own."""


@check(
    "SRV-FMT-05",
    expectation=SHOULD,
    requirements=("fhir-r4@http-406-415", "laboratory@unlabelled-write"),
    title=Text(fr="Content-Type de requête incorrect refusé", en="Wrong request Content-Type refused"),
    failure=Text(
        fr="Une écriture envoyée en text/plain n'est pas refusée par 415, ou est enregistrée.",
        en="A write sent as text/plain is not refused by 415, or is stored.",
    ),
    remedy=Text(
        fr="Répondre 415 quand le Content-Type d'une écriture n'est pas un format déclaré, sans rien écrire.",
        en="Answer 415 when the Content-Type of a write is no declared format, and write nothing.",
    ),
)
def wrong_content_type(fhir: FhirClient, expect: Expect, truth: Truth) -> None:
    """Create a valid Patient as text/plain, then look for it."""
    known = declared_writes(fhir, truth, expect, "create", "search-type").types["Patient"]
    value = identifier_of(truth, "SRV-FMT-05")
    body = json.dumps(patient(value)).encode()
    with swept(fhir, value):
        reply = fhir.request("POST", "Patient", headers={"Content-Type": "text/plain"}, body=body)
        id_, _ = location(reply)
        if id_ is not None:
            fhir.delete(f"Patient/{id_}")
        expect.that(
            FIRST_ERROR <= reply.status < FIRST_SERVER_ERROR,
            expected=f"HTTP {UNSUPPORTED}",
            seen=status_of(reply),
            evidence=[reply],
        )
        expect.should(
            reply.status == UNSUPPORTED,
            expected=f"HTTP {UNSUPPORTED}",
            seen=status_of(reply),
            evidence=[reply],
        )
        if "identifier" in known.parameters:
            found = fhir.search("Patient", identifier=f"{SYSTEM}|{value}")
            left = len(bearing(found, value))
            expect.that(left == 0, expected="nothing stored", seen=f"{left} Patient", evidence=[reply, found])


@check(
    "SRV-FMT-06",
    expectation=SHALL,
    requirements=("fhir-r4@http-utf-8",),
    title=Text(fr="Aller-retour en UTF-8", en="UTF-8 round trip"),
    failure=Text(
        fr="Des accents, une ligature ou un emoji ne survivent pas à l'écriture puis à la lecture.",
        en="Accented characters, a ligature or an emoji do not survive being written and read.",
    ),
    remedy=Text(
        fr="Lire, stocker et servir tout texte en UTF-8 sans le transformer, y compris au-delà de U+FFFF.",
        en="Read, store and serve every text as UTF-8 and unchanged, also beyond U+FFFF.",
    ),
)
def utf_8_round_trip(fhir: FhirClient, expect: Expect, truth: Truth) -> None:
    """Create a Patient whose name needs all of UTF-8, then read it and search for it.

    A name that comes back in another normal form of Unicode says the same, and is accepted. The charset may
    be stated in Content-Type, and need not.
    """
    known = declared_writes(fhir, truth, expect, "create", "read", "search-type").types["Patient"]
    value = identifier_of(truth, "SRV-FMT-06")
    sent = patient(value, name=[{"use": "official", "family": FAMILY, "given": ["Zoë"]}])
    reply = fhir.write("POST", "Patient", sent)
    id_, _ = location(reply)
    expect.name(reply)
    if id_ is None:
        expect.skip(
            f"Le Patient d'essai n'a pas été créé ({status_of(reply)}) : voir SRV-CRT-01.",
            f"The test Patient was not created ({status_of(reply)}): see SRV-CRT-01.",
        )
    try:
        read = fhir.read("Patient", id_)
        expect.status(read, 200)
        _same(expect, read, [read.resource])
        if "identifier" in known.parameters:
            found = fhir.search("Patient", identifier=f"{SYSTEM}|{value}")
            ours = [one for one in matches(found, "Patient") if one["id"] == id_]
            if ours:  # SRV-CRT-01 and the search checks judge whether it is found
                _same(expect, found, ours)
    finally:
        fhir.delete(f"Patient/{id_}")


def _same(expect: Expect, reply: Reply, resources: list[dict[str, object]]) -> None:
    families = [name.get("family") for one in resources for name in objects(one.get("name"))]
    seen = quoted(families[0]) if families else "no name"
    same = any(normalize("NFC", str(one)) == normalize("NFC", FAMILY) for one in families)
    expect.that(same, expected=quoted(FAMILY), seen=seen, evidence=[reply])
