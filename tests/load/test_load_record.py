"""What the child appends is what the parent reads, whole or cut."""

from pathlib import Path

import pytest

from lab.load.error import LoadError
from lab.load.reading import Following, merged, read
from lab.load.record import Key, Recorder

POLL = Key(0, "poll", 200, "ok", "")
READ = Key(1, "read", 503, "error", "status 503")


def record(path, *, complete):
    with path.open("wb") as file:
        recorder = Recorder(file)
        for key in (POLL, POLL, READ):
            recorder.depart(intended=0.5, real=0.501)
            recorder.sample(key, intended_s=0.020, service_s=0.010)
        recorder.flush(at=1.0)
        recorder.depart(intended=1.5, real=1.502)
        recorder.drop()
        recorder.sample(POLL, intended_s=0.040, service_s=0.010)
        recorder.flush(at=2.0, complete=complete)
        recorder.flush(at=3.0)  # as when the process is told to end after its end


def test_flushes_add_up(tmp_path):
    record(tmp_path / "samples.jsonl", complete=True)
    recording = read(tmp_path / "samples.jsonl")
    assert {key: cell.count for key, cell in recording.cells.items()} == {POLL: 3, READ: 1}
    assert (recording.sent, recording.dropped, recording.last_sent) == (4, 1, 1.502)
    assert recording.lag.buckets.total() == 4
    assert recording.complete


def test_a_file_cut_in_its_last_line_keeps_what_came_before(tmp_path):
    path = tmp_path / "samples.jsonl"
    record(path, complete=True)
    path.write_bytes(path.read_bytes()[:-10])
    recording = read(path)
    assert sum(cell.count for cell in recording.cells.values()) == 4
    assert recording.sent == 3
    assert not recording.complete


def test_no_file_is_an_empty_recording(tmp_path):
    assert not read(tmp_path / "samples.jsonl").cells
    following = Following(tmp_path / "samples.jsonl")
    assert not following.catch_up()
    assert following.at == 0


def test_a_file_is_followed_while_it_grows(tmp_path):
    record(tmp_path / "whole.jsonl", complete=False)
    whole = (tmp_path / "whole.jsonl").read_bytes()
    path = tmp_path / "samples.jsonl"
    following, seen = Following(path), []
    for end in (0, 100, len(whole) // 2, len(whole) - 3, len(whole)):
        path.write_bytes(whole[:end])
        following.catch_up()
        seen.append(following.at)
    following.close()
    assert seen == sorted(seen)
    assert seen[-1] == 3.0
    counts = {key: cell.intended.buckets for key, cell in following.recording.cells.items()}
    at_once = read(tmp_path / "whole.jsonl").cells
    assert counts == {key: cell.intended.buckets for key, cell in at_once.items()}


def test_several_files_add_up_and_are_whole_when_each_is(tmp_path):
    for name, complete in (("a", True), ("b", False)):
        record(tmp_path / name, complete=complete)
    one, two = read(tmp_path / "a"), read(tmp_path / "b")
    both = merged([one, two])
    assert {key: cell.count for key, cell in both.cells.items()} == {POLL: 6, READ: 2}
    assert (both.sent, both.dropped, both.complete) == (8, 2, False)
    assert len(both.ticks) == 2
    assert merged([one, one]).complete


def test_a_full_disk_is_one_sentence_and_nothing_follows_half_a_line():
    with Path("/dev/full").open("wb", buffering=0) as file:
        recorder = Recorder(file)
        recorder.sample(POLL, intended_s=0.02, service_s=0.01)
        with pytest.raises(
            LoadError, match=r"cannot be written \(No space left on device\): free some space"
        ):
            recorder.flush(at=1.0)
        assert recorder.flush(at=2.0) == {}
