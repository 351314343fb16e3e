"""Documents: a letter for each stay with nights that has ended, a text for each imaging report."""

import base64

from care_hospital import diagnosis, encounter, instant, named, target


def text(document) -> str:
    return base64.b64decode(document["content"][0]["attachment"]["data"]).decode()


def of_type(code: str):
    return [one for one in named("doc") if one["type"]["coding"][0]["code"] == code]


def test_exactly_the_ended_stays_with_nights_have_a_letter():
    ended = {
        f"Encounter/{one['id']}" for one in named("enc")
        if one["class"]["code"] == "IMP" and one["status"] == "finished"
    }  # fmt: skip
    letters = [one["context"]["encounter"][0]["reference"] for one in of_type("34112-3")]
    assert len(letters) == len(set(letters))
    assert set(letters) == ended


def test_a_letter_is_dated_and_signed_at_the_end_of_its_stay():
    for letter in of_type("34112-3"):
        stay = target(letter["context"]["encounter"][0])
        assert letter["date"] == stay["period"]["end"]
        assert letter["author"][0] == stay["participant"][0]["individual"]
        assert letter["subject"] == stay["subject"]


def test_a_letter_tells_the_diagnosis_and_the_death():
    for letter in of_type("34112-3"):
        stay = target(letter["context"]["encounter"][0])
        disposition = stay["hospitalization"]["dischargeDisposition"]["coding"][0]["code"]
        assert f"({diagnosis(stay)})" in text(letter)
        assert ("décédé" in text(letter)) == (disposition == "exp")


def test_each_imaging_report_has_its_text():
    documents = of_type("18748-4")
    assert len(documents) == len(named("imgrep"))
    for document in documents:
        report = target(document["context"]["related"][0])
        assert report["conclusion"] in text(document)
        assert report["code"]["text"] in text(document)
        assert document["date"] == report["issued"]
        assert document["author"] == report["resultsInterpreter"]
        assert document["subject"] == encounter(report)["subject"]


def test_the_size_is_that_of_the_text():
    for document in named("doc"):
        attachment = document["content"][0]["attachment"]
        assert attachment["size"] == len(base64.b64decode(attachment["data"]))
        assert instant(attachment["creation"]) == instant(document["date"])


def test_texts_are_few():
    assert len({text(one) for one in named("doc")}) < len(named("doc"))
