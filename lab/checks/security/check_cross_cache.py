"""Across the levels: what one caller gets is kept for nobody else, neither by a cache nor by a browser.

Specs: RFC 9111 section 3.5 (answers to requests with Authorization), Fetch standard (CORS), CWE-524.
"""

from lab.api import (
    CRITICAL,
    MEDIUM,
    SERVER,
    Cohort,
    Expect,
    FhirClient,
    Reply,
    Text,
    probe,
    status_of,
)
from lab.checks.sample import sample
from lab.checks.security.likeness import answered, difference
from lab.checks.security.refused import no_data

_OK = 200
_ORIGIN = "https://lab-elsewhere.example"
_SHARED = frozenset({"public", "s-maxage", "must-revalidate"})
"""The directives that let a shared cache keep an answer to a request with a token."""


@probe(
    "X-06",
    level=None,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@X-06",),
    title=Text(fr="Cache partagé", en="Shared cache"),
    failure=Text(
        fr="Une réponse faite à un appelant peut être gardée pour un autre, ou lui est servie.",
        en="An answer made for one caller may be kept for another, or is served to it.",
    ),
    remedy=Text(
        fr="Envoyer Cache-Control: no-store et Vary: Authorization avec toute donnée, et ne rien garder par "
        "adresse.",
        en="Send Cache-Control: no-store and Vary: Authorization with all data, and keep nothing by address.",
    ),
)
def shared_cache(fhir: FhirClient, restricted: FhirClient, cohort: Cohort, expect: Expect) -> None:
    """Ask the same addresses by turns as both identities: each keeps its own answer, never stored."""
    inside, outside = f"Patient/{cohort.inside[0]}", f"Patient/{cohort.outside[0]}"
    whole = [fhir.get(outside)]
    if whole[0].status != _OK or whole[0].type != "Patient":
        expect.name(whole[0])
        expect.skip(
            f"La lecture de référence n'aboutit pas ({status_of(whole[0])}).",
            f"The reference read does not succeed ({status_of(whole[0])}).",
        )
    hidden = restricted.get(outside)
    answered(hidden, expect)
    no_data(hidden, expect, sent=f"{outside} after the full identity")
    whole.append(fhir.get(outside))
    _same(whole[1], (whole[0], whole[0]), outside, expect)
    # Two spellings of one address, asked in opposite orders: whoever asks second must not get the first's.
    one, two = f"{inside}?_format=json", f"{inside}?_format=application/fhir%2Bjson"
    theirs, ours = [restricted.get(one)], [fhir.get(one), fhir.get(two)]
    theirs.append(restricted.get(two))
    for name, (first, second) in (("the restricted identity", theirs), ("the full identity", ours)):
        if first.status == second.status == _OK:
            expect.that(
                first.resource == second.resource,
                expected="the same Patient for the same identity",
                seen=f"another one for {name}, after the other had asked",
                evidence=[*theirs, *ours],
            )
    kept = [*whole, *theirs, *ours, restricted.get(inside)]
    kept.append(restricted.get("Patient?_count=1"))
    for reply in kept:
        if reply.status == _OK:
            _not_stored(reply, expect)


@probe(
    "X-15",
    level=None,
    severity=MEDIUM,
    role=SERVER,
    requirements=("five-levels@X-15",),
    title=Text(fr="Partage entre origines (CORS)", en="CORS"),
    failure=Text(
        fr="Le serveur autorise la page de n'importe quel site : il répète son Origin.",
        en="The server allows the page of any site: it repeats its Origin.",
    ),
    remedy=Text(
        fr="N'autoriser que les origines d'une liste, et aucune si aucun navigateur n'appelle l'API.",
        en="Allow only the origins of a list, and none if no browser calls the API.",
    ),
)
def foreign_origin(fhir: FhirClient, anonymous: FhirClient, expect: Expect) -> None:
    """Call as the page of a foreign site, and as one without an origin: read, preflight and refusal."""
    found = sample(fhir, expect)
    path = f"{found.type}/{found.resources[0]['id']}"
    preflight = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
    for origin in (_ORIGIN, "null"):
        cookie = {"Origin": origin, "Cookie": "lab=1"}
        for reply in (
            fhir.get(path, headers=cookie),
            anonymous.request("OPTIONS", path, headers={"Origin": origin, **preflight}),
            anonymous.get(path, headers=cookie),
        ):
            allowed = reply.header("Access-Control-Allow-Origin")
            expect.that(
                allowed != origin,
                expected="the Origin not repeated",
                seen=f"Access-Control-Allow-Origin: {origin}",
                evidence=[reply],
            )
            credentials = (reply.header("Access-Control-Allow-Credentials") or "").lower()
            expect.should(
                not (allowed == "*" and credentials == "true"),
                expected="no credentials for every site",
                seen="* with credentials",
                evidence=[reply],
            )


def _same(reply: Reply, before: tuple[Reply, Reply], path: str, expect: Expect) -> None:
    seen = difference(reply, path, (before[0], path), (before[1], path))
    expect.that(
        not seen,
        expected="the answer of before another identity asked",
        seen=seen,
        evidence=[reply, *before],
    )


def _not_stored(reply: Reply, expect: Expect) -> None:
    said = ",".join(value for name, value in reply.headers if name.lower() == "cache-control").lower()
    directives = {part.partition("=")[0].strip() for part in said.split(",")}
    open_ = directives & _SHARED if not directives & {"no-store", "private"} else set()
    expect.that(
        not open_,
        expected="Cache-Control: no-store",
        seen=f"Cache-Control: {said[:80]}",
        evidence=[reply],
    )
    expect.should(
        "no-store" in directives,
        expected="Cache-Control: no-store",
        seen=f"Cache-Control: {said[:80]}" if said else "no Cache-Control",
        evidence=[reply],
    )
    vary = ",".join(value for name, value in reply.headers if name.lower() == "vary").lower()
    expect.should(
        "authorization" in vary or "*" in vary,
        expected="Vary: Authorization",
        seen=f"Vary: {vary[:80]}" if vary else "no Vary",
        evidence=[reply],
    )
