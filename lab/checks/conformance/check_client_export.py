"""CLI-BLK: how the application starts an export, waits for it, and ends it.

Spec: https://hl7.org/fhir/uv/bulkdata/STU2/export.html
"""

from collections.abc import Sequence
from itertools import pairwise

from lab.api import SHOULD, Exchange, Expect, Text, Truth, check
from lab.checks.exports import jobs, kick_offs
from lab.checks.traffic import answer, links, played, searches

_SLOW = "slow-export"
_TOLERANCE = 0.8
_SHORTEST_S = 0.2
_GROWTH = 1.2
"""Of a pause over the last one: doubling is 2, jitter and a slow machine may take from it."""


@check(
    "CLI-BLK-01",
    expectation=SHOULD,
    requirements=("bulk-data-2.0.0@43", "bulk-data-2.0.0@45"),
    title=Text(fr="En-têtes du démarrage d'export", en="Export kick-off headers"),
    failure=Text(
        fr="La demande d'export n'a pas les en-têtes attendus.",
        en="The kick-off of the export lacks the expected headers.",
    ),
    remedy=Text(
        fr="Demander $export avec Accept: application/fhir+json et Prefer: respond-async.",
        en="Ask for $export with Accept: application/fhir+json and Prefer: respond-async.",
    ),
)
def kick_off_headers(journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """Accept and Prefer stand in every kick-off."""
    for exchange in kick_offs(journal, truth, expect):
        accept, prefer = (exchange.request_header(name) or "" for name in ("accept", "prefer"))
        expect.that(
            "application/fhir+json" in accept and "respond-async" in prefer,
            expected="Accept: application/fhir+json, Prefer: respond-async",
            seen=f"Accept: {accept or 'none'}, Prefer: {prefer or 'none'}",
            evidence=[exchange.id],
        )


@check(
    "CLI-BLK-02",
    expectation=SHOULD,
    act=_SLOW,
    requirements=("bulk-data-2.0.0@124", "bulk-data-2.0.0@126"),
    title=Text(fr="Suivi de l'export", en="Export polling"),
    failure=Text(
        fr="L'application demande trop souvent où en est l'export.",
        en="The application asks too often how far the export is.",
    ),
    remedy=Text(
        fr="Attendre Retry-After entre deux demandes de statut ; sans lui, doubler l'attente à chaque fois.",
        en="Wait for Retry-After between two status requests; without it, double the wait each time.",
    ),
)
def polls_gently(journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """Retry-After is honoured; without it the pauses grow."""
    kick_offs(journal, truth, expect)
    running = played(journal, _SLOW, expect)
    address = running[0].url
    asked = [e for e in journal if e.url == address and e.method == "GET" and e.t >= running[0].t]
    pauses = [later.t - earlier.t for earlier, later in pairwise(asked[: len(running) + 1])]
    delay = float(running[0].header("retry-after") or 0)
    if len(pauses) < len(running):
        expect.skip(
            "L'application n'est pas revenue demander le statut de l'export.",
            "The application did not come back to ask for the status of the export.",
        )
    expect.that(
        pauses[0] >= _TOLERANCE * delay,
        expected=f">= {_TOLERANCE * delay:.1f} s",
        seen=f"{pauses[0]:.2f} s",
        evidence=[e.id for e in asked[:2]],
    )
    own = pauses[1:]
    expect.that(
        min(own) >= _SHORTEST_S and all(b >= _GROWTH * a for a, b in pairwise(own)),
        expected="growing pauses without Retry-After",
        seen=", ".join(f"{pause:.2f} s" for pause in own),
        evidence=[e.id for e in asked[1 : len(running) + 1]],
    )


@check(
    "CLI-BLK-05",
    expectation=SHOULD,
    requirements=("laboratory@export-clean-up",),
    title=Text(fr="Fin de l'export", en="Export clean-up"),
    failure=Text(
        fr="L'application laisse son export sur le serveur, ou en lance plusieurs à la fois.",
        en="The application leaves its export on the server, or starts several at a time.",
    ),
    remedy=Text(
        fr="Une fois les fichiers lus, ou l'export abandonné, envoyer DELETE à l'adresse du statut ; n'en "
        "démarrer un autre qu'ensuite.",
        en="Once the files are read, or the export is given up, send DELETE to the address of the status; "
        "start another one only then.",
    ),
)
def cleans_up(journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """Each job is deleted before the next one is started; the last one may still be running."""
    found = jobs(journal, truth, expect)
    if len(found) < 2:
        expect.skip(
            "Un seul export a été observé : il pouvait être encore en cours.",
            "One export only was seen: it may still have been running.",
        )
    for job, following in pairwise(found):
        deleted = [e for e in job.deletions if e.t < following.kick_off.t]
        expect.that(
            bool(deleted),
            expected="DELETE of the job before the next export",
            seen="none",
            evidence=[job.kick_off.id, following.kick_off.id],
        )


@check(
    "CLI-BLK-06",
    expectation=SHOULD,
    requirements=("laboratory@export-above-volume",),
    title=Text(fr="Export pour les grands volumes", en="Export for large volumes"),
    failure=Text(
        fr="L'application pagine un volume pour lequel $export est convenu.",
        en="The application pages through a volume for which $export was agreed.",
    ),
    remedy=Text(
        fr="Au-delà du volume convenu (client.bulk_above), demander $export au lieu de suivre les pages.",
        en="Above the agreed volume (client.bulk_above), ask for $export instead of following pages.",
    ),
)
def exports_large_volumes(journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """No search and its pages give more resources than the volume that was agreed."""
    agreed = truth.subject.client.bulk_above if truth.subject.client else 0
    if not agreed:
        expect.omit(
            "Aucun volume n'a été convenu (client.bulk_above) : rien n'impose l'export.",
            "No volume was agreed (client.bulk_above): nothing calls for an export.",
        )
    started = [search.exchange for search in searches(journal, truth, expect)]
    if not started and not any(e.url.partition("?")[0].endswith("/$export") for e in journal):
        expect.skip(
            "L'application n'a ni cherché ni exporté.", "The application neither searched nor exported."
        )
    issued = links(journal, "next")
    for search in started:
        total, page = 0, search
        while True:
            total += len(answer(page).get("entry") or ())
            expect.that(
                total <= agreed,
                expected=f"at most {agreed} resources by paging",
                seen=f"{total} resources of one search",
                evidence=[search.id, page.id],
            )
            following = [url for url, given in issued.items() if given.id == page.id]
            pages = [e for e in journal if e.url in following and e.t > page.t]
            if not pages:
                break
            page = pages[0]
