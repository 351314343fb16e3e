"""Across the levels: a message that two readers could read in two ways is refused.

Specs: RFC 9112 sections 2.2, 3.2, 5.1, 5.2, 6.3; CWE-444.
"""

from lab.api import CRITICAL, HIGH, MEDIUM, SERVER, Expect, FhirClient, Reply, Text, probe, status_of
from lab.checks.sample import sample
from lab.checks.security.likeness import answered
from lab.checks.security.raw_request import answers, authority, base_path, control, head, sent

_FORM = "Content-Type: application/x-www-form-urlencoded"
_STRANGE = "lab-elsewhere.example"
_BAD = 400
_MISDIRECTED = 421


@probe(
    "X-01",
    level=None,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@X-01",),
    title=Text(fr="Requête cachée dans une autre", en="Request smuggling"),
    failure=Text(
        fr="Une requête dont la longueur est ambiguë en laisse passer une autre, que personne n'a décidée.",
        en="A request of ambiguous length lets another one through, on which nobody has decided.",
    ),
    remedy=Text(
        fr="Répondre 400 et fermer la connexion quand Content-Length et Transfer-Encoding se contredisent "
        "ou se "
        "répètent.",
        en="Answer 400 and close the connection when Content-Length and Transfer-Encoding contradict or "
        "repeat "
        "each other.",
    ),
)
def smuggling(fhir: FhirClient, expect: Expect) -> None:
    """Send one request with two lengths, and two more behind it: there must be one answer."""
    type_ = sample(fhir, expect).type
    control(fhir, f"{type_}?_count=1", expect)
    path = base_path(fhir)
    inner = "0\r\n\r\n" + head(fhir, f"GET {path}/metadata HTTP/1.1", token=False, close=False)
    last = head(fhir, f"GET {path}/metadata HTTP/1.1", token=False)
    length, chunked = f"Content-Length: {len(inner)}", "Transfer-Encoding: chunked"
    cases: tuple[tuple[str, tuple[str, ...], tuple[int, ...]], ...] = (
        # RFC 9112 lets a server read the chunks, if it then closes: only a second answer is a fault.
        ("Content-Length, then Transfer-Encoding", (length, chunked), ()),
        ("Transfer-Encoding, then Content-Length", (chunked, length), ()),
        ("two Content-Length", ("Content-Length: 0", length), (400,)),
        ("Transfer-Encoding: xchunked", ("Transfer-Encoding: xchunked",), (400, 501)),
    )
    for name, fields, allowed in cases:
        first = head(fhir, f"POST {path}/{type_}/_search HTTP/1.1", _FORM, *fields, close=False)
        reply = sent(fhir, first + inner + last, "POST")
        count = answers(reply)
        expect.that(
            count <= 1 and not _stuck(reply),
            expected="exactly 1 answer",
            seen=f"{count} answers to {name}" if count else f"{status_of(reply)} to {name}",
            evidence=[reply],
        )
        if reply.status and allowed:
            seen = f"{status_of(reply)} to {name}"
            expect.that(reply.status in allowed, expected="HTTP 400", seen=seen, evidence=[reply])
        expect.should(
            reply.status in (allowed or (_BAD,)),
            expected="HTTP 400, and the connection closed",
            seen=f"{status_of(reply)} to {name}",
            evidence=[reply],
        )


@probe(
    "X-02",
    level=None,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@X-02",),
    title=Text(fr="En-têtes mal formés", en="Malformed header syntax"),
    failure=Text(
        fr="Un en-tête mal formé est lu comme s'il était bien écrit : un mandataire peut l'avoir lu "
        "autrement.",
        en="A malformed header is read as if it were well written: a proxy may have read it otherwise.",
    ),
    remedy=Text(
        fr="Répondre 400 à toute ligne repliée, terminée par LF seul, avec une espace avant les deux-points "
        "ou un "
        "octet NUL.",
        en="Answer 400 to every line that is folded, ends with a bare LF, has a space before the colon or "
        "holds "
        "a NUL byte.",
    ),
)
def malformed_headers(fhir: FhirClient, expect: Expect) -> None:
    """Give the good token in a malformed header only: nothing may be served for it."""
    target = f"{sample(fhir, expect).type}?_count=1"
    control(fhir, target, expect)
    token = fhir.authorization()
    if not token:
        expect.skip(
            "L'identité complète n'a pas de jeton : le serveur est ouvert.",
            "The full identity has no token: the server is open.",
        )
    line = f"GET {base_path(fhir)}/{target} HTTP/1.1"
    for name, field in (
        ("a space before the colon", f"Authorization : {token}"),
        ("a folded line", f"X-Lab: a\r\n Authorization: {token}"),
        ("a NUL byte", f"Authorization: {token}\0x"),
    ):
        _not_served(sent(fhir, head(fhir, line, field, token=False)), name, expect)
    for name, field in (
        ("a bare LF", f"Authorization: {token}\nX-Lab: a"),
        ("a NUL byte in another header", f"Authorization: {token}\r\nX-Lab: a\0b"),
        ("another header folded", f"Authorization: {token}\r\nX-Lab: a\r\n b"),
    ):
        # RFC 9112 lets a server mend these: it is said, and no fault.
        reply = sent(fhir, head(fhir, line, field, token=False))
        _answered_or_closed(reply, expect)
        expect.should(
            reply.status in {0, _BAD},
            expected="HTTP 400",
            seen=f"{status_of(reply)} to {name}",
            evidence=[reply],
        )


@probe(
    "X-04",
    level=None,
    severity=MEDIUM,
    role=SERVER,
    requirements=("five-levels@X-04",),
    title=Text(fr="Cible et Host", en="Request target and Host"),
    failure=Text(
        fr="Une requête sans Host, ou avec deux, est servie, ou une réponse répète un hôte écrit par "
        "l'appelant.",
        en="A request with no Host, or two, is served, or an answer repeats a host that the caller wrote.",
    ),
    remedy=Text(
        fr="Répondre 400 à un Host absent, répété ou inconnu ; faire les liens à partir de l'adresse "
        "configurée.",
        en="Answer 400 to a missing, repeated or unknown Host; make links from the configured base address.",
    ),
)
def target_and_host(fhir: FhirClient, expect: Expect) -> None:
    """Leave Host out, repeat it, then name another host in five places and look for it in the answer."""
    target = f"{sample(fhir, expect).type}?_count=1"
    control(fhir, target, expect)
    line = f"GET {base_path(fhir)}/{target} HTTP/1.1"
    own = f"Host: {authority(fhir)}"
    for name, host in (("no Host", ""), ("two Host headers", f"{own}\r\nHost: {_STRANGE}")):
        reply = sent(fhir, head(fhir, line, host=host))
        _answered_or_closed(reply, expect)
        expect.that(
            reply.status in {0, _BAD, _MISDIRECTED},
            expected="HTTP 400",
            seen=f"{status_of(reply)} to {name}",
            evidence=[reply],
        )
    absolute = f"GET http://{_STRANGE}{base_path(fhir)}/{target} HTTP/1.1"
    for name, message in (
        ("another Host", head(fhir, line, host=f"Host: {_STRANGE}")),
        ("a target of another host", head(fhir, absolute)),
        ("X-Forwarded-Host", head(fhir, line, f"X-Forwarded-Host: {_STRANGE}")),
        ("Forwarded", head(fhir, line, f"Forwarded: host={_STRANGE};proto=https")),
        ("an odd Host", head(fhir, line, host=f"Host: {authority(fhir)}@{_STRANGE}")),
    ):
        reply = sent(fhir, message)
        _answered_or_closed(reply, expect)
        told = _STRANGE in reply.text or any(_STRANGE in value for _, value in reply.headers)
        expect.that(
            not told or reply.status >= _BAD,
            expected="links of the configured base",
            seen=f"links to {_STRANGE} for {name}",
            evidence=[reply],
        )


def _answered_or_closed(reply: Reply, expect: Expect) -> None:
    """Expect an answer or a closed connection, which is a refusal too: not a breakdown, nor silence."""
    if reply.status or _stuck(reply):
        answered(reply, expect)


def _not_served(reply: Reply, name: str, expect: Expect) -> None:
    _answered_or_closed(reply, expect)
    refusal = reply.status == 0 or reply.status >= _BAD
    expect.that(refusal, expected="HTTP 400", seen=f"{status_of(reply)} to {name}", evidence=[reply])
    expect.should(
        reply.status in {0, _BAD}, expected="HTTP 400", seen=f"{status_of(reply)} to {name}", evidence=[reply]
    )


def _stuck(reply: Reply) -> bool:
    return reply.status == 0 and "imeout" in reply.error
