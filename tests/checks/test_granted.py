"""What the checks of a client know of its Permission: as it is compiled, or said not to be known."""

import json
from copy import deepcopy
from dataclasses import replace

import pytest
from probes_bench import truth_of, trying

from lab.checking.expect import Expect, Failed, NotApplicable, NotShown
from lab.checks.conformance.check_client_restraint import stays_in_the_cohort
from lab.checks.granted import granted, members, unknown_in
from lab.checks.security.check_client_grant import _beyond
from lab.checks.security.grant_terms import grant_terms
from lab.fhir.interaction import Interaction
from lab.fhir.permission import NETWORK
from lab.fhir.permission_form import permission
from lab.fhir.scopes import parse_scopes
from lab.model.exchange import Exchange

BASE = "http://127.0.0.1:1/fhir"
GROUPS = {"g": ("a", "b"), "h": ("b", "c"), "denied": ("b",)}
ACTIONS = ("read", "search-type")
LABEL = {"system": "http://example.org/tags", "code": "oncology"}
DEFINITION = "http://hl7.org/fhir/StructureDefinition/Permission|6.0.0"
INS_PATH = "Patient.identifier.where(system in ('urn:a' | 'urn:b'))"
MASKS = ("Patient.address", INS_PATH)


def truth(source, scopes="system/Patient.rs system/Observation.rs", library=None):
    known = truth_of(BASE, groups=GROUPS)
    client = replace(known.subject.client, permission=source, scopes=scopes, library=library or {})
    return replace(known, subject=replace(known.subject, client=client))


def confined(**data):
    """Return a Permission whose types are all narrowed by that part of ``rule.data``."""
    source = permission("app", {"Patient": (), "Observation": ()}, ACTIONS)
    for one in source["rule"][0]["data"]:
        one.update(deepcopy(data))
    return source


def related(reference):
    return [{"meaning": "related", "reference": {"reference": reference}}]


def denying(source, **data):
    rule = {"type": "deny", "data": [data]}
    return {**source, "combining": "deny-overrides", "rule": [*source["rule"], rule]}


def r6(source):
    """Return a Permission of the R5 form in the R6 form, with its Location."""
    rule = deepcopy(source["rule"][0])
    network, *limits = rule.pop("modifierExtension")
    for one in rule["data"]:
        coding = {"system": "http://hl7.org/fhir/fhir-types", "code": one.pop("expression")["expression"]}
        one["resourceType"] = [coding]
    for one in rule["activity"]:
        one["actor"] = [{"reference": one["actor"][0]}]
        one["location"] = {"reference": "Location/here"}
    if limits:
        rule["limit"] = [{"modifierExtension": limits}]
    location = {"resourceType": "Location", "id": "here", "status": "active", "extension": [network]}
    return {**source, "resourceDefinition": DEFINITION, "rule": [rule]}, {"Location/here": location}


def asking(ids, **changed):
    path = f"{BASE}/Observation?patient={','.join(ids)}"
    said = Exchange(
        id="G-1",
        t=1.0,
        actor="application",
        client="app",
        method="GET",
        url=path,
        status=200,
        response_body="",
    )
    return [replace(said, **changed)]


def test_both_forms_are_the_same_terms():
    source = permission("app", {"Patient": ("g",), "Observation": ("g", "h")}, ACTIONS, MASKS)
    new, library = r6(source)
    old_terms = grant_terms(truth(source), Expect())
    new_terms = grant_terms(truth(new, library=library), Expect())
    assert new_terms == old_terms
    assert set(old_terms.masked) == set(MASKS)
    known = truth(source)
    assert members(old_terms.cohorts["Patient"], known) == {"a", "b"}
    assert members(old_terms.cohorts["Observation"], known) == {"a", "b", "c"}


def test_the_rules_of_an_import_are_terms():
    imported, library = r6(permission("app", {"Patient": ("g",)}, ACTIONS))
    imported["id"] = "common"
    whole = {**imported, "id": "own", "rule": [{"import": {"reference": "Permission/common"}}]}
    known = {**library, "Permission/common": imported}
    assert grant_terms(truth(whole, library=known), Expect()).readable == ("Patient",)
    with pytest.raises(NotShown, match="not in the library"):
        grant_terms(truth(whole, library=library), Expect())
    imported["validity"] = {"end": "2099-01-01"}
    with pytest.raises(NotShown, match="limited in time"):
        grant_terms(truth(whole, library=known), Expect())


def test_a_denied_pool_is_taken_out():
    source = denying(
        permission("app", {"Patient": ("g",), "Observation": ("h",)}, ACTIONS),
        expression={"language": "application/x-fhir-query", "expression": "Patient"},
        resource=related("Group/denied"),
    )
    known = truth(source)
    cohorts = granted(known, Expect(), Interaction.SEARCH_TYPE)
    assert members(cohorts["Patient"], known) == {"a"}
    assert members(cohorts["Observation"], known) == {"b", "c"}
    closed = denying(source, expression={"language": "application/x-fhir-query", "expression": "Patient"})
    assert grant_terms(truth(closed), Expect()).readable == ("Observation",)


@pytest.mark.parametrize(
    ("source", "scopes", "unknown"),
    [
        (confined(resource=related("List/7")), "system/Patient.rs", ["List/7"]),
        (confined(security=[LABEL]), "system/Patient.rs", ["tag/http://example.org/tags|oncology"]),
        (confined(resource=related("Group/other")), "system/Patient.rs", ["Group/other"]),
        (
            confined(resource=related("Group/g"), security=[LABEL]),
            "system/Patient.rs",
            ["tag/http://example.org/tags|oncology"],
        ),
        (confined(resource=related("Group/g")), "system/Patient.rs?gender=male", ["gender=male"]),
        (
            denying(confined(), resource=related("Group/denied")),
            "system/Patient.rs",
            ["not Group/denied"],
        ),
    ],
)
def test_what_is_not_known_is_never_taken_for_the_whole_type(source, scopes, unknown, tmp_path):
    known = truth(source, scopes)
    cohort = grant_terms(known, Expect()).cohorts["Patient"]
    assert not cohort.whole
    assert unknown_in(cohort, known) == unknown
    with pytest.raises(NotShown, match="not known to the laboratory"):
        stays_in_the_cohort(asking(["z"]), Expect(), known)
    with trying(BASE, tmp_path, groups=GROUPS, subject=known.subject) as run:
        end = run("L4-05-C")  # nothing is asked: no server is there
    assert end.outcome == "skip"
    assert unknown[0].removeprefix("not ") in str(end.details)


def test_an_application_stays_in_what_it_may_read():
    source = permission("app", {"Patient": ("g",), "Observation": ("g",)}, ACTIONS)
    stays_in_the_cohort(asking(["a", "b"]), Expect(), truth(source))
    with pytest.raises(Failed, match=r"1 patient\(s\) outside"):
        stays_in_the_cohort(asking(["a", "c"]), Expect(), truth(source))
    denied = denying(source, resource=related("Group/denied"))
    with pytest.raises(Failed, match=r"1 patient\(s\) outside"):
        stays_in_the_cohort(asking(["a", "b"]), Expect(), truth(denied))


@pytest.mark.parametrize(
    ("opened", "scopes"),
    [
        ({"Patient": (), "Observation": ()}, "system/*.rs"),
        ({"Patient": ("g",), "Observation": ()}, "system/*.rs"),
        ({"Organization": ()}, "system/*.rs"),
    ],
)
def test_an_application_that_nothing_confines_cannot_leave_its_cohort(opened, scopes):
    with pytest.raises(NotApplicable, match="to no cohort"):
        stays_in_the_cohort(asking(["z"]), Expect(), truth(permission("app", opened, ACTIONS), scopes))


def test_a_type_that_the_scopes_close_confines_and_opens_nothing():
    source = permission("app", {"Patient": ("g",), "Observation": (), "Group": ()}, ACTIONS)
    with pytest.raises(Failed):
        stays_in_the_cohort(asking(["z"]), Expect(), truth(source, "system/Patient.rs system/Group.rs"))


def test_a_part_of_a_type_is_less_than_the_type():
    registered = parse_scopes("system/Patient.rs?gender=male system/Observation.rs")
    assert _beyond("system/Patient.rs?gender=male system/Observation.rs?code=a", registered) == []
    assert _beyond("system/Patient.r", registered) == ["Patient.r"]
    assert _beyond("system/Patient.r?gender=female", registered) == ["Patient.r?gender=female"]
    assert _beyond("system/*.s", registered) == ["*.s"]
    assert _beyond("patient/*.s", registered) is None
    terms = grant_terms(truth(confined(), "system/Patient.rs?gender=male"), Expect())
    assert terms.rights == {("Patient", "r"), ("Patient", "s")}


def test_networks_are_no_terms():
    source = permission("app", {"Patient": ("g",)}, ACTIONS)
    moved = json.loads(json.dumps(source).replace("127.0.0.1/32", "10.0.0.0/8"))
    assert NETWORK in json.dumps(moved)
    assert grant_terms(truth(moved), Expect()) == grant_terms(truth(source), Expect())
