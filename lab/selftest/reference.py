"""The unbroken subject that platform mutants are made of: the sandbox's own gateway, certified as a server.

It is also a client: its grant is tested as a vendor's would be.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from lab.checking.canary import COHORT, CONTACT, OPPOSED
from lab.checking.canary import OTHER as OTHER_COHORT
from lab.checking.keys import KeyPair
from lab.fhir.permission_form import permission
from lab.fhir.response import FhirResponse
from lab.fhirserver.capabilities import written_statement
from lab.fhirserver.dispatch import PERFORMED
from lab.gateway.declared import declared
from lab.manifest.platforms import read_platform
from lab.model.target import ClientRole, Identity, ServerRole, SystemUnderTest
from lab.model.words import Role
from lab.sandbox.neighbour import neighbour
from lab.sandbox.plan import Addresses, Client

TYPES = ("Patient", "Observation", "Encounter")
CONFINED = (
    "Patient",
    "Observation",
    "DocumentReference",
    "Binary",
    "List",
    "Task",
    "Provenance",
    "RelatedPerson",
    "Group",
)
REFERENTIALS = ("Organization", "Location", "Practitioner", "PractitionerRole", "ImagingStudy")
EMPTY = "Basic"
"""A type of which the sandbox holds nothing: a deletion that goes too far does no harm there."""
WRITTEN = (*dict.fromkeys((*TYPES, *CONFINED, EMPTY)),)
HELD = (*dict.fromkeys((*WRITTEN, "Condition", "Composition", "Bundle", *REFERENTIALS)),)
READING = ("read", "search-type")
ACTIONS = (*READING, "vread", "create", "update", "patch", "delete", "history-instance", "operation")
FULL, RESTRICTED, PULLER = "reference-full", "reference-restricted", "reference-client"
OTHER, RESEARCH, NOTIFIER = "reference-other", "reference-research", "reference-contact"
FULL_SCOPES = " ".join(f"system/{t}.{'cruds' if t in WRITTEN else 'rs'}" for t in HELD)
RESTRICTED_SCOPES = " ".join(f"system/{type_}.rs" for type_ in CONFINED)
RESEARCH_SCOPES = "system/Patient.rs system/Observation.rs system/Condition.rs"
CONTACT_SCOPES = "system/Patient.rs system/Encounter.rs"
PULLER_SCOPES = "system/Patient.rs system/Encounter.rs system/Observation.rs"
INS = "Patient.identifier.where(system in ('urn:oid:1.2.250.1.213.1.4.10'))"
MASKED = ("Patient.address", "Patient.telecom", "Patient.birthDate", INS, "RelatedPerson.address")
PULLER_MASKED = ("Patient.address", "Patient.telecom")
NOMINATIVE = (
    *(
        f"Patient.{name}"
        for name in (
            "identifier",
            "name",
            "telecom",
            "address",
            "birthDate",
            "photo",
            "contact",
            "link",
            "generalPractitioner",
        )
    ),
    "Observation.identifier",
    "Observation.note",
)
REASONS = tuple(f"Encounter.{name}" for name in ("reasonCode", "reasonReference", "diagnosis", "type"))
PULLED_COHORT = "group-urgences-purpan"
_PULLED = dict.fromkeys(("Patient", "Encounter", "Observation"), (PULLED_COHORT,))


def clients(laboratory: KeyPair) -> tuple[Client, ...]:
    """Return the applications that the sandbox registers for its own certification."""
    jwks = laboratory.jwks
    everything: dict[str, tuple[str, ...]] = dict.fromkeys(HELD, ())
    own = dict.fromkeys(CONFINED, (COHORT,))
    others = dict.fromkeys(CONFINED, (OTHER_COHORT,))
    visits = dict.fromkeys(("Patient", "Encounter"), (CONTACT,))
    return (
        Client(FULL, jwks, FULL_SCOPES, permission(FULL, everything, ACTIONS)),
        Client(RESTRICTED, jwks, RESTRICTED_SCOPES, permission(RESTRICTED, own, READING, MASKED)),
        Client(OTHER, jwks, RESTRICTED_SCOPES, permission(OTHER, others, READING)),
        Client(RESEARCH, jwks, RESEARCH_SCOPES, _without_the_opposed()),
        Client(NOTIFIER, jwks, CONTACT_SCOPES, permission(NOTIFIER, visits, READING, REASONS)),
        Client(PULLER, jwks, PULLER_SCOPES, permission(PULLER, _PULLED, READING, PULLER_MASKED)),
        neighbour(laboratory),
    )


def callers() -> Mapping[str, tuple[str, str]]:
    """Return the client id and the scopes of each persona."""
    return {
        "full": (FULL, FULL_SCOPES),
        "restricted": (RESTRICTED, RESTRICTED_SCOPES),
        "other": (OTHER, RESTRICTED_SCOPES),
        "research": (RESEARCH, RESEARCH_SCOPES),
        "contact": (NOTIFIER, CONTACT_SCOPES),
        "grant": (PULLER, PULLER_SCOPES),
    }


def subject() -> SystemUnderTest:
    """Return the subject, its address still to be known."""
    cohorts = {"restricted": COHORT, "other": OTHER_COHORT, "contact": CONTACT}
    masks = {"restricted": MASKED, "research": NOMINATIVE, "contact": REASONS}
    identities = tuple(
        Identity(
            name,
            "laboratory",
            client_id,
            scopes=scopes,
            cohort_group=cohorts.get(name, ""),
            masked=masks.get(name, ()),
        )
        for name, (client_id, scopes) in callers().items()
        if name != "grant"
    )
    return SystemUnderTest(
        vendor="FHIR integration laboratory",
        name="Sandbox",
        version="1",
        roles=(Role.SERVER, Role.CLIENT),
        folder=".",
        digest="",
        client=ClientRole(PULLER, PULLER_SCOPES, permission(PULLER, _PULLED, READING, PULLER_MASKED)),
        server=ServerRole(
            base_url="",
            identities=identities,
            read_only=False,
            refused_source="127.0.0.2",
            canary="api",
            networks=("127.0.0.1/32",),
            certified_capability=_certified(),
            platform=read_platform("chu-toulouse", Path()),
        ),
    )


def at(addresses: Addresses) -> SystemUnderTest:
    """Return the subject at the addresses of a running sandbox."""
    unbound = subject()
    server = unbound.server
    if server is None:
        raise TypeError(unbound)
    return replace(unbound, server=replace(server, base_url=addresses.fhir_base_url))


@cache
def _certified() -> dict[str, Any]:
    """Return what the gateway declares as it is here: a mutant may declare something else."""
    body = written_statement("", (), tuple(sorted(PERFORMED)), "R4")
    statement: dict[str, Any] = orjson.loads(declared(FhirResponse(200, body), ()).body)
    return statement


def _without_the_opposed() -> dict[str, Any]:
    """Return a Permission that opens coded data of everybody but those who object to secondary use."""
    types = ("Patient", "Observation", "Condition")
    opened = permission(RESEARCH, dict.fromkeys(types, ()), READING, NOMINATIVE)
    refused = permission(RESEARCH, dict.fromkeys(types, (OPPOSED,)), READING)["rule"][0]
    denial = {"type": "deny", "data": refused["data"]}
    return {**opened, "combining": "deny-overrides", "rule": [*opened["rule"], denial]}
