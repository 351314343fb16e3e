"""The child process of a sandbox: read a plan on standard input, serve, stop when the input is closed.

It speaks to its parent in JSON lines on standard output: ``progress``, ``ready``, ``acts-complete``. The
closed input ends it even when the parent was killed, so that no process is left behind.
"""

import asyncio
import secrets
import socket
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
import uvicorn

from lab.authserver import application as token_server
from lab.authserver.assertion import UsedIds
from lab.authserver.registry import Registration, Registry
from lab.authserver.tokens import Tokens
from lab.fhir.http import AsgiApplication
from lab.fhir.permission import compile_permission
from lab.fhir.scopes import parse_scopes
from lab.fhirserver import asgi as backend_server
from lab.fhirserver.backend import EmbeddedBackend
from lab.fhirserver.listening import LOOPBACK, bind, settings
from lab.gateway import application as gateway_server
from lab.gateway.act import Script, all_acts
from lab.journal.journal import Journal
from lab.journal.redact import Redactor
from lab.sandbox import decoy
from lab.sandbox.plan import Addresses, SandboxPlan
from lab.sandbox.seed import seed
from synthetic_data.folder.manifest import FolderError

Wrap = Callable[[AsgiApplication], AsgiApplication]


def say(event: str, **facts: object) -> None:
    """Tell the parent something, on one line."""
    sys.stdout.buffer.write(orjson.dumps({"event": event, **facts}) + b"\n")
    sys.stdout.buffer.flush()


@dataclass(frozen=True)
class _Sockets:
    gateway: socket.socket
    token: socket.socket
    backend: socket.socket
    decoy: socket.socket


def _bind_all(ports: Mapping[str, int]) -> _Sockets:
    bound = {
        name: bind(decoy.ADDRESS if name == "decoy" else LOOPBACK, ports.get(name, 0))
        for name in ("gateway", "token", "backend", "decoy")
    }
    return _Sockets(**bound)


def _origin(listener: socket.socket) -> str:
    host, port = listener.getsockname()
    return f"http://{host}:{port}"


def _registrations(plan: SandboxPlan) -> list[Registration]:
    return [
        Registration(
            client_id=client.client_id,
            jwks=client.jwks,
            scopes=parse_scopes(client.scopes),
            policy=compile_permission(client.permission, client.client_id),
            purpose=client.purpose,
            page_limit=client.page_limit,
        )
        for client in plan.clients
    ]


def build(
    plan: SandboxPlan, wrap: Wrap
) -> tuple[list[tuple[AsgiApplication, socket.socket]], Addresses, list[Script]]:
    """Make the four applications of a sandbox, each with its socket, and say where they answer."""
    sockets = _bind_all(plan.ports)
    started = time.monotonic()
    redactor = Redactor(bytes.fromhex(plan.redaction_key))
    journal = Journal(Path(plan.journal), "G")
    registry, tokens = Registry(_registrations(plan)), Tokens()
    origins = {name: _origin(getattr(sockets, name)) for name in ("gateway", "token", "backend", "decoy")}
    token = token_server.TokenServer(
        origins["token"], registry, tokens, UsedIds(), journal, redactor, started
    )
    backend, count, groups = seed(
        plan,
        lambda: EmbeddedBackend(
            Path(plan.store), page_key=secrets.token_bytes(64), security_urls={"token": token.token_url}
        ),
        lambda n: say("progress", resources=n),
    )
    acts = all_acts()
    scripts = {
        c.client_id: Script(c.client_id, [acts[name] for name in c.acts]) for c in plan.clients if c.acts
    }
    gateway = gateway_server.Gateway(
        origin=origins["gateway"],
        token_url=token.token_url,
        introspection_url=token.introspection_url,
        backend=backend,
        registry=registry,
        tokens=tokens,
        journal=journal,
        redactor=redactor,
        started=started,
        laboratory_secret=plan.laboratory_secret,
        decoy_url=origins["decoy"],
        scripts=scripts,
    )
    key = secrets.token_urlsafe(32)
    backend_url = f"{origins['backend']}/fhir"
    applications = [
        (wrap(gateway_server.application(gateway)), sockets.gateway),
        (token_server.application(token), sockets.token),
        (backend_server.application(backend, base_url=backend_url, key=key), sockets.backend),
        (decoy.application(origins["decoy"], journal, redactor, started), sockets.decoy),
    ]
    addresses = Addresses(
        fhir_base_url=gateway.base_url,
        token_url=token.token_url,
        introspection_url=token.introspection_url,
        backend_url=backend_url,
        decoy_url=origins["decoy"],
        backend_key=key,
        resources=count,
        started=started,
        groups=groups,
        process=0,
    )
    return applications, addresses, list(scripts.values())


async def serve(plan: SandboxPlan, wrap: Wrap) -> None:
    """Serve the sandbox until standard input is closed."""
    applications, addresses, scripts = build(plan, wrap)
    servers = [(uvicorn.Server(settings(app)), listener) for app, listener in applications]
    running = [asyncio.create_task(server.serve(sockets=[listener])) for server, listener in servers]
    while not all(server.started for server, _ in servers):  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    say("ready", **asdict(addresses))
    watching = asyncio.create_task(_watch(scripts))
    await asyncio.to_thread(sys.stdin.buffer.read)
    watching.cancel()
    for server, _ in servers:
        server.should_exit = True
    await asyncio.gather(*running)


async def _watch(scripts: list[Script]) -> None:
    """Say once that every act was played."""
    while not all(script.complete for script in scripts):  # noqa: ASYNC110 - scripts are changed by requests
        await asyncio.sleep(0.1)
    say("acts-complete")


def main(wrap: Wrap = lambda application: application) -> None:
    """Run one sandbox from the plan on standard input.

    ``wrap`` is put around the gateway: that is where mutants make their hole.
    """
    plan = SandboxPlan.from_line(sys.stdin.buffer.readline())
    try:
        asyncio.run(serve(plan, wrap))
    except FolderError as error:
        say("failed", reason=str(error))
        sys.exit(1)
    except OSError as error:
        say("failed", reason=f"A port cannot be opened ({error.strerror}): choose another one, or none.")
        sys.exit(1)


if __name__ == "__main__":
    main()
