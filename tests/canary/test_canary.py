"""What is planted: valid resources, markers of one place, two worlds that one identity cannot tell apart."""

import json
from dataclasses import replace

import pytest

from lab.bundled import mutants
from lab.canary.world import world
from lab.checking.canary import COHORT, OPPOSED, OTHER
from lab.manifest import read_manifest
from lab.validation import defects
from tests.mutants.vendors.sound.vendor import Vendor

SERVER = read_manifest(mutants() / "vendors" / "vendor.toml").server
SIDES = ("one", "two")


@pytest.mark.parametrize("side", SIDES)
def test_every_resource_is_valid(side):
    assert {body["id"]: found for body in world(SERVER, 3, side).resources if (found := defects(body))} == {}


@pytest.mark.parametrize("side", SIDES)
def test_what_is_referred_to_comes_first(side):
    known = set()
    for body in world(SERVER, 3, side).resources:
        text = json.dumps(body)
        known.add(f"{body['resourceType']}/{body['id']}")
        for name in ("Patient/", "Organization/", "Practitioner/", "Binary/"):
            for part in text.split(f'"reference": "{name}')[1:]:
                assert f"{name}{part.partition(chr(34))[0]}" in known


def test_a_marker_stands_only_where_it_is_said_to_and_where_it_is_repeated_on_purpose():
    drawn = world(SERVER, 3)
    for marker, at in drawn.canary.markers.items():
        whose = at.partition(" ")[0].rpartition("/")[2]
        places = {body["id"] for body in drawn.resources if marker in json.dumps(body)}
        if not at.startswith("Binary/"):  # written in base64
            assert whose in places
        told = {name.partition("/")[2] for name in drawn.canary.shapes.values()}
        assert places <= {whose} | told


def test_the_same_seed_draws_the_same_and_another_one_does_not():
    assert world(SERVER, 3) == world(SERVER, 3)
    assert not set(world(SERVER, 3).canary.markers) & set(world(SERVER, 4).canary.markers)


def looks(side, client_id):
    """Return all that a client of the sound vendor sees of a world, by name."""
    app = Vendor(1, list(world(SERVER, 3, side).resources), {"keys": []})
    client = app.known[client_id]
    found = {}
    for (type_, id_), versions in app.store.held.items():
        body = versions[-1].body
        if app.cohort.sees(client, body, "read"):
            shown = app.masks.apply(client, app.cohort.shown(client, body, "read"), "read")
            shown["meta"] = {n: v for n, v in shown.get("meta", {}).items() if n != "lastUpdated"}
            found[f"{type_}/{id_}"] = shown
    return found


def test_two_worlds_look_the_same_to_the_restricted_identity_and_to_nobody_else():
    one, two = (looks(side, "lab-restricted") for side in SIDES)
    assert one == two
    assert len([name for name in one if name.startswith("Observation/")]) > 20
    assert looks("one", "lab-full") != looks("two", "lab-full")
    outside = [{n for n in looks(side, "lab-full") if n.startswith("Patient/canary-out")} for side in SIDES]
    assert outside[0] - outside[1]
    assert outside[1] - outside[0]


def test_an_application_with_a_cohort_notion_of_its_own_gets_patients_that_are_marked():
    mark = {"managingOrganization": {"reference": "Organization/own-cohort"}}
    restricted = replace(SERVER.identity("restricted"), patient_mark=mark)
    server = replace(SERVER, identities=(SERVER.identities[0], restricted))
    marked = {
        body["id"]
        for body in world(server, 3).resources
        if body["resourceType"] == "Patient" and body["managingOrganization"] == mark["managingOrganization"]
    }
    assert marked == set(world(server, 3).canary.inside())


def test_the_answer_key_knows_inside_from_outside():
    canary = world(SERVER, 3).canary
    assert not set(canary.inside()) & set(canary.outside())
    assert set(canary.inside(OPPOSED)) <= set(canary.outside(COHORT))
    assert set(canary.inside(OTHER)) & set(canary.inside(COHORT))
    assert len(canary.of("Patient/canary-in-1", "address")) == 1
