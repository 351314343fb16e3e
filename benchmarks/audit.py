"""What the audit adds to a request of the gateway: the same requests with and without a trail, alternated.

The application is called in this process, without sockets: the share of the audit is the largest there. The
time is CPU time.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from measuring import machine, print_table

from lab.audit.patients import patients_in
from lab.audit.trail import Trail
from lab.authserver.registry import Registration, Registry
from lab.authserver.tokens import Tokens
from lab.fhir.http import AsgiApplication
from lab.fhir.permission import compile_permission
from lab.fhir.permission_form import permission
from lab.fhir.scopes import parse_scopes
from lab.fhirserver.backend import EmbeddedBackend
from lab.gateway.application import Gateway, application
from lab.journal.journal import Journal
from lab.journal.redact import Redactor
from synthetic_data import HospitalPlan, generate

_ROUNDS, _BURST = 15, 100
_MASKED = ("Patient.address", "Patient.telecom")


@dataclass(frozen=True)
class Case:
    """One request; ``client`` is who sends it."""

    name: str
    client: str
    path: str
    query: str


_CASES = (
    Case("read", "full", "/fhir/Patient/{id}", ""),
    Case("read, masked", "masked", "/fhir/Patient/{id}", ""),
    Case("read, refused at level 3", "full", "/fhir/Encounter/e", ""),
    Case("search of 20 Patients", "full", "/fhir/Patient", "_count=20"),
    Case("search of 20 Observations", "full", "/fhir/Observation", "_count=20"),
    Case("search of a patient's 20", "full", "/fhir/Observation", "patient=Patient/{id}&_count=20"),
)


def _gateway(folder: Path, backend: EmbeddedBackend) -> tuple[Gateway, dict[str, str]]:
    registrations = [
        Registration(
            client_id=client,
            jwks={},
            scopes=parse_scopes("system/Patient.rs system/Observation.rs"),
            policy=compile_permission(
                permission(client, {"Patient": (), "Observation": ()}, ("read", "search-type"), masks), client
            ),
        )
        for client, masks in (("full", ()), ("masked", _MASKED))
    ]
    tokens = Tokens(lifetime_s=36_000)
    gateway = Gateway(
        origin="http://127.0.0.1:1",
        token_url="http://127.0.0.1:1/token",  # noqa: S106 - an address
        introspection_url="http://127.0.0.1:1/introspect",
        backend=backend,
        registry=Registry(registrations),
        tokens=tokens,
        journal=Journal(folder / "journal.jsonl", "G"),
        redactor=Redactor(bytes(32)),
        started=0.0,
        laboratory_secret="benchmark",  # noqa: S106 - marks nothing here
    )
    return gateway, {r.client_id: tokens.issue(r.client_id, r.scopes) for r in registrations}


def _call(app: AsgiApplication, case: Case, patient: str, token: str) -> Callable[[], bytes]:
    path = case.path.format(id=patient).encode()
    scope = {
        "type": "http",
        "method": "GET",
        "path": path.decode(),
        "raw_path": path,
        "query_string": case.query.format(id=patient).encode(),
        "headers": [(b"host", b"h"), (b"authorization", f"Bearer {token}".encode())],
        "client": ("127.0.0.1", 1),
    }

    async def one() -> bytes:
        body = b""

        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: dict[str, object]) -> None:
            nonlocal body
            part = message.get("body", b"")
            body += part if isinstance(part, bytes) else b""

        await app(dict(scope), receive, send)  # type: ignore[arg-type]
        return body

    loop = asyncio.get_event_loop()
    return lambda: loop.run_until_complete(one())


def _cpu(call: Callable[[], object], times: int) -> float:
    begun = time.process_time()
    for _ in range(times):
        call()
    return (time.process_time() - begun) / times


def main() -> None:
    """Print one line for each request: microseconds of CPU without a trail, and the ratio with one."""
    asyncio.set_event_loop(asyncio.new_event_loop())
    print(machine())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        backend = EmbeddedBackend(folder / "hospital.db", page_key=bytes(32))
        resources = list(generate(HospitalPlan(seed=7, patients=300)))
        backend.load(resources)
        patient = next(r["subject"]["reference"][8:] for r in resources if r["resourceType"] == "Observation")
        del resources  # the garbage collector would walk them, as no gateway has to
        plain, tokens = _gateway(folder, backend)
        traced = replace(plain, trail=Trail(folder / "audit"))
        rows = []
        for case in _CASES:
            calls = [_call(application(g), case, patient, tokens[case.client]) for g in (plain, traced)]
            bursts = [(_cpu(calls[0], _BURST), _cpu(calls[1], _BURST)) for _ in range(_ROUNDS)]
            without = statistics.median(first for first, _ in bursts)
            ratio = statistics.median(second / first for first, second in bursts)
            body = calls[0]()
            found = statistics.median(
                _cpu(lambda b=body: patients_in(b, plain.base_url), 200) for _ in range(9)
            )
            added = statistics.median(second - first for first, second in bursts)
            rows.append([case.name, *(f"{n * 1e6:.0f}" for n in (without, added, found)), f"{ratio:.2f}"])
        print_table(["request", "µs without", "µs added", "of which patients", "ratio"], rows)
        backend.close()


if __name__ == "__main__":
    main()
