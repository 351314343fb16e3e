"""Decide what a certification is made of: the checks, the registered clients, the personas, the acts."""

from collections.abc import Mapping
from dataclasses import replace

from lab.checking.keys import KeyPair
from lab.engine.catalogue import catalogue
from lab.engine.plan import Access
from lab.fhir.permission_form import permission
from lab.model.target import Identity, ServerRole, SystemUnderTest
from lab.model.words import Role, Suite
from lab.sandbox.neighbour import neighbour
from lab.sandbox.plan import Client

PAGE_LIMIT = 10
"""Pages given to the application are that small, so that it has links to follow."""


def planned_checks(
    subject: SystemUnderTest, suites: frozenset[Suite], only: frozenset[str] = frozenset()
) -> tuple[str, ...]:
    """Return the ids of the checks to run, in id order: those of the roles and suites asked for.

    Those that compare two instances come first, what crosses the levels before the rest: other checks write,
    and on one of the two only.
    """
    chosen = [
        card
        for id_, card in catalogue().items()
        if card.role in subject.roles and card.suite in suites and (not only or id_ in only)
    ]
    return tuple(
        card.id for card in sorted(chosen, key=lambda card: (not card.twins, card.level or 0, card.id))
    )


def needed_acts(checks: tuple[str, ...]) -> tuple[str, ...]:
    """Return the acts that the checks need, each once, in the order of the checks."""
    return tuple(dict.fromkeys(act for id_ in checks for act in catalogue()[id_].acts))


def needs_sandbox(subject: SystemUnderTest) -> bool:
    """Tell whether the application cannot be certified without the hospital's platform."""
    identities = subject.server.identities if subject.server else ()
    return subject.client is not None or any(i.issuer == "laboratory" for i in identities)


def clients(
    subject: SystemUnderTest,
    application: KeyPair,
    successor: KeyPair,
    laboratory: KeyPair,
    acts: tuple[str, ...],
) -> tuple[Client, ...]:
    """Return the applications to register at the sandbox, each with the laboratory's own key added.

    ``successor`` is the key that takes the place of the one that the laboratory gave to the application.
    """
    registered = []
    if subject.client is not None:
        own = subject.client.jwks or {"keys": [application.public, successor.public]}
        registered.append(
            Client(
                client_id=subject.client.client_id,
                jwks={"keys": [*own["keys"], *laboratory.jwks["keys"]]},
                scopes=subject.client.scopes,
                permission=subject.client.permission,
                library=subject.client.library,
                purpose=subject.client.purpose,
                # What it re-exposes as a server, it gives to who has a token in force.
                resource_server=subject.server is not None,
                acts=acts,
                page_limit=PAGE_LIMIT,
            )
        )
    callers = [
        Client(
            client_id=identity.client_id,
            jwks=laboratory.jwks,
            scopes=identity.scopes,
            # The hospital itself opens next to nothing to a caller of the application.
            permission=permission(identity.client_id, {"Organization": ()}, ("read",)),
        )
        for identity in (subject.server.identities if subject.server else ())
        if identity.issuer == "laboratory"
    ]
    return (*registered, *callers, neighbour(laboratory))


def access(subject: SystemUnderTest, laboratory: KeyPair, hospital_token_url: str) -> Mapping[str, Access]:
    """Return how each persona gets its token."""
    found: dict[str, Access] = {}
    for identity in subject.server.identities if subject.server else ():
        found[identity.name] = _access(identity, subject, laboratory, hospital_token_url)
    if subject.client is not None:
        found["grant"] = Access(
            token_url=hospital_token_url,
            client_id=subject.client.client_id,
            scopes=subject.client.scopes,
            **signing(laboratory),
        )
    return found


def _access(identity: Identity, subject: SystemUnderTest, laboratory: KeyPair, token_url: str) -> Access:
    match identity.issuer:
        case "laboratory":
            return Access(token_url, identity.client_id, identity.scopes, **signing(laboratory))
        case "application":
            own = subject.server.token_url if subject.server else ""
            if identity.authentication == "private_key_jwt":
                return Access(own, identity.client_id, identity.scopes, **signing(laboratory))
            return Access(own, identity.client_id, identity.scopes, secret=identity.client_secret)
        case "nobody":
            return Access()


def needs_twin(subject: SystemUnderTest, checks: tuple[str, ...]) -> bool:
    """Tell whether a second instance can be started and filled otherwise, and a check looks at both."""
    server = subject.server
    possible = server is not None and server.canary and subject.start is not None
    return bool(possible) and any(catalogue()[id_].twins for id_ in checks)


def of_twin(access: Mapping[str, Access], second: ServerRole) -> dict[str, Access]:
    """Return the access of every persona, those at the second instance added under their names."""
    own = {identity.name for identity in second.identities if identity.issuer == "application"}
    twins = {
        f"{name}@two": replace(one, token_url=second.token_url) if name in own else one
        for name, one in access.items()
        if second.identity(name) is not None
    }
    return {**access, **twins}


def watched(subject: SystemUnderTest, suites: frozenset[Suite]) -> bool:
    """Tell whether the application must be watched pulling before checks are run."""
    return Role.CLIENT in subject.roles and bool(suites & {Suite.CONFORMANCE, Suite.SECURITY})


def signing(pair: KeyPair) -> dict[str, str]:
    """Return what an access signs with: both kinds of key, where the signer has both."""
    second = {"rsa_key": pair.rsa.private, "rsa_kid": pair.rsa.kid} if pair.rsa else {}
    return {"key": pair.private, "kid": pair.kid, **second}
