"""Answer the requests of checks from a journal, so that a run can be judged again without the application."""

from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from lab.fhir.client import Outgoing
from lab.fhir.reply import Reply
from lab.model.exchange import Exchange


class DivergedError(RuntimeError):
    """A check asked for something else than it did when the run was recorded."""


class ReplayWire:
    """Gives each check the answers that it got, in the same order."""

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        self._waiting: dict[str | None, list[Exchange]] = {}
        for exchange in exchanges:
            self._waiting.setdefault(exchange.check, []).append(exchange)
        self.check: str | None = None
        self.gone: set[str] = set()
        self.sent: list[str] = []

    def send(self, request: Outgoing) -> Reply:
        """Return the recorded answer to the next request of the current check.

        Raises:
            DivergedError: the request is not the one that was recorded there.
        """
        waiting = self._waiting.get(self.check, [])
        if not waiting:
            raise DivergedError(f"{self.check} sends more requests than were recorded.")
        exchange = waiting.pop(0)
        if (exchange.method, urlsplit(exchange.url).path) != (request.method, urlsplit(request.url).path):
            raise DivergedError(f"{self.check} asks {request.method} {request.url}, not {exchange.url}.")
        self.sent.append(exchange.id)
        return _reply(exchange, request.url)

    def send_at_once(self, requests: Sequence[Outgoing]) -> list[Reply]:
        """Return the recorded answers to requests that were sent at the same instant."""
        return [self.send(request) for request in requests]

    def pause(self, seconds: float) -> None:
        """Nobody is waited for: what came back is on record."""

    def token(self, check: str) -> Reply | None:
        """Return the next recorded answer of a token endpoint; None when nobody asked it."""
        waiting = self._waiting.get(check, [])
        return _reply(waiting[0], waiting.pop(0).url) if waiting else None

    def close(self) -> None:
        """Nothing is open."""


def _reply(exchange: Exchange, url: str) -> Reply:
    return Reply(
        exchange.id,
        exchange.status,
        exchange.response_headers,
        exchange.response_body.encode(),
        exchange.error,
        url,
    )
