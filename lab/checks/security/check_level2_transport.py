"""Level 2, application: tokens and data travel under a current TLS only.

Specs: RFC 9325 (recommendations for TLS), RFC 8996 (TLS 1.0 and 1.1 must not be used); CWE-319
"""

from urllib.parse import SplitResult, urlsplit

from lab.api import (
    HIGH,
    SERVER,
    Expect,
    FhirClient,
    Outgoing,
    Reply,
    Text,
    Truth,
    is_loopback,
    probe,
    status_of,
)
from lab.checks.security.client_hello import client_hello, went_along
from lab.checks.security.oauth_address import smart_configuration

_OLD = {"TLS 1.1": b"\x03\x02", "TLS 1.0": b"\x03\x01"}
_HTTPS = 443


@probe(
    "L2-32",
    level=2,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L2-32",),
    title=Text(fr="Sans TLS, ou avec un TLS ancien", en="No TLS or old TLS"),
    failure=Text(
        fr="L'application répond sans TLS ou avec une version abandonnée, ou publie une adresse en HTTP.",
        en="The application answers without TLS or with an abandoned version, or publishes an HTTP address.",
    ),
    remedy=Text(
        fr="Ne servir qu'en HTTPS, TLS 1.2 au moins, et ne rien répondre en HTTP sur le même port.",
        en="Serve by HTTPS only, TLS 1.2 at least, and answer nothing by HTTP on the same port.",
    ),
)
def transport(anonymous: FhirClient, truth: Truth, expect: Expect) -> None:
    """Speak HTTP, TLS 1.1 and TLS 1.0 to the port of HTTPS, after a call that verified its certificate.

    On the loopback address plain HTTP stays within the machine: there, only the addresses are judged that the
    application publishes for its clients elsewhere.
    """
    _published(anonymous, expect)
    server = truth.subject.server
    urls = [anonymous.base_url, *([server.token_url] if server and server.token_url else [])]
    plain = [url for url in urls if not url.startswith("https:")]
    if plain and all(is_loopback(url) for url in urls):
        expect.omit(
            f"L'application est appelée en HTTP à une adresse de bouclage ({plain[0]}) : rien ne quitte la "
            "machine, et TLS revient à ce qui la publie.",
            f"The application is called by HTTP at a loopback address ({plain[0]}): nothing leaves the "
            "machine, and TLS is up to what publishes it.",
        )
    control = anonymous.get("metadata")
    expect.that(not plain, expected="https", seen=f"http at {', '.join(plain)}", evidence=[control])
    if not control.status:
        expect.name(control)
        expect.skip(
            f"L'application ne répond pas en HTTPS ({control.error}).",
            f"The application does not answer by HTTPS ({control.error}).",
        )
    for url in dict.fromkeys(urls):
        _judge(anonymous, urlsplit(url), expect)


def _published(client: FhirClient, expect: Expect) -> None:
    """Expect that no endpoint of the SMART configuration sends clients over a network in clear."""
    said = smart_configuration(client, expect)
    urls = {name: url for name, url in said.items() if isinstance(url, str) and url.startswith("http://")}
    clear = sorted(name for name, url in urls.items() if not is_loopback(url))
    expect.that(not clear, expected="https in the SMART configuration", seen=f"http for {', '.join(clear)}")


def _judge(client: FhirClient, parts: SplitResult, expect: Expect) -> None:
    port = parts.port or _HTTPS
    text = f"GET {parts.path}/metadata HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n"
    reply = _sent(client, parts, port, text.encode())
    expect.that(
        not 200 <= reply.status < 300,
        expected="no data by plain HTTP",
        seen=f"{status_of(reply)} at port {port}",
        evidence=[reply],
    )
    for name, version in _OLD.items():
        reply = _sent(client, parts, port, client_hello(version))
        expect.that(
            not went_along(reply.body),
            expected=f"{name} refused",
            seen=f"a handshake of {name} at port {port}",
            evidence=[reply],
        )


def _sent(client: FhirClient, parts: SplitResult, port: int, raw: bytes) -> Reply:
    url = parts._replace(scheme="http", netloc=f"{parts.hostname}:{port}").geturl()
    return client.wire.send(Outgoing("GET", url, raw=raw))
