"""What is no finished hospital is refused in one sentence."""

import pytest

from synthetic_data.verification import FolderError, verify


def test_no_folder(tmp_path):
    with pytest.raises(FolderError, match="found no folder"):
        verify(tmp_path / "nowhere")


def test_no_manifest_means_an_unfinished_generation(tmp_path):
    with pytest.raises(FolderError, match="the generation was not finished"):
        verify(tmp_path)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "expected JSON"),
        ("[]", "found None version None"),
        ('{"format": "other", "version": 1}', "found 'other' version 1"),
        ('{"format": "fhir-integration-lab/hospital", "version": 2}', "version 2"),
        ('{"format": "fhir-integration-lab/hospital", "version": 1}', "KeyError: 'plan'"),
    ],
)
def test_foreign_manifests(tmp_path, text, sentence):
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(FolderError, match=sentence):
        verify(tmp_path)


def test_files_outside_the_folder_are_refused(small, plant):
    planted = plant(small)
    planted.manifest["files"][0]["name"] = "../Patient.ndjson"
    planted.write_manifest()
    with pytest.raises(FolderError, match="is not the name of an NDJSON file"):
        verify(planted.folder)
