"""CLI-BLK: how the application fetches the files of an export.

Spec: https://hl7.org/fhir/uv/bulkdata/STU2/export.html#bulk-data-output-file-request
"""

from collections.abc import Sequence

from lab.api import SHALL, Exchange, Expect, Text, Truth, check
from lab.checks.exports import Job, jobs
from lab.checks.traffic import played

_ENDED, _CUT, _PROBLEMS = "export-token", "truncated-file", "export-problems"


@check(
    "CLI-BLK-03",
    expectation=SHALL,
    act=_ENDED,
    requirements=("bulk-data-2.0.0@201",),
    title=Text(fr="Jeton au téléchargement", en="Token on file download"),
    failure=Text(
        fr="L'application demande les fichiers d'un export sans jeton valide.",
        en="The application asks for the files of an export without a valid token.",
    ),
    remedy=Text(
        fr="Envoyer le jeton avec chaque fichier quand requiresAccessToken est vrai, et en prendre un neuf "
        "quand il finit pendant un long export.",
        en="Send the token with each file when requiresAccessToken is true, and take a new one when it ends "
        "during a long export.",
    ),
)
def token_on_files(journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """Each file is asked for with a token; after a 401 the same file is asked for with another one."""
    found = jobs(journal, truth, expect)
    needed = {
        url for job in found for url, needs in job.announced("output", "deleted", "error").items() if needs
    }
    asked = [e for job in found for e in job.files if e.url in needed]
    bare = [e for e in asked if not (e.request_header("authorization") or "").startswith("Bearer")]
    expect.that(
        not bare,
        expected="Authorization: Bearer on every file",
        seen=f"{len(bare)} files asked for without it",
        evidence=[e.id for e in bare[:3]],
    )
    refused = played(journal, _ENDED, expect)[-1]
    again = [e for e in asked if e.url == refused.url and e.t > refused.t]
    expect.that(
        any(e.request_header("authorization") != refused.request_header("authorization") for e in again),
        expected="the same file with a new token",
        seen=f"asked again {len(again)} times, never with another token",
        evidence=[refused.id, *(e.id for e in again[:3])],
    )


@check(
    "CLI-BLK-04",
    expectation=SHALL,
    act=(_CUT, _PROBLEMS),
    requirements=("laboratory@whole-files",),
    title=Text(fr="Traitement du NDJSON", en="NDJSON handling"),
    failure=Text(
        fr="L'application prend un fichier incomplet pour l'export, ou ne lit pas tous ses fichiers.",
        en="The application takes an incomplete file for the export, or does not read all of its files.",
    ),
    remedy=Text(
        fr="Lire les lignes au fil de l'eau, comparer leur nombre à count, redemander le seul fichier "
        "incomplet, et lire aussi les fichiers error et deleted.",
        en="Read the lines as they come, compare their number with count, fetch only the incomplete file "
        "again, and read the error and deleted files too.",
    ),
)
def whole_files(journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """The file that came short is fetched again, the others are not; errors and deletions are fetched."""
    found = jobs(journal, truth, expect)
    cut = played(journal, _CUT, expect)[-1]
    job = next((one for one in found if any(e.id == cut.id for e in one.files)), None)
    again = [e for e in job.files if e.url == cut.url and e.t > cut.t] if job else []
    expect.that(
        bool(again),
        expected="the incomplete file is asked for again",
        seen="never asked for again",
        evidence=[cut.id],
    )
    if job:
        twice = _fetched_twice(job, cut.url)
        expect.that(
            not twice,
            expected="the incomplete file only",
            seen=f"{len(twice)} other files fetched again",
            evidence=[cut.id, *(e.id for e in twice[:3])],
        )
    told = played(journal, _PROBLEMS, expect)[-1]
    job = next((one for one in found if one.done is not None and one.done.id == told.id), None)
    wanted = set(job.announced("error", "deleted")) if job else set()
    missing = wanted - {e.url for e in job.files} if job else set()
    expect.that(
        not missing,
        expected="the files of errors and of deletions are fetched",
        seen=f"{len(missing)} of {len(wanted)} never asked for",
        evidence=[told.id],
    )


def _fetched_twice(job: Job, but: str) -> list[Exchange]:
    """Return the requests for files, one excepted, that had been given whole before."""
    given: set[str] = set()
    found = []
    for exchange in job.files:
        if exchange.url in given and exchange.url != but:
            found.append(exchange)
        if exchange.status == 200 and exchange.act is None:
            given.add(exchange.url)
    return found
