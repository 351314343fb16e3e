"""SRV-SRC-03: the four forms of a token search, on codes and identifiers that the server holds.

Spec: https://hl7.org/fhir/R4/search.html#token
"""

import re
from dataclasses import dataclass
from typing import Any

from lab.api import SHALL, Expect, FhirClient, Text, Truth, check
from lab.checks.criteria import token_matches
from lab.checks.element_values import tokens
from lab.checks.pool import Pool, compare, pools

PARAMETERS = (
    ("Patient", "identifier", "identifier"),
    ("Observation", "code", "code"),
    ("Encounter", "class", "class"),
    ("Condition", "code", "code"),
    ("Practitioner", "identifier", "identifier"),
    ("Organization", "identifier", "identifier"),
)
MOST_TRIED = 3
_PLAIN = re.compile(r"[A-Za-z0-9.:/\-]+")


@dataclass(frozen=True)
class _Token:
    """A declared parameter, the element that it reads, and a value that a known resource has there."""

    name: str
    path: str
    system: str
    code: str


@check(
    "SRV-SRC-03",
    expectation=SHALL,
    requirements=("fhir-r4@search-token",),
    title=Text(fr="Recherche d'un code ou d'un identifiant", en="Token search"),
    failure=Text(
        fr="Une des formes code, system|code, system| et |code ne rend pas le bon ensemble.",
        en="One of the forms code, system|code, system| and |code does not give the right set.",
    ),
    remedy=Text(
        fr="Comparer le système et le code séparément : sans barre, tout système ; |code, sans système ; "
        "system|, tout code du système. Un code inconnu rend 200 et aucun résultat.",
        en="Compare system and code apart: without a bar, any system; |code, no system; system|, any code of "
        "the system. An unknown code gives 200 and no match.",
    ),
)
def token_search(fhir: FhirClient, truth: Truth, expect: Expect) -> None:
    """Ask the four forms of a token that is there, then one that nobody has."""
    known = pools(fhir, truth, expect, *dict.fromkeys(type_ for type_, _, _ in PARAMETERS))
    chosen = [(pool, token) for pool in known if (token := _token(pool)) is not None]
    if not chosen:
        expect.skip(
            "Aucun paramètre token déclaré n'a de valeur avec système dans les ressources lues.",
            "No declared token parameter has a value with a system in the resources read.",
        )
    for pool, token in chosen[:MOST_TRIED]:
        _forms(fhir, expect, pool, token)


def _forms(fhir: FhirClient, expect: Expect, pool: Pool, it: _Token) -> None:
    unknown = f"lab-no-such-{it.name}"
    asked = (
        ("[code]", it.code, None, it.code),
        ("[system]|[code]", f"{it.system}|{it.code}", it.system, it.code),
        ("[system]|", f"{it.system}|", it.system, None),
        ("|[code]", f"|{it.code}", "", it.code),
        ("[unknown code]", f"{it.system}|{unknown}", it.system, unknown),
    )
    for form, value, system, code in asked:

        def wanted(
            resource: dict[str, Any], system: str | None = system, code: str | None = code
        ) -> bool | None:
            return token_matches(resource, it.path, system, code)

        # That an unknown code finds nothing, and is no error, is only recommended.
        refusable = code == unknown
        compare(fhir, expect, pool, {it.name: value}, wanted, f"{it.name}={form}", refusable=refusable)


def _token(pool: Pool) -> _Token | None:
    for type_, name, path in PARAMETERS:
        if type_ != pool.type or not pool.declares(name, "token"):
            continue
        for resource in pool.resources:
            for system, code in tokens(resource, path):
                if _PLAIN.fullmatch(system) and _PLAIN.fullmatch(code):
                    return _Token(name, path, system, code)
    return None
