"""Shards drawn apart and joined, in any order, give one generation byte for byte; nothing less will do."""

import os
import shutil
from dataclasses import replace
from itertools import permutations

import pytest
from small_blocks import PLAN, Killed, contents

from synthetic_data.folder.draft import JOURNAL
from synthetic_data.folder.generate import Shard, generate_folder, join_shards
from synthetic_data.folder.manifest import FolderError, read_manifest

pytestmark = pytest.mark.usefixtures("served")


@pytest.fixture(scope="module")
def shards(blocks_served, tmp_path_factory):
    blocks_served.asked = []
    return made(tmp_path_factory.mktemp("shards"), 3)


def made(folder, of, plan=PLAN, **options):
    paths = [folder / f"{index}" for index in range(1, of + 1)]
    for index, path in enumerate(paths, 1):
        assert generate_folder(plan, path, shard=Shard(index, of), **options) is None
    return paths


def refused(paths, folder, sentence):
    with pytest.raises(FolderError, match=sentence) as error:
        join_shards(paths, folder)
    assert error.value.fr.startswith("Attendu ")
    assert not (folder / "manifest.json").exists()


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_any_order_gives_the_bytes_of_one_generation(shards, uninterrupted, tmp_path, order):
    before = [contents(path) for path in shards]
    manifest = join_shards([shards[rank] for rank in order], tmp_path / "h")
    assert contents(tmp_path / "h") == uninterrupted
    assert manifest == read_manifest(tmp_path / "h")
    assert [contents(path) for path in shards] == before


@pytest.mark.parametrize("of", [1, 2, 5])
def test_more_or_fewer_shards_than_blocks(uninterrupted, tmp_path, of):
    """With more shards than blocks some are empty, and begin where another one does."""
    if of == 1:
        assert generate_folder(PLAN, tmp_path / "1", shard=Shard(1, 1))
        assert contents(tmp_path / "1") == uninterrupted
        return
    paths = made(tmp_path, of)
    for turn in range(of):
        for rank, order in enumerate((paths[turn:] + paths[:turn], (paths[turn:] + paths[:turn])[::-1])):
            join_shards(order, tmp_path / f"h{turn}{rank}")
            assert contents(tmp_path / f"h{turn}{rank}") == uninterrupted


def test_a_shard_holds_no_manifest_and_can_be_resumed(served, uninterrupted, tmp_path):
    with served.killed_after(1):
        generate_folder(PLAN, tmp_path / "2", shard=Shard(2, 2))
    generate_folder(PLAN, tmp_path / "1", shard=Shard(1, 2))
    refused([tmp_path / "1", tmp_path / "2"], tmp_path / "early", "a part is missing or unfinished")
    served.asked = []
    generate_folder(PLAN, tmp_path / "2", shard=Shard(2, 2))
    assert served.asked == [2]
    names = {path.name for path in (tmp_path / "2").iterdir()}
    assert all(name == JOURNAL or name.endswith(".part") for name in names)
    join_shards([tmp_path / "1", tmp_path / "2"], tmp_path / "h")
    assert contents(tmp_path / "h") == uninterrupted


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ((0, 1), "Expected 3 blocks in all, got 2"),
        ((0, 2), "Expected the part that begins at block 1, got .*, which begins at block 2"),
        ((1, 2), "Expected the part that begins at block 0"),
        ((2,), "Expected the part that begins at block 0"),
    ],
)
def test_a_missing_shard(shards, tmp_path, given, sentence):
    refused([shards[rank] for rank in given], tmp_path / "h", sentence)


@pytest.mark.parametrize("given", [(0, 1, 1, 2), (0, 0, 1, 2), (2, 1, 0, 2)])
def test_a_shard_given_twice(shards, tmp_path, given):
    refused([shards[rank] for rank in given], tmp_path / "h", "give each part once")


def test_a_shard_of_another_hospital_or_format(shards, tmp_path):
    others = made(tmp_path / "a", 3, replace(PLAN, seed=99))
    refused([*shards[:2], others[2]], tmp_path / "h", f"got another one in {others[2]}")
    plain = made(tmp_path / "b", 3, format_="ndjson")
    refused([shards[0], plain[1], shards[2]], tmp_path / "h", f"got another one in {plain[1]}")


def test_what_is_no_shard(shards, tmp_path):
    refused([*shards, tmp_path], tmp_path / "h", "this is no part of a hospital")
    (tmp_path / JOURNAL).write_text("hello")
    refused([*shards, tmp_path], tmp_path / "h", "this is no part of a hospital")


def test_a_shard_that_lost_bytes(shards, tmp_path):
    damaged = shutil.copytree(shards[1], tmp_path / "damaged")
    path = damaged / "Encounter.ndjson.zst.part"
    os.truncate(path, path.stat().st_size - 5)
    refused([shards[0], damaged, shards[2]], tmp_path / "h", "the folder was changed")


def test_a_shard_cannot_be_the_folder_to_fill(shards, tmp_path):
    paths = [shutil.copytree(path, tmp_path / path.name) for path in shards]
    before = contents(paths[0])
    with pytest.raises(FolderError, match="Expected another folder than those of the parts"):
        join_shards(paths, paths[0])
    assert contents(paths[0]) == before


def test_joining_into_a_folder_that_holds_something(shards, tmp_path):
    (tmp_path / "letter.txt").write_text("dear")
    refused(shards, tmp_path, "got 'letter.txt'")
    join_shards(shards, tmp_path / "h")
    with pytest.raises(FolderError, match="got a complete hospital"):
        join_shards(shards, tmp_path / "h")


@pytest.mark.parametrize("most", [0, 1, 5, 20])
def test_a_join_that_was_interrupted_starts_again(shards, uninterrupted, tmp_path, monkeypatch, most):
    """Killed while copying a file of a shard: what is already there must not come twice."""
    real, left = shutil.copyfileobj, most

    def copying(source, target, length):
        nonlocal left
        left -= 1
        if left < 0:
            target.write(source.read(10))
            raise Killed
        real(source, target, length)

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "copyfileobj", copying)
        with pytest.raises(Killed):
            join_shards(shards, tmp_path / "h")
    join_shards(shards, tmp_path / "h")
    assert contents(tmp_path / "h") == uninterrupted


def test_a_join_whose_completion_was_interrupted_starts_again(shards, uninterrupted, tmp_path, monkeypatch):
    def killing(*_arguments):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr("synthetic_data.folder.generate.finish", killing)
        with pytest.raises(Killed):
            join_shards(shards, tmp_path / "h")
    join_shards(shards[::-1], tmp_path / "h")
    assert contents(tmp_path / "h") == uninterrupted
