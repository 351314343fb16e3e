"""What the application keeps once it may not: a patient who left its cohort is no longer held.

Sources: five-levels reference, K-07; RGPD art. 5(1)(e).
"""

from lab.api import CLIENT, HIGH, Exchange, Expect, FhirClient, Text, Truth, probe
from lab.checks.hooks import held_patients, patients_served
from lab.checks.traffic import after, fhir_requests, played

_LEAVES, _REVOKED = "patient-leaves", "revoked-token"
_INTERVALS = 2


@probe(
    "K-07",
    level=None,
    severity=HIGH,
    role=CLIENT,
    act=(_REVOKED, _LEAVES),
    requirements=("five-levels@K-07",),
    title=Text(fr="Révocation", en="Revocation"),
    failure=Text(
        fr="L'application garde ce qui lui a été retiré.",
        en="The application keeps what was taken from it.",
    ),
    remedy=Text(
        fr="Redemander à chaque cycle les dossiers tenus, et supprimer la copie de ceux que l'hôpital ne "
        "montre plus ; jeter un jeton dès le premier 401.",
        en="Ask for the records held again at each cycle, and delete the copy of those that the hospital no "
        "longer shows; throw a token away at the first 401.",
    ),
)
def revocation(grant: FhirClient, journal: tuple[Exchange, ...], truth: Truth, expect: Expect) -> None:
    """A revoked token is not used again; two poll intervals after leaving, a patient is not held."""
    requests = fhir_requests(journal, truth, expect)
    for refused in (exchange for exchange in requests if exchange.act == _REVOKED):
        again = [e for e in after(requests, refused) if _late(e, refused) and _token(e) == _token(refused)]
        expect.that(
            not again,
            expected="a revoked token is not used again",
            seen=f"{len(again)} requests with it",
            evidence=[refused.id, *(exchange.id for exchange in again[:3])],
        )
    left = played(journal, _LEAVES, expect)[0]
    patient = str(left.facts.get("about"))
    interval = truth.subject.client.poll_interval_s if truth.subject.client else 0.0
    watched = max(exchange.t for exchange in requests) - left.t
    if watched < _INTERVALS * interval:
        expect.skip(
            f"L'observation s'est arrêtée {watched:.1f} s après le départ du patient : il faut deux "
            f"intervalles de {interval:g} s (client.watch_s).",
            f"The watch ended {watched:.1f} s after the patient left: two intervals of {interval:g} s are "
            "needed (client.watch_s).",
        )
    reply, held = held_patients(grant, truth, expect)
    expect.that(
        patient not in held,
        expected=f"{patient} purged after {_INTERVALS} intervals of {interval:g} s",
        seen=f"still held, {watched:.0f} s later",
        evidence=[left.id, reply],
    )
    if not held & patients_served(requests):
        expect.name(left.id, reply)
        expect.skip(
            "client.state_url ne nomme aucun des patients reçus : son silence ne montre rien.",
            "client.state_url names none of the patients received: its silence shows nothing.",
        )


def _token(exchange: Exchange) -> str | None:
    return exchange.request_header("authorization")


def _late(exchange: Exchange, refused: Exchange) -> bool:
    """Tell whether a request was sent once the refusal had arrived, and a little after."""
    return exchange.t > refused.t + refused.latency_ms / 1000 + 0.1
