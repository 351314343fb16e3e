"""CLI-DAT: values keep their precision, and of two versions the newest is kept.

Specs: https://hl7.org/fhir/R4/datatypes.html#decimal, https://hl7.org/fhir/R4/resource.html#versions
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from lab.api import SHALL, Exchange, Expect, FhirClient, Reply, Text, Truth, check
from lab.checks.echo import echoed
from lab.checks.served import about, given, named
from lab.checks.statement import part
from lab.checks.traffic import fhir_requests, played

_EXACT, _OLDER = "exact-values", "older-version"
_NUMBER = re.compile(r'"value"\s*:\s*1\.010(?![0-9])')
_MONTH = "1987-03"
_MOMENT = re.compile(r"2024-03-10T08:15:00(\.0+)?\+02:00")
_MOST = 6


@check(
    "CLI-DAT-07",
    expectation=SHALL,
    act=_EXACT,
    requirements=("fhir-r4-client@decimal-precision", "laboratory@partial-dates"),
    title=Text(fr="Précision gardée", en="Precision kept"),
    failure=Text(
        fr="L'application perd la précision d'un nombre ou d'une date qu'elle a lus.",
        en="The application loses the precision of a number or a date that it read.",
    ),
    remedy=Text(
        fr="Lire les décimaux dans un type exact (1.010 n'est pas 1.01) et garder les dates partielles et "
        "les décalages horaires tels que reçus.",
        en="Read decimals into an exact type (1.010 is not 1.01), and keep partial dates and offsets as they "
        "came.",
    ),
)
def keeps_precision(journal: Sequence[Exchange], expect: Expect, truth: Truth, grant: FhirClient) -> None:
    """What the application holds of 1.010, 1987-03 and +02:00 is what it was given."""
    act = played(journal, _EXACT, expect)[0]
    patient = str(act.facts.get("about"))
    requests = [act, *(e for e in fhir_requests(journal, truth, expect) if e.t > act.t)]
    judged = 0
    for reference in list(dict.fromkeys(named(one) for one in given(requests) if about(one) == patient))[
        :_MOST
    ]:
        reply = echoed(grant, truth, expect, reference)
        for kept, expected, seen in _values(reply) if reply else ():
            judged += 1
            expect.that(
                kept,
                expected=f"{reference}: {expected}",
                seen=seen,
                evidence=[act.id, reply] if reply else [],
            )
    if not judged:
        expect.skip(
            "client.echo_url ne montre aucune des valeurs précises données : rien à comparer.",
            "client.echo_url shows none of the precise values given: there is nothing to compare.",
        )


@check(
    "CLI-DAT-09",
    expectation=SHALL,
    act=_OLDER,
    requirements=("laboratory@newest-version",),
    title=Text(fr="Version la plus récente gardée", en="Newest version kept"),
    failure=Text(
        fr="L'application remplace une ressource par une version plus ancienne.",
        en="The application replaces a resource by an older version of it.",
    ),
    remedy=Text(
        fr="Quand une ressource arrive deux fois, comparer meta.lastUpdated (et versionId) et garder la plus "
        "récente.",
        en="When a resource comes twice, compare meta.lastUpdated (and versionId) and keep the newest.",
    ),
)
def keeps_the_newest(journal: Sequence[Exchange], expect: Expect, truth: Truth, grant: FhirClient) -> None:
    """The patient that was given twice in one answer is held as its newest version says."""
    act = played(journal, _OLDER, expect)[0]
    patient = str(act.facts.get("about"))
    newest = next((one for one in given([act]) if named(one) == f"Patient/{patient}"), {})
    reply = echoed(grant, truth, expect, f"Patient/{patient}")
    held = reply.json if reply and isinstance(reply.json, dict) else {}
    version = part(held, "meta").get("versionId")
    if reply is None or (version is None and "active" not in held):
        expect.skip(
            "client.echo_url ne montre ni meta.versionId ni active du patient donné deux fois.",
            "client.echo_url shows neither meta.versionId nor active of the patient that was given twice.",
        )
    older = version == "0" or (version is None and held.get("active") is False)
    expect.that(
        not older,
        expected=f"version {part(newest, 'meta').get('versionId')}",
        seen="the older version",
        evidence=[act.id, reply],
    )


def _values(reply: Reply) -> Iterator[tuple[bool, str, Any]]:
    """Yield of each precise value that is held whether it was kept, what it was, and what it is now."""
    held = reply.json if isinstance(reply.json, dict) else {}
    quantity = part(held, "length") or part(held, "valueQuantity")
    if "value" in quantity:
        yield bool(_NUMBER.search(reply.text)), "value 1.010", quantity["value"]
    moment = part(held, "period").get("start") or held.get("effectiveDateTime")
    if moment is not None:
        yield bool(_MOMENT.fullmatch(str(moment))), "2024-03-10T08:15:00+02:00", moment
    if held.get("resourceType", "Patient") == "Patient" and "birthDate" in held:
        yield held["birthDate"] == _MONTH, f"birthDate {_MONTH}", held["birthDate"]
