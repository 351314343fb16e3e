"""Start one instance of the application as its manifest says, with its placeholders filled."""

import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import orjson

from lab.certification.application import Running, check_reachable, fill, free_port, running
from lab.certification.planting import Side, write_fixture
from lab.checking.canary import Canary
from lab.checking.keys import KeyPair
from lab.model.target import SystemUnderTest
from lab.sandbox.plan import Addresses


@dataclass(frozen=True)
class Surroundings:
    """What every instance is told: where the hospital is, its own key pair, the laboratory's public key."""

    hospital: Addresses | None
    application: KeyPair
    laboratory: KeyPair
    seed: int


def launch(
    stack: ExitStack,
    subject: SystemUnderTest,
    around: Surroundings,
    folder: Path,
    log: Path,
    side: Side = "one",
) -> tuple[SystemUnderTest, Canary, Running | None]:
    """Start an instance for as long as the stack is open; its files are in ``folder``.

    Returns the subject with its placeholders filled, the answer key of the fixture that it was given, and the
    process, when it is the laboratory that starts it.

    Raises:
        UnreachableError: it did not start, or does not answer.
    """
    folder.mkdir(exist_ok=True)
    canary = write_fixture(subject.server, around.seed, side, folder / "fixture.json")
    values = values_of(subject, around, folder)
    server, client = subject.server, subject.client
    if server is not None:
        server = replace(
            server,
            base_url=fill(server.base_url, values).rstrip("/"),
            token_url=fill(server.token_url, values),
            upstream_url=fill(server.upstream_url, values),
        )
    if client is not None:
        client = replace(
            client,
            state_url=fill(client.state_url, values),
            page_url=fill(client.page_url, values),
            jwks_url=fill(client.jwks_url, values),
            echo_url=fill(client.echo_url, values),
            sink_url=fill(client.sink_url, values),
        )
    started = stack.enter_context(running(subject.start, values, log)) if subject.start is not None else None
    if server is not None:
        check_reachable(server.base_url)
    return replace(subject, server=server, client=client), canary, started


def values_of(subject: SystemUnderTest, around: Surroundings, folder: Path) -> Mapping[str, str]:
    """Return the values of the placeholders; the files that they name are written into the folder."""
    key_file = folder / "application-key.json"
    key_file.touch(mode=0o600)
    key_file.write_bytes(orjson.dumps(around.application.private_jwk))
    jwks = folder / "laboratory-jwks.json"
    jwks.write_bytes(orjson.dumps(around.laboratory.jwks))
    values = {
        "python": sys.executable,
        "port": str(free_port()),
        "seed": str(around.seed),
        "key_file": str(key_file),
        "laboratory_jwks": str(jwks),
        "fixture": str(folder / "fixture.json"),
        "scratch": str(folder),
        "client_id": subject.client.client_id if subject.client else "",
    }
    if around.hospital is not None:
        values["fhir_base_url"] = around.hospital.fhir_base_url
        values["token_url"] = around.hospital.token_url
    return values
