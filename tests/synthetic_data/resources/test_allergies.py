"""Allergies: how many people, and the statuses that go together."""

import numpy as np
from care_hospital import named, target
from order_hospital import full_blocks

from synthetic_data.tables import table


def test_about_eight_per_cent_of_the_patients_have_one():
    people = sum(len(block.people) for block in full_blocks())
    allergic = sum(len(np.unique(block.allergies.person)) for block in full_blocks())
    assert 0.065 <= allergic / people <= 0.09


def test_penicillin_comes_first_among_medicines():
    found = np.bincount(
        np.concatenate([block.allergies.allergy for block in full_blocks()]),
        minlength=len(table("allergies")),
    )
    assert table("allergies")[int(found.argmax())]["allergie"] == "Pénicillines"


def test_only_a_confirmed_allergy_can_be_over():
    for block in full_blocks():
        known = block.allergies
        assert known.confirmed[~known.active].all()
        assert (~known.active).any()
        assert (~known.confirmed).any()


def test_it_is_recorded_by_the_doctor_of_the_first_encounter():
    seen: dict[str, list[dict]] = {}
    for one in named("enc"):
        seen.setdefault(one["subject"]["reference"], []).append(one)
    for one in named("allergy"):
        encounters = seen.get(one["patient"]["reference"], [])
        assert ("recordedDate" in one) == ("recorder" in one) == bool(encounters)
        if encounters:
            first = min(encounters, key=lambda visited: visited["period"]["start"])
            assert one["recordedDate"] == first["period"]["start"]
            assert one["recorder"] in [taking["individual"] for taking in first["participant"]]
        assert target(one["patient"])
