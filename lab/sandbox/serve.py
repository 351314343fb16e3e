"""The child process of a sandbox: read a plan on standard input, serve, stop when the input is closed.

It speaks to its parent in JSON lines on standard output: ``progress``, ``ready``, ``acts-complete``. The
closed input ends it even when the parent was killed, so that no process is left behind. A line on the open
input is an order: the windows of faults that the gateway is to keep. Several worker
processes serve the same sockets; the first of them fills the hospital and plays the acts.
"""

import asyncio
import secrets
import socket
import ssl
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
import uvicorn

from lab.audit.login import with_logins
from lab.audit.port import AUDIT
from lab.authserver import application as token_server
from lab.authserver.conduct import Conduct
from lab.authserver.server import TokenServer
from lab.authserver.state import StateUnavailableError
from lab.backends.backend import Backend
from lab.fhir.http import AsgiApplication
from lab.fhir.policy import PolicyError
from lab.fhirserver import asgi as backend_server
from lab.fhirserver.backend import EmbeddedBackend
from lab.fhirserver.listening import LOOPBACK, bind, settings
from lab.fhirserver.storage.connection import StoreError
from lab.gateway import application as gateway_server
from lab.gateway.act import Script, all_acts
from lab.gateway.windows import Window, Windows
from lab.journal.journal import Journal, of_worker
from lab.journal.redact import Redactor
from lab.sandbox import decoy
from lab.sandbox.auditing import exports_folder, indexed, open_trail, searchable
from lab.sandbox.external import external_backend
from lab.sandbox.plan import Addresses, PlanError, SandboxPlan, Share
from lab.sandbox.registering import admission
from lab.sandbox.seed import Groups, seed
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


def _bind_all(ports: Mapping[str, int], shared: Mapping[str, int]) -> _Sockets:
    """Return the listening sockets: those that the workers share, and new ones of this process."""
    bound = {
        name: socket.socket(fileno=shared[name])
        if name in shared
        else bind(decoy.ADDRESS if name == "decoy" else LOOPBACK, ports.get(name, 0))
        for name in ("gateway", "token", "backend", "decoy")
    }
    return _Sockets(**bound)


def _origin(listener: socket.socket, scheme: str = "http") -> str:
    host, port = listener.getsockname()
    return f"{scheme}://{host}:{port}"


def build(
    plan: SandboxPlan, share: Share, wrap: Wrap, windows: Windows
) -> tuple[list[tuple[uvicorn.Config, socket.socket]], Addresses, list[Script]]:
    """Make the four applications of a sandbox, each with its socket, and say where they answer."""
    sockets = _bind_all(plan.ports, share.sockets)
    started, first = share.started, share.number == 1
    redactor = Redactor(bytes.fromhex(plan.redaction_key))
    journal = Journal(of_worker(Path(plan.journal), share.number), "G" if first else f"G{share.number}")
    trail = open_trail(plan)
    admitted = admission(plan)
    public = "https" if plan.tls else "http"
    origins = {name: _origin(getattr(sockets, name), public) for name in ("gateway", "token")}
    origins |= {name: _origin(getattr(sockets, name)) for name in ("backend", "decoy")}
    conducts: dict[str, Conduct] = {}
    token = TokenServer(
        url=origins["token"],
        registry=admitted.registry,
        tokens=admitted.tokens,
        used=admitted.used,
        journal=journal,
        redactor=redactor,
        started=started,
        keys=admitted.keys,
        proxies=admitted.proxies,
        limits=admitted.limits,
        peer_rate=plan.peer_rate,
        conducts=conducts,
        release=plan.release,
    )

    def open_backend() -> EmbeddedBackend:
        key, urls = bytes.fromhex(share.page_key), {"token": token.token_url}
        return EmbeddedBackend(
            plan.store, page_key=key, security_urls=urls, release=plan.release, exports=exports_folder(plan)
        )

    backend: Backend
    count, groups = 0, Groups()
    if plan.external:
        backend = external_backend(plan.external, bytes.fromhex(share.page_key), token.token_url)
    elif first:
        backend, count, groups = seed(plan, open_backend, lambda n: say("progress", resources=n))
    else:
        backend = _opened(open_backend)
    acts = all_acts()
    scripts = {
        c.client_id: Script(c.client_id, [acts[name] for name in c.acts])
        for c in plan.clients
        if c.acts and first
    }
    gateway = gateway_server.Gateway(
        origin=origins["gateway"],
        token_url=token.token_url,
        introspection_url=token.introspection_url,
        backend=backend,
        registry=admitted.registry,
        tokens=admitted.tokens,
        journal=journal,
        redactor=redactor,
        started=started,
        laboratory_secret=plan.laboratory_secret,
        decoy_url=origins["decoy"],
        scripts=scripts,
        conducts=conducts,
        revocation_url=token.revocation_url,
        proxies=admitted.proxies,
        limits=admitted.limits,
        mutual_tls=bool(plan.tls and plan.tls.client_authorities),
        trail=trail,
        windows=windows,
    )
    key = share.backend_key
    backend_url = f"{origins['backend']}/fhir"
    tokens = with_logins(token_server.application(token), trail, admitted.registry, admitted.proxies)
    hospital = backend_server.application(backend, base_url=backend_url, key=key)
    applications = [
        (_secured(wrap(gateway_server.application(gateway)), plan), sockets.gateway),
        (_secured(tokens, plan), sockets.token),
        (settings(searchable(hospital, plan, share, origins["backend"])), sockets.backend),
        (settings(decoy.application(origins["decoy"], journal, redactor, started)), sockets.decoy),
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
        audit_url=f"{origins['backend']}{AUDIT}",
    )
    return applications, addresses, list(scripts.values())


def _opened(open_backend: Callable[[], EmbeddedBackend]) -> EmbeddedBackend:
    """Open the hospital that the first worker has filled."""
    backend = open_backend()
    backend.share()
    return backend


def _secured(app: AsgiApplication, plan: SandboxPlan) -> uvicorn.Config:
    try:
        return settings(app, plan.tls)
    except (ssl.SSLError, OSError) as error:
        raise PlanError(
            f"The listeners cannot be secured ({error}): give a PEM certificate, its key and, to ask for "
            "client certificates, their authorities."
        ) from None


async def serve(plan: SandboxPlan, wrap: Wrap) -> None:
    """Serve the sandbox until standard input is closed."""
    alone = Share(1, {}, secrets.token_hex(64), secrets.token_urlsafe(32), time.monotonic())
    share = plan.share or alone
    windows = Windows()
    applications, addresses, scripts = build(plan, share, wrap, windows)
    servers = [(uvicorn.Server(config), listener) for config, listener in applications]
    running = [asyncio.create_task(server.serve(sockets=[listener])) for server, listener in servers]
    while not all(server.started for server, _ in servers):  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    say("ready", **asdict(addresses))
    watching = asyncio.create_task(_watch(scripts))
    with indexed(plan, share):
        await asyncio.to_thread(_obey, windows)
    watching.cancel()
    for server, _ in servers:
        server.should_exit = True
    await asyncio.gather(*running)


def _obey(windows: Windows) -> None:
    """Follow the orders of the parent until it closes the input."""
    for line in sys.stdin.buffer:
        windows.announce(tuple(Window(**window) for window in orjson.loads(line)["windows"]))


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
    except (FolderError, PlanError, PolicyError, StateUnavailableError, StoreError) as error:
        say("failed", reason=str(error))
        sys.exit(1)
    except OSError as error:
        say("failed", reason=f"A port cannot be opened ({error.strerror}): choose another one, or none.")
        sys.exit(1)


if __name__ == "__main__":
    main()
