"""The answer key, from the columns, agrees exactly with a naive reading of the rendered resources."""

from collections import Counter

import orjson
import pytest
from naive_server import NaiveServer

from synthetic_data import HospitalPlan
from synthetic_data.facts.cohorts import COHORTS
from synthetic_data.folder.generate import generate_folder
from synthetic_data.folder.read import resources
from synthetic_data.plan import END_OF_2023

PLANS = {
    "crowded": HospitalPlan(seed=8, patients=600),
    "year": HospitalPlan(patients=600, now=END_OF_2023, recent=0),
}


@pytest.fixture(scope="module", params=PLANS)
def hospital(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("answers") / "h"
    generate_folder(PLANS[request.param], folder)
    return folder, NaiveServer(list(resources(folder)))


def answers(folder, name):
    return [orjson.loads(line) for line in (folder / "answers" / f"{name}.ndjson").read_bytes().splitlines()]


def test_each_query_gives_its_count_and_its_ids(hospital):
    folder, server = hospital
    queries = answers(folder, "queries")
    assert len(queries) >= 25
    assert len({query["search"] for query in queries}) == len(queries)
    for query in queries:
        found = server.search(query["search"])
        assert query["count"] == len(found), query["search"]
        if len(found) <= 1000:
            assert sorted(query["ids"]) == sorted(found), query["search"]
        else:
            assert query["ids"] is None, query["search"]


def test_the_queries_put_something_to_the_test(hospital):
    """Most have an answer, and none has all of its type but the one that asks for it."""
    folder, server = hospital
    types = Counter(one["resourceType"] for one in server.resources)
    queries = answers(folder, "queries")
    assert sum(query["count"] > 0 for query in queries) >= 0.8 * len(queries)
    for query in queries:
        type_ = query["search"].partition("?")[0]
        assert query["count"] < types[type_], query["search"]
    kinds = ("_has:", "patient.gender", "value-quantity", "date=ge", "family:exact", "_security", "modality=")
    assert all(any(kind in query["search"] for query in queries) for kind in kinds)


def patient_of(one):
    """Give the patient a resource is about, None for what is about nobody.

    Whatever the element is called (subject, patient, individual, a participant...): the patient it refers to.
    """
    if one["resourceType"] == "Patient":
        return f"Patient/{one['id']}"
    if one["resourceType"] == "Group":
        return None
    about = one.get("subject", one.get("patient"))
    found = [about["reference"]] if about else references(one)
    return next((reference for reference in found if reference.startswith("Patient/")), None)


def references(node):
    if isinstance(node, dict):
        for key, child in node.items():
            yield from [child] if key == "reference" and isinstance(child, str) else references(child)
    elif isinstance(node, list):
        for child in node:
            yield from references(child)


def test_each_cohort_is_its_group_and_opens_what_is_about_its_members(hospital):
    folder, server = hospital
    cohorts = answers(folder, "cohorts")
    assert [cohort["cohort"] for cohort in cohorts] == [one.name for one in COHORTS]
    for cohort in cohorts:
        group = server.by_reference[f"Group/{cohort['group']}"]
        members = [member["entity"]["reference"] for member in group.get("member", [])]
        assert [f"Patient/{one}" for one in cohort["patients"]] == members
        assert cohort["count"] == len(set(members)) == group["quantity"]
        assert cohort["title"] == group["name"]
        opened = Counter(one["resourceType"] for one in server.resources if patient_of(one) in set(members))
        counted = {type_: count for type_, count in cohort["resources"].items() if count}
        assert counted == opened, cohort["cohort"]
    assert any(cohort["count"] for cohort in cohorts)


PRESENT = {
    "Patient.name": lambda one: bool(one.get("name")),
    "Patient.birthDate": lambda one: "birthDate" in one,
    "Patient.address": lambda one: bool(one.get("address")),
    "Patient.identifier.where(system='urn:oid:1.2.250.1.213.1.4.10')": lambda one: any(
        each["system"] == "urn:oid:1.2.250.1.213.1.4.10" for each in one["identifier"]
    ),
    "Patient.telecom": lambda one: bool(one.get("telecom")),
    "Patient.contact": lambda one: bool(one.get("contact")),
    "Patient.deceased": lambda one: "deceasedDateTime" in one or "deceasedBoolean" in one,
}


def test_each_mask_counts_the_patients_who_have_the_element(hospital):
    folder, server = hospital
    patients = [one for one in server.resources if one["resourceType"] == "Patient"]
    members = {one["cohort"]: set(one["patients"]) for one in answers(folder, "cohorts")}
    masks = answers(folder, "masks")
    assert {mask["element"] for mask in masks} >= set(PRESENT)
    for mask in masks:
        if mask["element"] not in PRESENT:
            continue
        having = {one["id"] for one in patients if PRESENT[mask["element"]](one)}
        expected = {"*": len(having)} | {name: len(having & them) for name, them in members.items()}
        assert mask["patients"] == expected, mask["element"]


def test_the_sum_of_blocks_is_the_answer_of_the_whole(tmp_path, monkeypatch):
    """The same hospital in blocks of 40: each block gives its share, and the naive server the whole."""
    monkeypatch.setattr("synthetic_data.facts.volumes.BLOCK", 40)
    generate_folder(HospitalPlan(seed=8, patients=130), tmp_path / "h")
    server = NaiveServer(list(resources(tmp_path / "h")))
    for query in answers(tmp_path / "h", "queries"):
        found = server.search(query["search"])
        assert query["count"] == len(found)
        assert (query["ids"] and sorted(query["ids"])) == (sorted(found) if len(found) <= 1000 else None)
    for cohort in answers(tmp_path / "h", "cohorts"):
        group = server.by_reference[f"Group/{cohort['group']}"]
        assert cohort["count"] == group["quantity"]
        opened = Counter(map(patient_of, server.resources))
        assert sum(cohort["resources"].values()) == sum(
            opened[f"Patient/{one}"] for one in cohort["patients"]
        )
