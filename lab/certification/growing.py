"""The application at one size: an instance of its own, with as many patients, and what it can be asked.

Instances of all sizes are alive at once, so that sizes can be measured interleaved.
"""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from lab.certification import planning
from lab.certification.application import UnreachableError
from lab.certification.filling import fill
from lab.certification.folder import RunFolder
from lab.certification.instance import Surroundings, launch
from lab.certification.keys import Keys, hospital_of
from lab.certification.preparation import client_of, load_target, preparation_wire
from lab.checking.truth import Truth
from lab.engine.plan import Context, EnginePlan, Secrets
from lab.engine.wire import LiveWire
from lab.fhir.client import FhirClient
from lab.load.arrival import Arrival
from lab.load.plan import LoadPlan
from lab.load.routes import Route, chart, poll, read, search
from lab.load.target import Target
from lab.model.target import ClientRole, ServerRole, SystemUnderTest
from lab.sandbox.stack import sandbox
from lab.scaling.rounds import plan_of

ROUTES: dict[str, Route] = {"read": read, "search": search, "poll": poll, "chart": chart}
FULL = "full"
_MOST_WAYS = 60  # of asking one thing: enough for fresh values, few enough for a short line
_SETTLED_S = 3.0
_LOOK_S = 0.5


@dataclass(frozen=True)
class Grown:
    """One instance of ``size`` patients, as ``fhir`` reaches it."""

    size: int
    fhir: FhirClient
    arrivals: tuple[Arrival, ...]
    target: Target
    seed: int

    def held(self) -> int:
        """Ask how many patients it holds; once every instance is filled, as some might share their data."""
        return patients_of(self.fhir)

    def asking(self) -> LoadPlan:
        """Return who asks what; what it takes to ask for a token is signed when it is asked for."""
        persona = next(one for one in self.target.personas if one.name == FULL)
        at = self.target
        return plan_of(at.base_url, (persona,), self.arrivals, seed=self.seed, token_url=at.token_url)


def grow(
    stack: ExitStack,
    subject: SystemUnderTest,
    size: int,
    seed: int,
    keys: Keys,
    private: Path,
    folder: RunFolder,
) -> Grown:
    """Start an instance for as long as the stack is open, and give it its patients.

    It pulls them from a hospital of that size, or is filled through its API.

    Raises:
        UnreachableError: it did not start, could not be filled, or gave no token.
    """
    server, engine = started(stack, subject, size, seed, keys, private, folder)
    if server.seed_patients:
        # Apart, and not kept: every write of a large hospital would be a journal larger than the hospital.
        with preparation_wire(engine, RunFolder(private)) as writing:
            fill(client_of(server, engine, writing), seed, size)
    wire = stack.enter_context(preparation_wire(engine, folder, str(size)))
    fhir = client_of(server, engine, wire)
    settle(lambda: patients_of(fhir), subject.client)
    return asked_of(server, engine, wire, size)


def started(
    stack: ExitStack,
    subject: SystemUnderTest,
    size: int,
    seed: int,
    keys: Keys,
    private: Path,
    folder: RunFolder,
) -> tuple[ServerRole, EnginePlan]:
    """Start an instance, or look whether it runs, beside a hospital of that size where it needs one.

    Raises:
        UnreachableError: it did not start, or does not answer.
    """
    private.mkdir()
    at = None
    if planning.needs_sandbox(subject):
        plan = hospital_of(
            subject,
            keys,
            seed=seed,
            patients=size,
            journal=private / "hospital.jsonl",
            store=private / "hospital.db",
            measured=True,
        )
        at = stack.enter_context(sandbox(plan, folder.log(f"sandbox-{size}"))).addresses
    around = Surroundings(at, keys.application, keys.laboratory, seed)
    log = folder.log(f"application-{size}")
    subject, _, _ = launch(stack, subject, around, private / "application", log)
    server = subject.server
    if server is None:
        raise UnreachableError(fr="L'application n'est pas un serveur.", en="The application is no server.")
    engine = EnginePlan(
        context=Context(
            checks=(),
            subject=subject,
            seed=seed,
            groups=at.groups if at else {},
            hospital=at.public if at else {},
        ),
        secrets=Secrets(
            access=planning.access(subject, keys.laboratory, at.token_url if at else ""),
            redaction_key=keys.redaction_key,
            laboratory_secret=keys.secret,
        ),
        application_journal="",
        own_journal="",
    )
    return server, engine


def asked_of(server: ServerRole, engine: EnginePlan, wire: LiveWire, size: int) -> Grown:
    """Return what an instance of that size can be asked.

    Raises:
        UnreachableError: it gave no token.
    """
    fhir = client_of(server, engine, wire)
    subject, seed = engine.context.subject, engine.context.seed
    truth = Truth(subject, seed, engine.context.groups, engine.context.hospital)
    target = load_target(server, engine, wire, truth)
    ways = [
        one
        for route in ROUTES.values()
        for one in [one for one in route(target) if one.persona == FULL][:_MOST_WAYS]
    ]
    return Grown(size, fhir, tuple(ways), target, seed)


def patients_of(fhir: FhirClient) -> int:
    """Return how many patients the application says that it holds, -1 when it does not say."""
    reply = fhir.search("Patient", _summary="count")
    total = reply.resource.get("total") if reply.status == 200 and reply.type == "Bundle" else None
    return total if isinstance(total, int) and total >= 0 else -1


def settle(count: Callable[[], int], client: ClientRole | None) -> None:
    """Wait until the count no longer changes: an application that pulls takes a while to have all."""
    if client is None:
        return
    window = max(_SETTLED_S, 2 * client.poll_interval_s)
    begun = since = time.monotonic()
    last = count()
    while time.monotonic() - begun < client.watch_s:
        time.sleep(_LOOK_S)
        now = count()
        if now != last:
            last, since = now, time.monotonic()
        elif last != 0 and time.monotonic() - since >= window:  # below 0, it will not say
            return
