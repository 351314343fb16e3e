"""SRV-PAG-04 and 05: whom a page link serves, and what becomes of one that was forged.

Specs: https://hl7.org/fhir/R4/http.html#paging, https://hl7.org/fhir/R4/search.html#errors
"""

from lab.api import SHALL, SHOULD, Cohort, Expect, FhirClient, Reply, Text, Truth, check, status_of
from lab.checks.address import same_origin
from lab.checks.sample import KnownSet, known_set, match_ids
from lab.checks.security.tampering import tampered
from lab.checks.wording import quoted

OK = 200
PER_PAGE, FORGERIES = 2, 8


@check(
    "SRV-PAG-04",
    expectation=SHALL,
    requirements=("laboratory@page-link-bound",),
    title=Text(fr="Lien next lié à son client", en="Next link is bound to the client"),
    failure=Text(
        fr="Un lien next donne des résultats sans jeton, ou au jeton d'un autre client qui n'y a pas droit.",
        en="A next link gives results without a token, or to the token of another client that may not see "
        "them.",
    ),
    remedy=Text(
        fr="Vérifier le jeton à chaque page, et refuser le lien à tout autre client que celui qui l'a reçu.",
        en="Verify the token at every page, and refuse the link to any client but the one it was given to.",
    ),
)
def link_is_bound(
    fhir: FhirClient,
    restricted: FhirClient,
    anonymous: FhirClient,
    cohort: Cohort,
    truth: Truth,
    expect: Expect,
) -> None:
    """Follow a next link of the full identity without a token, then as the restricted one.

    A rule of the laboratory. Results of the other client's own cohort are only a remark.
    """
    server = truth.subject.server
    identity = server.identity("full") if server else None
    if identity is None or identity.issuer == "nobody":
        expect.omit(
            'Le manifeste déclare un serveur ouvert (issuer = "nobody").',
            'The manifest declares an open server (issuer = "nobody").',
        )
    asked = {"_id": ",".join((*cohort.inside[:1], *cohort.outside[:4]))}
    first = fhir.search("Patient", asked, _count=1)
    link = _link(fhir, first, expect)
    control = fhir.get(link)
    expect.status(control, OK)
    bare = anonymous.get(link)
    expect.that(
        400 <= bare.status < 500 and not match_ids(bare, "Patient"),
        expected="HTTP 401 without a token",
        seen=f"{status_of(bare)}, {len(match_ids(bare, 'Patient'))} matches",
        evidence=[first, bare],
    )
    replayed = restricted.get(link)
    foreign = set(match_ids(replayed, "Patient")) - set(cohort.inside)
    expect.that(
        not foreign,
        expected="HTTP 403, 404 or 410 to another client",
        seen=f"{status_of(replayed)}, {len(foreign)} patients outside its cohort",
        evidence=[first, replayed],
    )
    expect.should(
        replayed.status >= 400,
        expected="HTTP 403, 404 or 410 to another client",
        seen=f"{status_of(replayed)}, its own results only",
        evidence=[first, replayed],
    )


@check(
    "SRV-PAG-05",
    expectation=SHOULD,
    requirements=("fhir-r4@http-error-outcome", "laboratory@page-link-forged"),
    title=Text(fr="Page expirée ou falsifiée", en="Expired or forged page state"),
    failure=Text(
        fr="Un lien de page falsifié fait échouer le serveur (5xx), ou est refusé sans OperationOutcome.",
        en="A forged page link makes the server fail (5xx), or is refused without an OperationOutcome.",
    ),
    remedy=Text(
        fr="Répondre 400, 404 ou 410 avec un OperationOutcome à un lien de page qui n'est pas lisible.",
        en="Answer 400, 404 or 410 with an OperationOutcome to a page link that cannot be read.",
    ),
)
def forged_link(fhir: FhirClient, cohort: Cohort, truth: Truth, expect: Expect) -> None:
    """Change single characters of what a next link encodes; numbers that are merely other are no forgery."""
    known = known_set(fhir, expect)
    first = _first(fhir, known)
    link = _link(fhir, first, expect)
    forged = [change for change in tampered(link, cohort, truth) if change.opaque][:FORGERIES]
    if not forged:
        expect.omit(
            "Le lien next ne porte aucun état encodé : il n'y a rien à falsifier.",
            "The next link holds no encoded state: there is nothing to forge.",
        )
    for change in forged:
        reply = fhir.get(change.url)
        expect.that(
            reply.status != 0 and reply.status < 500,
            expected=f"HTTP 4xx for {change.what}",
            seen=status_of(reply),
            evidence=[first, reply],
        )
        expect.that(
            reply.status < 400 or reply.type == "OperationOutcome",
            expected=f"an OperationOutcome with {status_of(reply)}",
            seen=quoted(reply.type or "no resource"),
            evidence=[first, reply],
        )
        expect.should(
            reply.status >= 400,
            expected=f"HTTP 4xx for {change.what}",
            seen=status_of(reply),
            evidence=[first, reply],
        )


def _first(fhir: FhirClient, known: KnownSet) -> Reply:
    return fhir.search(known.type, known.parameters, _count=PER_PAGE)


def _link(fhir: FhirClient, first: Reply, expect: Expect) -> str:
    """Return the next link of a page; omits the check without one, and follows none that leads away."""
    expect.name(first)
    expect.status(first, OK)
    link = first.link("next")
    if link is None:
        expect.omit(
            "Le serveur ne pagine pas : aucun lien next.", "The server does not page: there is no next link."
        )
    if not same_origin(fhir.base_url, link):
        expect.skip(
            "Le lien next mène hors du serveur : voir SRV-PAG-02.",
            "The next link leads away from the server: see SRV-PAG-02.",
        )
    return link
