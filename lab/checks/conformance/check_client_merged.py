"""CLI-MRG: a patient whose record was replaced by another is shown by the record that counts.

Spec: https://hl7.org/fhir/R4/codesystem-link-type.html
"""

from collections.abc import Sequence
from typing import Any

from lab.api import SHALL, Exchange, Expect, FhirClient, Text, Truth, check
from lab.checks.hooks import shown_page
from lab.checks.served import given, named
from lab.checks.statement import objects
from lab.checks.traffic import fhir_requests, played

_ACT = "merged-patient"


@check(
    "CLI-MRG-01",
    expectation=SHALL,
    act=_ACT,
    requirements=("fhir-r4-client@patient-replaced-by",),
    title=Text(fr="Dossiers fusionnés", en="Merged records"),
    failure=Text(
        fr="L'application montre encore l'identité d'un dossier remplacé par un autre.",
        en="The application still shows the identity of a record that was replaced by another.",
    ),
    remedy=Text(
        fr="Lire Patient.link : avec replaced-by, suivre `other` et montrer l'identité de ce dossier-là, "
        "pour les séjours de l'ancien aussi.",
        en="Read Patient.link: with replaced-by, follow `other` and show the identity of that record, for "
        "the stays of the old one too.",
    ),
)
def shows_the_record_that_counts(
    journal: Sequence[Exchange], expect: Expect, truth: Truth, grant: FhirClient
) -> None:
    """The name that only the replaced record has is read nowhere on the page."""
    act = played(journal, _ACT, expect)[0]
    record = f"Patient/{act.facts.get('about')}"
    since = [e for e in fhir_requests(journal, truth, expect) if e.t >= act.t]
    seen = {
        family: e.id for e in since for one in given([e]) if named(one) == record for family in _families(one)
    }
    expect.name(act.id)
    if not seen:
        expect.skip(
            "L'application n'a pas relu le dossier remplacé : rien ne montre ce qu'elle en ferait.",
            "The application did not read the replaced record again: nothing shows what it would do of it.",
        )
    page = shown_page(grant, journal, truth, expect, _ACT)
    people = page.text.casefold()
    shown = [family for family in seen if family.casefold() in people]
    expect.that(
        not shown,
        expected=f"the identity of the record that replaces {record}",
        seen=f"the page shows the replaced one ({', '.join(shown)})",
        evidence=[act.id, *[seen[family] for family in shown], page.reply],
    )


def _families(patient: dict[str, Any]) -> list[str]:
    """Return the family names of a record that says it is replaced."""
    if not any(link.get("type") == "replaced-by" for link in objects(patient.get("link"))):
        return []
    return [str(name["family"]) for name in objects(patient.get("name")) if name.get("family")]
