"""`lab data describe`: what the terminal says, where the page goes, and how errors are told."""

import shutil

import pytest
from folder_editing import changed, told


def test_terminal_in_english(lab, hospital_folder, tmp_path) -> None:
    page = tmp_path / "new" / "page.html"
    finished = lab("data", "describe", str(hospital_folder), "--out", str(page))
    assert finished.returncode == 0, finished.stderr
    for said in (
        "seed 2023, 600 patients",
        "Patient.ndjson.zst",
        "laboratory acts *",
        "Age pyramid",
        "100+",
        "Emergency arrivals, hour",
        "Ended stays, nights",
        "█",
        f"Page written to {page}.",
    ):
        assert said in finished.stdout
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert list(page.parent.iterdir()) == [page]


def test_terminal_in_french_and_the_page_beside_the_folder(lab, hospital_folder, tmp_path) -> None:
    folder = tmp_path / "chu"
    shutil.copytree(hospital_folder, folder)
    finished = lab("data", "describe", str(folder), "--workers", "1", LAB_LANG="fr")
    assert finished.returncode == 0, finished.stderr
    assert "Pyramide des âges" in finished.stdout
    assert f"Page écrite dans {tmp_path / 'chu-description.html'}." in finished.stdout
    assert (tmp_path / "chu-description.html").is_file()
    assert not list(folder.glob("*.html"))


def unfinished(folder):
    (folder / "manifest.json").unlink()


def foreign(folder):
    told(folder, format="somebody else's")


def without_plan(folder):
    told(folder, plan={})


def lost_file(folder):
    (folder / "Encounter.ndjson.zst").unlink()


def lost_answers(folder):
    (folder / "answers" / "cohorts.ndjson").unlink()


def damaged_bytes(folder):
    path = folder / "Observation.laboratory.ndjson.zst"
    stored = bytearray(path.read_bytes())
    stored[len(stored) // 2 :] = bytes(len(stored) - len(stored) // 2)
    path.write_bytes(stored)


def short_file(folder):
    path = folder / "Patient.ndjson.zst"
    path.write_bytes(path.read_bytes()[:-100])


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (unfinished, "generation was not finished"),
        (foreign, "somebody else's"),
        (without_plan, "plan"),
        (lost_file, "Encounter.ndjson.zst"),
        (lost_answers, "cohorts.ndjson"),
        (damaged_bytes, "Observation.laboratory.ndjson.zst"),
        (short_file, "Patient.ndjson.zst"),
    ],
)
def test_a_folder_that_cannot_be_described_is_one_sentence(
    lab, hospital_folder, tmp_path, damage, said
) -> None:
    folder = tmp_path / "hospital"
    shutil.copytree(hospital_folder, folder)
    damage(folder)
    finished = lab("data", "describe", str(folder))
    assert finished.returncode == 2
    assert finished.stdout == ""
    assert finished.stderr.strip().startswith("✗ Expected ")
    assert said in finished.stderr
    assert "Traceback" not in finished.stderr
    assert not (tmp_path / "hospital-description.html").exists()


def test_resources_of_another_make_are_one_sentence(lab, hospital_folder, tmp_path) -> None:
    def change(resource):
        if resource["resourceType"] == "ImagingStudy":
            resource["series"] = "none"

    folder = changed(hospital_folder, tmp_path / "hospital", change)
    finished = lab("data", "describe", str(folder), "--workers", "2")
    assert finished.returncode == 2
    assert "ImagingStudy.ndjson.zst" in finished.stderr
    assert "Traceback" not in finished.stderr


def test_no_folder_and_no_page(lab, hospital_folder, tmp_path) -> None:
    assert lab("data", "describe", str(tmp_path / "nowhere")).returncode == 2
    refused = lab("data", "describe", str(hospital_folder), "--out", str(tmp_path))
    assert refused.returncode == 2
    assert "add a name" in refused.stderr
