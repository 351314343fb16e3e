"""Level 4, specific resource: no search *by* a hidden resource tells its values, nor that it exists.

Source: hapifhir/hapi-fhir #6065 (``_has``), medplum/medplum #9973 and #9986 (chains); P2; CWE-203.
"""

from dataclasses import dataclass
from urllib.parse import urlencode

from lab.api import HIGH, OTHER, SERVER, Canary, Expect, FhirClient, Reply, Text, Truth, Twins, probe
from lab.checks.security.border import planted
from lab.checks.security.compartment import referred
from lab.checks.security.likeness import answered, twin
from lab.checks.security.masked import Resource
from lab.checks.security.unserved import unserved


@dataclass(frozen=True)
class _Question:
    """A search of a visible type by a value that only a hidden resource holds."""

    type: str
    name: str
    secret: str


@probe(
    "L4-13",
    level=4,
    severity=HIGH,
    role=SERVER,
    twins=True,
    requirements=("five-levels@L4-13",),
    title=Text(fr="Oracle par _has", en="_has oracle"),
    failure=Text(
        fr="_has trouve un patient visible par une valeur d'une ressource hors cohorte.",
        en="_has finds a visible patient by a value of a resource outside the cohort.",
    ),
    remedy=Text(
        fr="Évaluer chaque _has sur les seules ressources que l'identité pourrait lire.",
        en="Evaluate every _has on those resources only that the identity could read.",
    ),
)
def has_oracle(fhir: FhirClient, twins: Twins, truth: Truth, expect: Expect) -> None:
    """Search patients by the secrets of a hidden result about one of them, and by another's Group."""
    canary = planted(truth, expect)
    pointing = canary.shapes.get("pointing", "")
    questions = [
        _Question("Patient", f"_has:Observation:focus:{name}", secret)
        for name, element in (("code", "code"), ("identifier", "identifier"))
        for secret in canary.of(pointing, element)
    ]
    questions.append(_Question("Patient", "_has:Group:member:_id", OTHER))
    _tells_nothing(fhir, twins, questions, truth, "L4-13", expect)


@probe(
    "L4-14",
    level=4,
    severity=HIGH,
    role=SERVER,
    twins=True,
    requirements=("five-levels@L4-14",),
    title=Text(fr="Oracle par recherche chaînée", en="Chained-search oracle"),
    failure=Text(
        fr="Une recherche chaînée trouve une ressource visible par une valeur d'un patient hors cohorte.",
        en="A chained search finds a visible resource by a value of a patient outside the cohort.",
    ),
    remedy=Text(
        fr="Évaluer chaque maillon d'une recherche chaînée sur les seules ressources que l'identité pourrait "
        "lire.",
        en="Evaluate every link of a chained search on those resources only that the identity could read.",
    ),
)
def chain_oracle(fhir: FhirClient, twins: Twins, truth: Truth, expect: Expect) -> None:
    """Search along planted references that lead out of the cohort, by what the patient there is called."""
    canary = planted(truth, expect)
    links = (
        ("Observation", "focus:Patient"),
        ("Observation", "performer:Patient"),
        ("Patient", "link:Patient"),
        ("Observation", "subject:Patient.link:Patient"),
        ("List", "item:Patient"),
    )
    values = _values(canary, fhir.get(canary.shapes.get("focus", "")).resource)
    questions = [
        _Question(type_, f"{link}.{parameter}", secret)
        for type_, link in links
        for parameter, secret in values
    ]
    _tells_nothing(fhir, twins, questions, truth, "L4-14", expect)


def _values(canary: Canary, focusing: Resource) -> list[tuple[str, str]]:
    """Return what the patient is found by whom the planted references lead to."""
    found = (("family", "name"), ("identifier", "identifier"))
    return [
        (parameter, secret)
        for id_ in sorted(referred(focusing) - set(canary.inside()))
        for parameter, element in found
        for secret in canary.of(f"Patient/{id_}", element)
    ]


def _tells_nothing(
    fhir: FhirClient,
    twins: Twins,
    questions: list[_Question],
    truth: Truth,
    id_: str,
    expect: Expect,
) -> None:
    """Ask by the secret and by a value of nobody; then the two instances, of which one holds the secret."""
    chance = truth.random(id_)
    shown: list[tuple[_Question, str]] = []
    controls: list[Reply] = []
    for question in questions:
        wrong = twin(question.secret, chance)
        controls.append(fhir.get(_path(question, question.secret)))
        if controls[-1].ids and not fhir.get(_path(question, wrong)).ids:
            shown.append((question, wrong))
    if not shown:
        unserved(Text(fr="une sous-recherche", en="a sub-search"), controls, expect)
    for question, wrong in shown:
        answers = twins.ask("GET", _path(question, question.secret))
        nobody = twins.one.get(_path(question, wrong))
        for reply in (*answers.evidence, nobody):
            answered(reply, expect)
        expect.that(
            _told(answers.one) == _told(nobody),
            expected="the answer of a value of nobody",
            seen=f"{_told(answers.one)} against {_told(nobody)} by {question.name}",
            evidence=[answers.one, nobody],
        )
        expect.that(
            not answers.difference,
            expected="the same answer in two worlds",
            seen=f"{answers.difference} by {question.name}",
            evidence=answers.evidence,
        )


def _path(question: _Question, value: str) -> str:
    return f"{question.type}?{urlencode({question.name: value}, safe=':')}"


def _told(reply: Reply) -> str:
    total = reply.resource.get("total")
    return f"HTTP {reply.status}, {len(reply.ids)} matches" + (
        f", total {total}" if total is not None else ""
    )
