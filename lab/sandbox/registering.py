"""Make what levels 1 and 2 decide on out of a plan: applications, networks, keys, shared state, TLS."""

import ssl
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

from lab.authserver.key_ring import KeyRing
from lab.authserver.rate_limit import RateLimits
from lab.authserver.registry import Registration, Registry
from lab.authserver.state import State
from lab.authserver.tokens import Tokens
from lab.authserver.used_ids import UsedIds
from lab.fhir.permission import compile_permission
from lab.fhir.policy import Network
from lab.fhir.scopes import parse_scopes
from lab.model.release import Release
from lab.sandbox.plan import Client, PlanError, SandboxPlan


@dataclass(frozen=True)
class Admission:
    """Who is let in: the applications with what the worker processes know of them together."""

    registry: Registry
    tokens: Tokens
    used: UsedIds
    keys: KeyRing
    limits: RateLimits
    proxies: tuple[Network, ...]


def admission(plan: SandboxPlan) -> Admission:
    """Return what the plan says of who is let in.

    Raises:
        PlanError: an address or a file of the plan cannot be used.
        StateUnavailableError: the state file cannot be used.
    """
    registrations = tuple(_registration(client, plan.release) for client in plan.clients)
    state = State(Path(plan.state) if plan.state else None)
    try:
        trusted = ssl.create_default_context(cafile=plan.jwks_authorities) if plan.jwks_authorities else None
        keys = KeyRing(registrations, trusted)
        limits = RateLimits(Path(f"{plan.state}-rates") if plan.state else None)
    except OSError as error:
        raise PlanError(
            f"A file of the plan cannot be used ({error}): check jwks_authorities and state."
        ) from None
    except ValueError as error:
        raise PlanError(str(error)) from None
    return Admission(
        registry=Registry(registrations, state),
        tokens=Tokens(state=state, release=plan.release),
        used=UsedIds(state=state),
        keys=keys,
        limits=limits,
        proxies=tuple(_network(text) for text in plan.proxies),
    )


def _registration(client: Client, release: Release) -> Registration:
    return Registration(
        client_id=client.client_id,
        jwks=client.jwks,
        scopes=parse_scopes(client.scopes, release),
        policy=compile_permission(client.permission, client.client_id, client.library, release),
        purpose=client.purpose,
        page_limit=client.page_limit,
        jwks_file=client.jwks_file,
        jwks_url=client.jwks_url,
        certificate_bound=client.certificate_bound,
        resource_server=client.resource_server,
        rate=client.rate,
    )


def _network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError:
        raise PlanError(f"A proxy is a network such as 10.1.0.0/16, not {text!r}: correct it.") from None
