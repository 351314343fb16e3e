"""CLI-DAT: references in every form are resolved, or left alone; none is taken for an id of the server.

Spec: https://hl7.org/fhir/R4/references.html
"""

from collections.abc import Sequence
from urllib.parse import parse_qsl, unquote, urlsplit

from lab.api import SHALL, Exchange, Expect, FhirClient, Text, Truth, check
from lab.checks.hooks import held_patients, patients_served
from lab.checks.served import is_still_given
from lab.checks.traffic import after, fhir_requests, played

_ACT = "reference-forms"
_MARKS = ("lab-contained", "lab-logical", "1ab00000-0000-4000-8000-000000000001")


@check(
    "CLI-DAT-08",
    expectation=SHALL,
    act=_ACT,
    requirements=("laboratory@reference-forms",),
    title=Text(fr="Toutes les formes de référence", en="All reference forms"),
    failure=Text(
        fr="L'application ne comprend que les références relatives.",
        en="The application understands relative references only.",
    ),
    remedy=Text(
        fr="Reconnaître les références relatives, absolues, contenues (#id), logiques (identifier) et urn: ; "
        "ne jamais prendre la fin d'une chaîne pour l'identifiant d'une ressource.",
        en="Tell relative, absolute, contained (#id), logical (identifier) and urn: references apart; never "
        "take the end of a string for the id of a resource.",
    ),
)
def reads_every_form(journal: Sequence[Exchange], expect: Expect, truth: Truth, grant: FhirClient) -> None:
    """No contained, logical or urn reference is asked for as an id; an absolute one leads to its patient."""
    act = played(journal, _ACT, expect)[0]
    patient = str(act.facts.get("about"))
    requests = fhir_requests(journal, truth, expect)
    for exchange in after(requests, act):
        taken = [mark for mark in _MARKS if any(mark in id_ for id_ in _ids(exchange))]
        expect.that(
            not taken,
            expected="contained, logical and urn references are not ids of the server",
            seen=f"asked for by id: {', '.join(taken)}",
            evidence=[act.id, exchange.id],
        )
    reply, held = held_patients(grant, truth, expect)
    expect.name(act.id, reply)
    if not held & patients_served(requests) or not is_still_given(requests, patient):
        expect.skip(
            "client.state_url ne montre pas ce que devient le patient dont la référence est absolue.",
            "client.state_url does not show what becomes of the patient whose reference is absolute.",
        )
    expect.that(
        patient in held,
        expected="the patient of an absolute reference is kept",
        seen="not held any more",
        evidence=[act.id, reply],
    )


def _ids(exchange: Exchange) -> list[str]:
    """Return what a request asks for by id: the segments of its path, and the values of ``_id``."""
    parts = urlsplit(exchange.url)
    pairs = [*parse_qsl(parts.query), *parse_qsl(exchange.request_body)]
    return [*unquote(parts.path).split("/"), *(value for name, value in pairs if name == "_id")]
