"""Files that are not those that were written."""

import pytest

NAME = "Condition.ndjson.zst"


@pytest.fixture
def planted(small, plant):
    return plant(small)


def test_a_changed_byte(planted, failures):
    path = planted.folder / NAME
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert "SHA-256 of the file" in failures(planted)["digests"]


def test_a_truncated_file(planted, failures):
    path = planted.folder / NAME
    path.write_bytes(path.read_bytes()[:-10])
    found = failures(planted)["digests"]
    assert {"size", "SHA-256 of the file", "unreadable block"} <= set(found)


def test_a_missing_file(planted, failures):
    (planted.folder / NAME).unlink()
    assert failures(planted)["digests"] == ["missing file"]


def test_a_foreign_file(planted, failures):
    (planted.folder / "Basic.ndjson.zst.part").write_bytes(b"")
    assert failures(planted) == {"digests": ["foreign file"]}


@pytest.mark.parametrize(
    ("field", "value", "what"),
    [
        ("lines", 3, "lines"),
        ("content_sha256", "0" * 64, "SHA-256 of the content"),
        ("sha256", "0" * 64, "SHA-256 of the file"),
    ],
)
def test_a_manifest_that_says_something_else(planted, failures, field, value, what):
    planted.manifest["files"][0][field] = value
    planted.write_manifest()
    assert failures(planted) == {"digests": [what]}


def test_a_last_line_that_does_not_end(planted, failures):
    planted.files[NAME][-1][-1] = planted.files[NAME][-1][-1].rstrip(b"\n")
    assert failures(planted.write()) == {"digests": ["unreadable block"]}


def test_a_changed_answer(planted, failures):
    answer = next((planted.folder / "answers").iterdir())
    answer.write_bytes(answer.read_bytes() + b"\n")
    assert failures(planted) == {"digests": ["SHA-256 of the file"]}
