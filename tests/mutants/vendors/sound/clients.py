"""The applications that may call: scopes, cohort and masks of each."""

from dataclasses import dataclass

INS = "urn:oid:1.2.250.1.213.1.4.10"
_CONFINED = "DocumentReference Binary List Group Task Provenance RelatedPerson Composition Bundle"
_CONFINED_SCOPES = "system/Patient.rus system/Observation.cruds " + " ".join(
    f"system/{type_}.rs" for type_ in _CONFINED.split()
)
_NOMINATIVE = "identifier name telecom address birthDate photo contact link generalPractitioner"
_REASONS = "reasonCode reasonReference diagnosis type serviceType hospitalization location"


@dataclass(frozen=True)
class Client:
    """``group`` holds the patients that it may see, None for everybody; ``opposed`` those that it must not.

    ``masks`` are ``Type.element``; ``systems`` the identifier systems that it must not see. ``chooses_ids``:
    it may create under an id of its own.
    """

    id: str
    scopes: str
    group: str | None = None
    opposed: str | None = None
    masks: frozenset[str] = frozenset()
    systems: frozenset[str] = frozenset()
    chooses_ids: bool = False

    def masked_elements(self, type_: str) -> frozenset[str]:
        """Return the masked elements of a type."""
        return frozenset(m.partition(".")[2] for m in self.masks if m.partition(".")[0] == type_)

    @property
    def names_nobody(self) -> bool:
        """Tell whether nobody may be named to it, in free text neither."""
        return "Patient.name" in self.masks

    def masks_some(self, type_: str) -> bool:
        """Tell whether anything of a type is masked."""
        return bool(self.masked_elements(type_)) or (type_ == "Patient" and bool(self.systems))


def clients() -> dict[str, Client]:
    """Return every application by its id."""
    contact = frozenset({"Patient.address", "Patient.telecom", "Patient.birthDate"})
    relative = frozenset({"RelatedPerson.address", "RelatedPerson.telecom"})
    nominative = frozenset(f"Patient.{name}" for name in _NOMINATIVE.split())
    coded = frozenset({"Observation.note", "Observation.identifier"})
    reasons = frozenset(f"Encounter.{name}" for name in _REASONS.split())
    every = (
        Client("lab-full", "system/*.cruds", chooses_ids=True),
        Client(
            "lab-restricted",
            _CONFINED_SCOPES,
            "canary-cohort",
            masks=contact | relative,
            systems=frozenset({INS}),
        ),
        Client("lab-other", _CONFINED_SCOPES, "canary-other"),
        Client(
            "lab-research",
            "system/Patient.rs system/Observation.rs system/Condition.rs",
            opposed="canary-opposed",
            masks=nominative | coded,
        ),
        Client("lab-contact", "system/Patient.rs system/Encounter.rs", "canary-contact", masks=reasons),
    )
    return {client.id: client for client in every}
