"""Canonical URLs: asked for without a version, any is found; asked for with one, that one.

Spec: https://hl7.org/fhir/R4/references.html#canonical
"""

import pytest
from server_hospital import Hospital

QUESTIONS = "http://forms.test/Questionnaire/pain"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (QUESTIONS, ["any", "one", "two"]),
        (f"{QUESTIONS}|1.0", ["one"]),
        (f"{QUESTIONS}|2.0", ["two"]),
        (f"{QUESTIONS}|3.0", []),
        ("http://forms.test/Questionnaire/other", []),
    ],
)
def test_a_version_that_is_asked_for_is_the_one_that_is_found(
    writable: Hospital, asked: str, found: list[str]
) -> None:
    for id_, canonical in (("any", QUESTIONS), ("one", f"{QUESTIONS}|1.0"), ("two", f"{QUESTIONS}|2.0")):
        answer = {
            "resourceType": "QuestionnaireResponse",
            "id": id_,
            "status": "completed",
            "questionnaire": canonical,
        }
        assert writable.ask("PUT", f"/QuestionnaireResponse/{id_}", answer).status == 201
    query = asked.replace(":", "%3A").replace("|", "%7C")
    assert sorted(writable.ids(f"/QuestionnaireResponse?questionnaire={query}")) == found
