"""What is different when the server is of R5: its shapes, its types, its words, and whose store it opens."""

from typing import Any

import pytest
from server_hospital import Hospital

pytestmark = pytest.mark.parametrize("release", ["R5"], indirect=True, scope="session")

ENCOUNTER = {
    "resourceType": "Encounter",
    "status": "in-progress",
    "class": [{"coding": [{"code": "EMER"}]}],
    "subject": {"reference": "Patient/in1"},
    "actualPeriod": {"start": "2026-04-01T08:00:00+02:00"},
    "reason": [{"value": [{"concept": {"coding": [{"system": "urn:r", "code": "chest-pain"}]}}]}],
    "participant": [{"actor": {"reference": "Practitioner/doctor"}}],
}
PERMISSION = {
    "resourceType": "Permission",
    "id": "p",
    "status": "active",
    "combining": "deny-unless-permit",
    "rule": [{"type": "permit", "activity": [{"actor": [{"reference": "Device/app"}]}]}],
}
SUBSCRIPTION = {
    "resourceType": "Subscription",
    "id": "s",
    "status": "off",
    "topic": "http://hospital.test/topics/admission",
    "channelType": {"code": "rest-hook"},
}


def appointment(id_: str, **when: Any) -> dict[str, Any]:
    participant = [{"status": "accepted", "actor": {"reference": "Patient/in1"}}]
    return {
        "resourceType": "Appointment",
        "id": id_,
        "status": "booked",
        "participant": participant,
        **when,
    }


@pytest.mark.parametrize(
    "query",
    [
        "class=EMER",
        "date=ge2026-04-01",
        "date-start=2026-04",
        "reason-code=urn:r|chest-pain",
        "participant=Practitioner/doctor",
        "patient=in1&class=EMER",
        "subject.name=lefevre&class=EMER",
    ],
)
def test_an_encounter_is_found_by_the_elements_of_r5(writable: Hospital, query: str) -> None:
    made = writable.ask("POST", "/Encounter", ENCOUNTER)
    assert made.status == 201
    assert writable.ids(f"/Encounter?{query}") == [made.json["id"]]
    assert writable.ids(f"/Encounter?{query}&class:not=EMER") == []


def test_the_shape_of_r4_is_refused(writable: Hospital) -> None:
    old = {**ENCOUNTER, "status": "finished", "class": {"code": "EMER"}, "period": {"start": "2026"}}
    answer = writable.ask("POST", "/Encounter", old)
    places = {issue["expression"][0] for issue in answer.json["issue"]}
    assert (answer.status, places) == (422, {"Encounter.status", "Encounter.class", "Encounter.period"})


def test_types_are_those_of_r5(writable: Hospital) -> None:
    assert writable.ask("PUT", "/Permission/p", PERMISSION).status == 201
    assert writable.ids("/Permission?status=active") == ["p"]
    assert writable.get("/Permission/p").json["combining"] == "deny-unless-permit"
    assert writable.ids("/DeviceUsage") == []
    for type_ in ("Media", "DeviceUseStatement", "RequestGroup", "SubscriptionStatus"):
        assert writable.get(f"/{type_}").status == 404
    declared = {one["type"] for one in writable.get("/metadata").json["rest"][0]["resource"]}
    assert {"Permission", "SubscriptionTopic", "RequestOrchestration"} < declared
    assert not {"Media", "DeviceUseStatement", "DocumentManifest", "RequestGroup"} & declared


def test_an_appointment_has_its_date_or_else_the_one_it_is_asked_for(writable: Hospital) -> None:
    start = {"start": "2026-05-01T08:00:00Z", "end": "2026-05-01T09:00:00Z"}
    asked = {"requestedPeriod": [{"start": "2026-06-01", "end": "2026-06-05"}]}
    writable.ask("PUT", "/Appointment/set", appointment("set", **start, **asked))
    writable.ask("PUT", "/Appointment/open", {**appointment("open", **asked), "status": "proposed"})
    assert writable.ids("/Appointment?date=2026-05-01") == ["set"]
    assert writable.ids("/Appointment?date=2026-06-01") == ["open"]
    assert writable.ids("/Appointment?requested-period=2026-06") == ["open", "set"]


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("accept", "application/fhir+json; fhirVersion=5.0", 200),
        ("accept", 'application/fhir+json; fhirVersion="5.0.0"', 200),
        ("accept", "application/fhir+json; fhirVersion=4.0", 406),
        ("accept", "application/fhir+json; fhirVersion=4.0, application/fhir+json; fhirVersion=5.0", 200),
    ],
)
def test_a_media_type_may_name_the_release(
    everything: Hospital, header: str, value: str, status: int
) -> None:
    assert everything.get("/Patient/in1", **{header: value}).status == status


def test_format_and_content_name_the_release_too(writable: Hospital) -> None:
    for version, status in (("5.0", 200), ("4.0", 406)):
        shown = f"/Patient/in1?_format=application/fhir%2Bjson;fhirVersion={version}"
        assert writable.get(shown).status == status
    for version, status in (("5.0", 201), ("4.0", 415)):
        sent = f"application/fhir+json; fhirVersion={version}"
        assert writable.ask("POST", "/Encounter", ENCOUNTER, content_type=sent).status == status


def test_validation_is_by_the_rules_of_r5(everything: Hospital) -> None:
    def wrong(resource: dict[str, Any], query: str = "") -> list[str]:
        answer = everything.ask("POST", f"/{resource['resourceType']}/$validate{query}", resource)
        assert answer.status == 200
        errors = [issue for issue in answer.json["issue"] if issue["severity"] in {"error", "fatal"}]
        return [place for issue in errors for place in issue.get("expression", ())]

    assert wrong(ENCOUNTER) == []
    assert wrong(PERMISSION) == []
    assert wrong({**PERMISSION, "combining": "permit-all"}) == ["Permission.combining"]
    assert wrong({**ENCOUNTER, "hospitalization": {}}) == ["Encounter.hospitalization"]
    profile = "http://hl7.org/fhir/StructureDefinition/bp"
    answer = everything.ask("POST", f"/Encounter/$validate?profile={profile}", ENCOUNTER)
    assert answer.status == 400


def test_a_patch_follows_the_elements_of_r5(writable: Hospital) -> None:
    id_ = writable.ask("POST", "/Encounter", ENCOUNTER).json["id"]

    def patched(path: str, name: str) -> int:
        parts = [
            {"name": "type", "valueCode": "add"},
            {"name": "path", "valueString": path},
            {"name": "name", "valueString": name},
            {"name": "value", "valueDateTime": "2026-04-01T12:00:00+02:00"},
        ]
        body = {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": parts}]}
        return writable.ask("PATCH", f"/Encounter/{id_}", body).status

    assert patched("Encounter.actualPeriod", "end") == 200
    assert patched("Encounter.period", "end") == 422
    assert writable.ids("/Encounter?end-date=2026-04-01") == [id_]


def test_a_summary_is_made_of_the_elements_that_r5_marks(writable: Hospital) -> None:
    id_ = writable.ask("POST", "/Encounter", {**ENCOUNTER, "specialArrangement": [{"text": "x"}]}).json["id"]
    shown = writable.get(f"/Encounter/{id_}?_summary=true").json
    assert "class" in shown
    assert "specialArrangement" not in shown
    assert writable.get(f"/Encounter/{id_}?_elements=actualPeriod").json.keys() == {
        *("resourceType", "id", "meta", "status", "actualPeriod")
    }


def test_a_subscription_is_kept_and_not_served(writable: Hospital) -> None:
    refused = writable.ask("PUT", "/Subscription/s", {**SUBSCRIPTION, "status": "requested"})
    assert refused.status == 422
    assert "expected the status off" in refused.diagnostics
    assert writable.ask("PUT", "/Subscription/s", SUBSCRIPTION).status == 201
    assert writable.get("/Subscription/s/$status").status == 404
    statement = writable.get("/metadata").json
    assert all("backport" not in canonical for canonical in statement["instantiates"])


def test_compartments_are_those_of_r5(writable: Hospital) -> None:
    document = {
        "resourceType": "DocumentReference",
        "id": "d",
        "status": "current",
        "context": [{"reference": "Encounter/stay-in1"}],
        "content": [{"attachment": {"contentType": "text/plain"}}],
    }
    assert writable.ask("PUT", "/DocumentReference/d", document).status == 201
    found = writable.get("/Encounter/stay-in1/$everything?_type=DocumentReference")
    assert found.ids() == ["d"]
    asserted = {
        "resourceType": "Condition",
        "id": "c",
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "subject": {"reference": "Group/oncology"},
        "participant": [{"actor": {"reference": "Patient/out1"}}],
    }
    coding = {"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}
    asserted["clinicalStatus"] = {"coding": [coding]}
    assert writable.ask("PUT", "/Condition/c", asserted).status == 201
    assert writable.get("/Patient/out1/$everything?_type=Condition").ids() == ["c"]
    assert writable.get("/Patient/in1/$everything?_type=Condition").ids() == []
