"""What belongs to one run alone: its keys and secrets, and the hospital that is started with them."""

import secrets
from dataclasses import dataclass, field, replace
from pathlib import Path

from lab.authserver.registry import LABORATORY_KID, LABORATORY_RSA_KID
from lab.certification import planning
from lab.checking.keys import KeyPair, new_key, new_pairs
from lab.model.target import SystemUnderTest
from lab.sandbox.plan import SandboxPlan


@dataclass(frozen=True)
class Keys:
    """Who signs, who redacts; ``successor`` is what the application rotates its key to."""

    laboratory: KeyPair = field(repr=False)
    application: KeyPair = field(repr=False)
    successor: KeyPair = field(repr=False)
    redaction_key: str = field(repr=False)
    secret: str = field(repr=False)


def new_keys() -> Keys:
    """Return the keys of a new run."""
    return Keys(
        laboratory=new_pairs(LABORATORY_KID, LABORATORY_RSA_KID),
        application=new_key("application"),
        successor=new_key("application-2"),
        redaction_key=secrets.token_bytes(32).hex(),
        secret=secrets.token_urlsafe(24),
    )


def hospital_of(  # noqa: PLR0913 - what a hospital is made of
    subject: SystemUnderTest,
    keys: Keys,
    *,
    seed: int,
    patients: int,
    journal: Path,
    store: Path,
    acts: tuple[str, ...] = (),
    measured: bool = False,
) -> SandboxPlan:
    """Return the hospital of a run, with the application registered in it.

    Small pages show checks whether links are followed; what is ``measured`` gets pages of the usual length.
    """
    clients = planning.clients(subject, keys.application, keys.successor, keys.laboratory, acts)
    return SandboxPlan(
        seed=seed,
        patients=patients,
        journal=str(journal),
        store=str(store),
        redaction_key=keys.redaction_key,
        laboratory_secret=keys.secret,
        clients=tuple(replace(one, page_limit=None) for one in clients) if measured else clients,
    )
