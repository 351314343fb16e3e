"""The unbroken subject that platform mutants are made of: the sandbox's own gateway, certified as a server.

It is also a client: its grant is tested as a vendor's would be.
"""

from dataclasses import replace

from lab.checking.keys import KeyPair
from lab.fhir.permission_form import permission
from lab.model.target import ClientRole, Identity, ServerRole, SystemUnderTest
from lab.model.words import Role
from lab.sandbox.plan import Addresses, Client

COHORT = "group-urgences-purpan"
TYPES = ("Patient", "Observation", "Encounter")
REFERENTIALS = ("Organization", "Location", "Practitioner", "PractitionerRole", "Condition", "ImagingStudy")
ACTIONS = ("read", "vread", "search-type", "create", "update", "delete", "history-instance")
FULL, RESTRICTED, PULLER = "reference-full", "reference-restricted", "reference-client"
FULL_SCOPES = " ".join([*(f"system/{t}.cruds" for t in TYPES), *(f"system/{t}.rs" for t in REFERENTIALS)])
RESTRICTED_SCOPES = "system/Patient.rs system/Observation.rs"
PULLER_SCOPES = "system/Patient.rs system/Encounter.rs system/Observation.rs"
MASKED = ("Patient.address", "Patient.telecom")
_PULLED = {"Patient": (COHORT,), "Encounter": (COHORT,), "Observation": (COHORT,)}


def clients(laboratory: KeyPair) -> tuple[Client, ...]:
    """Return the three applications that the sandbox registers for its own certification."""
    jwks = {"keys": [laboratory.public]}
    everything: dict[str, tuple[str, ...]] = dict.fromkeys(TYPES + REFERENTIALS, ())
    confined = {"Patient": (COHORT,), "Observation": (COHORT,)}
    reading = ("read", "search-type")
    return (
        Client(FULL, jwks, FULL_SCOPES, permission(FULL, everything, ACTIONS)),
        Client(RESTRICTED, jwks, RESTRICTED_SCOPES, permission(RESTRICTED, confined, reading, MASKED)),
        Client(PULLER, jwks, PULLER_SCOPES, permission(PULLER, _PULLED, reading, MASKED)),
    )


def subject() -> SystemUnderTest:
    """Return the subject, its address still to be known."""
    full = Identity("full", "laboratory", FULL, scopes=FULL_SCOPES)
    restricted = Identity(
        "restricted", "laboratory", RESTRICTED, scopes=RESTRICTED_SCOPES, cohort_group=COHORT, masked=MASKED
    )
    return SystemUnderTest(
        vendor="FHIR integration laboratory",
        name="Sandbox",
        version="1",
        roles=(Role.SERVER, Role.CLIENT),
        folder=".",
        digest="",
        client=ClientRole(
            PULLER, PULLER_SCOPES, permission(PULLER, _PULLED, ("read", "search-type"), MASKED)
        ),
        server=ServerRole(
            base_url="", identities=(full, restricted), read_only=False, refused_source="127.0.0.2"
        ),
    )


def at(addresses: Addresses) -> SystemUnderTest:
    """Return the subject at the addresses of a running sandbox."""
    unbound = subject()
    server = unbound.server
    if server is None:
        raise TypeError(unbound)
    return replace(unbound, server=replace(server, base_url=addresses.fhir_base_url))
