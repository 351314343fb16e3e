"""An endpoint on this machine that keeps what it is sent, and Subscriptions to it."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson

TOPICS = "https://lab.chu-toulouse.fr/fhir/SubscriptionTopic"
EXTENSIONS = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition"
_PATIENCE_S = 20


@dataclass(frozen=True)
class Received:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """Return the body, read."""
        return orjson.loads(self.body)

    def said(self, name: str) -> str:
        """Return a value of the state that a notification begins with."""
        state = self.json["entry"][0]["resource"]
        assert state["resourceType"] == "Parameters"
        return next(
            value
            for parameter in state["parameter"]
            if parameter["name"] == name
            for key, value in parameter.items()
            if key.startswith("value")
        )


@dataclass
class Endpoint:
    """``status`` is answered, after ``delay_s``; ``location`` is the header of a redirection."""

    url: str = ""
    status: int = 200
    delay_s: float = 0.0
    location: str = ""
    received: list[Received] = field(default_factory=list)

    def wait(self, count: int) -> list[Received]:
        """Return all requests once there are so many."""
        until(lambda: len(self.received) >= count)
        return list(self.received)

    def paths(self, count: int) -> list[str]:
        """Return method and path of all requests once there are so many."""
        return [f"{each.method} {each.path}" for each in self.wait(count)]


def until(condition: Callable[[], bool]) -> None:
    """Wait for what happens in the background."""
    deadline = time.monotonic() + _PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


@contextmanager
def endpoint() -> Iterator[Endpoint]:
    """Listen on a port of this machine."""
    state = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            state.received.append(Received(self.command, self.path, headers, body))
            time.sleep(state.delay_s)
            try:
                self.send_response(state.status)
                if state.location:
                    self.send_header("location", state.location)
                self.send_header("content-length", "0")
                self.end_headers()
            except OSError:
                pass  # the server has hung up

        do_POST = do_PUT = do_DELETE = do_GET = answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        state.url = f"http://127.0.0.1:{server.server_port}/hook"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield state
        finally:  # a test that fails must not leave a thread that keeps the run from ending
            server.shutdown()
            thread.join()


def subscription(url: str, criteria: str = "Encounter?patient=Patient/in1", **channel: Any) -> dict[str, Any]:
    """Return a Subscription in the form of R4 alone."""
    return {
        "resourceType": "Subscription",
        "status": "requested",
        "reason": "test",
        "criteria": criteria,
        "channel": {"type": "rest-hook", "endpoint": url, **channel},
    }


def topic_subscription(
    url: str, topic: str, *filters: str, content: str = "id-only", heartbeat: int = 0
) -> dict[str, Any]:
    """Return a Subscription with a topic."""
    beats = {"extension": [extension("backport-heartbeat-period", "valueUnsignedInt", heartbeat)]}
    return (
        {
            **subscription(
                url,
                f"{TOPICS}/{topic}",
                payload="application/fhir+json",
                _payload={"extension": [extension("backport-payload-content", "valueCode", content)]},
                **(beats if heartbeat else {}),
            ),
            "_criteria": {
                "extension": [extension("backport-filter-criteria", "valueString", f) for f in filters]
            },
        }
        if filters
        else subscription(url, f"{TOPICS}/{topic}")
    )


def extension(name: str, kind: str, value: object) -> dict[str, object]:
    """Return an extension of the guide."""
    return {"url": f"{EXTENSIONS}/{name}", kind: value}
