"""Imaging studies: inside their encounter, series that add up, legal UIDs."""

import re

from hospital_reading import instant


def test_studies_belong_to_an_encounter_of_the_same_patient_and_time(hospital):
    for one in hospital.of_type("ImagingStudy"):
        encounter = hospital.target(one["encounter"])
        assert encounter["subject"] == one["subject"]
        end = encounter["period"].get("end")
        assert instant(encounter["period"]["start"]) <= instant(one["started"])
        assert instant(one["started"]) <= (instant(end) if end else hospital.plan.now)


def test_series_add_up_to_the_study(hospital):
    for one in hospital.of_type("ImagingStudy"):
        assert one["numberOfSeries"] == len(one["series"])
        assert one["numberOfInstances"] == sum(series["numberOfInstances"] for series in one["series"])
        assert [series["number"] for series in one["series"]] == list(range(1, len(one["series"]) + 1))
        assert {series["modality"]["code"] for series in one["series"]} == {
            code["code"] for code in one["modality"]
        }


def test_a_pet_study_carries_its_ct(hospital):
    pets = [
        one
        for one in hospital.of_type("ImagingStudy")
        if any(code["code"] == "PT" for code in one["modality"])
    ]
    assert len(pets) == 13
    assert all([code["code"] for code in one["modality"]] == ["CT", "PT"] for one in pets)


def test_dicom_uids_are_legal_and_unique(hospital):
    uids = []
    for one in hospital.of_type("ImagingStudy"):
        uids.append(one["identifier"][0]["value"].removeprefix("urn:oid:"))
        uids.extend(series["uid"] for series in one["series"])
    assert len(set(uids)) == len(uids)
    assert all(re.fullmatch(r"2\.25\.(0|[1-9]\d{0,38})", uid) for uid in uids)
