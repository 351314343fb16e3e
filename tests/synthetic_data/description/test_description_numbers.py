"""Every number of a portrait is the one found by going through the JSON, one resource at a time."""

import math
from collections import Counter
from datetime import date, datetime, timedelta

import orjson
import pytest

from synthetic_data.description.describing import describe_folder

STAYS = ("IMP", "SS")


def of_class(resources, *classes):
    return [one for one in resources["Encounter"] if one["class"]["code"] in classes and "partOf" not in one]


def instant(text):
    return datetime.fromisoformat(text)


def age(born, today):
    year, month, day = map(int, born.split("-"))
    return today.year - year - ((today.month, today.day) < (month, day))


def nights(stay):
    period = stay["period"]
    return (instant(period["end"]).date() - instant(period["start"]).date()).days


def ended(encounters):
    return [one for one in encounters if "end" in one["period"]]


def laboratory(resources):
    return [
        one
        for one in resources["Observation"]
        if any(c["code"] == "laboratory" for category in one.get("category", []) for c in category["coding"])
    ]


def test_volumes_are_those_of_the_manifest(portrait, resources) -> None:
    counted = {one.name: one.counted for one in portrait.identity.volumes}
    assert all(one.met for one in portrait.identity.volumes)
    assert counted["sejours"] == len(of_class(resources, *STAYS))
    assert counted["consultations"] == len(of_class(resources, "AMB"))
    assert counted["urgences"] == len(of_class(resources, "EMER"))
    assert counted["analyses"] == len(laboratory(resources))
    modalities = Counter()
    for study in resources["ImagingStudy"]:
        codes = {one["modality"]["code"] for one in study["series"]}
        modalities[next(code for code in ("PT", "MR", "CT") if code in codes)] += 1
    assert (counted["tep"], counted["irm"], counted["scanner"]) == tuple(
        modalities[c] for c in ("PT", "MR", "CT")
    )


def test_pyramid(portrait, resources) -> None:
    today = date(2023, 12, 31)
    known = [one for one in resources["Patient"] if len(one.get("birthDate", "")) == 10]
    for sex, part in (("male", portrait.pyramid.men), ("female", portrait.pyramid.women)):
        bands = Counter(
            min(age(one.get("birthDate", ""), today) // 5, 20) for one in known if one["gender"] == sex
        )
        assert list(part.counted) == [bands[band] for band in range(21)]
    assert portrait.pyramid.left_out == len(resources["Patient"]) - len(known)
    assert portrait.pyramid.deceased == sum("deceasedDateTime" in one for one in resources["Patient"])
    assert sum(portrait.pyramid.men.expected + portrait.pyramid.women.expected) == pytest.approx(len(known))


def test_rhythms(portrait, resources) -> None:
    arrived = [instant(one["period"]["start"]) for one in of_class(resources, "EMER")]
    seen = [instant(one["period"]["start"]) for one in of_class(resources, "AMB")]
    rhythms = portrait.rhythms
    for found, counted, size in (
        (rhythms.emergency_hours, Counter(one.hour for one in arrived), 24),
        (rhythms.emergency_weekdays, Counter(one.weekday() for one in arrived), 7),
        (rhythms.emergency_months, Counter(one.month - 1 for one in arrived), 12),
        (rhythms.consultation_hours, Counter(one.hour for one in seen), 24),
    ):
        assert list(found.counted) == [counted[rank] for rank in range(size)]
        assert sum(found.expected) == pytest.approx(sum(found.counted))
        assert found.verdict in ("luck", "close")
    instants = [one["period"].get(end) for one in resources["Encounter"] for end in ("start", "end")]
    assert (rhythms.instants, rhythms.misplaced) == (sum(one is not None for one in instants), 0)


def test_nights_of_clock_changes(portrait, resources) -> None:
    spring, autumn = portrait.rhythms.nights
    assert (spring.day, spring.forward, autumn.day, autumn.forward) == (
        date(2023, 3, 26),
        True,
        date(2023, 10, 29),
        False,
    )
    assert [(one.shown, one.ahead) for one in spring.hours] == [
        (0, 1),
        (1, 1),
        (3, 2),
        (4, 2),
        (5, 2),
        (6, 2),
    ]
    assert [(one.shown, one.ahead) for one in autumn.hours] == [
        (0, 2),
        (1, 2),
        (2, 2),
        (2, 1),
        (3, 1),
        (4, 1),
    ]
    arrived = Counter(
        one["period"]["start"][:13] + one["period"]["start"][19:] for one in of_class(resources, "EMER")
    )
    for night in (spring, autumn):
        for hour in night.hours:
            assert hour.arrivals == arrived[f"{night.day}T{hour.shown:02}+0{hour.ahead}:00"]


def test_length_of_stay(portrait, resources) -> None:
    stays = of_class(resources, *STAYS)
    found = [nights(one) for one in ended(stays)]
    full = [one for one in found if one]
    stay = portrait.length_of_stay
    assert (stay.ended, stay.running) == (len(found), len(stays) - len(found))
    assert stay.without == pytest.approx(found.count(0) / len(found))
    assert stay.mean == pytest.approx(sum(full) / len(full))
    assert stay.classes.counted[:15] == tuple(found.count(number) for number in range(15))
    assert stay.classes.counted[15:] == (
        sum(15 <= one <= 20 for one in found),
        sum(21 <= one <= 30 for one in found),
        sum(one >= 31 for one in found),
    )
    assert (stay.without_target, stay.mean_target) == (0.49, 5.5)


def test_reasons(portrait, resources) -> None:
    for ranking, encounters in (
        (portrait.reasons.diagnoses, of_class(resources, *STAYS)),
        (portrait.reasons.motives, of_class(resources, "EMER")),
    ):
        counted = Counter(one["reasonCode"][0]["coding"][0]["code"] for one in encounters)
        assert (ranking.total, ranking.different) == (len(encounters), len(counted))
        assert {row.code: row.count for row in ranking.rows} == {
            row.code: counted[row.code] for row in ranking.rows
        }
        assert [row.count for row in ranking.rows] == sorted(counted.values(), reverse=True)[
            : len(ranking.rows)
        ]
    assert sum(row.count for row in portrait.reasons.chapters.rows) == portrait.reasons.diagnoses.total
    outcomes = Counter(
        one["hospitalization"]["dischargeDisposition"]["text"] for one in ended(of_class(resources, "EMER"))
    )
    assert {row.label: row.count for row in portrait.reasons.outcomes.rows} == outcomes


def test_laboratory(portrait, resources) -> None:
    by_code = Counter(one["code"]["coding"][0]["code"] for one in laboratory(resources))
    assert [test.count for test in portrait.laboratory.tests] == [n for _, n in by_code.most_common(20)]
    assert portrait.laboratory.different == len(by_code)
    for test in portrait.laboratory.tests:
        results = [one for one in laboratory(resources) if one["code"]["coding"][0]["code"] == test.code]
        assert test.count == len(results)
        values = sorted(one["valueQuantity"]["value"] for one in results if "valueQuantity" in one)
        for share, found in ((0.05, test.p5), (0.5, test.median), (0.95, test.p95)):
            assert found == (values[math.ceil(share * len(values)) - 1] if values else None)
        ranged = [one for one in results if "referenceRange" in one]
        out = [one for one in ranged if one["interpretation"][0]["coding"][0]["code"] in ("L", "H")]
        if ranged:
            assert test.out == pytest.approx(len(out) / len(ranged))


def test_activity(portrait, resources) -> None:
    structures = {f"Organization/{one['id']}": one for one in resources["Organization"]}

    def pole(encounter):
        found = structures[encounter["serviceProvider"]["reference"]]
        while found["type"][0]["coding"][0]["code"] != "POLE":
            found = structures[found["partOf"]["reference"]]
        return found["name"]

    stays = of_class(resources, *STAYS)
    spent, full = Counter(), Counter()
    for stay in stays:
        running = "end" not in stay["period"]
        spent[pole(stay)] += 0 if running else nights(stay)
        full[pole(stay)] += running or nights(stay) > 0
    seen = Counter(map(pole, of_class(resources, "AMB")))
    movements = Counter(pole(one) for one in resources["Encounter"] if "partOf" in one)
    for one in portrait.poles:
        name = one.activity.name
        assert one.activity.nights == spent[name] == sum(unit.nights for unit in one.units)
        assert one.activity.stays == full[name]
        assert one.activity.consultations == seen[name]
        assert one.activity.passages == movements[name]
    assert sum(one.activity.stays + one.activity.days for one in portrait.poles) == len(stays)


def test_occupancy(portrait, resources) -> None:
    occupancy = portrait.occupancy
    assert (occupancy.first, len(occupancy.present)) == (date(2023, 1, 1), 364)
    stays = [
        (
            instant(one["period"]["start"]).date(),
            instant(one["period"].get("end", "2999-01-01T00:00:00+01:00")).date(),
        )
        for one in of_class(resources, *STAYS)
    ]
    for rank in (0, 1, 84, 200, 301, 363):
        day = occupancy.first + timedelta(days=rank)
        assert occupancy.present[rank] == sum(start <= day < end for start, end in stays)
    beds = [one for one in resources["Location"] if one["physicalType"]["coding"][0]["code"] == "bd"]
    assert occupancy.beds == len(beds)


def test_cohorts_and_sources(portrait, hospital_folder) -> None:
    lines = (hospital_folder / "answers" / "cohorts.ndjson").read_bytes().splitlines()
    assert {one.name: one.patients for one in portrait.cohorts} == {
        one["cohort"]: len(one["patients"]) for one in map(orjson.loads, lines)
    }
    natures = {one.name: one.nature for one in portrait.sources.figures}
    assert natures["sejours"] == natures["sejours_sans_nuit"] == "published"
    assert natures["patients"] == natures["naissance_etranger"] == "assumed"
    assert natures["urgences_24h"] == "chosen"


def test_workers_change_nothing(portrait, hospital_folder) -> None:
    assert describe_folder(hospital_folder, workers=2) == portrait
