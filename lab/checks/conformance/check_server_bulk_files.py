"""SRV-BLK-03 and 04: the files of an export, whom they are given to, and the end of the job.

Spec: https://hl7.org/fhir/uv/bulkdata/STU2/export.html
"""

from typing import Any

from lab.api import SHALL, Expect, FhirClient, Reply, Text, Truth, check, status_of
from lab.checks.address import resolved
from lab.checks.bulk import Export, fetched, lines
from lab.checks.bulk_order import export_path, narrowed, ordered
from lab.checks.referring import referred
from lab.checks.statement import objects
from lab.checks.wording import quoted

OK, GONE = 200, 404
MOST_FILES = 4


@check(
    "SRV-BLK-03",
    expectation=SHALL,
    requirements=(
        *(f"bulk-server-2.0.0@{row}" for row in (170, 178, 208, 209)),
        "laboratory@export-set",
    ),
    title=Text(fr="Fichiers d'un export", en="Export files"),
    failure=Text(
        fr="Un fichier d'export n'est pas du NDJSON du type annoncé, son compte est faux, ou l'ensemble "
        "n'est pas celui du groupe.",
        en="An export file is not NDJSON of the type announced, its count is wrong, or the set is not that "
        "of the group.",
    ),
    remedy=Text(
        fr="Écrire une ressource par ligne, du type de son fichier ; exporter chaque membre du groupe "
        "une fois.",
        en="Write one resource per line, of the type of its file; export each member of the group once.",
    ),
)
def files(fhir: FhirClient, truth: Truth, expect: Expect) -> None:
    """Export the patients, read every file line by line, and compare with the members of the Group."""
    path = export_path(fhir, truth, expect)
    with ordered(fhir, narrowed(fhir, path), expect) as order:
        outputs = _outputs(fhir, order)
        if not outputs:
            expect.skip("L'export n'a donné aucun fichier.", "The export gave no file.")
        ids: list[str] = []
        for output in outputs[:MOST_FILES]:
            reply = fetched(fhir, output["url"])
            ids += [id_ for id_ in _read(expect, reply, output) if output.get("type") == "Patient"]
        twice = len(ids) - len(set(ids))
        expect.that(not twice, expected="each resource once", seen=f"{twice} twice", evidence=[order.kickoff])
        if path.startswith("Group/") and len(outputs) <= MOST_FILES:
            _members(fhir, expect, path, set(ids))


@check(
    "SRV-BLK-04",
    expectation=SHALL,
    requirements=tuple(f"bulk-server-2.0.0@{row}" for row in (5, 122, 306)),
    title=Text(
        fr="Fichiers protégés, travail supprimable", en="Export files are protected, job can be deleted"
    ),
    failure=Text(
        fr="Un fichier se lit sans jeton malgré requiresAccessToken, ou le travail supprimé répond encore.",
        en="A file is read without a token despite requiresAccessToken, or a deleted job still answers.",
    ),
    remedy=Text(
        fr="Vérifier le jeton à chaque fichier ; après DELETE, répondre 404 avec un OperationOutcome à "
        "l'adresse de suivi.",
        en="Verify the token for each file; after DELETE, answer 404 with an OperationOutcome at the status "
        "address.",
    ),
)
def protected_files(fhir: FhirClient, anonymous: FhirClient, truth: Truth, expect: Expect) -> None:
    """Fetch a file without a token; then delete the job and ask for it again.

    That no other client gets the files is shown by L4-23.
    """
    path = export_path(fhir, truth, expect)
    with ordered(fhir, narrowed(fhir, path), expect) as order:
        for url in order.files[:1] if order.by_token else ():
            expect.status(fetched(fhir, url), OK)
            bare = fetched(anonymous, url)
            expect.that(
                400 <= bare.status < 500,
                expected="HTTP 401 without a token",
                seen=status_of(bare),
                evidence=[bare],
            )
        deleted = fhir.delete(order.status_url)
        expect.that(
            deleted.status == 202, expected="HTTP 202 to DELETE", seen=status_of(deleted), evidence=[deleted]
        )
        after = fhir.get(order.status_url, headers={"Accept": "application/json"})
        expect.that(
            after.status == GONE and after.type == "OperationOutcome",
            expected="HTTP 404 with an OperationOutcome after DELETE",
            seen=f"{status_of(after)}, {after.type or 'no resource'}",
            evidence=[deleted, after],
        )


def _outputs(fhir: FhirClient, order: Export) -> list[dict[str, Any]]:
    """Return the files of a manifest that are on this server, each with its absolute URL."""
    said = order.manifest.json if order.manifest and isinstance(order.manifest.json, dict) else {}
    found = []
    for item in objects(said.get("output")):
        url = resolved(f"{fhir.base_url}/", str(item.get("url")))
        if url in order.files:
            found.append({**item, "url": url})
    return found


def _read(expect: Expect, reply: Reply, output: dict[str, Any]) -> list[str]:
    """Return the ids in a file; fails unless each line is a resource of its type, and the count right."""
    expect.status(reply, OK)
    media_type = (reply.header("content-type") or "none").partition(";")[0].strip()
    expect.that(
        media_type == "application/fhir+ndjson",
        expected="Content-Type application/fhir+ndjson",
        seen=quoted(media_type),
        evidence=[reply],
    )
    raw = [line for line in reply.body.split(b"\n") if line.strip()]
    resources = list(lines(reply))
    right = [r for r in resources if r.get("resourceType") == output.get("type")]
    expect.that(
        len(right) == len(raw),
        expected=f"one {quoted(output.get('type'))} on each of the {len(raw)} lines",
        seen=f"{len(right)} such resources",
        evidence=[reply],
    )
    expect.that(
        output.get("count", len(raw)) == len(raw),
        expected=f"count {len(raw)}",
        seen=quoted(output.get("count")),
        evidence=[reply],
    )
    return [str(resource.get("id")) for resource in right]


def _members(fhir: FhirClient, expect: Expect, path: str, ids: set[str]) -> None:
    """Compare with the members that the server itself gives of the Group."""
    group = fhir.get(path.removesuffix("/$export"))
    active = [m for m in objects(group.resource.get("member")) if m.get("inactive") is not True]
    wanted = {id_ for m in active for type_, id_ in referred(fhir, m, "entity") if type_ == "Patient"}
    if not wanted or len(wanted) != len(active):
        return  # a Group of other Groups, or of what is no Patient, is exported by rules of its own
    expect.that(
        ids == wanted,
        expected=f"the {len(wanted)} members of the Group",
        seen=f"{len(wanted - ids)} missing, {len(ids - wanted)} others",
        evidence=[group],
    )
