"""CLI-AUT-11: the token goes to the hospital and to nobody else, wherever links, redirects, references lead.

Spec: https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html (access the FHIR API)
"""

from collections.abc import Sequence

from lab.api import SHALL, Exchange, Expect, Text, Truth, check
from lab.checks.traffic import after, fhir_requests, played

_ACTS = ("off-origin-next", "redirected-away", "foreign-reference")
FEW_REQUESTS = 3


@check(
    "CLI-AUT-11",
    expectation=SHALL,
    act=_ACTS,
    requirements=("smart-2.2.0@267", "laboratory@token-stays-home"),
    title=Text(fr="Jeton jamais envoyé à un autre hôte", en="Token never sent to another host"),
    failure=Text(
        fr="L'application a remis le jeton de l'hôpital à un hôte étranger.",
        en="The application handed the hospital's token to a foreign host.",
    ),
    remedy=Text(
        fr="Avant d'ajouter Authorization, comparer schéma, hôte et port de l'URL à ceux de l'hôpital ; "
        "une référence ou un lien vers ailleurs est laissé de côté, ou demandé sans le jeton.",
        en="Before adding Authorization, compare the scheme, host and port of the URL with the hospital's; a "
        "reference or a link to elsewhere is left alone, or asked for without the token.",
    ),
)
def token_stays_home(journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """Whatever led to the foreign host, no request that reached it carried an Authorization header."""
    strayed = [e for e in journal if e.facts.get("decoy") and e.request_header("authorization")]
    expect.that(
        not strayed,
        expected="no Authorization header at the foreign host",
        seen=f"{len(strayed)} requests with one",
        evidence=[e.id for e in strayed[:3]],
    )
    requests = fhir_requests(journal, truth, expect)
    for act in _ACTS:
        lured = played(journal, act, expect)[0]
        following = len(after(requests, lured))
        if following < FEW_REQUESTS:
            expect.skip(
                f"L'observation s'est arrêtée {following} requête(s) après l'acte {act}.",
                f"The watch ended {following} request(s) after the act {act}.",
            )
        expect.name(lured.id)
