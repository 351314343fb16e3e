"""SRV-BLK-05: the parameters of an export that every server must honour.

Spec: https://hl7.org/fhir/uv/bulkdata/STU2/export.html#query-parameters
"""

from typing import Any
from urllib.parse import quote

from lab.api import SHALL, Expect, FhirClient, Text, Truth, check, status_of
from lab.checks.bulk import Export, cancelled, fetched, lines
from lab.checks.bulk_order import ASYNC, export_path, job_of, narrowed, ordered
from lab.checks.criteria import date_matches
from lab.checks.date_range import date_range
from lab.checks.statement import statement

OTHER_TYPE = "Observation"
POLLS = 9
ACCEPTED = 202


@check(
    "SRV-BLK-05",
    expectation=SHALL,
    requirements=tuple(f"bulk-server-2.0.0@{row}" for row in (53, 59, 62)),
    title=Text(fr="Paramètres d'un export", en="Export parameters"),
    failure=Text(
        fr="L'export ne tient pas compte de _since ou de _type.",
        en="The export does not honour _since or _type.",
    ),
    remedy=Text(
        fr="N'exporter que les types de _type, et que ce qui a changé depuis _since.",
        en="Export only the types in _type, and only what changed since _since.",
    ),
)
def parameters(fhir: FhirClient, truth: Truth, expect: Expect) -> None:
    """Export one type, another one, then what changed since the first export was made.

    _since is required of every server; _type is not, and one that refuses it is asked for everything.
    """
    path = export_path(fhir, truth, expect)
    narrow = narrowed(fhir, path)
    whole, made = _exported(fhir, expect, narrow)
    typed = narrow != path
    if not typed:
        expect.covered(
            "_type est refusé, ce que le guide permet.", "_type is refused, which the guide allows."
        )
    else:
        _only(expect, whole, "Patient")
    if typed and OTHER_TYPE in statement(fhir).types:
        _only(expect, _exported(fhir, expect, f"{path}?_type={OTHER_TYPE}")[0], OTHER_TYPE)
    if not whole or made is None:
        expect.skip(
            "L'export n'a donné aucun Patient, ou aucun transactionTime.",
            "The export gave no Patient, or no transactionTime.",
        )
    since = quote(made, safe=":")
    kickoff = fhir.get(f"{path}?_since={since}", headers=ASYNC)  # _since is required of every server
    cancelled(fhir, Export(kickoff, job_of(fhir, kickoff)))
    expect.that(
        kickoff.status == ACCEPTED,
        expected="HTTP 202 with _since",
        seen=status_of(kickoff),
        evidence=[kickoff],
    )
    late, _ = _exported(fhir, expect, f"{narrow}{'&' if typed else '?'}_since={since}")
    # What was written in between may come; what is older by its own word may not.
    older = [one for one in late if date_matches(one, ("meta.lastUpdated",), f"lt{made}")]
    expect.that(
        not older, expected=f"nothing older than _since={made}", seen=f"{len(older)} resources", evidence=()
    )


def _exported(fhir: FhirClient, expect: Expect, path: str) -> tuple[list[dict[str, Any]], str | None]:
    """Return what an export gives, and when it was made; its files are read while the job stands."""
    with ordered(fhir, path, expect, POLLS) as order:
        replies = [fetched(fhir, url) for url in order.files]
        for reply in replies:
            expect.status(reply, 200)
        said = order.manifest.json if order.manifest and isinstance(order.manifest.json, dict) else {}
        made = said.get("transactionTime")
        found = [resource for reply in replies for resource in lines(reply)]
        return found, made if isinstance(made, str) and date_range(made) else None


def _only(expect: Expect, found: list[dict[str, Any]], type_: str) -> None:
    types = sorted({str(resource.get("resourceType")) for resource in found} - {type_})
    expect.that(not types, expected=f"{type_} only", seen=", ".join(types))
