"""What probes read out of resources and answers: masked elements, secrets, twins, likeness, grants."""

import pytest
from probes_bench import truth_of

from lab.checking.expect import Expect
from lab.checks.security.compartment import patients_of
from lab.checks.security.grant_terms import grant_terms
from lab.checks.security.leaves import leaves, nodes
from lab.checks.security.likeness import difference, twin
from lab.checks.security.links import readable_value
from lab.checks.security.masked import shown, values, without
from lab.checks.security.masked_search import questions, wrong
from lab.checks.security.secret_values import leaked, leaked_in, secrets
from lab.checks.security.visible import lost_or_changed
from lab.fhir.cohort import WHOLE, of_pool
from lab.fhir.permission_form import permission
from lab.fhir.reply import Reply

INS = "urn:oid:1.2.250.1.213.1.4.10"
INS_PATH = f"Patient.identifier.where(system in ('{INS}'))"
ABSENT = {
    "extension": [
        {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}
    ]
}
PATIENT = {
    "resourceType": "Patient",
    "id": "p",
    "identifier": [{"system": INS, "value": "180031"}, {"system": "urn:ipp", "value": "0042"}],
    "name": [{"family": "Martin", "given": ["Anne"]}],
    "birthDate": "1980-03-01",
    "_birthDate": {"id": "x"},
    "address": [{"use": "home", "city": "Muret", "line": ["7 rue des Lilas"], "postalCode": "31600"}],
    "telecom": [{"system": "email", "value": "a@example.org"}, {"system": "phone", "value": "0612345678"}],
    "managingOrganization": {"reference": "Organization/1", "display": "Hôpital de Muret"},
}


def test_every_object_and_every_leaf_is_reached_however_deep():
    value = {"end": 1}
    for _ in range(3000):
        value = {"a": [value]}
    assert sum(1 for _ in nodes(value)) == 3001
    ((path, leaf),) = leaves(value)
    assert path.endswith("a[0].end")
    assert leaf == 1


def test_leaves_come_in_order_and_empty_things_are_leaves():
    assert list(leaves({"a": [1, {"b": None}], "c": {}, "d": []})) == [
        ("a[0]", 1),
        ("a[1].b", None),
        ("c", {}),
        ("d", []),
    ]


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("Patient.address", 1),
        ("Patient.birthDate", 2),
        ("Patient.name.given", 1),
        ("Patient.deceased", 0),
        ("Patient.nam", 0),
        ("Observation.address", 0),
        (INS_PATH, 1),
    ],
)
def test_a_path_finds_what_it_names(path, count):
    assert len(values(PATIENT, [path])) == count
    assert bool(shown(PATIENT, [path])) is (count > 0)
    assert values(without(PATIENT, [path]), [path]) == []


def test_cutting_leaves_the_rest_and_the_original():
    kept = without(PATIENT, [INS_PATH, "Patient.name.given"])
    assert kept["identifier"] == PATIENT["identifier"][1:]
    assert kept["name"] == [{"family": "Martin"}]
    assert PATIENT["name"] == [{"family": "Martin", "given": ["Anne"]}]


@pytest.mark.parametrize(
    ("resource", "path"),
    [
        ({"resourceType": "Encounter", "_status": ABSENT}, "Encounter.status"),
        ({"resourceType": "Encounter", "class": ABSENT}, "Encounter.class"),
        ({"resourceType": "Patient", "name": [ABSENT]}, "Patient.name"),
        ({"resourceType": "Patient", "address": None}, "Patient.address"),
    ],
)
def test_an_absent_element_is_not_shown(resource, path):
    assert shown(resource, [path]) == []


def test_a_choice_is_one_element_and_a_longer_name_another():
    encounter = {"resourceType": "Encounter", "class": {"code": "EMER"}, "classHistory": [{}]}
    assert len(values(encounter, ["Encounter.class"])) == 1
    assert len(values({"resourceType": "Patient", "deceasedDateTime": "2020"}, ["Patient.deceased"])) == 1


def test_a_secret_is_what_only_the_masked_element_tells():
    hidden = secrets([PATIENT], ["Patient.address", "Patient.telecom"])
    assert hidden == {"7 rue des Lilas", "31600", "a@example.org", "0612345678"}


def test_a_secret_is_found_as_a_whole_word_in_bytes_and_headers():
    def told(body, **headers):
        return leaked({"31600"}, Reply("L-1", 200, tuple(headers.items()), body.encode()))

    assert told('{"a":"F-31600 Muret"}') == "31…"
    assert told("{}", Warning="31600") == "31…"
    assert told('{"a":"0031600"}') == ""
    assert leaked({"é123"}, Reply("L-1", 200, (), b'{"a":"\\u00e9123"}'))
    assert leaked_in({"31600"}, {"a": [{"b": "in 31600"}]}) == "a[0].b"


@pytest.mark.parametrize("value", ["pat-000001", "A1-b2", "é", "...", "718-7", "0"])
def test_a_twin_has_the_same_shape_and_is_another(value):
    other = twin(value, truth_of("").random("tests"))
    assert other != value
    assert len(other) == len(value) or value in {"é", "..."}


@pytest.mark.parametrize("value", ["1980-03-01", "1980", "male", "Muret"])
def test_a_wrong_value_could_not_be_refused_for_its_form(value):
    other = wrong(value, truth_of("").random("tests"))
    assert other != value
    assert other in {"1979-03-01", "1979", "female"} or other.isalpha()


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        (
            "Patient.address",
            {"address": "Muret", "address-city": "Muret", "address-postalcode": "31600"},
        ),
        (
            "Patient.telecom",
            {"telecom": "a@example.org", "phone": "0612345678", "email": "a@example.org"},
        ),
        ("Patient.name", {"name": "Martin", "family": "Martin", "given": "Anne"}),
        ("Patient.birthDate", {"birthdate": "1980-03-01"}),
        (INS_PATH, {"identifier": f"{INS}|180031"}),
        ("Patient.managingOrganization", {"managing-organization": "Organization/1"}),
        ("Patient.photo", {}),
    ],
)
def test_a_masked_element_is_searched_by_its_parameters(path, asked):
    assert dict(questions(PATIENT, path)) == asked


def answer(status=404, body="unknown id-1", **headers):
    return Reply("L-1", status, tuple(headers.items()), body.encode())


@pytest.mark.parametrize(
    ("hidden", "seen"),
    [
        (answer(body="unknown id-0"), ""),
        (answer(body="unknown id-0", Date="now"), ""),
        (answer(403, "unknown id-0"), "HTTP 403 instead of 404"),
        (answer(body="hidden id-0"), "another body"),
        (answer(body="unknown id-0", ETag="1"), "another etag header"),
    ],
)
def test_an_answer_is_compared_with_that_of_an_unknown_id(hidden, seen):
    again = answer(body="unknown id-2")
    assert difference(hidden, "id-0", (answer(), "id-1"), (again, "id-2")) == seen


def numbered(n, code="x"):
    body = f'{{"resourceType":"OperationOutcome","id":"{n}","issue":[{{"code":"{code}"}}]}}'
    return answer(body=body, Trace=str(n))


def test_what_changes_by_itself_is_not_compared():
    unknown = [(numbered(n), f"id-{n}") for n in (1, 2)]
    assert difference(numbered(3), "id-0", *unknown) == ""
    assert difference(numbered(3, "y"), "id-0", *unknown) == "another OperationOutcome"


@pytest.mark.parametrize(
    ("resource", "patients"),
    [
        ({"resourceType": "Patient", "id": "a", "link": [{"other": {"reference": "Patient/b"}}]}, {"a"}),
        ({"subject": {"reference": "Patient/a"}, "focus": [{"reference": "Patient/b"}]}, {"a"}),
        ({"subject": {"reference": "http://h/fhir/Patient/a/_history/1"}}, {"a"}),
        ({"subject": {"reference": "Group/g"}, "member": {"reference": "Patient/b"}}, {"b"}),
        ({"subject": "Patient/a"}, set()),
        ({"subject": {"reference": "Outpatient/a"}}, set()),
    ],
)
def test_a_resource_is_about_its_subject(resource, patients):
    assert patients_of(resource) == patients


@pytest.mark.parametrize(
    ("resource", "value"),
    [
        ({"resourceType": "Observation", "code": {"coding": [{"code": "718-7"}]}}, "718-7"),
        ({"resourceType": "Encounter", "class": {"code": "EMER"}}, "EMER"),
        ({"resourceType": "Organization", "name": "CHU"}, "CHU"),
        ({"resourceType": "Practitioner", "identifier": [{"value": "1"}]}, "1"),
        ({"resourceType": "Observation", "code": {"coding": []}}, ""),
        ({"resourceType": "Observation", "code": []}, ""),
        ({"resourceType": "Basic"}, ""),
    ],
)
def test_a_resource_is_searched_by_a_value_of_its_own(resource, value):
    assert readable_value(resource) == value


def test_a_loss_and_a_change_are_seen_and_a_mask_is_neither():
    served = {**PATIENT, "meta": {"tag": [{"code": "SUBSETTED"}]}}
    del served["address"]
    assert lost_or_changed(PATIENT, dict(served), ["Patient.address"]) == ""
    assert lost_or_changed(PATIENT, {**served, "birthDate": "1980-03-02"}, ["Patient.address"]) == "birthDate"
    lost = {name: value for name, value in served.items() if name != "telecom"}
    assert lost_or_changed(PATIENT, lost, ["Patient.address"]) == "telecom[0].system"


def test_the_terms_of_a_grant_are_read_from_its_permission():
    source = permission("app", {"Patient": ("g",), "Group": ()}, ("search-type",), ("Patient.address",))
    wide = permission("app", {"Patient": ()}, ("search-type",))
    both = {**source, "rule": [*source["rule"], *wide["rule"]]}
    truth = truth_of("http://127.0.0.1:1/fhir")
    client = truth.subject.client
    assert dict(grant_terms(truth, Expect()).cohorts) == {"Patient": of_pool("Group/g")}
    object.__setattr__(client, "permission", both)
    terms = grant_terms(truth, Expect())
    assert dict(terms.cohorts) == {"Patient": WHOLE}
    assert (terms.readable, terms.masked) == (("Patient",), ("Patient.address",))
