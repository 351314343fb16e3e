"""SRV-SRC-04: string searches on names that the server holds.

Spec: https://hl7.org/fhir/R4/search.html#string
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lab.api import SHALL, Expect, FhirClient, Text, Truth, check
from lab.checks.criteria import any_of
from lab.checks.element_values import texts
from lab.checks.folding import accented, begins, folded, is_plain
from lab.checks.pool import Pool, compare, pools

PARAMETERS = (
    ("Patient", "family", "name.family"),
    ("Patient", "given", "name.given"),
    ("Practitioner", "family", "name.family"),
    ("Patient", "address-city", "address.city"),
)
MOST_TRIED = 3
BEGINNING = 3


@dataclass(frozen=True)
class _Field:
    """A declared parameter, the element that it reads, and a text that a known resource has there."""

    name: str
    path: str
    text: str


@check(
    "SRV-SRC-04",
    expectation=SHALL,
    requirements=("fhir-r4@search-string",),
    title=Text(fr="Recherche d'un texte", en="String search"),
    failure=Text(
        fr="La recherche d'un nom par son début, sans égard à la casse ni aux accents, ou par :exact ou "
        ":contains, ne rend pas le bon ensemble.",
        en="A search of a name by its beginning, whatever its case and accents, or by :exact or :contains, "
        "does not give the right set.",
    ),
    remedy=Text(
        fr="Comparer le début du champ après avoir ôté casse et accents des deux côtés ; :exact compare le "
        "champ entier tel quel. Refuser par 400 un modificateur qui n'est pas pris en charge.",
        en="Compare the beginning of the field with case and accents removed on both sides; :exact compares "
        "the whole field as it is. Refuse a modifier that is not supported with 400.",
    ),
)
def string_search(fhir: FhirClient, truth: Truth, expect: Expect) -> None:
    """Search each text by its beginning, in another case, with other accents, exactly and by its middle."""
    known = pools(fhir, truth, expect, "Patient", "Practitioner")
    if not any(pool.declares(name, "string") for pool in known for _, name, _ in PARAMETERS):
        expect.name(*(pool.reply for pool in known))
        expect.omit(
            "Le CapabilityStatement ne déclare aucun de ces paramètres de texte : "
            f"{', '.join(dict.fromkeys(name for _, name, _ in PARAMETERS))}.",
            "The CapabilityStatement declares none of these string parameters: "
            f"{', '.join(dict.fromkeys(name for _, name, _ in PARAMETERS))}.",
        )
    chosen = [(pool, field) for pool in known for field in _fields(pool)]
    if not chosen:
        expect.skip(
            "Aucun paramètre de texte déclaré n'a de valeur faite de lettres dans les ressources lues.",
            "No declared string parameter has a value made of letters in the resources read.",
        )
    for pool, field in chosen[:MOST_TRIED]:
        _forms(fhir, expect, pool, field)


def _forms(fhir: FhirClient, expect: Expect, pool: Pool, it: _Field) -> None:
    start, inside, cased = it.text[:BEGINNING], it.text[1:], it.text.swapcase()
    asked = (
        ("", "[its beginning]", start, begins),
        ("", "[upper case]", it.text.upper(), begins),
        ("", "[other accents]", accented(it.text), begins),
        (":exact", "[the text]", it.text, _same),
        (":exact", "[another case]", cased, _same),
        (":contains", "[without its first letter]", inside, _contains),
    )
    for modifier, form, value, test in asked:

        def wanted(
            resource: dict[str, Any],
            value: str = value,
            test: Callable[[str, str], bool | None] = test,
        ) -> bool | None:
            return any_of(test(text, value) for text in texts(resource, it.path))

        name = f"{it.name}{modifier}"
        compare(fhir, expect, pool, {name: value}, wanted, f"{name}={form}", refusable=bool(modifier))


def _same(text: str, value: str) -> bool:
    return text == value


def _contains(text: str, value: str) -> bool:
    return folded(value) in folded(text)


def _fields(pool: Pool) -> list[_Field]:
    found = []
    for type_, name, path in PARAMETERS:
        held = [text for resource in pool.resources for text in texts(resource, path)]
        plain = [text for text in held if is_plain(text) and len(text) > BEGINNING]
        if type_ == pool.type and pool.declares(name, "string") and plain:
            # A name with an accent of its own shows more than one without.
            found.append(_Field(name, path, next((t for t in plain if not t.isascii()), plain[0])))
    return found
