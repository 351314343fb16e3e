"""What the board holds in memory: the resources exactly as the hospital showed them to this application."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from tableau_urgences.events import event
from tableau_urgences.fhir import (
    JSON,
    changes_meaning,
    instant,
    is_emergency,
    items,
    last_updated,
    part,
    patient_of,
    referenced,
    replaced_by,
    resource_id,
    text,
)

TYPES = ("Encounter", "Patient", "PractitionerRole", "Practitioner", "Location")
ACTIVE = ("planned", "arrived", "triaged", "in-progress", "onleave")
WITHDRAWN = ("entered-in-error", "cancelled")
RECENT = timedelta(hours=24)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Board:
    """``held`` maps a type to its resources by id; ``revision`` changes when anything shown changes.

    ``flagged`` names the records that carry a modifier we do not understand: they are counted, not used.
    ``unavailable`` names the types that the hospital does not open at the moment.
    """

    def __init__(self) -> None:
        self.held: dict[str, dict[str, JSON]] = {type_: {} for type_ in TYPES}
        self.flagged: set[tuple[str, str]] = set()
        self.unavailable: set[str] = set()
        self.confirmed_at: datetime | None = None
        self.revision = 0

    @property
    def ready(self) -> bool:
        """Tell whether the hospital has filled the board."""
        return self.confirmed_at is not None

    def put(self, resource: JSON) -> None:
        """Keep a resource, unless it is older than what is held, or cannot be understood safely."""
        type_, id_ = text(resource, "resourceType"), resource_id(resource)
        if type_ not in self.held or not id_ or (type_ == "Encounter" and not is_emergency(resource)):
            return
        if changes_meaning(resource):
            if (type_, id_) not in self.flagged:
                event("not_understood", type=type_, why="modifierExtension or implicitRules")
            self.flagged.add((type_, id_))
            self._remove(type_, id_)
            return
        self.flagged.discard((type_, id_))
        known = self.held[type_].get(id_)
        if known == resource or (known is not None and _is_older(resource, known)):
            return
        self.held[type_][id_] = resource
        self.revision += 1

    def drop(self, type_: str, ids: Iterable[str]) -> None:
        """Forget resources that the hospital no longer shows; a patient leaves with its encounters."""
        for id_ in tuple(ids):
            self.flagged.discard((type_, id_))
            self._remove(type_, id_)
            if type_ == "Patient":
                self.drop(
                    "Encounter",
                    [e for e, found in self.held["Encounter"].items() if patient_of(found) == id_],
                )

    def drop_type(self, type_: str) -> None:
        """Forget every resource of a type that is closed to us: without the right, no local copy."""
        self.drop(type_, self.held[type_])
        self.flagged = {(kind, id_) for kind, id_ in self.flagged if kind != type_}

    def settle(self, now: datetime) -> None:
        """Forget the encounters ended long ago, and whoever is then on the board no more."""
        self.drop(
            "Encounter", [id_ for id_, found in self.held["Encounter"].items() if not is_current(found, now)]
        )
        self.drop("Patient", set(self.held["Patient"]) - self.wanted_patients())

    def clear(self) -> None:
        """Forget everything: nothing confirms any more that we may still show it."""
        for type_ in TYPES:
            self.drop_type(type_)
        self.confirmed_at = None

    def patient_ids(self) -> set[str]:
        """Return the ids of the patients of the encounters held."""
        return {patient for found in self.held["Encounter"].values() if (patient := patient_of(found))}

    def wanted_patients(self) -> set[str]:
        """Return the ids of all records of those patients."""
        return {record for patient in self.patient_ids() for record in self.records(patient)}

    def records(self, patient: str) -> list[str]:
        """Return the ids of a patient's record and of those that replace it in turn: the last one counts."""
        ids = [patient]
        held = self.held["Patient"]
        while (following := replaced_by(held.get(ids[-1], {}))) and following not in ids:
            ids.append(following)
        return ids

    def person(self, encounter: JSON) -> JSON:
        """Return the record that counts of the patient of an Encounter, empty when it is not held."""
        return self.held["Patient"].get(self.records(patient_of(encounter))[-1], {})

    def practitioner_ids(self) -> set[str]:
        """Return the ids of the people on duty and of those in charge of an encounter."""
        roles = (part(role, "practitioner") for role in self.held["PractitionerRole"].values())
        charge = (attending(found) for found in self.held["Encounter"].values())
        return {id_ for who in (*roles, *charge) if (id_ := referenced(who, "Practitioner"))}

    def latest_encounters(self) -> dict[str, JSON]:
        """Return the encounter of each patient that started last; withdrawn ones do not count."""
        latest: dict[str, JSON] = {}
        for found in self.held["Encounter"].values():
            patient = patient_of(found)
            if patient and text(found, "status") not in WITHDRAWN:
                known = latest.get(patient)
                if known is None or start_of(known) <= start_of(found):
                    latest[patient] = found
        return latest

    def _remove(self, type_: str, id_: str) -> None:
        if self.held[type_].pop(id_, None) is not None:
            self.revision += 1


def start_of(encounter: JSON) -> datetime:
    """Return when an Encounter began; one that does not say began before all others."""
    return instant(text(part(encounter, "period"), "start")) or _LONG_AGO


def attending(encounter: JSON) -> JSON:
    """Return the reference to the first person in charge of an Encounter."""
    for participant in items(encounter, "participant"):
        if referenced(part(participant, "individual"), "Practitioner"):
            return part(participant, "individual")
    return {}


def is_current(encounter: JSON, now: datetime) -> bool:
    """Tell whether an Encounter is under way, or changed recently by the hospital's clock."""
    changed = last_updated(encounter)
    return text(encounter, "status") in ACTIVE or changed is None or now - changed <= RECENT


def _is_older(resource: JSON, known: JSON) -> bool:
    """Tell whether a resource is an older version; the same version may still come masked differently."""
    moment, held = last_updated(resource), last_updated(known)
    if moment is None or held is None:
        return False
    return (moment, _number(resource)) < (held, _number(known))


def _number(resource: JSON) -> int:
    version = text(part(resource, "meta"), "versionId")
    return int(version) if version.isascii() and version.isdigit() else 0
