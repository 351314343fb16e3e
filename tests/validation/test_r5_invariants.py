"""Each invariant of R5 that is checked refuses what breaks it and lets pass what repairs it."""

import copy

import pytest

from lab.validation.r5 import check_r5
from tools.definitions.invariants_r5 import INVARIANTS_R5

PERIOD = {"start": "2026-03-01", "end": "2026-03-02"}
TEXT = {"text": "x"}
LINK = {"relation": "self", "url": "http://x.test/"}
PATIENT = {"reference": "Patient/1"}
ACCOUNT = {"resourceType": "Account", "status": "active"}
APPOINTMENT = {"resourceType": "Appointment", "status": "booked", "participant": [{"status": "accepted"}]}
APPOINTMENT["participant"][0]["actor"] = PATIENT
WHOLE = {"start": "2026-03-01T08:00:00Z", "end": "2026-03-01T09:00:00Z"}
CONDITION = {"resourceType": "Condition", "subject": PATIENT}
ENCOUNTER = {"resourceType": "Encounter", "status": "in-progress"}
FAMILY = {
    "resourceType": "FamilyMemberHistory",
    "status": "partial",
    "patient": PATIENT,
    "relationship": TEXT,
}
OBSERVATION = {"resourceType": "Observation", "status": "final", "code": TEXT, "subject": PATIENT}
ORGANIZATION = {"resourceType": "Organization", "name": "CHU"}
OUTCOME = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "information", "code": "informational"}],
}
STATUS = {
    "resourceType": "SubscriptionStatus",
    "type": "heartbeat",
    "subscription": {"reference": "Subscription/1"},
}
ACTIVE, RESOLVED = (
    {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": code}]}
    for code in ("active", "resolved")
)


def bundle(type_, *entries, **more):
    return {"resourceType": "Bundle", "type": type_, "entry": list(entries), **more}


def item(**more):
    return {
        "resourceType": "Questionnaire",
        "status": "draft",
        "item": [{"linkId": "1", "type": "string", **more}],
    }


def dosage(**more):
    request = {"resourceType": "MedicationRequest", "status": "active", "intent": "order", "subject": PATIENT}
    return {**request, "medication": {"concept": TEXT}, "dosageInstruction": [more]}


def sampled(**more):
    data = {"origin": {"value": 1}, "intervalUnit": "s", "dimensions": 1, "data": "1 2"}
    return {**OBSERVATION, "valueSampledData": {**data, **more}}


def service(**more):
    hours = {"availableTime": [{"allDay": True, **more}]}
    return {"resourceType": "HealthcareService", "name": "x", "availability": [hours]}


def response(**more):
    participant = {"resourceType": "AppointmentResponse", "participantStatus": "accepted"}
    return {**participant, "appointment": {"reference": "Appointment/1"}, **more}


def answered(**more):
    asked = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": "http://x.test/q",
        "status": "completed",
    }
    return {**asked, "item": [{"linkId": "1", **more}]}


def subscription(**more):
    of = {"resourceType": "Subscription", "status": "off", "topic": "http://x.test/t"}
    filters = [{"filterParameter": "patient", "value": "1", **more}]
    return {**of, "channelType": {"code": "rest-hook"}, "filterBy": filters}


def administered(**more):
    given = {"resourceType": "MedicationAdministration", "status": "completed", "subject": PATIENT}
    return {**given, "medication": {"concept": TEXT}, "occurenceDateTime": "2026", "dosage": more}


def orchestrated(**more):
    of = {"resourceType": "RequestOrchestration", "status": "active", "intent": "plan"}
    return {**of, "action": [more]}


def goal(**more):
    of = {"resourceType": "Goal", "lifecycleStatus": "active", "description": TEXT, "subject": PATIENT}
    return {**of, "target": [more]}


def ordered(**more):
    of = {"resourceType": "ServiceRequest", "status": "active", "intent": "order", "subject": PATIENT}
    return {**of, **more}


def eligible(**more):
    of = {"resourceType": "CoverageEligibilityResponse", "status": "active", "purpose": ["benefits"]}
    of |= {"patient": PATIENT, "created": "2026", "outcome": "complete"}
    of |= {"request": {"reference": "CoverageEligibilityRequest/1"}, "insurer": {"display": "x"}}
    return {**of, "insurance": [{"coverage": {"display": "x"}, "item": [more]}]}


BODY = {"bodySite": TEXT, "bodyStructure": {"reference": "BodyStructure/1"}}
BASIC = {"resourceType": "Basic", "code": TEXT}
ENTRY = {"fullUrl": "urn:uuid:0c4a4f3a-5f0a-4b43-9d1a-0c4a4f3a5f0a", "resource": BASIC}
COMPOSITION = {
    "fullUrl": "urn:uuid:1c4a4f3a-5f0a-4b43-9d1a-0c4a4f3a5f0a",
    "resource": {
        "resourceType": "Composition",
        "status": "final",
        "type": TEXT,
        "date": "2026",
        "title": "x",
        "author": [{"display": "x"}],
        "section": [{"title": "x", "entry": [{"display": "x"}]}],
    },
}
DOCUMENT = {"identifier": {"system": "urn:x", "value": "1"}, "timestamp": "2026-03-01T08:00:00Z"}
GET, POST = ({"method": method, "url": "Basic"} for method in ("GET", "POST"))
REPLY = {"status": "200"}
INNER = {"resourceType": "Patient", "id": "p"}
OPTION, YES = [{"valueString": "a"}], [{"valueString": "b"}]
WHEN = {"question": "0", "operator": "=", "answerString": "x"}

CASES = {
    "act-1": (
        {**ACCOUNT, "diagnosis": [{"condition": {"reference": PATIENT}, "dateOfDiagnosis": "2026"}]},
        {**ACCOUNT, "diagnosis": [{"condition": {"concept": TEXT}, "dateOfDiagnosis": "2026"}]},
    ),
    "act-2": (
        {**ACCOUNT, "procedure": [{"code": {"reference": PATIENT}, "dateOfService": "2026"}]},
        {**ACCOUNT, "procedure": [{"code": {"concept": TEXT}, "dateOfService": "2026"}]},
    ),
    "app-4": ({**APPOINTMENT, **WHOLE, "cancellationReason": TEXT}, {**APPOINTMENT, **WHOLE}),
    "app-7": (
        {**APPOINTMENT, **WHOLE, "cancellationDate": "2026"},
        {**APPOINTMENT, "cancellationDate": "2026", "status": "cancelled"},
    ),
    "apr-1": (response(), response(participantType=[TEXT])),
    "av-1": (service(availableStartTime="08:00:00"), service(allDay=False, availableStartTime="08:00:00")),
    "bdl-13": (
        bundle("subscription-notification", ENTRY),
        bundle("subscription-notification", {"resource": STATUS}),
    ),
    "bdl-17": (
        bundle("document", COMPOSITION, issues=OUTCOME, **DOCUMENT),
        bundle("document", COMPOSITION, **DOCUMENT),
    ),
    "bdl-2": (
        bundle("collection", {**ENTRY, "search": {"mode": "match"}}),
        bundle("searchset", {**ENTRY, "search": {"mode": "match"}}, link=[LINK]),
    ),
    "bdl-3a": (bundle("collection", {**ENTRY, "request": GET}), bundle("collection", ENTRY)),
    "bdl-3b": (
        bundle("history", {**ENTRY, "request": POST}),
        bundle("history", {**ENTRY, "request": POST, "response": REPLY}),
    ),
    "bdl-3c": (bundle("batch", {**ENTRY, "request": GET}), bundle("batch", {**ENTRY, "request": POST})),
    "bdl-3d": (bundle("batch-response", ENTRY), bundle("batch-response", {**ENTRY, "response": REPLY})),
    "bdystr-1": (ordered(bodySite=[TEXT], bodyStructure=BODY["bodyStructure"]), ordered(bodySite=[TEXT])),
    "ces-1": (eligible(category=TEXT, productOrService=TEXT), eligible(category=TEXT)),
    "con-3": (
        {**CONDITION, "clinicalStatus": ACTIVE, "abatementString": "x"},
        {**CONDITION, "clinicalStatus": RESOLVED, "abatementString": "x"},
    ),
    "dos-1": (
        dosage(asNeeded=False, asNeededFor=[TEXT]),
        dosage(asNeeded=True, asNeededFor=[TEXT]),
    ),
    "enc-1": (
        {**ENCOUNTER, "participant": [{"period": PERIOD}]},
        {**ENCOUNTER, "participant": [{"type": [TEXT]}]},
    ),
    "fhs-1": (
        {**FAMILY, "ageString": "40", "bornDate": "1970"},
        {**FAMILY, "bornDate": "1970"},
    ),
    "fhs-2": ({**FAMILY, "estimatedAge": True}, {**FAMILY, "ageString": "40", "estimatedAge": True}),
    "fhs-3": ({**FAMILY, "ageString": "40", "deceasedBoolean": True}, {**FAMILY, "deceasedBoolean": True}),
    "gol-1": (goal(detailString="x"), goal(detailString="x", measure=TEXT)),
    "mad-1": (administered(route=TEXT), administered(text="x")),
    "obs-8": ({**OBSERVATION, **BODY}, {**OBSERVATION, "bodySite": TEXT}),
    "org-3": (
        {**ORGANIZATION, "contact": [{"telecom": [{"use": "home", "value": "1", "system": "phone"}]}]},
        {**ORGANIZATION, "contact": [{"telecom": [{"use": "work", "value": "1", "system": "phone"}]}]},
    ),
    "org-4": (
        {**ORGANIZATION, "contact": [{"address": {"use": "home"}}]},
        {**ORGANIZATION, "contact": [{"address": {"use": "work"}}]},
    ),
    "que-1c": (item(type="display", item=[{"linkId": "2", "type": "string"}]), item(type="display")),
    "que-3": (item(type="display", code=[{"code": "x"}]), item(code=[{"code": "x"}])),
    "que-4": (
        item(answerOption=OPTION, answerValueSet="http://x.test/v"),
        item(answerOption=OPTION),
    ),
    "que-6": (item(type="display", required=True), item(required=True)),
    "que-8": (item(type="group", initial=YES), item(initial=YES)),
    "que-9": (item(type="display", readOnly=True), item(readOnly=True)),
    "que-11": (item(answerOption=OPTION, initial=YES), item(initial=YES)),
    "que-12": (item(enableWhen=[WHEN, WHEN]), item(enableWhen=[WHEN, WHEN], enableBehavior="all")),
    "que-13": (item(initial=[*OPTION, *YES]), item(repeats=True, initial=[*OPTION, *YES])),
    "qrs-1": (
        answered(answer=[{"valueString": "x"}], item=[{"linkId": "2"}]),
        answered(answer=[{"valueString": "x"}]),
    ),
    "rat-1": (
        {**OBSERVATION, "valueRatio": {"numerator": {"value": 1}}},
        {**OBSERVATION, "valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 2}}},
    ),
    "ref-2": (
        {**OBSERVATION, "subject": {"type": "Patient"}},
        {**OBSERVATION, "subject": {"type": "Patient", "display": "x"}},
    ),
    "rqg-1": (orchestrated(title="x"), orchestrated(resource=PATIENT)),
    "scr-1": (subscription(comparator="eq", modifier="not"), subscription(comparator="eq")),
    "sdd-1": (sampled(interval=1, offsets="1 2"), sampled(interval=1)),
    "sst-1": ({**STATUS, "type": "query-event"}, STATUS),
    "sst-2": ({**STATUS, "type": "query-status"}, {**STATUS, "type": "query-status", "status": "active"}),
    # those that a schema cannot say, as in R4
    "bdl-7": (bundle("collection", ENTRY, ENTRY), bundle("collection", ENTRY)),
    "dom-3": (
        {**OBSERVATION, "contained": [{"resourceType": "Patient", "id": "p"}]},
        {
            **OBSERVATION,
            "contained": [{"resourceType": "Patient", "id": "p"}],
            "subject": {"reference": "#p"},
        },
    ),
    "obs-7": (
        {
            **OBSERVATION,
            "code": RESOLVED,
            "valueString": "x",
            "component": [{"code": RESOLVED, "valueString": "y"}],
        },
        {**OBSERVATION, "code": RESOLVED, "component": [{"code": RESOLVED, "valueString": "y"}]},
    ),
    "per-1": (
        {**ENCOUNTER, "actualPeriod": {"start": "2026-03-02", "end": "2026-03-01"}},
        {**ENCOUNTER, "actualPeriod": PERIOD},
    ),
    "ref-1": ({**OBSERVATION, "subject": {"reference": "#nobody"}}, OBSERVATION),
    "rng-2": (
        {**OBSERVATION, "valueRange": {"low": {"value": 2}, "high": {"value": 1}}},
        {**OBSERVATION, "valueRange": {"low": {"value": 1}, "high": {"value": 2}}},
    ),
    "txt-1": (
        {**OBSERVATION, "text": {"status": "generated", "div": "<div><script>x</script></div>"}},
        {
            **OBSERVATION,
            "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'},
        },
    ),
}


def rules(resource):
    return {finding.rule for finding in check_r5(copy.deepcopy(resource)).errors}


@pytest.mark.parametrize("key", CASES)
def test_what_breaks_it_is_refused_for_it_and_what_repairs_it_is_not(key):
    broken, repaired = CASES[key]
    assert key in rules(broken)
    assert key not in rules(repaired)
    assert rules(broken) <= {key, *rules(repaired)}, "something else is wrong with what is to break one rule"


def test_each_invariant_of_the_table_has_its_case():
    assert set(INVARIANTS_R5) <= set(CASES)


def test_what_is_checked_is_not_told_as_left_out():
    left_out = {one.where for one in check_r5(OBSERVATION).not_checked if one.kind == "invariant"}
    assert not left_out & set(CASES)
    assert {"ctm-1", "que-2", "tsk-1"} < left_out
