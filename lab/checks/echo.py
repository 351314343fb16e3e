"""What the optional hooks of an application tell of a resource: how it is held, and whether it is passed on.

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


def forwarded(caller: FhirClient, truth: Truth, expect: Expect) -> tuple[Reply, frozenset[str]]:
    """Return what the application says it passes on (``Type/id``); skips when its hook does not tell."""
    url = truth.subject.client.sink_url if truth.subject.client else ""
    if not url:
        expect.skip(
            "Ce que l'application transmet à d'autres ne se voit pas : il faut déclarer client.sink_url.",
            "What the application passes on to others cannot be seen: declare client.sink_url.",
        )
    reply = caller.wire.send(Outgoing("GET", url, (("Accept", "application/json"),)))
    said = reply.json if isinstance(reply.json, dict) else {}
    sent = said.get("forwarded")
    if reply.status != _OK or not isinstance(sent, list):
        expect.name(reply)
        expect.skip(
            'client.sink_url ne répond pas {"forwarded": [...]}.',
            'client.sink_url does not answer {"forwarded": [...]}.',
        )
    return reply, frozenset(str(one) for one in sent)
