"""Variants of secondary use: somebody is named, is there against his will, or is lost."""

from dataclasses import replace

from tests.mutants.vendors.sound.vendor import Vendor
from tests.mutants.vendors.unmasking import NOTIFIER, RESEARCH, change, unmask
from tests.mutants.vendors.variant import variant


def _remask(app: Vendor, client_id: str, *, more: str = "", less: str = "") -> None:
    client = app.known[client_id]
    masks = (client.masks | frozenset(more.split())) - frozenset(less.split())
    app.known[client_id] = replace(client, masks=masks)


def _see(app: Vendor, client_id: str, when) -> None:
    sound = app.cohort.sees

    def sees(client, resource, way):
        return sound(client, resource, way) or (client.id == client_id and when(resource, way))

    app.cohort.sees = sees


@variant("S-01", "the notes of results name patients to research")
def notes_name(app: Vendor) -> None:
    change(
        app,
        lambda whole, shown, _: {**shown, "note": whole["note"]} if "note" in whole else None,
        RESEARCH,
    )


@variant("S-01", "the subject of a result names the patient to research")
def subject_names(app: Vendor) -> None:
    change(
        app,
        lambda whole, shown, _: (
            {**shown, "subject": whole["subject"]} if "display" in whole.get("subject", {}) else None
        ),
        RESEARCH,
    )


@variant("S-01", "bulk files for research hold whole patients")
def files_name(app: Vendor) -> None:
    unmask(app, lambda body, way: way == "export" and body["resourceType"] == "Patient", RESEARCH)


@variant("S-02", "results of a patient who objects are read by research")
def results_of_the_opposed(app: Vendor) -> None:
    _see(app, RESEARCH, lambda body, way: way == "read" and body["resourceType"] == "Observation")


@variant("S-02", "diagnoses of patients who object are found by research")
def diagnoses_of_the_opposed(app: Vendor) -> None:
    _see(app, RESEARCH, lambda body, way: way == "search" and body["resourceType"] == "Condition")


@variant("S-03", "whoever notifies patients does not get their telephone number")
def telephone_withheld(app: Vendor) -> None:
    _remask(app, NOTIFIER, more="Patient.telecom")


@variant("S-04", "whoever notifies patients reads why they came")
def reason_shown(app: Vendor) -> None:
    _remask(app, NOTIFIER, less="Encounter.reasonCode")


@variant("S-04", "whoever notifies patients gets their diagnoses by _revinclude")
def diagnosis_included(app: Vendor) -> None:
    sound = app.allowed

    def allowed(caller, type_, right, way):
        if not (caller.client.id == NOTIFIER and way == "revinclude" and type_ == "Condition"):
            sound(caller, type_, right, way)

    app.allowed = allowed


@variant("S-05", "research does not get the values of results")
def values_withheld(app: Vendor) -> None:
    _remask(app, RESEARCH, more="Observation.valueQuantity")


@variant("S-05", "research does not see patients whom only others may not see")
def too_few_patients(app: Vendor) -> None:
    sound = app.cohort.patient
    hidden = app.cohort.members("canary-contact")
    app.cohort.patient = lambda client, id_: (
        sound(client, id_) and not (client.id == RESEARCH and id_ in hidden)
    )
