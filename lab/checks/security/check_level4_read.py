"""Level 4, specific resource: outside the cohort, a resource answers exactly as one that never existed.

Source: five-levels reference, P2 (state non-interference); OWASP API1:2023; CWE-203, CWE-639.
"""

from typing import Any

from lab.api import CRITICAL, SERVER, Cohort, Expect, FhirClient, Reply, Text, Truth, probe, status_of
from lab.checks.security.compartment import about, clinical_types, patients_of
from lab.checks.security.leaves import leaves
from lab.checks.security.likeness import answered, difference, twin
from lab.checks.security.restriction import restriction
from lab.checks.statement import part, statement

_OTHER_TYPES = 2
_OK = 200


@probe(
    "L4-01",
    level=4,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L4-01",),
    title=Text(fr="Lecture hors cohorte", en="Read outside the cohort"),
    failure=Text(
        fr="Une ressource hors cohorte ne répond pas comme un identifiant qui n'a jamais existé.",
        en="A resource outside the cohort does not answer as an id that never existed.",
    ),
    remedy=Text(
        fr="Évaluer la lecture sur la cohorte, et donner la même réponse (404, mêmes en-têtes, même corps) "
        "à ce "
        "qui est dehors et à ce qui n'existe pas.",
        en="Evaluate the read on the cohort, and give one answer (404, same headers, same body) to what is "
        "outside and to what does not exist.",
    ),
)
def read_outside(
    fhir: FhirClient, restricted: FhirClient, cohort: Cohort, truth: Truth, expect: Expect
) -> None:
    """Read an outside patient, and resources about one, next to ids of the same shape that never existed."""
    inside = restricted.read("Patient", cohort.inside[0])
    _shown(inside, "Patient inside", expect)
    outside = [("Patient", cohort.outside[0])]
    for type_ in clinical_types(fhir, restriction(truth, expect))[:_OTHER_TYPES]:
        found = about(fhir, type_, cohort.outside)
        outside += [(type_, found["id"])] if found else []
    chance = truth.random("L4-01")
    for type_, id_ in outside:
        _shown(fhir.read(type_, id_), f"{type_} outside", expect)
        never = twin(id_, chance), twin(id_, chance)
        hidden, first, again = (restricted.read(type_, one) for one in (id_, *never))
        answered(hidden, expect)
        seen = difference(hidden, id_, (first, never[0]), (again, never[1]))
        expect.that(
            not seen and hidden.status != _OK,
            expected=f"the answer of an unknown {type_}",
            seen=seen or status_of(hidden),
            evidence=[hidden, first],
        )


@probe(
    "L4-15",
    level=4,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L4-15",),
    title=Text(fr="Recherche de compartiment hors cohorte", en="Compartment search outside the cohort"),
    failure=Text(
        fr="Le compartiment d'un patient hors cohorte ne répond pas comme celui d'un patient inconnu.",
        en="The compartment of a patient outside the cohort does not answer as that of an unknown patient.",
    ),
    remedy=Text(
        fr="Appliquer la cohorte aux adresses Patient/[id]/[type] comme aux recherches.",
        en="Apply the cohort to the addresses Patient/[id]/[type] as to searches.",
    ),
)
def compartment_outside(
    fhir: FhirClient, restricted: FhirClient, cohort: Cohort, truth: Truth, expect: Expect
) -> None:
    """Ask for the compartment of an outside patient, by type and whole, and for that of nobody."""
    types = clinical_types(fhir, restriction(truth, expect))
    served: list[tuple[str, str]] = []
    replies: list[Reply] = []
    for type_ in (*types[:_OTHER_TYPES], "*"):
        patient = _with_some(fhir, type_, cohort)
        replies.append(fhir.get(f"Patient/{patient}/{type_}", {"_count": 5}))
        if replies[-1].status == _OK and replies[-1].type == "Bundle":
            served.append((patient, type_))
    if not served:
        expect.name(*replies)
        expect.omit(
            f"Le serveur ne sert pas les recherches de compartiment ({status_of(replies[0])} à l'identité "
            "complète).",
            f"The server serves no compartment search ({status_of(replies[0])} to the full identity).",
        )
    chance = truth.random("L4-15")
    for patient, type_ in served:
        never = twin(patient, chance), twin(patient, chance)
        hidden, first, again = (
            restricted.get(f"Patient/{one}/{type_}", {"_count": 5}) for one in (patient, *never)
        )
        answered(hidden, expect)
        seen = difference(hidden, patient, (first, never[0]), (again, never[1]))
        found = ", ".join(hidden.ids[:1])
        expect.that(
            not seen and not found,
            expected=f"the answer of an unknown patient's {type_}",
            seen=found or seen,
            evidence=[hidden, first],
        )


@probe(
    "L4-17",
    level=4,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L4-17",),
    title=Text(fr="Lecture hors cohorte dans un batch", en="GET inside a batch"),
    failure=Text(
        fr="Dans un batch, une entrée hors cohorte ne répond pas comme un identifiant inconnu.",
        en="Inside a batch, an entry outside the cohort does not answer as an unknown id.",
    ),
    remedy=Text(
        fr="Décider de chaque entrée d'un batch comme de la requête qu'elle est, adresse absolue ou "
        "relative.",
        en="Decide on each entry of a batch as the request that it is, its address absolute or relative.",
    ),
)
def batch_outside(
    fhir: FhirClient, restricted: FhirClient, cohort: Cohort, truth: Truth, expect: Expect
) -> None:
    """Read an outside patient by four forms of its address, each beside an unknown id in the same form."""
    outside = cohort.outside[0]
    never = twin(outside, truth.random("L4-17"))
    control = _batch(fhir, [f"Patient/{outside}"])
    if control.status != _OK or not _status(control.entries, 0).startswith("200"):
        expect.name(control)
        if "batch" not in statement(fhir).system:
            expect.omit(
                f"Le CapabilityStatement ne déclare pas batch et le serveur n'en sert pas "
                f"({status_of(control)}).",
                f"The CapabilityStatement does not declare batch and none is served ({status_of(control)}).",
            )
        expect.skip(
            f"Le batch de référence, avec l'identité complète, n'aboutit pas ({status_of(control)}).",
            f"The reference batch, with the full identity, does not succeed ({status_of(control)}).",
        )
    forms = ("Patient/{}", "/Patient/{}", f"{restricted.base_url}/Patient/{{}}", "../Patient/{}")
    urls = [form.format(id_) for form in forms for id_ in (outside, never)]
    reply = _batch(restricted, urls)
    if reply.status in {400, 403, 404, 405}:
        return
    expect.status(reply, _OK)
    entries = reply.entries
    expect.that(
        len(entries) == len(urls), expected=f"{len(urls)} entries", seen=len(entries), evidence=[reply]
    )
    for place in range(0, len(urls), 2):
        hidden, unknown = _said(entries[place], outside), _said(entries[place + 1], never)
        expect.that(
            hidden == unknown and not _status(entries, place).startswith("2"),
            expected="the entry of an unknown id",
            seen=f"{_status(entries, place)} against {_status(entries, place + 1)} for {forms[place // 2]}",
            evidence=[reply],
        )


def _shown(reply: Reply, what: str, expect: Expect) -> None:
    """Skip unless the control read succeeds: a server that hides everything shows nothing."""
    if reply.status != _OK:
        expect.name(reply)
        expect.skip(
            f"La lecture de référence ({what}) n'aboutit pas ({status_of(reply)}).",
            f"The reference read ({what}) does not succeed ({status_of(reply)}).",
        )


def _with_some(fhir: FhirClient, type_: str, cohort: Cohort) -> str:
    """Return an outside patient whose compartment holds the type, or else any of them."""
    found = about(fhir, type_, cohort.outside) if type_ != "*" else None
    known = sorted(set(cohort.outside) & patients_of(found)) if found else []
    return known[0] if known else cohort.outside[0]


def _batch(client: FhirClient, urls: list[str]) -> Reply:
    entries = [{"request": {"method": "GET", "url": url}} for url in urls]
    return client.write("POST", "", {"resourceType": "Bundle", "type": "batch", "entry": entries})


def _said(entry: dict[str, Any], asked: str) -> list[tuple[str, str]]:
    return sorted((path, str(leaf).replace(asked, "[asked]")) for path, leaf in leaves(entry))


def _status(entries: list[dict[str, Any]], place: int) -> str:
    return str(part(entries[place], "response").get("status")) if place < len(entries) else "no response"
