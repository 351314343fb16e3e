"""SRV-RD: reading one resource.

Spec: https://hl7.org/fhir/R4/http.html#read
"""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from lab.api import MAY, SHALL, Expect, FhirClient, Reply, Text, check
from lab.checks.sample import Sample, is_id, sample
from lab.checks.statement import part
from lab.checks.wording import quoted

UNKNOWN = "lab-no-such-id"
OK, NOT_MODIFIED = 200, 304


@check(
    "SRV-RD-01",
    expectation=SHALL,
    requirements=("fhir-r4@http-read-id",),
    title=Text(fr="La lecture rend la ressource demandée", en="Read returns the resource asked for"),
    failure=Text(
        fr="La lecture d'une ressource ne rend pas celle de ce type et de cet identifiant.",
        en="Reading a resource does not return the one of that type and id.",
    ),
    remedy=Text(
        fr="Rendre à GET [base]/[type]/[id] la ressource de ce type, son élément id égal à [id].",
        en="Return for GET [base]/[type]/[id] the resource of that type, its element id equal to [id].",
    ),
)
def read_what_was_asked(fhir: FhirClient, expect: Expect) -> None:
    """Read two resources that a search gave."""
    found = sample(fhir, expect)
    for id_ in found.ids[:2]:
        reply = fhir.read(found.type, id_)
        expect.status(reply, OK)
        expect.that(
            reply.type == found.type and reply.resource.get("id") == id_,
            expected=f"{found.type}/{id_}",
            seen=quoted(f"{reply.type or 'no resource'}/{reply.resource.get('id')}"),
            evidence=[reply],
        )


@check(
    "SRV-RD-02",
    expectation=SHALL,
    requirements=("fhir-r4@http-etag-match", "fhir-r4@http-read-headers"),
    title=Text(fr="En-têtes de version à la lecture", en="Version headers on read"),
    failure=Text(
        fr="ETag ou Last-Modified manque à la lecture, ou contredit meta.versionId ou meta.lastUpdated.",
        en="ETag or Last-Modified is missing on read, or contradicts meta.versionId or meta.lastUpdated.",
    ),
    remedy=Text(
        fr='Envoyer ETag: W/"[meta.versionId]" et Last-Modified: la date de meta.lastUpdated.',
        en='Send ETag: W/"[meta.versionId]" and Last-Modified: the date of meta.lastUpdated.',
    ),
)
def version_headers(fhir: FhirClient, expect: Expect) -> None:
    """Compare the headers of a read with the meta element; their presence is only recommended."""
    reply = _read_one(fhir, expect, sample(fhir, expect))
    meta = part(reply.resource, "meta")
    version, tag = meta.get("versionId"), reply.header("etag")
    if tag is not None and version is not None:
        opaque = tag.strip().removeprefix("W/").strip('"')
        expect.that(
            opaque == version,
            expected=f'ETag W/"{quoted(version)}"',
            seen=quoted(tag),
            evidence=[reply],
        )
    elif version is not None:
        expect.should(False, expected="an ETag header", seen="none", evidence=[reply])
    updated, header = _instant(meta.get("lastUpdated")), reply.header("last-modified")
    if header is None:
        expect.should(False, expected="a Last-Modified header", seen="none", evidence=[reply])
    elif updated is not None:
        modified = _http_date(header)
        expect.that(
            modified is not None and abs(modified - updated) < timedelta(seconds=1),
            expected=f"Last-Modified at {quoted(meta.get('lastUpdated'))}",
            seen=quoted(header),
            evidence=[reply],
        )


@check(
    "SRV-RD-03",
    expectation=SHALL,
    requirements=("fhir-r4@http-read-404",),
    title=Text(fr="Identifiant inconnu", en="Unknown id"),
    failure=Text(
        fr="La lecture d'un identifiant inconnu ne répond pas 404 avec un OperationOutcome.",
        en="Reading an unknown id does not answer 404 with an OperationOutcome.",
    ),
    remedy=Text(
        fr="Répondre 404 et un OperationOutcome à la lecture d'une ressource qui n'existe pas.",
        en="Answer 404 and an OperationOutcome when a resource that does not exist is read.",
    ),
)
def unknown_id(fhir: FhirClient, expect: Expect) -> None:
    """Read an id that never existed, of a type that the server declares; the OperationOutcome is a SHOULD."""
    type_ = sample(fhir, expect).type
    reply = fhir.read(type_, UNKNOWN)
    expect.status(reply, 404)
    expect.should(
        reply.type == "OperationOutcome",
        expected="an OperationOutcome",
        seen=quoted(reply.type or "no resource"),
        evidence=[reply],
    )


@check(
    "SRV-RD-04",
    expectation=MAY,
    requirements=("fhir-r4@http-cread",),
    title=Text(fr="Lecture conditionnelle", en="Conditional read"),
    failure=Text(
        fr="Une lecture conditionnelle ne répond ni 304 sans corps, ni 200 avec la ressource entière.",
        en="A conditional read answers neither 304 without a body nor 200 with the whole resource.",
    ),
    remedy=Text(
        fr="À If-None-Match ou If-Modified-Since, répondre 304 sans corps ou 200 comme sans l'en-tête.",
        en="To If-None-Match or If-Modified-Since, answer 304 without a body or 200 as without the header.",
    ),
)
def conditional_read(fhir: FhirClient, expect: Expect) -> None:
    """Read a resource again on the condition that it changed since."""
    found = sample(fhir, expect)
    first = _read_one(fhir, expect, found)
    tag, modified = first.header("etag"), first.header("last-modified")
    if not tag and not modified:
        expect.omit(
            "La lecture ne donne ni ETag ni Last-Modified : rien sur quoi poser une condition.",
            "The read gives neither ETag nor Last-Modified: there is nothing to set a condition on.",
        )
    headers = {"If-None-Match": tag} if tag else {"If-Modified-Since": modified or ""}
    reply = fhir.get(f"{found.type}/{found.ids[0]}", headers=headers)
    expect.status(reply, OK, NOT_MODIFIED)
    if reply.status == OK:
        same = reply.resource.get("id") == found.ids[0]
        expect.that(same, expected="the whole resource", seen=quoted(reply.type), evidence=[reply])
    else:
        size = len(reply.body)
        expect.that(size == 0, expected="304 without a body", seen=f"{size} bytes", evidence=[reply])


def _read_one(fhir: FhirClient, expect: Expect, found: Sample) -> Reply:
    """Read the first resource of a sample; skip the check when that does not work."""
    reply = fhir.read(found.type, found.ids[0])
    expect.name(reply)
    if reply.status != OK or not is_id(reply.resource.get("id")):
        expect.skip(
            "La lecture ne rend pas de ressource : voir SRV-RD-01.",
            "The read returns no resource: see SRV-RD-01.",
        )
    return reply


def _instant(value: object) -> datetime | None:
    """Return an instant, None for what is not one: its form is not the subject here."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
        return found.astimezone(UTC) if found is not None and found.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def _http_date(value: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(value)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
