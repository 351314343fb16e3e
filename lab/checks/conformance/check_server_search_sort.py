"""SRV-SRC-17: the order of the matches, from the first page to the last.

Spec: https://hl7.org/fhir/R4/search.html#sort
"""

from collections.abc import Callable
from typing import Any

from lab.api import SHALL, Expect, FhirClient, Text, Truth, check
from lab.checks.date_range import date_range
from lab.checks.element_values import values
from lab.checks.pool import OK, Pool, is_unsupported, pools
from lab.checks.sample import matches

PARAMETERS = {"Patient": ("birthdate", "birthDate"), "Observation": ("date", "effectiveDateTime")}
"""Dates only: a Period may be sorted by its start or by its end."""
PER_PAGE, MOST_PAGES = 5, 6

Key = Callable[[dict[str, Any]], Any]


@check(
    "SRV-SRC-17",
    expectation=SHALL,
    requirements=("fhir-r4@search-sort", "fhir-r4@search-self"),
    title=Text(fr="Tri (_sort)", en="_sort"),
    failure=Text(
        fr="_sort est accepté, mais l'ordre est faux ou change d'une page à l'autre.",
        en="_sort is accepted, but the order is wrong or changes from one page to the next.",
    ),
    remedy=Text(
        fr="Trier tout le résultat avant de le couper en pages, par une clé qui départage les égalités ; "
        "refuser un tri qui n'est pas pris en charge, ou ne pas le dire dans le lien self.",
        en="Sort the whole result before cutting it into pages, by a key that breaks ties; refuse a sort "
        "that is not supported, or leave it out of the self link.",
    ),
)
def sorted_search(fhir: FhirClient, truth: Truth, expect: Expect) -> None:
    """Sort known resources by a declared date, upwards and downwards, over several pages.

    To sort is recommended; to say in the self link that it was done, when it was not, breaks a SHALL.
    """
    known = [p for p in pools(fhir, truth, expect, *PARAMETERS) if p.declares(PARAMETERS[p.type][0], "date")]
    kept = [pool for pool in known if len({_key(pool)(r) for r in pool.resources} - {None}) > 1]
    if not kept:
        expect.skip(
            "Aucun paramètre de date déclaré n'a deux valeurs différentes dans les ressources lues.",
            "No declared date parameter has two different values in the resources read.",
        )
    shown = [_ordered(fhir, expect, pool, sign) for pool in kept for sign in ("", "-")]
    if not any(shown):
        expect.omit("Le serveur refuse ou ignore _sort.", "The server refuses or ignores _sort.")


def _ordered(fhir: FhirClient, expect: Expect, pool: Pool, sign: str) -> bool:
    """Compare the order of all pages; resources without a date may stand anywhere."""
    name = f"{sign}{PARAMETERS[pool.type][0]}"
    first = fhir.search(pool.type, {**pool.scope, "_sort": name}, _count=PER_PAGE)
    expect.name(first)
    if is_unsupported(first, "_sort"):
        return False
    expect.status(first, OK)
    pages = list(fhir.pages(first, MOST_PAGES))
    found = [resource for page in pages for resource in matches(page, pool.type)]
    ids = [resource["id"] for resource in found]
    expect.that(
        len(ids) == len(set(ids)), expected="each match once", seen="some of them twice", evidence=pages
    )
    if pages[-1].link("next") is None:
        lost = len(pool.ids - set(ids))
        expect.that(not lost, expected="all the matches", seen=f"{lost} missing", evidence=pages)
    keys = [key for key in map(_key(pool), found) if key is not None]
    expect.that(
        keys == sorted(keys, reverse=bool(sign)),
        expected=f"the order of _sort={name} on {len(pages)} pages",
        seen="another order",
        evidence=pages,
    )
    return True


def _key(pool: Pool) -> Key:
    """Return what orders the resources: a date is comparable only to one of the same precision and kind."""
    path = PARAMETERS[pool.type][1]

    def key(resource: dict[str, Any]) -> Any:
        held = [value for value in values(resource, path) if isinstance(value, str)]
        found = date_range(held[0]) if len(held) == 1 else None
        if found is None or (found.zoned is not ("T" in held[0])):
            return None
        if not found.zoned and len(held[0]) != len("2023-01-31"):
            return None
        return found.low if found.zoned else found.low.date()

    kinds = {type(key(resource)) for resource in pool.resources} - {type(None)}
    return key if len(kinds) == 1 else lambda _: None
