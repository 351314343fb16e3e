"""What holds for prescriptions, appointments, consents, studies and ambulances: valid, loadable, dated."""

import pytest
from care_hospital import PLAN, instant, named, references, resources, target

from lab.validation.check import check
from lab.validation.fast import defects

OF_BLOCKS = ("medreq", "medadm", "allergy", "rdv", "slot", "consent", "subject")
OF_HOSPITAL = ("med", "agenda", "etude", "loc-smur", "pos")


@pytest.mark.parametrize("prefix", [*OF_BLOCKS, *OF_HOSPITAL])
def test_every_resource_is_valid_r4_and_refers_to_what_exists(prefix):
    known = {f"{one['resourceType']}/{one['id']}" for one in resources()}
    assert named(prefix)
    for one in named(prefix):
        assert defects(one) == (), one["id"]
        assert set(references(one)) <= known


@pytest.mark.parametrize("prefix", [*OF_BLOCKS, *OF_HOSPITAL])
def test_a_sample_has_no_defect_even_against_its_profile(prefix):
    for one in named(prefix)[::7]:
        assert check(one).findings == (), one["id"]


def test_french_profiles_are_claimed_where_there_is_one():
    profiles = {"rdv": "appointment", "agenda": "schedule", "slot": "slot", "loc-smur": "location"}
    for prefix, name in profiles.items():
        canonical = f"https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-{name}"
        assert all(one["meta"]["profile"] == [canonical] for one in named(prefix))


def test_nothing_is_recorded_after_now_nor_after_death():
    dates = {
        "medreq": "authoredOn", "medadm": "effectiveDateTime", "allergy": "recordedDate", "rdv": "created",
        "consent": "dateTime", "pos": "effectiveDateTime",
    }  # fmt: skip
    for prefix, element in dates.items():
        for one in named(prefix):
            if element not in one:
                continue
            assert instant(one[element]) <= PLAN.now, one["id"]
            about = one.get("subject") or one.get("patient")
            death = target(about).get("deceasedDateTime") if about else None
            assert not death or instant(one[element]) <= instant(death), one["id"]
