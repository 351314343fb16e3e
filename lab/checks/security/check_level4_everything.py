"""Level 4, specific resource: operations on one patient, and what a patient is linked to, stay inside.

Spec: https://hl7.org/fhir/R4/operation-patient-everything.html; hapifhir/hapi-fhir #1777 and #1864.
"""

import json

from lab.api import (
    CRITICAL,
    HIGH,
    SERVER,
    Cohort,
    Expect,
    FhirClient,
    Reply,
    Text,
    Truth,
    probe,
    status_of,
)
from lab.checks.security.border import (
    border,
    crossed,
    owner,
    planted,
    resource_outside,
    shape,
    without_crossing,
)
from lab.checks.security.compartment import referred
from lab.checks.security.likeness import answered, difference, twin
from lab.checks.security.masked import resources_in
from lab.checks.security.secret_values import leaked_in
from lab.checks.security.unserved import unserved
from lab.checks.statement import part

_OK = 200
_PAGES = 3


@probe(
    "L4-16",
    level=4,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L4-16",),
    title=Text(fr="$everything hors cohorte", en="$everything outside the cohort"),
    failure=Text(
        fr="$everything montre un patient hors cohorte, ou répond autrement que pour un inconnu.",
        en="$everything shows a patient outside the cohort, or answers otherwise than for an unknown one.",
    ),
    remedy=Text(
        fr="Évaluer $everything sur la cohorte, et n'y joindre que ce qui pourrait être lu seul.",
        en="Evaluate $everything on the cohort, and add to it only what could be read alone.",
    ),
)
def everything(
    fhir: FhirClient, restricted: FhirClient, cohort: Cohort, truth: Truth, expect: Expect
) -> None:
    """Ask for everything of an outside patient, of nobody, and of inside ones linked to the outside."""
    outside = cohort.outside[0]
    control = fhir.get(f"Patient/{outside}/$everything")
    if control.status != _OK or control.type != "Bundle":
        unserved(Text(fr="$everything sur un patient", en="$everything on a patient"), [control], expect)
    chance = truth.random("L4-16")
    never = twin(outside, chance), twin(outside, chance)
    hidden, first, again = (restricted.get(f"Patient/{one}/$everything") for one in (outside, *never))
    answered(hidden, expect)
    seen = difference(hidden, outside, (first, never[0]), (again, never[1]))
    expect.that(
        not seen and not any(hidden.resources()),
        expected="the answer of an unknown patient",
        seen=seen or f"{status_of(hidden)} with resources",
        evidence=[hidden, first],
    )
    sides = border(cohort, truth)
    for id_ in cohort.inside[:2]:
        for page in restricted.pages(restricted.get(f"Patient/{id_}/$everything"), _PAGES):
            answered(page, expect)
            without_crossing([("$everything", page)], sides, expect, resource_outside)


@probe(
    "L4-24",
    level=4,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L4-24",),
    title=Text(fr="GraphQL imbriqué", en="Nested GraphQL"),
    failure=Text(
        fr="$graphql montre un patient hors cohorte, directement ou par une référence.",
        en="$graphql shows a patient outside the cohort, directly or along a reference.",
    ),
    remedy=Text(
        fr="Résoudre chaque champ et chaque référence de GraphQL par la même décision que la lecture.",
        en="Resolve every field and every reference of GraphQL by the same decision as a read.",
    ),
)
def graphql(fhir: FhirClient, restricted: FhirClient, cohort: Cohort, truth: Truth, expect: Expect) -> None:
    """Ask for an outside patient by id, by list, and along the focus of an inside result."""
    outside, sides = cohort.outside[0], border(cohort, truth)
    named = "resourceType id name { family } identifier { value }"
    queries = [f'{{ Patient(id: "{outside}") {{ {named} }} }}', f"{{ PatientList {{ {named} }} }}"]
    if truth.canary.shapes.get("focus"):
        id_ = truth.canary.shapes["focus"].rpartition("/")[2]
        inner = f"focus {{ reference resource {{ ... on Patient {{ {named} }} }} }}"
        queries.append(f'{{ Observation(id: "{id_}") {{ id {inner} }} }}')
    controls = [_asked(fhir, query) for query in queries]
    shown = [
        query
        for query, reply in zip(queries, controls, strict=True)
        if reply.status == _OK and (_identified(reply) & sides.outside or crossed(reply, sides))
    ]
    if not shown:
        unserved(Text(fr="$graphql", en="$graphql"), controls, expect)
    for query in shown:
        reply = _asked(restricted, query)
        answered(reply, expect)
        found = sorted(_identified(reply) & sides.outside)
        seen = found[0] if found else crossed(reply, sides)
        expect.that(not seen, expected="null, or absent", seen=seen, evidence=[reply])


@probe(
    "L4-34",
    level=4,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L4-34",),
    title=Text(fr="Patient.link et dossiers fusionnés", en="Patient.link and merged records"),
    failure=Text(
        fr="Le lien d'un patient visible apporte des données d'un patient hors cohorte.",
        en="The link of a visible patient brings data of a patient outside the cohort.",
    ),
    remedy=Text(
        fr="Ne suivre Patient.link que vers ce que l'identité pourrait lire ; retirer display et identifier.",
        en="Follow Patient.link only to what the identity could read; remove display and identifier.",
    ),
)
def linked(fhir: FhirClient, restricted: FhirClient, cohort: Cohort, truth: Truth, expect: Expect) -> None:
    """Read, search and export whole the patient who is linked to one outside: none of its values comes."""
    canary = planted(truth, expect)
    inside = owner(shape(canary, "focus", expect))
    control = fhir.read("Patient", inside)
    other = sorted(referred(control.resource) - set(canary.inside()))
    if not other:
        expect.name(control)
        expect.omit(
            f"L'application ne garde pas Patient.link ({status_of(control)} à l'identité complète).",
            f"The application does not keep Patient.link ({status_of(control)} to the full identity).",
        )
    hidden = canary.of(f"Patient/{other[0]}", "name", "address", "identifier", "identifier.ipp")
    replies = {
        "read": restricted.read("Patient", inside),
        "search": restricted.search("Patient", _id=inside),
        "_elements=link": restricted.search("Patient", {"_id": inside, "_elements": "id,link"}),
        "$everything": restricted.get(f"Patient/{inside}/$everything"),
        "Observation?patient": restricted.search("Observation", {"patient": inside, "_count": 50}),
    }
    expect.status(replies["read"], _OK)
    sides = border(cohort, truth)
    for asked, reply in replies.items():
        answered(reply, expect)
        values = (leaked_in(hidden, one) for one in resources_in(reply.json, "Patient"))
        found = resource_outside(reply, sides) or next(filter(None, values), "")
        expect.that(
            not found, expected="nothing of the linked patient", seen=f"{found} by {asked}", evidence=[reply]
        )


def _asked(client: FhirClient, query: str) -> Reply:
    body = json.dumps({"query": query}).encode()
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    return client.request("POST", "$graphql", headers=headers, body=body)


def _identified(reply: Reply) -> frozenset[str]:
    """Return the ids of what GraphQL gave as patients: an answer has no entries as a Bundle has."""
    data = part(reply.json, "data") if isinstance(reply.json, dict) else {}
    waiting, found = [data], set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            # An id alone is no data of a patient: who asked for it knows it.
            if isinstance(node.get("id"), str) and (node.get("name") or node.get("identifier")):
                found.add(str(node["id"]))
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
    return frozenset(found)
