"""What the optional hook of an application tells of one resource: how it holds it.

Spec: docs/client-hooks.md
"""

from lab.api import Expect, FhirClient, Outgoing, Reply, Truth

_OK = 200
_NOT_HELD = frozenset({404, 410})


def has_echo(truth: Truth) -> bool:
    """Tell whether the application says what it holds of a resource."""
    return bool(truth.subject.client and truth.subject.client.echo_url)


def echoed(caller: FhirClient, truth: Truth, expect: Expect, reference: str) -> Reply | None:
    """Return a resource (``Type/id``) as the application holds it, None when it does not hold it.

    Skips when the application has no such hook, or when the hook tells nothing.
    """
    url = truth.subject.client.echo_url.rstrip("/") if truth.subject.client else ""
    if not url:
        expect.skip(
            "Ce que l'application a lu ne se voit pas : il faut déclarer client.echo_url.",
            "What the application read cannot be seen: declare client.echo_url.",
        )
    reply = caller.wire.send(Outgoing("GET", f"{url}/{reference}", (("Accept", "application/json"),)))
    expect.name(reply)
    if reply.status in _NOT_HELD:
        return None
    if reply.status != _OK or not isinstance(reply.json, dict):
        expect.skip(
            f"client.echo_url ne répond ni 404 ni la ressource {reference} en JSON.",
            f"client.echo_url answers neither 404 nor the resource {reference} as JSON.",
        )
    return reply
