"""Level 4, specific resource: bulk exports stay inside the cohort, and belong to who ordered them.

Spec: https://hl7.org/fhir/uv/bulkdata/STU2/export.html; hapifhir/hapi-fhir #6854; OWASP API1:2023.
"""

from contextlib import ExitStack

from lab.api import (
    COHORT,
    CRITICAL,
    HIGH,
    OTHER,
    SERVER,
    Cohort,
    Expect,
    FhirClient,
    Reply,
    Text,
    Truth,
    probe,
    status_of,
)
from lab.checks.bulk import Export, cancelled, export, fetched, lines
from lab.checks.security.border import Border, border, crossed_resource
from lab.checks.security.likeness import answered, difference, twin
from lab.checks.security.restriction import restriction
from lab.checks.security.secret_values import leaked
from lab.checks.security.unserved import unserved

_OK = 200
_REFUSED = frozenset({401, 403, 404, 410})
_SINCE = "2000-01-01T00:00:00Z"
_EXPORT = Text(fr="$export", en="$export")
_FEW_POLLS = 4
_JSON = {"Accept": "application/json"}


@probe(
    "L4-22",
    level=4,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L4-22",),
    title=Text(fr="Export en masse", en="Bulk export"),
    failure=Text(
        fr="Un export en masse contient des ressources hors cohorte.",
        en="A bulk export holds resources outside the cohort.",
    ),
    remedy=Text(
        fr="Évaluer l'export sur la cohorte de l'identité qui le demande, ou le refuser par 403.",
        en="Evaluate the export on the cohort of the identity that asks for it, or refuse it by 403.",
    ),
)
def bulk_export(
    fhir: FhirClient, restricted: FhirClient, cohort: Cohort, truth: Truth, expect: Expect
) -> None:
    """Order an export by each way in, follow those that are taken, and read their files."""
    limits, sides = restriction(truth, expect), border(cohort, truth)
    control = _control(fhir, expect)
    with ExitStack() as stack:
        stack.callback(cancelled, fhir, control)
        type_ = next((name for name in ("Observation", "Encounter") if limits.opens(name, "s")), "Patient")
        groups = [OTHER] if truth.canary and limits.group == COHORT else []
        paths = [
            f"$export?_type=Patient,{type_}",
            "Patient/$export?_type=Patient",
            *(f"Group/{id_}/$export?_type=Patient" for id_ in groups),
            f"$export?_type={type_}&_typeFilter={type_}%3Fstatus%3Dfinal",
            f"$export?_type=Patient&_since={_SINCE}",
        ]
        unfinished: list[str] = []
        for path in paths:
            order = export(restricted, path, _FEW_POLLS)
            stack.callback(cancelled, restricted, order)
            answered(order.kickoff, expect)
            if order.accepted and not order.finished:
                unfinished.append(path)
            _inside(restricted, order, path, sides, expect)
    if unfinished:
        expect.skip(
            f"L'export n'est pas prêt après quelques demandes : {', '.join(unfinished)}.",
            f"The export is not ready after some questions: {', '.join(unfinished)}.",
        )


@probe(
    "L4-23",
    level=4,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L4-23",),
    title=Text(fr="Adresse d'un fichier d'export", en="Export file URL"),
    failure=Text(
        fr="Une autre application, ou un appelant sans jeton, lit le fichier d'un export.",
        en="Another application, or a caller without a token, reads the file of an export.",
    ),
    remedy=Text(
        fr="Vérifier, à chaque lecture d'un fichier d'export, que le jeton est celui de son auteur.",
        en="Verify, at each read of an export file, that the token is that of who ordered it.",
    ),
)
def export_file(fhir: FhirClient, other: FhirClient, anonymous: FhirClient, expect: Expect) -> None:
    """Fetch the files of the full identity's export with the token of another one, and with none."""
    order = _control(fhir, expect)
    try:
        if not order.finished or not order.files:
            expect.name(order.kickoff)
            expect.skip(
                "L'export de référence n'a donné aucun fichier après quelques demandes.",
                "The reference export gave no file after some questions.",
            )
        if not order.by_token and order.manifest:
            expect.name(order.manifest)
            expect.omit(
                "Les fichiers se lisent sans jeton (requiresAccessToken n'est pas true) : leur adresse est "
                "la clé, ce que la norme permet.",
                "The files are read without a token (requiresAccessToken is not true): their address is the "
                "key, which the specification allows.",
            )
        for url in order.files[:2]:
            expect.status(fetched(fhir, url), _OK)
            expect.status(fetched(other, url), *_REFUSED)
            expect.status(fetched(anonymous, url), *_REFUSED)
    finally:
        cancelled(fhir, order)


@probe(
    "L4-40",
    level=4,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L4-40",),
    title=Text(fr="Suivi d'une tâche asynchrone d'autrui", en="Subscription and asynchronous status"),
    failure=Text(
        fr="Une autre application suit, ou annule, l'export d'autrui.",
        en="Another application follows, or cancels, the export of somebody else.",
    ),
    remedy=Text(
        fr="Répondre 404, comme pour un travail inconnu, à qui n'a pas demandé l'export.",
        en="Answer 404, as for an unknown job, to whoever did not order the export.",
    ),
)
def status_of_others(fhir: FhirClient, other: FhirClient, truth: Truth, expect: Expect) -> None:
    """Ask another's job for its status and cancel it, beside a job that never was; it must live on."""
    order = _control(fhir, expect)
    try:
        head, tail = _split(order.status_url)
        chance = truth.random("L4-40")
        never = twin(tail, chance), twin(tail, chance)
        for method in ("GET", "DELETE"):
            hidden, first, again = (other.request(method, f"{head}{one}") for one in (tail, *never))
            seen = difference(hidden, tail, (first, never[0]), (again, never[1]))
            expect.that(
                hidden.status in _REFUSED and not seen,
                expected="HTTP 404, as for an unknown job",
                seen=f"{status_of(hidden)} to {method}, {seen or 'as for an unknown job'}",
                evidence=[hidden, first],
            )
        expect.status(fhir.get(order.status_url, headers=_JSON), 200, 202)
    finally:
        cancelled(fhir, order)


def _control(fhir: FhirClient, expect: Expect) -> Export:
    """Return an export of the full identity; ends the check when the server takes none."""
    tried: list[Reply] = []
    for path in ("$export?_type=Patient", "Patient/$export?_type=Patient"):
        order = export(fhir, path)
        tried.append(order.kickoff)
        if order.accepted:
            return order
    unserved(_EXPORT, tried, expect)


def _split(url: str) -> tuple[str, str]:
    """Return an address in two: up to the name of the job, and that name (in the path or the query)."""
    place = max(url.rfind("/"), url.rfind("=")) + 1
    return url[:place], url[place:]


def _inside(client: FhirClient, order: Export, path: str, sides: Border, expect: Expect) -> None:
    expect.name(order.kickoff)
    for url in order.files:
        reply = fetched(client, url)
        answered(reply, expect)
        seen = next((found for one in lines(reply) if (found := crossed_resource(one, sides))), "")
        value = seen or leaked(sides.hidden, reply)
        expect.that(
            not value, expected="the inside only", seen=f"{value} in {path}", evidence=[order.kickoff, reply]
        )
