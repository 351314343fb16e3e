"""What content alone tells: whose resource it is, which labels and scopes it meets, who is a member when."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.backends.external import period
from lab.backends.external.about import about
from lab.backends.external.granular import check_told, meets
from lab.backends.external.rebasing import rebased
from lab.backends.external.references import SOMEONE
from lab.backends.external.sight import Sight
from lab.fhir.cohort import Cohort, of_pool
from lab.fhir.response import FhirError
from lab.fhir.view import View

BASES = ("http://server.test/fhir",)
MEMBERS = {"Group/g": frozenset({"in"}), "tag/s|VIP": frozenset({"vip"})}
TYPES = ("Patient", "Observation", "Condition", "Appointment", "List", "Group", "Organization", "AuditEvent")
NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)


def sight(cohort: Cohort) -> Sight:
    return Sight(View(dict.fromkeys(TYPES, cohort)), MEMBERS, BASES)


@pytest.mark.parametrize(
    ("literal", "ids"),
    [
        ("Patient/in", {"in"}),
        ("http://server.test/fhir/Patient/in", {"in"}),
        ("http://server.test/fhir/Patient/in/_history/3", {"in"}),
        ("http://elsewhere.test/fhir/Patient/in", {SOMEONE}),
        ("http://server.test/fhir/Patient/in?x", {SOMEONE}),
        ("./Patient/in", {SOMEONE}),
        ("Patient/in#x", {SOMEONE}),
        ("Patient?identifier=1/2", {SOMEONE}),
        ("#contained", set()),
        ("urn:uuid:1", set()),
        ("Practitioner/in", set()),
    ],
)
def test_whom_a_reference_means(literal, ids):
    assert about({"resourceType": "Observation", "subject": {"reference": literal}}, BASES) == ids


def test_who_cannot_be_told_is_outside():
    known = {"resourceType": "Observation", "id": "o", "subject": {"reference": "Patient/in"}}
    assert sight(of_pool("Group/g")).shows(known)
    for somebody in (
        {"reference": "http://elsewhere.test/Patient/x"},
        {"type": "Patient", "identifier": {"value": "1"}},
        {"reference": "Patient/out"},
    ):
        tied = {**known, "performer": [somebody]}
        assert not sight(of_pool("Group/g")).shows(tied)
        denied = Cohort(without=frozenset({"tag/s|VIP"}))
        assert sight(denied).shows(tied) is (somebody == {"reference": "Patient/out"})


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(("Patient/in", "Patient/out")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                (
                    "reference",
                    "subject",
                    "performer",
                    "actor",
                    "participant",
                    "security",
                    "system",
                    "code",
                    "meta",
                )
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(
    type_=st.sampled_from(TYPES),
    content=st.dictionaries(
        st.sampled_from(
            ("subject", "performer", "participant", "actor", "meta", "entity", "source", "member", "category")
        ),
        JSON,
    ),
)
def test_no_content_makes_it_fail_or_show_whom_it_must_not(type_: str, content: dict[str, Any]):
    resource = {"resourceType": type_, "id": "x", **content}
    for cohort in (
        of_pool("Group/g"),
        of_pool("tag/s|VIP"),
        Cohort(without=frozenset({"tag/s|VIP", "Group/g"})),
    ):
        shown = sight(cohort).shows(resource)
        assert not (
            shown and cohort.within == of_pool("Group/g").within and "Patient/out" in whose(type_, content)
        )


def whose(type_: str, content: dict[str, Any]) -> list[str]:
    """Return the references where the subject of an Observation stands, found in another way."""
    subject = content.get("subject") if type_ == "Observation" else None
    return (
        [subject["reference"]]
        if isinstance(subject, dict) and isinstance(subject.get("reference"), str)
        else []
    )


@pytest.mark.parametrize(
    ("query", "met"),
    [
        ("category=laboratory", True),
        ("category=s|laboratory", True),
        ("category=t|laboratory", False),
        ("category=|laboratory", False),
        ("category=other,laboratory", True),
        ("category=laboratory&status=final", True),
        ("category=laboratory&status=amended", False),
        ("category=s|", True),
        ("_tag=x", False),
    ],
)
def test_granular_queries_are_told_from_content(query, met):
    check_told("Observation", query)
    coded = [{"coding": [{"system": "s", "code": "laboratory"}]}]
    assert meets({"resourceType": "Observation", "status": "final", "category": coded}, query) is met


@pytest.mark.parametrize(
    "query",
    ["date=2026", "category:not=x", "category", "patient=Patient/1", "category=a\\,b", "unheard=1", "code=,"],
)
def test_granular_queries_that_content_does_not_tell_are_refused(query):
    with pytest.raises(FhirError) as raised:
        check_told("Observation", query)
    assert raised.value.status == 403


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        (None, True),
        ({}, True),
        ({"start": "2026"}, True),
        ({"start": "2026-03-15"}, True),
        ({"start": "2026-03-16"}, False),
        ({"end": "2026-03-15"}, True),
        ({"end": "2026-03"}, True),
        ({"end": "2026-03-14"}, False),
        ({"end": "2025"}, False),
        ({"start": "2026-03-15T12:00:00Z", "end": "2026-03-15T13:00:00+01:00"}, True),
        ({"end": "2026-03-15T12:59:59+01:00"}, False),
        ({"end": "2026-12"}, True),
        ({"start": "soon"}, False),
        ({"start": 2026}, False),
        ({"end": "2026-13"}, False),
        ("2026", False),
    ],
)
def test_a_membership_holds_during_its_period(when, holds):
    assert period.holds(when, NOW) is holds


def test_addresses_are_written_anew_below_the_base_alone():
    told = {
        "reference": "http://server.test/fhir/Patient/1",
        "contact": [{"url": "http://server.test/fhir/Binary/1"}, {"url": "http://server.test/fhirs/x"}],
        "display": "http://server.test/fhir/Patient/1",
    }
    assert rebased(told, BASES, "http://gateway.test/fhir") == {
        "reference": "http://gateway.test/fhir/Patient/1",
        "contact": [{"url": "http://gateway.test/fhir/Binary/1"}, {"url": "http://server.test/fhirs/x"}],
        "display": "http://server.test/fhir/Patient/1",
    }
