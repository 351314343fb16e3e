"""CLI-DIS-01 and CLI-AUT-08: the application finds the token endpoint, and leaves it alone once refused.

Specs: https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html, RFC 6749 section 5.2
"""

from collections.abc import Sequence
from typing import NoReturn

from lab.api import SHALL, SHOULD, Exchange, Expect, Text, Truth, check
from lab.checks.traffic import fhir_requests, token_requests

_CONFIGURATION = "/.well-known/smart-configuration"
MOST_TRIES = 3
LEAST_WATCHED_S = 5.0
_OK = 200


@check(
    "CLI-DIS-01",
    expectation=SHALL,
    requirements=("smart-2.2.0@226", "smart-2.2.0@227"),
    title=Text(fr="Découvre le point d'accès des jetons", en="Discovers the token endpoint"),
    failure=Text(
        fr="L'application ne demande pas ses jetons là où la configuration SMART de l'hôpital le dit.",
        en="The application does not ask for its tokens where the hospital's SMART configuration says.",
    ),
    remedy=Text(
        fr="Au démarrage, lire {base FHIR}/.well-known/smart-configuration et utiliser le token_endpoint qui "
        "s'y trouve ; ne pas l'écrire dans le programme.",
        en="When starting, read {FHIR base}/.well-known/smart-configuration and use the token_endpoint found "
        "there; do not write it in the program.",
    ),
)
def discovers_the_endpoint(journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """It reads the configuration before its first token; started again, it goes where the endpoint moved."""
    first = token_requests(journal, expect)[0]
    read = [e for e in fhir_requests(journal, truth, expect) if e.url.endswith(_CONFIGURATION)]
    expect.that(
        any(e.t <= first.t and e.status == _OK for e in read),
        expected="smart-configuration read before the first token request",
        seen=f"read {len(read)} times, later" if read else "never read",
        evidence=[first.id, *(e.id for e in read[:1])],
    )
    met = _met(journal)
    if not met["configuration"]:
        _not_met(expect)
    astray = [e for e in met["hospital"] if "client_assertion" in e.request_body]
    expect.that(
        bool(met["token"]) or not astray,
        expected="the token is asked for at the endpoint that moved",
        seen=f"{len(astray)} token requests elsewhere",
        evidence=[met["configuration"][0].id, *(e.id for e in astray[:2])],
    )
    if not met["token"]:
        _not_met(expect)
    expect.name(met["configuration"][0].id, met["token"][0].id)


@check(
    "CLI-AUT-08",
    expectation=SHOULD,
    requirements=("laboratory@stops-when-refused",),
    title=Text(fr="S'arrête quand le jeton lui est refusé", en="Stops when refused a token"),
    failure=Text(
        fr="Refusée par le serveur de jetons, l'application insiste.",
        en="Refused by the token server, the application insists.",
    ),
    remedy=Text(
        fr="Sur invalid_client ou invalid_scope, s'arrêter après 3 essais au plus et le dire dans le journal "
        "de l'application : seul un exploitant peut y remédier.",
        en="On invalid_client or invalid_scope, stop after 3 tries at most and say so in the log of the "
        "application: only an operator can mend it.",
    ),
)
def stops_when_refused(journal: Sequence[Exchange], expect: Expect) -> None:
    """Refused with invalid_client, it asks three times at most, and its output names the error."""
    met = _met(journal)
    tries = met["token"]
    if not tries or not met["end"]:
        _not_met(expect)
    end = met["end"][-1]
    watched = end.t - tries[0].t
    expect.that(
        len(tries) <= MOST_TRIES,
        expected=f"at most {MOST_TRIES} tries",
        seen=f"{len(tries)} tries in {watched:.1f} s",
        evidence=[e.id for e in tries[: MOST_TRIES + 1]],
    )
    if watched < LEAST_WATCHED_S:
        expect.skip(
            f"L'application n'a été vue que {watched:.1f} s après le premier refus.",
            f"The application was seen only {watched:.1f} s after the first refusal.",
        )
    expect.that(
        bool(end.facts.get("named")),
        expected="invalid_client named in the output of the application",
        seen="not named",
        evidence=[tries[-1].id, end.id],
    )


def _met(journal: Sequence[Exchange]) -> dict[str, list[Exchange]]:
    """Return what was recorded in front of the hospital that refuses, by place."""
    places = ("configuration", "token", "hospital", "end")
    return {place: [e for e in journal if e.facts.get("refusing") == place] for place in places}


def _not_met(expect: Expect) -> NoReturn:
    expect.skip(
        "L'application n'est pas venue demander de jeton à l'hôpital qui refuse : il faut que le laboratoire "
        "la démarre ([start]), {fhir_base_url} dans sa configuration.",
        "The application did not come to ask the refusing hospital for a token: the laboratory must start it "
        "([start]), with {fhir_base_url} in its configuration.",
    )
