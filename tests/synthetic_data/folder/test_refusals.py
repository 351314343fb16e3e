"""A folder that holds something else is refused in one sentence, in both languages, and left as it was."""

from dataclasses import replace
from datetime import timedelta

import pytest
from small_blocks import PLAN, contents

from synthetic_data.folder.generate import Shard, generate_folder
from synthetic_data.folder.manifest import NAME, FolderError, read_manifest
from synthetic_data.folder.read import resources

pytestmark = pytest.mark.usefixtures("served")


def refused(folder, sentence, plan=PLAN, **options):
    before = contents(folder)
    with pytest.raises(FolderError, match=sentence) as error:
        generate_folder(plan, folder, **options)
    assert error.value.fr.startswith("Attendu ")
    assert str(folder) in error.value.fr
    assert contents(folder) == before


def test_a_finished_hospital(tmp_path):
    generate_folder(PLAN, tmp_path / "h")
    refused(tmp_path / "h", "got a complete hospital in .*: choose another folder, or remove this one")


def test_a_foreign_folder(tmp_path):
    (tmp_path / "letter.txt").write_text("dear")
    (tmp_path / "zoo.txt").write_text("lion")
    refused(tmp_path, "Expected an empty folder, got 'letter.txt' in ")


@pytest.mark.parametrize(
    ("plan", "options"),
    [
        (replace(PLAN, seed=13), {}),
        (replace(PLAN, patients=101), {}),
        (replace(PLAN, recent=0.1), {}),
        (replace(PLAN, now=PLAN.now + timedelta(minutes=1)), {}),
        (PLAN, {"format_": "ndjson"}),
        (PLAN, {"shard": Shard(3, 3)}),
    ],
)
def test_the_work_of_another_command(served, tmp_path, plan, options):
    with served.killed_after(1):
        generate_folder(PLAN, tmp_path / "h")
    sentence = "the interrupted work of the same command in .*, got that of another"
    refused(tmp_path / "h", sentence, plan, **options)


def test_a_journal_that_is_something_else(tmp_path):
    (tmp_path / "blocks.jsonl").write_text("[1, 2]\nhello\n")
    refused(tmp_path, "got that of another one")


@pytest.mark.parametrize(("index", "of"), [(0, 3), (4, 3), (1, 0), (-1, 2)])
def test_a_shard_that_does_not_exist(index, of):
    with pytest.raises(ValueError, match="expected a shard from 1/"):
        Shard(index, of)


@pytest.mark.parametrize("count", [1, 2, 3, 7, 225])
@pytest.mark.parametrize("of", [1, 2, 3, 8])
def test_shards_follow_one_another_and_are_as_long_to_a_block(count, of):
    parts = [Shard(index, of).blocks(count) for index in range(1, of + 1)]
    assert [block for part in parts for block in part] == list(range(count))
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_reading_what_is_not_a_complete_folder(tmp_path):
    with pytest.raises(FolderError, match="got no folder at"):
        read_manifest(tmp_path / "nowhere")
    with pytest.raises(FolderError, match="the generation was not finished"):
        read_manifest(tmp_path)
    for text, sentence in (
        ("{", "got something else \\(JSONDecodeError\\)"),
        ('{"format": "x"}', "got something else \\(KeyError\\)"),
        ("[]", "got something else \\(TypeError\\)"),
    ):
        (tmp_path / NAME).write_text(text)
        with pytest.raises(FolderError, match=sentence):
            read_manifest(tmp_path)


def test_reading_another_version_or_a_damaged_file(tmp_path):
    folder = tmp_path / "h"
    manifest = generate_folder(PLAN, folder)
    assert manifest == read_manifest(folder)
    text = (folder / NAME).read_text()
    (folder / NAME).write_text(text.replace('"version": 1', '"version": 2'))
    with pytest.raises(FolderError, match=r"version 1 in .*, got fhir-integration-lab/hospital 2"):
        read_manifest(folder)
    (folder / NAME).write_text(text)
    patients = folder / "Patient.ndjson.zst"
    data = patients.read_bytes()
    patients.write_bytes(b"junk" + data[4:])
    with pytest.raises(FolderError, match=r"Expected Patient.ndjson.zst as it was generated .*ZstdError"):
        list(resources(folder, frozenset({"Patient"})))
    patients.unlink()
    with pytest.raises(FolderError, match="FileNotFoundError"):
        list(resources(folder, frozenset({"Patient"})))
