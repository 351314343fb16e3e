"""What cannot be traced is not served: full disks, damaged and missing trails, each said in one sentence."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lab.audit.login import with_logins
from lab.audit.trail import Trail, TrailError
from lab.authserver.registry import Registry

CHILD = Path(__file__).with_name("gateway_on_a_full_disk.py")
LINE = (
    b'{"resourceType":"AuditEvent","id":"1","recorded":"2026-11-30T00:00:00Z","agent":[{"requestor":true}]}'
)


def test_a_gateway_on_a_full_disk_serves_nothing_until_there_is_room(tmp_path):
    finished = subprocess.run(
        [sys.executable, "-B", str(CHILD), str(tmp_path)], capture_output=True, timeout=60, check=False
    )
    assert finished.returncode == 0, finished.stderr.decode()
    told = json.loads(finished.stdout)
    assert told["before"] == 200
    assert told["written_on_full"] == 503  # its event could not be written
    assert told["full"] == [503, 503]
    assert told["reached"] == 1  # only the one that found the disk full
    assert told["body"]["issue"][0]["diagnostics"] == (
        "The platform cannot answer now: send the request again later."
    )
    assert told["after"] == 200
    lines = [json.loads(line) for line in Path(told["trail"]).read_bytes().splitlines()]
    assert [line["outcome"] for line in lines] == ["0", "8", "0"]
    assert told["stream_cut"] is True


def test_a_write_is_whole_or_undone(tmp_path):
    trail = Trail(tmp_path)
    trail.write([LINE])
    full = os.open("/dev/full", os.O_RDWR)
    kept, trail._file = trail._file, full  # noqa: SLF001 - a disk that is full
    with pytest.raises(TrailError):
        trail.write([LINE])
    assert not trail.ready
    trail._file = kept  # noqa: SLF001
    os.close(full)
    trail.write([LINE])
    assert trail.ready
    trail.close()
    assert trail.path.read_bytes() == (LINE + b"\n") * 2


def test_no_token_is_given_that_cannot_be_traced(tmp_path):
    trail, asked, said = Trail(tmp_path), [], []

    async def token_server(scope, receive, send):
        del scope
        asked.append((await receive())["body"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b'{"access_token":"secret"}'})

    async def receive():
        return {"type": "http.request", "body": b"grant_type=client_credentials", "more_body": False}

    async def send(message):
        said.append(message)

    scope = {"type": "http", "method": "POST", "path": "/token", "headers": [], "client": ("127.0.0.1", 1)}
    app = with_logins(token_server, trail, Registry([]))
    full = os.open("/dev/full", os.O_RDWR)
    kept, trail._file = trail._file, full  # noqa: SLF001 - a disk that is full
    for _ in range(2):
        asyncio.run(app(scope, receive, send))
    trail._file = kept  # noqa: SLF001
    os.close(full)
    assert len(asked) == 1  # the second one was not even looked at
    assert [message["status"] for message in said[::2]] == [503, 503]
    assert b"secret" not in b"".join(message.get("body", b"") for message in said)
    trail.close()


def test_a_missing_trail_is_said(lab, tmp_path):
    for path, word in ((tmp_path / "nothing", "does not exist"), (tmp_path, "holds no audit trail")):
        finished = lab("audit", str(path))
        assert (finished.returncode, finished.stdout) == (2, "")
        assert word in finished.stderr
        assert len(finished.stderr.strip().splitlines()) == 1


def test_what_is_no_trail_is_said(lab, tmp_path):
    other = tmp_path / "notes.txt"
    other.write_text("a note\nanother\n")
    finished = lab("audit", str(other))
    assert finished.returncode == 2
    assert "is no audit trail" in finished.stderr
    database = tmp_path / "audit.db"
    database.write_bytes(b"SQLite format 3\x00" + b"garbage" * 400)
    finished = lab("audit", str(database))
    assert finished.returncode == 2
    assert "cannot be read" in finished.stderr


def test_a_damaged_line_makes_the_answer_incomplete(lab, tmp_path):
    (tmp_path / "audit-1.ndjson").write_bytes(LINE + b"\n" + LINE[:40] + b"\n" + b"\xff\x00\n" + LINE + b"\n")
    finished = lab("audit", str(tmp_path), "--json")
    assert finished.returncode == 5
    assert "2 line(s)" in finished.stderr
    told = json.loads(finished.stdout)
    assert (told["events"], told["unreadable"]) == (2, 2)


@pytest.mark.parametrize(
    ("options", "code", "fr", "en"),
    [
        (["--patient", "nobody"], 1, "Aucun des 1", "None of the 1"),
        (["--patient", "a b"], 2, "n'est pas un identifiant FHIR", "is no FHIR id"),
        (["--since", "hier"], 2, "n'est pas une date", "is no date"),
    ],
)
def test_bad_questions_are_said_in_both_languages(lab, tmp_path, options, code, fr, en):
    (tmp_path / "audit-1.ndjson").write_bytes(LINE + b"\n")
    for language, words in (("fr", fr), ("en", en)):
        finished = lab("audit", str(tmp_path), *options, LAB_LANG=language)
        assert finished.returncode == code
        assert words in finished.stderr
        assert len(finished.stderr.strip().splitlines()) == 1


def test_a_trail_that_cannot_be_opened_keeps_the_sandbox_from_starting(tmp_path):
    from lab.sandbox.auditing import open_trail  # noqa: PLC0415
    from lab.sandbox.plan import PlanError, SandboxPlan  # noqa: PLC0415

    (tmp_path / "audit").write_text("a file in the place of the folder")
    plan = SandboxPlan(1, 1, str(tmp_path / "journal.jsonl"), str(tmp_path / "h.db"), "00", "x")
    with pytest.raises(PlanError, match="audit trail cannot be written"):
        open_trail(plan)
