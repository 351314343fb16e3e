"""One request of a schedule: when it must leave, what it says, and which answer is right."""

from dataclasses import dataclass
from typing import Any

ANONYMOUS = ""
"""The persona of a request that carries no token."""

TOKEN = "token"  # noqa: S105 - the name of a route, not a secret
"""The route whose arrivals go to the token endpoint; its form is filled in when it leaves."""


@dataclass(frozen=True)
class Expect:
    """The right answer: one of ``statuses``, holding ``required`` and none of ``forbidden``.

    ``refusal`` says that the right answer denies something: access, or an element. Then success is counted
    as a refusal, and any other 2xx answer is a leak.
    """

    statuses: tuple[int, ...]
    required: str = ""
    forbidden: tuple[str, ...] = ()
    refusal: bool = False


@dataclass(frozen=True)
class Arrival:
    """A request that leaves ``at`` seconds after the start, whatever the server does.

    ``path`` is relative to the base URL, query included. ``source`` is the local IP address to bind.
    """

    route: str
    path: str
    persona: str
    expect: Expect
    at: float = 0.0
    method: str = "GET"
    source: str | None = None
    body: str | None = None


def read_arrival(data: dict[str, Any]) -> Arrival:
    """Return what was written as JSON."""
    expect = data.pop("expect")
    expect["statuses"] = tuple(expect["statuses"])
    expect["forbidden"] = tuple(expect["forbidden"])
    return Arrival(expect=Expect(**expect), **data)
