"""Run probes on the sound vendor of the zoo, or on a variant of it, in this process and without a socket.

Two instances hold the two worlds; a request costs less than a millisecond.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from lab.authserver.registry import LABORATORY_KID
from lab.bundled import mutants
from lab.canary.world import world
from lab.checking.cohort import find_cohort
from lab.checking.expect import Expect, Failed, NotApplicable, NotShown, Told
from lab.checking.keys import new_key
from lab.checking.smart import SmartEndpoint
from lab.checking.truth import Truth
from lab.checking.twins import Twins
from lab.fhir.client import FhirClient, Outgoing
from lab.fhir.reply import Reply
from lab.manifest import read_manifest
from lab.model.target import ServerRole, SystemUnderTest
from tests.mutants.vendors.sound.message import Request
from tests.mutants.vendors.sound.vendor import Vendor
from tests.mutants.vendors.variant import variants

KEY = new_key(LABORATORY_KID)
PORTS = {"one": 40001, "two": 40002}
_ENDS = {Failed: "fail", NotShown: "skip", NotApplicable: "omit"}


@dataclass(frozen=True)
class End:
    """How a probe ended, in one word, and why."""

    outcome: str
    why: str


@dataclass
class DirectWire:
    """Hands requests to the vendor of a port; ``sent`` and ``answers`` keep what passed."""

    vendors: dict[int, Vendor]
    sent: list[Outgoing] = field(default_factory=list)
    answers: list[Reply] = field(default_factory=list)

    def send(self, request: Outgoing) -> Reply:
        """Answer a request as the HTTP part of the vendor would."""
        self.sent.append(request)
        parts = urlsplit(request.url)
        vendor = self.vendors[parts.port or 0]
        headers = tuple((name.lower(), value) for name, value in request.headers)
        peer = request.source or "127.0.0.1"
        asked = Request(
            request.method, vendor.http.path(parts.path), parts.query, headers, request.body, peer
        )
        head, _, body = vendor.http.wire(vendor.answer(asked), asked, keep=True).partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        named = (line.partition(": ")[::2] for line in lines)
        reply = Reply(f"L-{len(self.sent)}", int(first.split()[1]), tuple(named), body, "", request.url)
        self.answers.append(reply)
        return reply

    def pause(self, _: float) -> None:
        """Nobody works meanwhile."""


class Bench:
    """Two instances of a variant (the sound one without a name), and everybody who calls them."""

    def __init__(self, variant: str = "", *, seed: int = 7, **changed: object) -> None:
        subjects = {side: _at(port) for side, port in PORTS.items()}
        worlds = {side: world(_server(subjects[side]), seed, side) for side in ("one", "two")}
        vendors = {}
        for side, port in PORTS.items():
            app = Vendor(port, list(worlds[side].resources), {"keys": [KEY.public]})
            if variant:
                variants()[variant].break_(app)
            vendors[port] = app
        self.wire = DirectWire(vendors)
        canary = worlds["one"].canary
        truth = Truth(subjects["one"], seed, dict(canary.groups), {}, canary=canary)
        self.truth = replace(truth, **changed)
        self.server = _server(self.truth.subject)

    def client(self, name: str, side: str = "one") -> FhirClient:
        """Return an identity at an instance."""
        base = f"http://127.0.0.1:{PORTS[side]}/fhir"
        endpoint = self.endpoint(name, side)
        token = endpoint.ask().json["access_token"]
        return FhirClient(base, self.wire, lambda: f"Bearer {token}", name=name)

    def endpoint(self, name: str, side: str = "one") -> SmartEndpoint:
        """Return the token endpoint of an instance, asked as an identity."""
        identity = self.server.identity(name)
        url = f"http://127.0.0.1:{PORTS[side]}/token"
        return SmartEndpoint(url, identity.client_id, identity.scopes, KEY.private, LABORATORY_KID, self.wire)

    def run(self, probe: Callable[..., None]) -> End:
        """Run one probe as the engine does."""
        expect = Expect()
        makers: dict[str, Callable[[], object]] = {
            **{
                name: (lambda name=name: self.client(name))
                for name in ("restricted", "other", "research", "contact")
            },
            "fhir": lambda: self.client("full"),
            "twins": lambda: Twins(self.client("restricted"), self.client("restricted", "two")),
            "cohort": lambda: find_cohort(
                self.server.identity("restricted"), self.client("full"), self.truth
            ),
            "truth": lambda: self.truth,
            "expect": lambda: expect,
        }
        try:
            probe(**{name: makers[name]() for name in inspect.signature(probe).parameters})
        except Told as told:
            return End(_ENDS.get(type(told), "skip"), told.detail.en)
        remarks = [remark.en for remark in expect.remarks]
        return End("warning" if remarks else "pass", " ".join(remarks))


def _at(port: int) -> SystemUnderTest:
    subject = read_manifest(mutants() / "vendors" / "vendor.toml")
    server = _server(subject)
    base, token = (f"http://127.0.0.1:{port}/{path}" for path in ("fhir", "token"))
    return replace(subject, server=replace(server, base_url=base, token_url=token))


def _server(subject: SystemUnderTest) -> ServerRole:
    if subject.server is None:
        raise TypeError(subject)
    return subject.server
