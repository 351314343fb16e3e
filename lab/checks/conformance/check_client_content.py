"""CLI-DAT: content that nobody announced is passed over, content that changes the meaning is not.

Spec: https://hl7.org/fhir/R4/extensibility.html
"""

from collections.abc import Sequence

from lab.api import SHALL, Exchange, Expect, FhirClient, Text, Truth, check
from lab.checks.hooks import held_patients, patients_served
from lab.checks.served import is_still_given
from lab.checks.traffic import after, fhir_requests, played

_UNKNOWN, _MODIFIER = "unknown-content", "modifier-extension"

_STILL_ASKED = 3
"""What may still be asked by a client that stops once it has read all the pages of the answer."""


@check(
    "CLI-DAT-01",
    expectation=SHALL,
    act=_UNKNOWN,
    requirements=("laboratory@unknown-content", "fhir-r4-client@extensions-not-rejected"),
    title=Text(fr="Contenu inconnu toléré", en="Unknown content tolerated"),
    failure=Text(
        fr="Une extension, un code nouveau ou un autre ordre des éléments arrête l'application.",
        en="An extension, a new code or another order of the elements stops the application.",
    ),
    remedy=Text(
        fr="Lire les éléments par leur nom, passer sur les extensions et les codes inconnus, et continuer.",
        en="Read elements by their name, pass over unknown extensions and codes, and go on.",
    ),
)
def passes_over_unknown_content(
    journal: Sequence[Exchange], expect: Expect, truth: Truth, grant: FhirClient
) -> None:
    """Work goes on; a patient who is still given is not dropped for an extension (a remark)."""
    act = played(journal, _UNKNOWN, expect)[0]
    requests = fhir_requests(journal, truth, expect)
    going_on = [e for e in after(requests, act) if e.status in {200, 304}]
    expect.that(
        len(going_on) > _STILL_ASKED,
        expected="work goes on after the unknown content",
        seen=f"{len(going_on)} answered requests",
        evidence=[act.id],
    )
    patient = str(act.facts.get("about"))
    if truth.subject.client and truth.subject.client.state_url and is_still_given(requests, patient):
        reply, held = held_patients(grant, truth, expect)
        expect.should(
            patient in held or not held & patients_served(requests),
            expected="a patient with an unknown extension is kept",
            seen="not held, though the hospital still gives it",
            evidence=[act.id, reply],
        )


@check(
    "CLI-DAT-02",
    expectation=SHALL,
    act=_MODIFIER,
    requirements=("fhir-r4-client@modifier-extension",),
    title=Text(fr="modifierExtension inconnue", en="Unknown modifierExtension"),
    failure=Text(
        fr="L'application utilise une ressource dont une modifierExtension inconnue change le sens.",
        en="The application uses a resource whose meaning an unknown modifierExtension changes.",
    ),
    remedy=Text(
        fr="Chercher modifierExtension dans chaque ressource : si elle n'est pas comprise, écarter la "
        "ressource ou avertir l'utilisateur, et la nommer dans not_understood de client.state_url.",
        en="Look for modifierExtension in each resource: when it is not understood, leave the resource out "
        "or warn the user, and name it in not_understood of client.state_url.",
    ),
)
def refuses_or_flags_a_modifier(
    journal: Sequence[Exchange], expect: Expect, truth: Truth, grant: FhirClient
) -> None:
    """The patient is not held, or is among those that the application says it does not understand."""
    act = played(journal, _MODIFIER, expect)[0]
    patient = str(act.facts.get("about"))
    reply, held = held_patients(grant, truth, expect)
    expect.name(act.id, reply)
    if not held & patients_served(fhir_requests(journal, truth, expect)):
        expect.skip(
            "client.state_url ne nomme aucun des patients reçus : son silence ne montre rien.",
            "client.state_url names none of the patients received: its silence shows nothing.",
        )
    said = reply.json.get("not_understood") if isinstance(reply.json, dict) else None
    flagged = {str(one).rpartition("/")[2] for one in said} if isinstance(said, list) else None
    if patient in held and flagged is None:
        expect.skip(
            "Le patient est tenu, et client.state_url ne dit pas (not_understood) si l'application avertit : "
            "à vérifier sur ses écrans.",
            "The patient is held, and client.state_url does not say (not_understood) whether the application "
            "warns: to be looked at on its screens.",
        )
    expect.that(
        patient not in held or patient in (flagged or ()),
        expected="refused, or named in not_understood",
        seen="held like any other patient",
        evidence=[act.id, reply],
    )
