"""SRV-SRC: searching.

Spec: https://hl7.org/fhir/R4/search.html
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from lab.api import SHALL, SHOULD, Expect, FhirClient, Reply, Text, check, status_of
from lab.checks.sample import is_id, match_ids, matches, sample
from lab.checks.statement import Statement, part, statement
from lab.checks.wording import quoted

OK = 200
UNKNOWN = "lab-unknown-parameter"
TYPES_TRIED = 6
DATE_PARAMETERS = (("Patient", "birthdate"), ("Encounter", "date"), ("Observation", "date"))


@check(
    "SRV-SRC-01",
    expectation=SHALL,
    requirements=("fhir-r4@http-search-bundle", "fhir-r4@search-self", "fhir-r4@search-id"),
    title=Text(fr="Réponse de recherche et lien self", en="Search answer and self link"),
    failure=Text(
        fr="La recherche ne rend pas un Bundle searchset dont le lien self dit les paramètres utilisés.",
        en="Search does not return a searchset Bundle whose self link says which parameters were used.",
    ),
    remedy=Text(
        fr="Rendre un Bundle searchset avec un lien self qui porte les paramètres compris, et eux seuls.",
        en="Return a searchset Bundle with a self link that bears the parameters understood, and only those.",
    ),
)
def search_answer(fhir: FhirClient, expect: Expect) -> None:
    """Search one id along with a parameter that nobody knows; a server may refuse the latter."""
    found = sample(fhir, expect)
    id_ = found.ids[0]
    reply = fhir.get(found.type, {"_id": id_, UNKNOWN: "1"}, {"Prefer": "handling=lenient"})
    if reply.status == 400:
        expect.should(False, expected="an unknown parameter ignored", seen="HTTP 400", evidence=[reply])
        reply = fhir.search(found.type, _id=id_)
    _searchset(expect, reply)
    ids = match_ids(reply, found.type)
    expect.that(ids == [id_], expected="the one match of _id", seen=f"{len(ids)} matches", evidence=[reply])
    used = _used(expect, reply)
    expect.that("_id" in used, expected="_id in the self link", seen=quoted(sorted(used)), evidence=[reply])
    expect.that(
        UNKNOWN not in used,
        expected="only parameters that were used",
        seen=UNKNOWN,
        evidence=[reply],
    )


@check(
    "SRV-SRC-02",
    expectation=SHALL,
    requirements=("fhir-r4@http-search-post",),
    title=Text(fr="POST _search équivaut à GET", en="POST _search equals GET"),
    failure=Text(
        fr="La recherche par POST à _search ne rend pas le même ensemble que par GET.",
        en="A search by POST to _search does not return the same set as by GET.",
    ),
    remedy=Text(
        fr="Accepter POST [base]/[type]/_search avec un formulaire, comme les paramètres d'un GET.",
        en="Accept POST [base]/[type]/_search with a form, as the parameters of a GET.",
    ),
)
def search_by_post(fhir: FhirClient, expect: Expect) -> None:
    """Search one id among several resources, by GET and by POST."""
    found = sample(fhir, expect, at_least=2)
    by_get = fhir.search(found.type, _id=found.ids[0])
    by_post = fhir.search_by_post(found.type, {"_id": found.ids[0]})
    _searchset(expect, by_post)
    one, other = (set(match_ids(reply, found.type)) for reply in (by_get, by_post))
    expect.that(
        one == other,
        expected=f"the {len(one)} matches of the GET",
        seen=f"{len(other)} matches, {len(one ^ other)} different",
        evidence=[by_get, by_post],
    )


@dataclass(frozen=True)
class _Referring:
    """A resource that refers to a Patient, and the search parameter that reads this reference."""

    type: str
    id: str
    parameter: str
    patient: str


@check(
    "SRV-SRC-07",
    expectation=SHALL,
    requirements=("fhir-r4@search-reference",),
    title=Text(fr="Recherche par référence", en="Reference search"),
    failure=Text(
        fr="La recherche d'une référence par id, Type/id ou URL absolue ne rend pas le bon ensemble.",
        en="A search of a reference by id, Type/id or absolute URL does not give the right set.",
    ),
    remedy=Text(
        fr="Traiter [id], [type]/[id] et [base]/[type]/[id] comme la même référence.",
        en="Treat [id], [type]/[id] and [base]/[type]/[id] as the same reference.",
    ),
)
def reference_search(fhir: FhirClient, expect: Expect) -> None:
    """Find a resource by its reference to a Patient, in the three forms; then by one to nobody."""
    it = _referring(fhir, expect)
    values = [f"Patient/{it.patient}", f"{fhir.base_url}/Patient/{it.patient}"]
    if it.parameter == "patient":  # the id alone may be ambiguous where other types can be referred to
        values.insert(0, it.patient)
    for value in values:
        reply = fhir.search(it.type, {"_id": it.id, it.parameter: value})
        _searchset(expect, reply)
        form = value.replace(it.patient, "[id]")
        found = matches(reply, it.type)
        expect.that(
            it.id in [one["id"] for one in found],
            expected=f"the {it.type} found by {it.parameter}={form}",
            seen="not found",
            evidence=[reply],
        )
        strangers = [one for one in found if _patient_of(fhir, one) != it.patient]
        expect.that(
            not strangers,
            expected=f"only resources of that Patient by {it.parameter}={form}",
            seen=f"{len(strangers)} of others",
            evidence=[reply],
        )
    nobody = fhir.search(it.type, {"_id": it.id, it.parameter: "Patient/lab-no-such-id"})
    expect.that(
        it.id not in match_ids(nobody, it.type),
        expected=f"nothing by {it.parameter}=Patient/lab-no-such-id",
        seen=f"the {it.type} of another Patient",
        evidence=[nobody],
    )


@check(
    "SRV-SRC-13",
    expectation=SHOULD,
    requirements=("fhir-r4@search-syntax",),
    title=Text(fr="Valeur de recherche invalide", en="Invalid search value"),
    failure=Text(
        fr="Une valeur de recherche mal formée ne reçoit pas d'erreur 4xx.",
        en="A malformed search value does not get a 4xx error.",
    ),
    remedy=Text(
        fr="Répondre 400 et un OperationOutcome quand une valeur n'a pas la syntaxe du paramètre.",
        en="Answer 400 and an OperationOutcome when a value has not the syntax of the parameter.",
    ),
)
def invalid_value(fhir: FhirClient, expect: Expect) -> None:
    """Search a date parameter for what is no date; R4 only recommends to refuse it."""
    type_, name = _date_parameter(statement(fhir), expect)
    reply = fhir.search(type_, {name: "lab-not-a-date"})
    expect.that(400 <= reply.status < 500, expected="HTTP 400", seen=status_of(reply), evidence=[reply])
    expect.that(
        reply.type == "OperationOutcome",
        expected="an OperationOutcome",
        seen=quoted(reply.type or "no resource"),
        evidence=[reply],
    )


def _searchset(expect: Expect, reply: Reply) -> None:
    expect.status(reply, OK)
    kind = f"{reply.type or 'no resource'} {reply.resource.get('type', '')}"
    expect.that(
        kind == "Bundle searchset",
        expected="a Bundle searchset",
        seen=quoted(kind),
        evidence=[reply],
    )


def _used(expect: Expect, reply: Reply) -> set[str]:
    """Return the names of the parameters of the self link, without modifiers."""
    link = reply.link("self")
    expect.that(link is not None, expected="a self link", seen="none", evidence=[reply])
    try:
        query = urlsplit(link or "").query
        return {name.partition(":")[0] for name, _ in parse_qsl(query, keep_blank_values=True)}
    except ValueError:
        return set()


def _referring(fhir: FhirClient, expect: Expect) -> _Referring:
    said = statement(fhir)
    tried = 0
    for type_ in said.offering("search-type"):
        parameters = said.types[type_].parameters
        name = next((n for n in ("patient", "subject") if parameters.get(n) == "reference"), None)
        if name is None or tried == TYPES_TRIED:
            continue
        tried += 1
        for resource in matches(fhir.search(type_, _count=10), type_):
            patient = _patient_of(fhir, resource)
            if patient is not None:
                return _Referring(type_, str(resource["id"]), name, patient)
    expect.skip(
        "Aucune ressource trouvée ne désigne un Patient par un paramètre patient ou subject déclaré.",
        "No resource found refers to a Patient by a declared parameter patient or subject.",
    )


def _patient_of(fhir: FhirClient, resource: dict[str, Any]) -> str | None:
    """Return the id of the Patient of this server that a resource refers to, None for any other reference."""
    for element in ("subject", "patient"):
        reference = part(resource, element).get("reference")
        if isinstance(reference, str):
            type_, _, id_ = reference.removeprefix(f"{fhir.base_url}/").partition("/")
            if type_ == "Patient" and is_id(id_):
                return id_
    return None


def _date_parameter(said: Statement, expect: Expect) -> tuple[str, str]:
    searched = said.offering("search-type")
    usual = [(t, n) for t, n in DATE_PARAMETERS if t in searched and n in said.types[t].parameters]
    others = [
        (type_, name)
        for type_ in searched
        for name, kind in sorted(said.types[type_].parameters.items())
        if kind == "date"
    ]
    for found in (*usual, *others):
        return found
    expect.skip("Aucun paramètre de date n'est déclaré.", "No date parameter is declared.")
