"""Level 4, specific resource: a refusal tells no more of an outside patient than of nobody.

Source: five-levels reference, P2; CWE-209 (error message with sensitive information).
"""

from lab.api import HIGH, SERVER, Cohort, Expect, FhirClient, Reply, Text, Truth, probe
from lab.checks.security.border import Border, border, crossed
from lab.checks.security.likeness import answered, difference, twin
from lab.checks.security.secret_values import leaked, strings

_FORBIDDEN = 400
_OK = 200
_TELLING = 8
"""Shorter ids stand in answers by chance."""
_CUT = b'{"resourceType": "Patient", "id": "'


@probe(
    "L4-38",
    level=4,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L4-38",),
    title=Text(fr="Texte des erreurs", en="Error text"),
    failure=Text(
        fr="Une erreur sur une ressource hors cohorte nomme le patient, ou diffère de celle d'un inconnu.",
        en="An error about a resource outside the cohort names the patient, or differs from that of an "
        "unknown one.",
    ),
    remedy=Text(
        fr="Donner des messages constants, sans identifiant ni valeur trouvés dans les données.",
        en="Give constant messages, without any id or value found in the data.",
    ),
)
def error_text(
    fhir: FhirClient, restricted: FhirClient, cohort: Cohort, truth: Truth, expect: Expect
) -> None:
    """Send requests that are wrong in themselves about an outside patient, and about ids of nobody."""
    id_, sides = cohort.outside[0], border(cohort, truth)
    whole = fhir.read("Patient", id_)
    if whole.status != _OK:
        expect.name(whole)
        expect.skip(
            "La lecture de référence du patient hors cohorte n'aboutit pas.",
            "The reference read of the outside patient does not succeed.",
        )
    names = sides.hidden or frozenset(strings(whole.resource.get("name")))
    chance = truth.random("L4-38")
    never = twin(id_, chance), twin(id_, chance)
    errors = 0
    for ask in range(len(_requests(restricted, id_))):
        hidden, first, again = (_send(restricted, one, ask) for one in (id_, *never))
        answered(hidden, expect)
        errors += hidden.status >= _FORBIDDEN
        _silent(hidden, id_, names, sides, expect)
        seen = difference(hidden, id_, (first, never[0]), (again, never[1]))
        expect.that(
            not seen, expected="the error of an unknown id", seen=seen, evidence=[hidden, first, again]
        )
    if not errors:
        expect.skip(
            "Aucune des requêtes fautives n'a été refusée : il n'y a pas d'erreur à lire.",
            "None of the wrong requests was refused: there is no error to read.",
        )


def _requests(client: FhirClient, id_: str) -> list[tuple[str, str, bytes]]:
    patient = f"Patient/{id_}"
    return [
        ("GET", patient, b""),
        ("GET", f"{patient}?_format=lab-unknown", b""),
        ("GET", f"{patient}/_history/lab-unknown", b""),
        ("GET", f"{patient}/$lab-unknown", b""),
        ("GET", f"Patient?_id={id_}&birthdate=lab-unknown", b""),
        ("GET", f"Observation?patient={patient}&_sort=lab-unknown", b""),
        ("GET", f"Observation?subject={client.base_url}/{patient}&date=lab-unknown", b""),
        ("PUT", patient, _CUT),
    ]


def _send(client: FhirClient, id_: str, ask: int) -> Reply:
    method, path, body = _requests(client, id_)[ask]
    headers = {"Content-Type": "application/fhir+json"} if body else {}
    return client.request(method, path, headers=headers, body=body)


def _silent(reply: Reply, asked: str, names: frozenset[str], sides: Border, expect: Expect) -> None:
    """Expect neither a value nor another id of the outside in an answer."""
    others = {id_ for id_ in sides.outside - {asked} if len(id_) >= _TELLING}
    seen = leaked(names, reply) or leaked(others, reply) or crossed(reply, sides)
    expect.that(not seen, expected="nothing of the outside in the error", seen=seen, evidence=[reply])
