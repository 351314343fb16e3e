"""CLI-DIS-02: the application reads what the hospital offers, not too often, and asks for no more.

Spec: https://hl7.org/fhir/R4/http.html#capabilities
"""

from collections.abc import Sequence

from lab.api import SHOULD, Exchange, Expect, Text, Truth, check
from lab.checks.traffic import answer, fhir_requests, searches

REQUESTS_PER_READING = 100


@check(
    "CLI-DIS-02",
    expectation=SHOULD,
    requirements=("laboratory@reads-capabilities",),
    title=Text(fr="S'adapte à la déclaration de capacités", en="Adapts to the capability statement"),
    failure=Text(
        fr="L'application relit sans cesse la déclaration de capacités, ou demande ce qu'elle n'offre pas.",
        en="The application reads the capability statement again and again, or asks for what it lacks.",
    ),
    remedy=Text(
        fr="Lire {base FHIR}/metadata une fois au démarrage, la garder, et ne chercher que par les "
        "paramètres qu'elle déclare.",
        en="Read {FHIR base}/metadata once when starting, keep it, and search only by the parameters that "
        "it declares.",
    ),
)
def adapts_to_the_statement(journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """Count the readings of /metadata; then compare each search with what the last one declared."""
    requests = fhir_requests(journal, truth, expect)
    address = f"{truth.hospital['fhir']}/metadata"
    read = [e for e in requests if e.url.partition("?")[0] == address]
    if not read:
        expect.omit(
            f"L'application ne lit pas la déclaration de capacités ({len(requests)} autres requêtes).",
            f"The application does not read the capability statement ({len(requests)} other requests).",
        )
    starts = 1 + sum("restarted" in e.facts for e in journal)
    most = starts + len(requests) // REQUESTS_PER_READING
    expect.that(
        len(read) <= most,
        expected=f"at most {most} readings of /metadata in {len(requests)} requests",
        seen=str(len(read)),
        evidence=[e.id for e in read[:4]],
    )
    declared = _declared(read[0])
    for search in searches(journal, truth, expect) if declared else ():
        named = {name.partition(".")[0] for name in search.names if not name.startswith("_")}
        unknown = sorted(named - declared.get(search.type, frozenset()))
        expect.that(
            search.exchange.t < read[0].t or not unknown,
            expected=f"{search.type}: parameters that are declared",
            seen=", ".join(unknown),
            evidence=[read[0].id, search.exchange.id],
        )


def _declared(reading: Exchange) -> dict[str, frozenset[str]]:
    """Return the search parameters of each type of a statement; empty when it cannot be read."""
    rest = answer(reading).get("rest")
    resources = [one for part in _objects(rest) for one in _objects(part.get("resource"))]
    return {
        str(one.get("type")): frozenset(str(p.get("name")) for p in _objects(one.get("searchParam")))
        for one in resources
    }


def _objects(value: object) -> list[dict[str, object]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
