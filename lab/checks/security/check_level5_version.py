"""Level 5, data: versions, dates, conditions and lengths tell nothing of a masked value or of its change.

Source: five-levels reference, L5-17 to L5-19, P2 and P3; CWE-203.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from email.utils import format_datetime

from lab.api import MEDIUM, SERVER, Answers, Expect, FhirClient, Reply, Text, Truth, Twins, probe
from lab.checks.security.border import planted
from lab.checks.security.concealing import masking
from lab.checks.security.hidden_change import changeable, hidden_change
from lab.checks.security.likeness import answered
from lab.checks.statement import part

_OK = 200
_PATIENTS = 3
Ask = Callable[[], Reply]


@probe(
    "L5-17",
    level=5,
    severity=MEDIUM,
    role=SERVER,
    twins=True,
    requirements=("five-levels@L5-17",),
    title=Text(fr="ETag, version et lastUpdated", en="ETag, version and lastUpdated"),
    failure=Text(
        fr="L'ETag, la version ou la date d'une ressource change quand seule une valeur masquée change.",
        en="The ETag, version or date of a resource changes when only a masked value changes.",
    ),
    remedy=Text(
        fr="Calculer l'ETag sur la ressource masquée et taire versionId et lastUpdated, ou les tirer de "
        "l'historique masqué.",
        en="Compute the ETag from the masked resource and leave versionId and lastUpdated out, or take them "
        "from the masked history.",
    ),
)
def versions(fhir: FhirClient, restricted: FhirClient, twins: Twins, truth: Truth, expect: Expect) -> None:
    """Compare two worlds, then the same patient before and after the change of a masked value."""
    limits = masking(truth, expect)
    patient = planted(truth, expect).inside()[0]
    paths = (f"Patient/{patient}", f"Patient?_id={patient}")
    for path in paths:
        _no_difference(twins.ask("GET", path), expect)
    if not changeable(fhir, truth):
        return
    before = [(restricted.get(path), restricted.get(path)) for path in paths]
    chance = truth.random("L5-17")
    with hidden_change(fhir, paths[0], limits.masked_of("Patient"), chance) as taken:
        after = [restricted.get(path) for path in paths] if taken else []
    for (first, again), second in zip(before, after, strict=False):
        said, steady, now = map(_versions, (first, again, second))
        moved = [name for name in said if said[name] == steady[name] != now[name]]
        expect.that(
            not moved,
            expected="the same answer after the change of a masked value",
            seen=f"another {', '.join(moved)}",
            evidence=[first, second],
        )


@probe(
    "L5-18",
    level=5,
    severity=MEDIUM,
    role=SERVER,
    twins=True,
    requirements=("five-levels@L5-18",),
    title=Text(fr="Lectures conditionnelles et _lastUpdated", en="Conditional reads and _lastUpdated"),
    failure=Text(
        fr="If-None-Match, If-Modified-Since, _lastUpdated ou _since révèle qu'une valeur masquée a changé.",
        en="If-None-Match, If-Modified-Since, _lastUpdated or _since reveals that a masked value changed.",
    ),
    remedy=Text(
        fr="Évaluer les conditions sur l'ETag masqué ; refuser ou ignorer les dates pour les types masqués.",
        en="Evaluate conditions on the masked ETag; refuse or ignore dates for masked types.",
    ),
)
def conditions(fhir: FhirClient, restricted: FhirClient, twins: Twins, truth: Truth, expect: Expect) -> None:
    """Ask every conditional question in two worlds, then before and after the change of a masked value."""
    limits = masking(truth, expect)
    patient = planted(truth, expect).inside()[0]
    path = f"Patient/{patient}"
    etag = twins.one.get(path).header("etag") or 'W/"1"'
    for tag in dict.fromkeys((etag, 'W/"1"', 'W/"2"')):
        _no_difference(twins.ask("GET", path, headers={"If-None-Match": tag}), expect)
    if not changeable(fhir, truth):
        return
    asked = list(_questions(restricted, path, etag, fhir.get(path)))
    before = [ask() for ask in asked]
    chance = truth.random("L5-18")
    with hidden_change(fhir, path, limits.masked_of("Patient"), chance) as taken:
        after = [ask() for ask in asked] if taken else []
    for first, second in zip(before, after, strict=False):
        for reply in (first, second):
            answered(reply, expect)
        expect.that(
            _outcome(first) == _outcome(second),
            expected="the same answer after the change of a masked value",
            seen=f"HTTP {first.status} with {len(first.entries)} entries, then HTTP {second.status} with "
            f"{len(second.entries)}",
            evidence=[first, second],
        )


@probe(
    "L5-19",
    level=5,
    severity=MEDIUM,
    role=SERVER,
    twins=True,
    requirements=("five-levels@L5-19",),
    title=Text(fr="HEAD, Content-Length et taille gzip", en="HEAD, Content-Length and gzip size"),
    failure=Text(
        fr="Une longueur annoncée (HEAD, Content-Length, gzip) dépend de la valeur d'un élément masqué.",
        en="An announced length (HEAD, Content-Length, gzip) depends on the value of a masked element.",
    ),
    remedy=Text(
        fr="Annoncer la longueur de la réponse masquée, HEAD comme GET, et compresser après le masque.",
        en="Announce the length of the masked answer, for HEAD as for GET, and compress after the mask.",
    ),
)
def lengths(twins: Twins, truth: Truth, expect: Expect) -> None:
    """Read patients whose masked values have other lengths in each world, by GET and HEAD, plain and gzip."""
    masking(truth, expect)
    shown = 0
    for patient in planted(truth, expect).inside()[:_PATIENTS]:
        path = f"Patient/{patient}"
        plain = twins.ask("GET", path, headers={"Accept-Encoding": "identity"})
        _no_difference(plain, expect)
        shown += plain.one.status == _OK
        head = twins.ask("HEAD", path, headers={"Accept-Encoding": "identity"})
        packed = twins.ask("GET", path, headers={"Accept-Encoding": "gzip"})
        apart = len(plain.one.body) - len(plain.two.body)
        _same_length(head, apart, expect)
        if plain.one.body == plain.two.body:  # else what two processes do not have in common packs otherwise
            _same_length(packed, 0, expect)
    if not shown:
        expect.skip(
            "L'identité restreinte ne lit aucun patient marqué de sa cohorte.",
            "The restricted identity reads no marked patient of its cohort.",
        )


def _no_difference(answers: Answers, expect: Expect) -> None:
    for reply in answers.evidence:
        answered(reply, expect)
    expect.that(
        not answers.difference,
        expected="the same answer in two worlds",
        seen=answers.difference,
        evidence=answers.evidence,
    )


def _same_length(answers: Answers, apart: int, expect: Expect) -> None:
    """Expect lengths of both answers that differ by what their plain bodies do, when both announce one."""
    said = [reply.header("content-length") or "" for reply in answers.evidence]
    known = [int(text) for text in said if text.isascii() and text.isdigit()]
    expect.that(
        not known or (len(known) == len(said) and known[0] - known[1] == apart),
        expected="a length that does not depend on masked values",
        seen=" against ".join(f"{text or 'no'} bytes" for text in said),
        evidence=answers.evidence,
    )


def _versions(reply: Reply) -> dict[str, object]:
    """Return what of an answer could tell its version, by name."""
    resources = list(reply.resources()) if reply.type == "Bundle" else [reply.resource]
    metas = [part(one, "meta") for one in resources]
    return {
        "status": reply.status,
        **{name: reply.header(name) for name in ("etag", "last-modified", "content-length")},
        **{name: [meta.get(name) for meta in metas] for name in ("versionId", "lastUpdated")},
    }


def _questions(client: FhirClient, path: str, etag: str, whole: Reply) -> Iterator[Ask]:
    """Yield conditional questions, dated by what the full identity reads there before the change."""
    updated = str(part(whole.resource, "meta").get("lastUpdated", ""))
    yield lambda: client.get(path, headers={"If-None-Match": etag})
    id_ = path.partition("/")[2]
    try:
        moment = datetime.fromisoformat(updated)
    except ValueError:
        return
    if moment.tzinfo is None:
        return
    date = format_datetime(moment)
    yield lambda: client.get(path, headers={"If-Modified-Since": date})
    yield lambda: client.search("Patient", _id=id_, _lastUpdated=f"gt{updated}")
    yield lambda: client.search_by_post("Patient", {"_id": id_, "_lastUpdated": f"gt{updated}"})
    yield lambda: client.get(f"{path}/_history", {"_since": updated})
    yield lambda: client.get(f"{path}/$everything", {"_since": updated})


def _outcome(reply: Reply) -> tuple[object, ...]:
    return reply.status, tuple(reply.ids), reply.resource.get("total")
