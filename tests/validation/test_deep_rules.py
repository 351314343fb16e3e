"""What a schema cannot say: each rule is broken once and kept once."""

import copy

import pytest
from resource_edits import REMOVED, VALID, edited

from lab.validation import not_checked
from lab.validation.check import check, is_valid
from lab.validation.deep import invariants_not_checked
from lab.validation.report import NotChecked

PATIENT, VENUE, OBSERVATION = "patient-ins", "encounter-emergency", "observation-creatinine"
PAGE, SERVER, TRANSACTION = "bundle-searchset", "capability-statement", "bundle-transaction"
CODE = VALID[OBSERVATION]["code"]
ENTRY = VALID[PAGE]["entry"][0]
XHTML = "http://www.w3.org/1999/xhtml"


def _div(content, attributes=""):
    return f'<div xmlns="{XHTML}"{attributes}>{content}</div>'


def _found(resource):
    return {(f.rule, f.path) for f in check(resource).findings}


def _with_contained(reference, id_="c1"):
    observation = copy.deepcopy(VALID[OBSERVATION])
    observation["contained"] = [{"resourceType": "Patient", "id": id_}]
    observation["subject"] = {"reference": reference}
    del observation["device"]  # which names another contained resource
    return observation


def _period(start, end):
    return edited(VENUE, "period", {"start": start, "end": end})


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-03-02", "2026-03-02"),
        ("2026", "2025-12-31T23:00:00Z"),  # not comparable year by year: 2026 > 2025
        ("2026-03-02T10:00:00+01:00", "2026-03-02T09:30:00Z"),
        ("2026-03-02T10:00:00Z", "2026-03-02"),
        ("2026-03-31", "2026-03"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),  # second 60: the day is enough
    ],
)
def test_a_period_that_may_end_after_it_starts_passes(start, end):
    expected = {("per-1", "Encounter.period")} if start == "2026" else set()
    assert _found(_period(start, end)) == expected


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-03-02", "2026-03-01"),
        ("2026-04", "2026-03-31"),
        ("2026-03-02T10:00:00+01:00", "2026-03-02T08:30:00Z"),
    ],
)
def test_a_period_that_ends_before_it_starts_is_found(start, end):
    assert ("per-1", "Encounter.period") in _found(_period(start, end))


def test_a_range_is_not_upside_down():
    low, high = {"value": 2, "unit": "g"}, {"value": 1, "unit": "g"}
    broken = edited(OBSERVATION, "referenceRange[0].age", {"low": low, "high": high})
    assert ("rng-2", "Observation.referenceRange[0].age") in _found(broken)
    other_unit = edited(OBSERVATION, "referenceRange[0].age", {"low": low, "high": {**high, "unit": "kg"}})
    assert _found(other_unit) == set()


def test_an_internal_reference_names_a_contained_resource():
    assert _found(_with_contained("#c1")) == set()
    broken = _found(_with_contained("#nope"))
    assert ("ref-1", "Observation.subject.reference") in broken
    assert ("dom-3", "Observation.contained[0]") in broken


def test_an_internal_reference_names_a_resource_of_an_allowed_type():
    observation = _with_contained("#c1")
    observation["contained"][0] = {"resourceType": "Organization", "id": "c1", "name": "x"}
    assert _found(observation) == {("reference", "Observation.subject.reference")}


def test_a_contained_resource_may_refer_to_the_one_that_contains_it():
    observation = _with_contained("Patient/1")
    assert ("dom-3", "Observation.contained[0]") in _found(observation)
    observation["contained"][0]["generalPractitioner"] = [{"reference": "#"}]
    # Practitioner is not what "#" is, but that it is referred to is all that dom-3 asks.
    assert _found(observation) == set()


def test_the_container_is_not_named_from_outside_a_contained_resource():
    assert _found(edited(OBSERVATION, "subject.reference", "#")) >= {
        ("ref-1", "Observation.subject.reference")
    }


def test_a_value_and_a_component_of_the_same_code_exclude_each_other():
    component = {"code": copy.deepcopy(CODE), "valueString": "x"}
    broken = edited(OBSERVATION, "component", [component])
    assert _found(broken) == {("obs-7", "Observation.component[0].code")}
    del broken["valueQuantity"]
    assert _found(broken) == set()
    component["code"] = {"coding": [{"system": "http://loinc.org", "code": "0000-0"}]}
    assert _found(edited(OBSERVATION, "component", [component])) == set()


def test_two_entries_of_a_bundle_have_two_addresses_but_in_a_history():
    broken = edited(PAGE, "entry", [ENTRY, ENTRY])
    assert ("bdl-7", "Bundle.entry[1].fullUrl") in _found(broken)
    newer = copy.deepcopy(ENTRY)
    newer["resource"]["meta"] = {"versionId": "2"}
    assert _found(edited(PAGE, "entry", [ENTRY, newer])) == set()
    history = edited(PAGE, "entry", [ENTRY, ENTRY]) | {"type": "history"}
    assert "bdl-7" not in {rule for rule, _ in _found(history)}


def test_a_urn_in_a_bundle_names_an_entry_of_it():
    broken = edited(
        PAGE, "entry[0].resource.subject", {"reference": "urn:uuid:6f9619ff-8b86-4d01-b42d-00cf4fc964ff"}
    )
    found = check(broken).findings
    assert [(f.rule, f.severity, f.path) for f in found] == [
        ("bundle-reference", "warning", "Bundle.entry[0].resource.subject.reference")
    ]
    patient = {
        "fullUrl": "urn:uuid:6f9619ff-8b86-4d01-b42d-00cf4fc964ff",
        "resource": {"resourceType": "Patient"},
    }
    broken["entry"].append({**patient, "search": {"mode": "include"}})
    assert _found(broken) == set()


def test_a_capability_statement_describes_a_thing_once():
    rest = VALID[SERVER]["rest"][0]
    twice = {"resource": [rest["resource"][0]] * 2}
    assert ("cpb-9", "CapabilityStatement.rest[0].resource[1]") in _found(
        edited(SERVER, "rest", [{"mode": "server", **twice}])
    )
    name = {"name": "code", "type": "token"}
    assert ("cpb-12", "CapabilityStatement.rest[0].resource[0].searchParam[1]") in _found(
        edited(SERVER, "rest[0].resource[0].searchParam", [name, name])
    )
    document = {"mode": "producer", "profile": "http://example.org/p"}
    assert ("cpb-7", "CapabilityStatement.document[1]") in _found(edited(SERVER, "document", [document] * 2))
    assert _found(VALID[SERVER]) == set()


def test_a_null_in_an_array_keeps_the_place_of_an_extension():
    assert ("ele-1", "Patient.name[1].given[1]") in _found(edited(PATIENT, "name[1]._given", [None, None]))
    assert ("ele-1", "Patient.name[1].given[1]") in _found(edited(PATIENT, "name[1]._given", [{"id": "g"}]))
    assert ("type", "Patient.name[1].given[1]") in _found(edited(PATIENT, "name[1]._given", REMOVED))
    assert _found(VALID[PATIENT]) == set()


@pytest.mark.parametrize(
    "content",
    [
        "Camille &amp; Essai &#233;",
        "<p>a<br/>b</p><ul><li>c</li></ul>",
        '<table class="x"><tr><td style="color: red" colspan="2">a</td></tr></table>',
        '<a href="https://example.org">x</a><a name="y">z</a>',
        '<img src="#i" alt=""/>',
        "<!-- a remark -->text",
    ],
)
def test_basic_formatting_is_allowed_in_a_narrative(content):
    assert _found(edited(PATIENT, "text.div", _div(content))) == set()


@pytest.mark.parametrize(
    "div",
    [
        _div("<script>alert(1)</script>"),
        _div("<style>p {}</style>x"),
        _div("<form><input/></form>"),
        _div('<iframe src="https://example.org"/>x'),
        _div('<object data="x"/>x'),
        _div('<embed src="x"/>x'),
        _div('<link rel="x"/>x'),
        _div("x", ' onclick="go()"'),
        _div('<p onmouseover="go()">x</p>'),
        _div('<a href=" java\tscript:go()">x</a>'),
        _div('<svg xmlns="http://www.w3.org/2000/svg"/>x'),
        _div("<p>x"),
        _div("&nbsp;"),
        _div("<?php x ?>y"),
        "<div>no namespace</div>",
        "<div xmlns='http://example.org'>x</div>",
        f'<!DOCTYPE div [<!ENTITY a "b">]>{_div("&a;")}',
        "<divx/>",
    ],
)
def test_what_runs_or_is_not_xhtml_is_refused_in_a_narrative(div):
    found = {rule for rule, _ in _found(edited(PATIENT, "text.div", div))}
    assert found & {"txt-1", "format"}


def test_a_narrative_says_something():
    assert _found(edited(PATIENT, "text.div", _div(" \n<p/> "))) == {("txt-2", "Patient.text.div")}


def test_a_million_entities_are_not_expanded():
    entities = "".join(f'<!ENTITY e{i + 1} "{f"&e{i};" * 10}">' for i in range(12))
    bomb = f'<!DOCTYPE div [<!ENTITY e0 "x">{entities}]>' + _div("&e12;")
    assert ("txt-1", "Patient.text.div") in _found(edited(PATIENT, "text.div", bomb))


def test_every_invariant_is_checked_or_listed_as_not_checked():
    everything = {"CareTeam", "Consent"}
    assert [n.where for n in invariants_not_checked(everything)] == [
        "ctm-1",
        "ppc-2",
        "ppc-3",
        "ppc-4",
        "ppc-5",
    ]
    assert list(invariants_not_checked({"Patient"})) == []
    assert list(invariants_not_checked({"Task"})) == [NotChecked("invariant", "inv-1", "not-programmed")]
    assert {"per-1", "dom-3", "obs-7", "txt-1", "ref-1"} <= set(not_checked()["invariants"])


def test_the_deep_rules_can_be_left_out_and_that_is_said():
    broken = _period("2026-03-02", "2026-03-01")
    report = check(broken, deep=False)
    assert "per-1" not in {f.rule for f in report.findings}
    assert "not-asked" in {n.reason for n in report.not_checked}
    assert not is_valid(broken)


def test_a_concept_without_a_code_is_reported_and_not_wrong():
    report = check(edited("condition-pneumonia", "clinicalStatus", {"text": "actif"}))
    assert NotChecked("binding", "Condition.clinicalStatus", "text-only") in report.not_checked


def test_a_type_that_is_not_covered_is_neither_wrong_nor_valid():
    report = check({"resourceType": "Measure"})
    assert report.findings == ()
    assert NotChecked("type", "resourceType", "not-covered") in report.not_checked
    assert not is_valid({"resourceType": "Measure"})
