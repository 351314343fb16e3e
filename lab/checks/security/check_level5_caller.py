"""Level 5, data: each caller gets its own view of one address, and is told only of what it may search by.

Source: five-levels reference, L5-27 and L5-28; CWE-524; OWASP API9:2023.
"""

from collections.abc import Callable

from lab.api import CRITICAL, LOW, SERVER, Expect, FhirClient, Reply, Text, Truth, parse_path, probe
from lab.checks.security.concealing import conceals, known, masking
from lab.checks.security.masked import resources_in, values
from lab.checks.security.masked_search import questions
from lab.checks.security.secret_values import secrets
from lab.checks.statement import statement

_ROUNDS = 2
_OK = 200
Ask = Callable[[FhirClient], Reply]


@probe(
    "L5-27",
    level=5,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L5-27",),
    title=Text(fr="Contexte d'usage", en="Usage context"),
    failure=Text(
        fr="Une identité reçoit la vue d'une autre quand elles demandent la même adresse tour à tour.",
        en="An identity gets the view of another when they ask for the same address in turn.",
    ),
    remedy=Text(
        fr="Mettre en cache d'après l'identité (et Vary: Authorization), ou ne rien garder (no-store).",
        en="Cache by identity (and Vary: Authorization), or keep nothing (no-store).",
    ),
)
def own_view(fhir: FhirClient, restricted: FhirClient, truth: Truth, expect: Expect) -> None:
    """Ask the same addresses with the full and the restricted identity in turn, on one connection."""
    limits = masking(truth, expect)
    for type_, ids, whole in known(fhir, restricted, limits, expect):
        paths = limits.masked_of(type_)
        hidden = secrets(whole, paths)
        for ask in _addresses(type_, ids[0]):
            for _ in range(_ROUNDS):
                open_ = ask(fhir)
                conceals(ask(restricted), type_, limits, hidden, expect)
                if open_.status != _OK:
                    continue  # not a way in which this application is asked
                held = [one for one in resources_in(open_.json, type_) if one.get("id") == ids[0]]
                expect.that(
                    any(values(one, paths) for one in held),
                    expected="the whole resource for the full identity",
                    seen="a masked one",
                    evidence=[open_],
                )


@probe(
    "L5-28",
    level=5,
    severity=LOW,
    role=SERVER,
    requirements=("five-levels@L5-28",),
    title=Text(fr="CapabilityStatement", en="Capability statement"),
    failure=Text(
        fr="Le CapabilityStatement annonce à une identité masquée des paramètres qu'elle ne peut utiliser.",
        en="The CapabilityStatement advertises to a masked identity parameters that it cannot use.",
    ),
    remedy=Text(
        fr="Quand /metadata est lu avec un jeton, n'y déclarer que ce que ce jeton permet.",
        en="When /metadata is read with a token, declare there only what this token allows.",
    ),
)
def advertised(fhir: FhirClient, restricted: FhirClient, truth: Truth, expect: Expect) -> None:
    """Read /metadata with the restricted token and look for parameters that read a masked element."""
    limits = masking(truth, expect)
    said = statement(restricted)
    expect.name(said.reply)
    usable = False
    for type_, _, whole in known(fhir, restricted, limits, expect):
        # An identifier is masked by its system only: one may still search by the others.
        paths = [path for path in limits.masked_of(type_) if not parse_path(path).systems]
        names = {name for one in whole for path in paths for name, _ in questions(one, path)}
        declared = said.types.get(type_)
        usable = usable or declared is not None
        extra = sorted(names & set(declared.parameters)) if declared else []
        expect.should(
            not extra,
            expected="no masked search parameter in the CapabilityStatement of a masked identity",
            seen=f"{type_}: {', '.join(extra)}",
            evidence=[said.reply],
        )
    if not usable:
        expect.skip(
            "Le CapabilityStatement lu avec le jeton restreint ne déclare aucun type masqué.",
            "The CapabilityStatement read with the restricted token declares no masked type.",
        )


def _addresses(type_: str, id_: str) -> tuple[Ask, ...]:
    return (
        lambda client: client.read(type_, id_),
        lambda client: client.search(type_, _id=id_),
        lambda client: client.search_by_post(type_, {"_id": id_}),
    )
