"""The patients whose course is drawn are those of the rule, and the samples are lines of the folder."""

from collections import Counter

import orjson

from synthetic_data.description.lines import matching
from synthetic_data.description.source import open_source
from synthetic_data.description.watched import WATCHED


def chosen_by_hand(resources, watched):
    """Apply the rule of watched.py to the JSON."""
    stays = [
        one for one in resources["Encounter"] if one["class"]["code"] in ("IMP", "SS") and "partOf" not in one
    ]
    holder = "encounter" if watched.over_stay else "subject"
    counts = Counter(
        one[holder]["reference"]
        for one in resources["Observation"]
        if one["code"]["coding"][0]["code"] == watched.code
    )
    for least, family in watched.levels():
        able = {
            f"Encounter/{one['id']}" if watched.over_stay else one["subject"]["reference"]
            for one in stays
            if one["reasonCode"][0]["coding"][0]["code"].startswith(family)
        }
        found = [(-count, who) for who, count in counts.items() if count >= least and who in able]
        if found:
            return min(found)[1]
    return None


def test_the_rule(portrait, resources) -> None:
    made = {one.watched.name: one for one in portrait.trajectories}
    assert made
    for watched in WATCHED:
        who = chosen_by_hand(resources, watched)
        assert (who is None) == (watched.name not in made)
        if who:
            holder = "encounter" if watched.over_stay else "subject"
            results = sorted(
                (one["effectiveDateTime"][:16], one["valueQuantity"]["value"])
                for one in resources["Observation"]
                if one["code"]["coding"][0]["code"] == watched.code and one[holder]["reference"] == who
            )
            course = made[watched.name]
            assert sorted(point.value for point in course.points) == sorted(value for _, value in results)
            assert all(course.first <= point.when <= course.last for point in course.points)
            assert list(course.points) == sorted(course.points, key=lambda point: point.when)


def test_spans_are_the_stays_of_the_patient(portrait, resources) -> None:
    for course in portrait.trajectories:
        own = {
            f"Encounter/{one['id']}"
            for one in resources["Encounter"]
            if one["subject"]["reference"] == course.patient
            and one["class"]["code"] in ("IMP", "SS")
            and "partOf" not in one
        }
        assert {span.reference for span in course.spans} <= own
        if not course.watched.over_stay:
            assert len(course.spans) == len(own)


def test_samples_are_lines_of_the_folder_that_belong_together(portrait, hospital_folder) -> None:
    assert [one.name for one in portrait.samples] == ["patient", "stay", "result", "study", "report"]
    read = {one.name: orjson.loads(one.line) for one in portrait.samples}
    patient = f"Patient/{read['patient']['id']}"
    assert patient == portrait.trajectories[0].patient
    assert read["stay"]["subject"]["reference"] == read["result"]["subject"]["reference"] == patient
    assert read["result"]["valueQuantity"]["value"] == max(p.value for p in portrait.trajectories[0].points)
    source = open_source(hospital_folder)
    (file,) = source.of("Patient")
    assert any(
        line.decode() == portrait.samples[0].line
        for line, _ in matching(source.path, file, read["patient"]["id"])
    )
