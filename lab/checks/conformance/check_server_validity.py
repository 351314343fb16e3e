"""SRV-VAL: whether everything that the application answers is valid FHIR.

Spec: https://hl7.org/fhir/R4/conformance-rules.html#baseconf
"""

from collections import Counter
from collections.abc import Sequence

from lab.api import SHALL, Exchange, Expect, FhirClient, Tally, Text, check, left_out, validate
from lab.checks.answered import of_reply, resources
from lab.checks.statement import statement

PAGE, MOST_TYPES = 20, 20
MOST_NAMED, MOST_LEFT_OUT = 3, 12


@check(
    "SRV-VAL-01",
    expectation=SHALL,
    requirements=("fhir-r4@valid-resources",),
    title=Text(fr="Réponses valides", en="Valid answers"),
    failure=Text(
        fr="Une réponse du serveur n'est pas du FHIR R4 valide.",
        en="An answer of the server is not valid FHIR R4.",
    ),
    remedy=Text(
        fr="Corriger l'élément cité ; `lab validate FICHIER` montre tous les défauts d'une ressource.",
        en="Correct the element named; `lab validate FILE` shows every defect of a resource.",
    ),
)
def answers_valid_resources(fhir: FhirClient, expect: Expect, answered: tuple[Exchange, ...]) -> None:
    """Validate a page of each type and all that earlier checks were answered, profiles claimed included.

    A broken rule of R4 fails; one of a profile that the resource claims, or of a French identifier, is a
    remark.
    """
    types = statement(fhir).offering("search-type")[:MOST_TYPES]
    pages = [of_reply(fhir.search(type_, _count=PAGE)) for type_ in types]
    tally, kinds, ids = Tally(), Counter[str](), list[str]()
    for id_, resource in resources((*answered, *pages)):
        tally.add(len(ids), validate(resource))
        kinds[resource["resourceType"]] += 1
        ids.append(id_)
    if not ids:
        expect.skip(
            "Aucune réponse n'est une ressource JSON : il n'y a rien à valider.",
            "No answer is a JSON resource: there is nothing to validate.",
        )
    broken, doubtful = _sorted(tally, ids)
    for say, found, expected in (
        (expect.that, broken, "no defect in any answer"),
        (expect.should, doubtful, "the profiles that resources claim, French identifiers of the right form"),
    ):
        evidence = list(dict.fromkeys(found.values()))
        say(not found, expected=expected, seen=_first([*found]), evidence=evidence)
    _cover(expect, tally, kinds)


def _sorted(tally: Tally, ids: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return what breaks R4 and what breaks only a profile or a French rule, with an exchange of each."""
    broken: dict[str, str] = {}
    doubtful: dict[str, str] = {}
    for finding, (place, path) in tally.first.items():
        if finding.severity == "error":
            of = f" of {finding.source}" if finding.source else ""
            (broken if finding.breaks_r4 else doubtful)[f"{path} ({finding.rule}{of})"] = ids[place]
    return broken, doubtful


def _cover(expect: Expect, tally: Tally, kinds: Counter[str]) -> None:
    """Say what a pass rests on, and what nobody looked at."""
    types = ", ".join(f"{type_} {count}" for type_, count in kinds.most_common())
    expect.covered(
        f"{tally.resources} réponses distinctes validées ({types}).",
        f"{tally.resources} distinct answers validated ({types}).",
    )
    left = [left_out(item) for item, _ in tally.not_checked.most_common()]
    if left:
        expect.covered(
            f"Non vérifié : {_first([one.fr for one in left], MOST_LEFT_OUT, 'et', 'autres')}.",
            f"Not checked: {_first([one.en for one in left], MOST_LEFT_OUT)}.",
        )


def _first(named: list[str], most: int = MOST_NAMED, also: str = "and", others: str = "more") -> str:
    more = f" {also} {len(named) - most} {others}" if len(named) > most else ""
    return "; ".join(named[:most]) + more
