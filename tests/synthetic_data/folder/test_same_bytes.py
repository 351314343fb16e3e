"""A folder depends on its plan alone: not on the workers, nor on the day or the place."""

import hashlib
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
import zstandard
from small_blocks import contents

from synthetic_data import HospitalPlan, generate
from synthetic_data.facts.volumes import totals
from synthetic_data.folder.generate import generate_folder
from synthetic_data.folder.manifest import read_manifest
from synthetic_data.folder.read import lines, resources
from synthetic_data.resources.kind import kinds

THREE_BLOCKS = HospitalPlan(seed=12, patients=4500)
SMALL = HospitalPlan(seed=3, patients=60)


@pytest.fixture(scope="module")
def one_worker(tmp_path_factory):
    folder = tmp_path_factory.mktemp("workers") / "1"
    generate_folder(THREE_BLOCKS, folder, workers=1)
    return folder


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    folder = tmp_path_factory.mktemp("workers") / "plain"
    generate_folder(THREE_BLOCKS, folder, workers=3, format_="ndjson")
    return folder


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("small") / "new" / "folder"
    return folder, generate_folder(SMALL, folder)


def test_two_workers_change_nothing(one_worker, tmp_path):
    """Each worker begins afresh, so that no block owes anything to the one before it."""
    generate_folder(THREE_BLOCKS, tmp_path / "h", workers=2)
    assert contents(tmp_path / "h") == contents(one_worker)


def test_three_workers_and_the_plain_format_hold_the_same_resources(one_worker, plain):
    compressed, read = read_manifest(one_worker), read_manifest(plain)
    assert [file.name for file in read.files] == [f.name.removesuffix(".zst") for f in compressed.files]
    for file, other in zip(read.files, compressed.files, strict=True):
        data = (plain / file.name).read_bytes()
        assert data == inflated((one_worker / other.name).read_bytes())
        assert (file.lines, file.content_bytes, file.content_sha256) == (
            other.lines,
            other.content_bytes,
            other.content_sha256,
        )
        assert file.bytes == file.content_bytes == len(data)
    for name in compressed.answers:
        assert (plain / "answers" / name).read_bytes() == (one_worker / "answers" / name).read_bytes()


def inflated(data: bytes) -> bytes:
    stream = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(data), read_across_frames=True)
    return stream.read()


def test_the_manifest_tells_the_truth_of_each_file(one_worker):
    manifest = read_manifest(one_worker)
    assert manifest.volumes == totals(4500)
    for file in manifest.files:
        data = (one_worker / file.name).read_bytes()
        assert (file.bytes, file.sha256) == (len(data), hashlib.sha256(data).hexdigest())
        assert sum(file.blocks) == file.bytes
        parts, at = [], 0
        for size in file.blocks:  # each block is a frame that can be read alone
            parts.append(inflated(data[at : at + size]))
            at += size
        assert file.content_bytes == sum(map(len, parts))
        assert file.lines == sum(part.count(b"\n") for part in parts)
        digests = b"".join(hashlib.sha256(part).digest() for part in parts)
        assert file.content_sha256 == hashlib.sha256(digests).hexdigest()
    for name, digest in manifest.answers.items():
        assert hashlib.sha256((one_worker / "answers" / name).read_bytes()).hexdigest() == digest
    names = {file.name for file in manifest.files} | {f"answers/{name}" for name in manifest.answers}
    assert set(contents(one_worker)) == names | {"manifest.json"}
    assert manifest.lines == sum(file.lines for file in manifest.files) > 100_000


def test_patients_and_encounters_have_a_frame_for_each_block(one_worker):
    files = {file.name: file for file in read_manifest(one_worker).files}
    assert len(files["Patient.ndjson.zst"].blocks) == len(files["Encounter.ndjson.zst"].blocks) == 3
    assert files["Patient.ndjson.zst"].lines == 4500
    assert len(files["Group.ndjson.zst"].blocks) == 1


def test_the_files_hold_the_hospital_that_generate_gives(small):
    """And in its order: a reader gets each resource after those it refers to."""
    folder, manifest = small
    assert list(resources(folder)) == list(generate(SMALL))
    some = [one["resourceType"] for one in resources(folder, frozenset({"Patient", "Group"}))]
    groups = sum(file.lines for file in manifest.files if file.type == "Group")
    assert some == ["Patient"] * some.count("Patient") + ["Group"] * groups
    assert some.count("Patient") >= 60


def test_lines_are_json_in_utf8_without_needless_escapes(small):
    folder, manifest = small
    for file in manifest.files:
        for line in lines(folder / file.name):
            assert line.startswith(b'{"resourceType":"%s","id":"' % file.type.encode())
            assert line.endswith(b"}\n")
            assert b"\\u" not in line
    assert any("é".encode() in line for line in lines(folder / "Encounter.ndjson.zst"))


def test_kinds_are_files_in_load_order(small):
    _, manifest = small
    order = [kind.name for kind in kinds()]
    names = [file.name.removesuffix(".ndjson.zst") for file in manifest.files]
    assert names == [name for name in order if name in names]
    assert [(file.type, file.family) for file in manifest.files] == [
        (name.partition(".")[0], name.partition(".")[2]) for name in names
    ]


def test_the_manifest_says_what_was_asked(small):
    folder, manifest = small
    assert manifest == read_manifest(folder)
    assert manifest.plan == {
        "seed": 3,
        "patients": 60,
        "scale": 60 / 450_000,
        "start": "2022-06-15T10:00:00+02:00",
        "now": "2023-06-15T10:00:00+02:00",
        "recent": 0.05,
    }
    assert set(manifest.versions) >= {"generator", "python", "numpy", "pyarrow", "zstandard", "orjson"}


def test_neither_the_day_nor_the_place_nor_the_hash_seed_changes_a_byte(small, tmp_path):
    """Run in another process, years later, on the other side of the world."""
    program = (
        "import datetime, time\n"
        "ahead = 900_000_000.0\n"
        "real = {name: getattr(time, name) for name in ('time', 'time_ns', 'localtime', 'gmtime')}\n"
        "time.time = lambda: real['time']() + ahead\n"
        "time.time_ns = lambda: real['time_ns']() + int(ahead * 1e9)\n"
        "time.localtime = lambda s=None: real['localtime'](time.time() if s is None else s)\n"
        "time.gmtime = lambda s=None: real['gmtime'](time.time() if s is None else s)\n"
        "class Later(datetime.datetime):\n"
        "    now = classmethod(lambda cls, tz=None: cls.fromtimestamp(time.time(), tz))\n"
        "    today = classmethod(lambda cls: cls.fromtimestamp(time.time()))\n"
        "    utcnow = classmethod(lambda cls: cls.fromtimestamp(time.time()))\n"
        "class LaterDay(datetime.date):\n"
        "    today = classmethod(lambda cls: cls.fromtimestamp(time.time()))\n"
        "datetime.datetime, datetime.date = Later, LaterDay\n"
        "import sys; from pathlib import Path\n"
        "from synthetic_data import HospitalPlan\n"
        "from synthetic_data.folder.generate import generate_folder\n"
        "assert datetime.datetime.now().year > 2050\n"
        "generate_folder(HospitalPlan(seed=3, patients=60), Path(sys.argv[1]))"
    )
    environment = {**os.environ, "TZ": "Pacific/Auckland", "PYTHONHASHSEED": "4", "LC_ALL": "C"}
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "h")], env=environment, check=True)
    assert contents(tmp_path / "h") == contents(small[0])


def test_another_seed_changes_every_file_that_tells_of_patients(small, tmp_path):
    generate_folder(HospitalPlan(seed=4, patients=60), tmp_path / "h")
    mine, other = contents(small[0]), contents(tmp_path / "h")
    for name in ("Patient.ndjson.zst", "Encounter.ndjson.zst", "Observation.laboratory.ndjson.zst"):
        assert mine[name] != other[name]
    assert mine["Organization.ndjson.zst"] == other["Organization.ndjson.zst"]


def test_relative_folders_work_too(small, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    generate_folder(SMALL, Path("h"))
    assert contents(tmp_path / "h") == contents(small[0])
