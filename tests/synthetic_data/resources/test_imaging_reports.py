"""Each examination: one order before it, one report after it, whose conclusion fits the diagnosis."""

from dataclasses import replace

import numpy as np
from care_hospital import bounds, diagnosis, encounter, instant, named, target

from synthetic_data.facts.block import Block
from synthetic_data.facts.readings import draw_readings
from synthetic_data.plan import HospitalPlan
from synthetic_data.tables import table

REGIONS = {row["ccam"]: row["region"] for row in table("imagerie")}
CONCLUSIONS = table("imagerie_conclusions")


def test_order_study_and_report_go_together_one_by_one():
    reports = named("imgrep")
    assert len(reports) == len(named("img")) == len(named("imgorder"))
    for report in reports:
        study, order = target(report["imagingStudy"][0]), target(report["basedOn"][0])
        assert study["basedOn"] == report["basedOn"]
        assert study["encounter"] == order["encounter"] == report["encounter"]
        assert study["procedureCode"][0] == order["code"] == report["code"]
        assert diagnosis(study) == diagnosis(order)


def test_ordered_done_read_in_that_order():
    for report in named("imgrep"):
        study, order = target(report["imagingStudy"][0]), target(report["basedOn"][0])
        start, end = bounds(encounter(report))
        assert start <= instant(order["authoredOn"]) <= instant(study["started"]) <= end
        assert study["started"] == report["effectiveDateTime"]
        assert instant(study["started"]) <= instant(report["issued"])


def test_a_report_is_not_issued_in_the_future():
    plan = HospitalPlan(patients=450_000)
    issued = np.concatenate([Block(plan, number).readings.issued for number in range(4)])
    assert issued.max() == plan.now_minute


def test_a_report_is_not_issued_after_a_death_that_follows_the_examination():
    plan = HospitalPlan(patients=450_000)
    block = Block(plan, 0)
    person = block.episodes.person[block.studies.episode]
    death = block.people.death.copy()
    death[person] = 0
    np.maximum.at(death, person, block.studies.started + 5)
    people = replace(block.people, death=death)
    readings = draw_readings(plan, 0, people, block.episodes, block.studies)
    assert (readings.issued <= death[person]).all()


def test_pet_is_read_in_nuclear_medicine_and_the_rest_in_radiology():
    for report in named("imgrep"):
        section = report["category"][0]["coding"][0]["code"]
        unit = target(report["performer"][0])["name"]
        assert ("nucléaire" in unit) == (section == "NMS")


def test_the_conclusion_fits_the_region_and_the_diagnosis():
    checked = 0
    for report in named("imgrep"):
        study = target(report["imagingStudy"][0])
        region = REGIONS[report["code"]["coding"][0]["code"]]
        code = diagnosis(study)
        rows = [row for row in CONCLUSIONS if row["regions"] == region]
        fitting = [row for row in rows if row["cim10"] and code.startswith(tuple(row["cim10"].split()))][:1]
        normal = [row for row in rows if not row["cim10"]]
        possible = {row["conclusion"] for row in normal + fitting}
        assert report["conclusion"] in possible
        if fitting and float(fitting[0]["part"]) == 1:
            assert report["conclusion"] == fitting[0]["conclusion"]
            checked += 1
    assert checked > 5
