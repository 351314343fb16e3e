"""What the child appends is what the parent reads, whole or cut."""

from lab.load.record import Key, Recorder, progress, read

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
    assert progress(tmp_path / "samples.jsonl") == 0


def test_progress_is_the_time_of_the_last_flush(tmp_path):
    record(tmp_path / "samples.jsonl", complete=False)
    assert progress(tmp_path / "samples.jsonl") == 3.0
