"""The patients of an answer are found in its bytes as reading all of it finds them."""

import json

import orjson
import pytest
from audit_hospital import patients_of
from hypothesis import given
from hypothesis import strategies as st

from lab.audit.patients import patients_in

BASE = "http://127.0.0.1:4000/fhir"
_IDS = st.sampled_from(["a", "pat-1", "A.b-3", "x" * 64])
_OTHERS = st.sampled_from(
    ["Group/a", "#p", "urn:uuid:1", "XPatient/a", "Patient", "Patients/a", 'say "Patient/a"']
)
_REFERENCES = st.one_of(
    _OTHERS,
    _IDS.map(lambda i: f"Patient/{i}"),
    _IDS.map(lambda i: f"{BASE}/Patient/{i}"),
    _IDS.map(lambda i: f"https://other.example/r4/Patient/{i}/_history/2"),
)
_LEAVES = st.one_of(
    st.builds(lambda r: {"reference": r}, _REFERENCES),
    st.builds(lambda i: {"resourceType": "Patient", "id": i, "active": True}, _IDS),
    st.builds(lambda i: {"id": i, "resourceType": "Patient"}, _IDS),
    st.builds(lambda r: {"text": r, "type": "Patient", "note": r"C:\Patient\/a"}, _REFERENCES),
    st.just({"type": "Patient"}),
)
_DOCUMENTS = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.fixed_dictionaries({"entry": st.lists(inner, max_size=3), "fullUrl": _REFERENCES}),
        st.fixed_dictionaries({"resourceType": st.just("Observation"), "subject": inner, "id": _IDS}),
        st.builds(
            lambda i, r: {"link": [{"relation": "self", "url": f"{BASE}/Observation?subject={r}"}], "x": i},
            inner,
            _REFERENCES,
        ),
    ),
    max_leaves=8,
)


@given(_DOCUMENTS, st.booleans())
def test_bytes_tell_what_reading_tells(document, pretty):
    body = json.dumps(document, indent=2).encode() if pretty else orjson.dumps(document)
    assert {f"Patient/{id_}" for id_ in patients_in(body, BASE)} == patients_of(document)


def test_lines_of_an_export_are_read_like_bodies():
    observation = {"resourceType": "Observation", "subject": {"reference": "Patient/b"}}
    lines = b"\n".join([b'{"resourceType":"Patient","id":"a"}', orjson.dumps(observation), b""])
    assert patients_in(lines) == ("a", "b")


@pytest.mark.parametrize(
    "document",
    [
        {
            "resourceType": "Bundle",
            "link": [{"relation": "self", "url": f"{BASE}/Observation?patient=Patient/a"}],
        },
        {"resourceType": "Bundle", "link": [{"relation": "self", "url": f"{BASE}/Patient/a/$everything"}]},
        {"resourceType": "Basic", "id": "x", "contained": [{"resourceType": "Patient", "id": "a"}]},
        {"resourceType": "Basic", "text": {"div": '<a href="Patient/a">"reference":"Patient/a"</a>'}},
        {"resourceType": "Basic", "extension": [{"url": "x", "valueUrl": "Patient/a"}]},
    ],
)
def test_nobody_is_carried_by_links_contained_resources_and_text(document):
    assert patients_in(orjson.dumps(document), BASE) == ()


def test_a_deleted_patient_of_an_export_is_carried():
    entry = {"request": {"method": "DELETE", "url": "Patient/a"}}
    assert patients_in(orjson.dumps({"resourceType": "Bundle", "entry": [entry]})) == ("a",)
