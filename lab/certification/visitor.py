"""A client for people who explore the sandbox: confined to the emergency cohort, two elements masked."""

from lab.checking.keys import KeyPair, new_key
from lab.fhir.permission_form import permission
from lab.sandbox.plan import Client

VISITOR = "visitor"
COHORT = "group-urgences"
CONFINED = ("Patient", "Encounter", "Observation", "Condition", "ImagingStudy")
REFERENTIALS = ("Organization", "Location", "Practitioner", "PractitionerRole")
MASKED = ("Patient.address", "Patient.telecom")


def visitor(cohort: str = COHORT) -> tuple[Client, KeyPair]:
    """Return the client, confined to a Group, and its key pair."""
    key = new_key("visitor-1")
    scopes = " ".join(f"system/{type_}.rs" for type_ in CONFINED + REFERENTIALS)
    confined = dict.fromkeys(CONFINED, (cohort,))
    opened: dict[str, tuple[str, ...]] = {**confined, **dict.fromkeys(REFERENTIALS, ())}
    client = Client(
        client_id=VISITOR,
        jwks={"keys": [key.public]},
        scopes=scopes,
        permission=permission(VISITOR, opened, ("read", "search-type"), MASKED),
    )
    return client, key
