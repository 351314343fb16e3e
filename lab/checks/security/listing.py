"""List the patients over every page: those of a cohort, nobody too many, nobody lost.

Source: five-levels reference, L4-05, P2 and P4 (losing visible data is a patient-safety defect).
"""

from collections.abc import Callable

from lab.api import Expect, FhirClient, Reply
from lab.checks.sample import match_ids

PAGE = 200
_OK = 200


def lists_exactly(
    caller: FhirClient,
    known: frozenset[str],
    foreign: Callable[[set[str]], set[str]],
    most_pages: int,
    expect: Expect,
) -> None:
    """Expect the patients that are found to be those known; ``foreign`` tells who of them is too many."""
    pages = list(caller.pages(caller.search("Patient", _count=PAGE), most_pages))
    expect.status(pages[0], _OK)
    found = {id_ for page in pages for id_ in match_ids(page, "Patient")}
    extra, lost = foreign(found), known - found
    if cut(pages) and not extra:
        expect.skip(
            f"La liste des patients dépasse {len(pages)} pages : le rappel n'a pas pu être mesuré.",
            f"The list of patients is longer than {len(pages)} pages: the recall could not be measured.",
        )
    expect.that(
        not extra and not lost,
        expected=f"the {len(known)} patients of the cohort",
        seen=f"{len(found)} patients, {len(extra)} too many, {len(lost)} lost",
        evidence=pages[:3],
    )


def cut(pages: list[Reply]) -> bool:
    """Tell whether there are more pages than were asked for."""
    return pages[-1].link("next") is not None
