"""Across the levels: errors and logs tell nothing that they should not, and no door is left open.

Source: OWASP API8:2023, API9:2023; CWE-209, CWE-113, CWE-117.
"""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from lab.api import CRITICAL, LOW, MEDIUM, SERVER, Expect, FhirClient, Lookout, Reply, Text, Truth, probe
from lab.checks.sample import sample
from lab.checks.security.likeness import answered, difference

_OK, _REDIRECTED = 200, 300
_TRACES = re.compile(
    r"Traceback \(most recent call last\)"
    r'|File "[^"\n]{1,200}", line \d+'
    r"|\bat [\w.$<>]{3,200}\([\w.]{1,80}\.(?:java|kt|scala|groovy):\d+\)"
    r"|\bat [\w.<>`]{3,200}\(.{0,200}\) in [^\n]{1,200}:line \d+"
    r"|\bat [\w.<> \[\]]{1,100}\(?(?:/|[A-Z]:\\|node:)[^\s)]{1,200}:\d+:\d+\)?"
    r"|goroutine \d+ \[running\]"
    r"|(?:java|javax|org|com)\.[\w.]{3,120}(?:Exception|Error)\b"
    r"|System\.[\w.]{0,80}Exception\b"
    r"|ORA-\d{5}|SQLSTATE\[|psycopg\w*\.|sqlite3\.\w*Error|near \"[^\"]{0,40}\": syntax error"
)
_BANNERS = ("server", "x-powered-by", "x-aspnet-version", "x-aspnetmvc-version", "x-generator")
_DOORS = ("reset", "__seed", "__reset", "admin", "debug", "console", "actuator/env", ".env", ".git/config")
_PAGES = ("docs", "redoc", "openapi.json", "swagger-ui/index.html", "metrics")


@probe(
    "X-12",
    level=None,
    severity=LOW,
    role=SERVER,
    requirements=("five-levels@X-12",),
    title=Text(fr="Traces d'appels et bannière", en="Stack traces and Server banner"),
    failure=Text(
        fr="Une erreur montre une trace d'appels, ou un en-tête nomme le logiciel.",
        en="An error shows a stack trace, or a header names the software.",
    ),
    remedy=Text(
        fr="Répondre aux erreurs par un OperationOutcome constant, et retirer Server et X-Powered-By.",
        en="Answer errors with a constant OperationOutcome, and remove Server and X-Powered-By.",
    ),
)
def stack_traces(fhir: FhirClient, anonymous: FhirClient, expect: Expect) -> None:
    """Provoke a dozen errors and read all of their answers."""
    found = sample(fhir, expect)
    replies = [found.reply, anonymous.get(found.type), *_errors(fhir, found.type)]
    for reply in replies:
        trace = _TRACES.search(reply.text)
        expect.that(
            trace is None,
            expected="no stack trace",
            seen=trace[0][:60] if trace else "",
            evidence=[reply],
        )
    for reply in replies:
        for name in _BANNERS:
            banner = reply.header(name)
            expect.should(
                banner is None, expected="no server banner", seen=f"{name}: {banner}"[:80], evidence=[reply]
            )


@probe(
    "X-14",
    level=None,
    severity=MEDIUM,
    role=SERVER,
    requirements=("five-levels@X-14",),
    title=Text(fr="Injection dans les journaux", en="Log injection"),
    failure=Text(
        fr="Un retour à la ligne écrit dans un paramètre ou un id commence une ligne du journal, ou un "
        "en-tête.",
        en="A line break written in a parameter or an id begins a line of the log, or a header.",
    ),
    remedy=Text(
        fr="Écrire les journaux dans un format qui échappe CR et LF (JSON), et refuser ces octets dans les "
        "id.",
        en="Write logs in a format that escapes CR and LF (JSON), and refuse these bytes in ids.",
    ),
)
def log_injection(
    fhir: FhirClient, restricted: FhirClient, lookout: Lookout, truth: Truth, expect: Expect
) -> None:
    """Put line breaks before a word of ours, then look for lines that begin with it."""
    type_ = sample(fhir, expect).type
    mark = f"lab-forged-{truth.random('X-14').getrandbits(48):012x}"
    for path in (
        f"{type_}?_tag=%0D%0A{mark}",
        f"{type_}?_id=x%0A{mark}",
        f"{type_}/x%0D%0A{mark}",
        f"{type_}/x%0D%0AX-Lab-Injected:%20{mark}",
        f"{type_}?_tag=x%0D%0AX-Lab-Injected:%20{mark}",
    ):
        reply = restricted.get(path)
        answered(reply, expect)
        expect.that(
            reply.header("X-Lab-Injected") is None,
            expected="no header that the caller wrote",
            seen="X-Lab-Injected",
            evidence=[reply],
        )
    plain = restricted.get(f"{type_}/{mark}")
    output = lookout.output(mark)
    said = output.json if isinstance(output.json, dict) else {}
    lines = [str(line) for line in said.get("lines", [])] if isinstance(said.get("lines"), list) else []
    expect.name(plain, output)
    if not lines:
        expect.skip(
            "Aucune trace de ces requêtes dans ce que l'application écrit sur sa sortie : le laboratoire ne "
            "voit "
            "pas son journal.",
            "No trace of these requests in what the application writes to its output: the laboratory does "
            "not "
            "see its log.",
        )
    forged = [line for line in lines if line.startswith((mark, "X-Lab-Injected")) or f"\r{mark}" in line]
    expect.that(
        not forged,
        expected="CR and LF escaped in the log",
        seen=f"{len(forged)} lines that the caller wrote",
        evidence=[output],
    )


@probe(
    "X-17",
    level=None,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@X-17",),
    title=Text(fr="Portes de test et d'administration", en="Test and administration back doors"),
    failure=Text(
        fr="Une porte de test ou d'administration s'ouvre sans le jeton qu'il lui faudrait.",
        en="A test or administration door opens without the token that it should take.",
    ),
    remedy=Text(
        fr="Retirer ces chemins de ce qui est livré, ou les servir sur une autre adresse, à un "
        "administrateur.",
        en="Remove these paths from what is delivered, or serve them at another address, to an "
        "administrator.",
    ),
)
def back_doors(fhir: FhirClient, anonymous: FhirClient, restricted: FhirClient, expect: Expect) -> None:
    """Ask for usual paths of tests and administration, beside a path that nobody can know."""
    sample(fhir, expect)
    parts = urlsplit(fhir.base_url)
    root = f"{parts.scheme}://{parts.netloc}"
    for client in (anonymous, restricted):
        unknown = [client.get(f"{root}/{name}") for name in ("lab-no-such-door", "lab-no-such-page")]
        pairs = (unknown[0], "lab-no-such-door"), (unknown[1], "lab-no-such-page")
        for name in (*_DOORS, *_PAGES):
            reply = client.get(f"{root}/{name}")
            opened = _OK <= reply.status < _REDIRECTED and difference(reply, name, *pairs)
            seen = f"HTTP {reply.status} for /{name}"
            if name in _DOORS:
                expect.that(not opened, expected="HTTP 404", seen=seen, evidence=[reply, *unknown])
            else:
                # A public page about the API is no door, but nobody needs it there.
                expect.should(not opened, expected="HTTP 404", seen=seen, evidence=[reply, *unknown])
    for name in ("__seed", "$reset", "reset"):
        reply = restricted.get(name)
        answered(reply, expect)
        expect.that(
            reply.status >= _REDIRECTED,
            expected="HTTP 404",
            seen=f"HTTP {reply.status} for {name}",
            evidence=[reply],
        )


def _errors(fhir: FhirClient, type_: str) -> Iterator[Reply]:
    json = {"Content-Type": "application/fhir+json"}
    for path in (
        "LabNoSuchType",
        f"{type_}/lab-no-such-id",
        f"{type_}/{'x' * 200}",
        f"{type_}/a'b\"c",
        f"{type_}?_count=abc",
        f"{type_}?_lastUpdated=not-a-date",
        f"{type_}?_sort=__proto__",
        f"{type_}?_id=%00%FF",
        f"{type_}?_has:x:y:z=1",
        f"{type_}/$lab-unknown",
        "metadata?_format=lab/unknown",
    ):
        yield fhir.get(path)
    yield fhir.request("POST", f"{type_}/_search", headers=json, body=b"{")
    yield fhir.request("POST", type_, headers=json, body=b'{"resourceType": ')
    yield fhir.request("POST", type_, headers={"Content-Type": "text/plain"}, body=b"x")
    yield fhir.request("PUT", f"{type_}/lab-no-such-id", headers=json, body=b"[]")
