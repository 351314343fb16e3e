"""SRV-VER: the history of one resource.

Spec: https://hl7.org/fhir/R4/http.html#history
"""

from datetime import datetime, timedelta
from typing import Any, NoReturn

from lab.api import SHALL, Expect, FhirClient, Reply, Text, Truth, check, status_of
from lab.checks.statement import part
from lab.checks.throwaway import Throwaway, created, identifier_of, version_tag, writable
from lab.checks.wording import quoted

OK, FIRST_REDIRECT, MOST_PAGES = 200, 300, 5
DAYS = ("1970-01-01", "1971-02-03", "1972-03-04")
"""The birth dates of the versions of a Patient, the first one as it is created."""


@check(
    "SRV-VER-03",
    expectation=SHALL,
    requirements=("fhir-r4@http-history",),
    title=Text(fr="Historique d'une ressource", en="Instance history"),
    failure=Text(
        fr="L'historique n'est pas un Bundle history, ou une version y manque, ou n'y est pas à sa place.",
        en="The history is no Bundle of type history, or a version is missing or not in its place.",
    ),
    remedy=Text(
        fr="Rendre toutes les versions dans un Bundle history, suppression comprise, la dernière d'abord.",
        en="Return every version in a Bundle of type history, deletions included, the newest first.",
    ),
)
def instance_history(fhir: FhirClient, expect: Expect, truth: Truth) -> None:
    """Create, update and delete a Patient, then read its history, on one page or several."""
    writable(fhir, truth, expect, "create", "read", "update", "delete", "history-instance")
    with created(fhir, expect, identifier_of(truth, "SRV-VER-03")) as it:
        _update(fhir, expect, it, DAYS[1])
        gone = fhir.delete(f"Patient/{it.id}")
        first, entries = _history(fhir, expect, it)
        seen = [_told(entry) for entry in entries]
        wanted = [DAYS[1], DAYS[0]]
        if gone.status < FIRST_REDIRECT and gone.status != 202:  # not yet done, or refused
            wanted = ["deleted", *wanted]
        expect.that(
            seen == wanted,
            expected=", then ".join(wanted),
            seen=quoted(", then ".join(seen) or "no version"),
            evidence=[gone, first],
        )
        total = first.resource.get("total")
        expect.that(
            total in (None, len(wanted)),
            expected=f"total {len(wanted)}, or none",
            seen=quoted(total),
            evidence=[first],
        )


@check(
    "SRV-VER-04",
    expectation=SHALL,
    requirements=(
        "fhir-r4@http-history-parameters",
        "fhir-r4@http-history-count",
        "fhir-r4@http-history-paging",
    ),
    title=Text(fr="Filtres de l'historique", en="History filters"),
    failure=Text(
        fr="L'historique ne suit pas _since ou _count, ou ne mène pas à sa page suivante.",
        en="The history does not follow _since or _count, or does not lead to its next page.",
    ),
    remedy=Text(
        fr="Ne rendre que les versions depuis _since, _count au plus par page, avec un lien next.",
        en="Return only the versions since _since, at most _count on a page, and a next link to the others.",
    ),
)
def history_filters(fhir: FhirClient, expect: Expect, truth: Truth) -> None:
    """Make three versions; ask for those since the day after, then for one on a page.

    Versions are made within one second, the finest that a server need tell apart. What came before _since is
    a remark: no SHALL asks a server to know that parameter.
    """
    writable(fhir, truth, expect, "create", "read", "update", "history-instance")
    with created(fhir, expect, identifier_of(truth, "SRV-VER-04")) as it:
        last = [_update(fhir, expect, it, day) for day in DAYS[1:]][-1]
        tomorrow = _day_after(last)
        if tomorrow:
            _, later = _history(fhir, expect, it, _since=tomorrow)
            seen = ", ".join(map(_told, later))
            expect.should(
                not later, expected=f"no version since {tomorrow}", seen=quoted(seen), evidence=[last]
            )
        first, entries = _history(fhir, expect, it, _count=1)
        expect.that(
            len(first.entries) <= 1,
            expected="one version on a page",
            seen=f"{len(first.entries)} versions",
            evidence=[first],
        )
        seen = ", ".join(map(_told, entries))
        wanted = ", ".join(reversed(DAYS))
        expect.that(seen == wanted, expected=f"{wanted} on all pages", seen=quoted(seen), evidence=[first])


def _update(fhir: FhirClient, expect: Expect, it: Throwaway, day: str) -> Reply:
    """Return the Patient as read after its update; skips when there is no update to tell of."""
    before = fhir.read("Patient", it.id)
    changed = {**it.sent, "id": it.id, "birthDate": day}
    put = fhir.write("PUT", f"Patient/{it.id}", changed, {"If-Match": version_tag(before)})
    after = fhir.read("Patient", it.id)
    versions = [part(reply.resource, "meta").get("versionId") for reply in (before, after)]
    if put.status >= FIRST_REDIRECT or versions[0] == versions[1]:
        expect.name(put, after)
        _no_version(expect, put)
    return after


def _history(
    fhir: FhirClient, expect: Expect, it: Throwaway, **parameters: object
) -> tuple[Reply, list[dict[str, Any]]]:
    first = fhir.get(f"Patient/{it.id}/_history", parameters)
    expect.status(first, OK)
    type_ = quoted(first.resource.get("type"))
    expect.that(type_ == "history", expected="a Bundle of type history", seen=type_, evidence=[first])
    return first, [entry for page in fhir.pages(first, MOST_PAGES) for entry in page.entries]


def _told(entry: dict[str, Any]) -> str:
    """Return the birth date of a version, or that it is a deletion, however the server tells of it."""
    resource = part(entry, "resource")
    if "birthDate" in resource:
        return str(resource["birthDate"])
    return "deleted" if part(entry, "request").get("method") == "DELETE" or not resource else "no birthDate"


def _day_after(read: Reply) -> str:
    try:
        updated = datetime.fromisoformat(str(part(read.resource, "meta").get("lastUpdated")))
    except ValueError:
        return ""
    return (updated + timedelta(days=1)).isoformat(timespec="seconds") if updated.tzinfo else ""


def _no_version(expect: Expect, put: Reply) -> NoReturn:
    expect.skip(
        f"La mise à jour n'a pas fait de version ({status_of(put)}) : voir SRV-UPD-01.",
        f"The update made no version ({status_of(put)}): see SRV-UPD-01.",
    )
