"""CLI-DAT: what is labelled restricted is not passed on, what was withdrawn is not shown as true.

Specs: https://hl7.org/fhir/R4/security-labels.html, https://hl7.org/fhir/R4/lifecycle.html
"""

from collections.abc import Sequence
from typing import Any

from lab.api import SHALL, Exchange, Expect, FhirClient, Text, Truth, check
from lab.checks.echo import echoed
from lab.checks.hooks import forwarded
from lab.checks.served import about, given, named
from lab.checks.statement import objects, part
from lab.checks.traffic import fhir_requests, played

_LABELS, _WITHDRAWN = "restricted-labels", "withdrawn"
_RESTRICTED = frozenset({"R", "V"})
_IN_ERROR = "entered-in-error"
_FINE = frozenset({_IN_ERROR, "cancelled"})
_MOST = 5


@check(
    "CLI-DAT-05",
    expectation=SHALL,
    act=_LABELS,
    requirements=("laboratory@restricted-not-forwarded",),
    title=Text(fr="Étiquettes de sécurité respectées", en="Security labels respected"),
    failure=Text(
        fr="L'application transmet plus loin une ressource étiquetée restreinte.",
        en="The application passes on a resource that is labelled restricted.",
    ),
    remedy=Text(
        fr="Avant toute transmission, lire meta.security : ce qui porte R ou V reste dans l'application.",
        en="Before passing anything on, read meta.security: what carries R or V stays in the application.",
    ),
)
def keeps_restricted_to_itself(
    journal: Sequence[Exchange], expect: Expect, truth: Truth, grant: FhirClient
) -> None:
    """Nothing that was given with R or V is among what the application passes on."""
    act = played(journal, _LABELS, expect)[0]
    requests = [act, *(e for e in fhir_requests(journal, truth, expect) if e.t > act.t)]
    labelled = {named(one) for one in given(requests) if _is_restricted(one)}
    reply, sent = forwarded(grant, truth, expect)
    if not sent:
        expect.name(act.id, reply)
        expect.skip(
            "L'application dit ne rien transmettre : rien ne montre ce qu'elle ferait d'une ressource "
            "restreinte.",
            "The application says that it passes nothing on: nothing shows what it would do with a "
            "restricted resource.",
        )
    leaked = sorted(labelled & sent)
    expect.that(
        not leaked,
        expected="no resource labelled R or V is passed on",
        seen=", ".join(leaked[:3]),
        evidence=[act.id, reply],
    )


@check(
    "CLI-DAT-06",
    expectation=SHALL,
    act=_WITHDRAWN,
    requirements=("laboratory@withdrawn-shown",),
    title=Text(fr="Donnée retirée montrée comme retirée", en="Withdrawn data shown as withdrawn"),
    failure=Text(
        fr="L'application présente comme valable une donnée devenue entered-in-error.",
        en="The application presents as valid a datum that became entered-in-error.",
    ),
    remedy=Text(
        fr="Relire le statut à chaque version : entered-in-error et cancelled retirent la donnée de l'écran, "
        "ou l'y marquent comme retirée.",
        en="Read the status again with each version: entered-in-error and cancelled take the datum off the "
        "screen, or mark it there as withdrawn.",
    ),
)
def shows_what_is_withdrawn(
    journal: Sequence[Exchange], expect: Expect, truth: Truth, grant: FhirClient
) -> None:
    """What is held of a record in error has its status; what is let go of is fine too."""
    act = played(journal, _WITHDRAWN, expect)[0]
    patient = str(act.facts.get("about"))
    requests = [act, *(e for e in fhir_requests(journal, truth, expect) if e.t > act.t)]
    records = list(given(requests))
    in_error = [one for one in records if about(one) == patient and one.get("status") == _IN_ERROR]
    shown = []
    for reference in dict.fromkeys(named(one) for one in in_error[:_MOST]):
        reply = echoed(grant, truth, expect, reference)
        if reply is not None:
            status = str(reply.json.get("status")) if isinstance(reply.json, dict) else ""
            shown.append(reference)
            expect.that(
                status in _FINE,
                expected=f"{reference}: status entered-in-error, or not held",
                seen=f"status {status!r}",
                evidence=[act.id, reply],
            )
    others = dict.fromkeys(named(one) for one in records if about(one) not in {patient, ""})
    if not shown and not any(echoed(grant, truth, expect, other) for other in list(others)[:_MOST]):
        expect.skip(
            "client.echo_url ne montre aucune des ressources reçues : son silence ne montre rien.",
            "client.echo_url shows none of the resources received: its silence shows nothing.",
        )


def _is_restricted(resource: dict[str, Any]) -> bool:
    labels = objects(part(resource, "meta").get("security"))
    return any(label.get("code") in _RESTRICTED for label in labels)
