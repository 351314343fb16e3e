"""SRV-CAP: whether the search parameters that a server declares can be searched by.

Specs: https://hl7.org/fhir/R4/search.html#errors, https://hl7.org/fhir/R4/capabilitystatement.html
"""

from collections.abc import Iterator, Mapping

from lab.api import SHALL, Expect, FhirClient, Reply, Text, Truth, check, status_of
from lab.checks.statement import PREFERRED, Statement, statement
from lab.checks.wording import quoted

OK = 200
TOGETHER, GROUPS, MOST = 8, 24, 38
"""How many parameters are asked for at once, how often, and how many requests are sent in all."""
NO_SUCH_ID = "lab-no-such-id"
STRICT = {"Prefer": "handling=strict"}
HIDDEN = frozenset({401, 403})
REFUSALS = frozenset({400, 404, 405, 422, 500, 501})
VALUES: Mapping[str, tuple[str, ...]] = {
    "string": ("lab",),
    "token": ("true", "unknown", "active"),
    "date": ("1901-01-01",),
    "number": ("1",),
    "quantity": ("1",),
    "reference": (NO_SUCH_ID,),
    "uri": ("urn:fhir-integration-lab:none",),
}
"""Values that are well formed for each type of parameter; a token may be a boolean or a status."""
OF_THE_SEARCH = frozenset({"_id", "_content", "_text", "_filter", "_query", "_list", "_has", "_type"})
"""Parameters that need a value of their own kind."""


@check(
    "SRV-CAP-05",
    expectation=SHALL,
    requirements=("fhir-r4@http-capabilities-declared", "fhir-r4@search-strict"),
    title=Text(fr="Paramètres de recherche déclarés acceptés", en="Declared search parameters are accepted"),
    failure=Text(
        fr="Un paramètre de recherche que le CapabilityStatement déclare est refusé.",
        en="A search parameter that the CapabilityStatement declares is refused.",
    ),
    remedy=Text(
        fr="Accepter chaque searchParam déclaré, aussi sous Prefer: handling=strict, ou ne plus le déclarer.",
        en="Accept each searchParam declared, also under Prefer: handling=strict, or stop declaring it.",
    ),
)
def parameters_are_accepted(fhir: FhirClient, expect: Expect, truth: Truth) -> None:
    """Search types that the identity may see by several of their parameters at once, under strict handling.

    A group that is refused is asked again parameter by parameter, token ones by other values too: the fault
    may be in the combination or in the value. No search can match: each also asks for an id that nobody has.
    """
    said = statement(fhir)
    sent: list[Reply] = []
    shown = False
    for type_ in _types(said, truth):
        for kinds in _groups(said.types[type_].parameters):
            if len(sent) >= GROUPS:
                break
            sent.append(_search(fhir, type_, {name: VALUES[kind][0] for name, kind in kinds.items()}))
            if sent[-1].status in HIDDEN:
                break
            expect.name(sent[-1])
            shown = shown or sent[-1].status == OK
            if sent[-1].status in REFUSALS:
                refused = _refused(fhir, type_, kinds, sent)
                name = quoted(refused)
                expect.that(
                    not refused,
                    expected=f"{type_}?{name}= accepted",
                    seen=status_of(sent[-1]),
                    evidence=[said.reply, sent[-1]],
                )
    if not shown:
        expect.skip(
            "Aucun type déclaré n'a pu être cherché par ses paramètres avec cette identité.",
            "No declared type could be searched by its parameters with this identity.",
        )


def _types(said: Statement, truth: Truth) -> list[str]:
    """Return the most usual of the types that can be searched, then some others by chance."""
    offered = said.offering("search-type")
    usual = [type_ for type_ in offered if type_ in PREFERRED]
    others = [type_ for type_ in offered if type_ not in PREFERRED]
    return usual + truth.random("SRV-CAP-05").sample(others, min(GROUPS, len(others)))


def _groups(parameters: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Yield the parameters for which there is a value, several at a time, each with its type."""
    known = [(n, kind) for n, kind in sorted(parameters.items()) if kind in VALUES and n not in OF_THE_SEARCH]
    for first in range(0, len(known), TOGETHER):
        yield dict(known[first : first + TOGETHER])


def _refused(fhir: FhirClient, type_: str, kinds: Mapping[str, str], sent: list[Reply]) -> str:
    """Return the first parameter that is refused alone whatever its value; its refusal was sent last."""
    sent.append(_search(fhir, type_, {}))
    if sent[-1].status != OK:  # this type cannot be searched so, whatever the parameter
        return ""
    for name, kind in kinds.items():
        statuses = []
        for value in VALUES[kind]:
            if len(sent) >= MOST:
                return ""
            sent.append(_search(fhir, type_, {name: value}))
            statuses.append(sent[-1].status)
            if sent[-1].status == OK:
                break
        if all(status in REFUSALS for status in statuses):
            return name
    return ""


def _search(fhir: FhirClient, type_: str, parameters: Mapping[str, str]) -> Reply:
    return fhir.get(type_, {**parameters, "_id": NO_SUCH_ID}, STRICT)
