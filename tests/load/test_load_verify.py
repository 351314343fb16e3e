"""Right answers, right refusals, leaks and errors."""

import json

import pytest

from lab.load.arrival import Expect
from lab.load.verify import Answer, verify

READ = Expect((200,), required='"Patient"')
DENIED = Expect((403, 404), refusal=True)
MASKED = Expect((200,), forbidden=("Émilie Vœu", "pat-1"), refusal=True)


def body(**content):
    return json.dumps({"resourceType": "Patient", **content}).encode()


@pytest.mark.parametrize(
    ("expect", "answer", "outcome", "reason"),
    [
        (READ, Answer(200, body()), "ok", ""),
        (READ, Answer(200, b"<html>"), "error", "unexpected body"),
        (READ, Answer(503), "error", "status 503"),
        (READ, Answer(0, failure="timeout"), "error", "timeout"),
        (DENIED, Answer(404), "refusal", ""),
        (DENIED, Answer(200, body()), "leak", "allowed"),
        (DENIED, Answer(200, failure="body too large"), "leak", "allowed"),
        (DENIED, Answer(0, failure="connection refused"), "error", "connection refused"),
        (DENIED, Answer(401), "error", "status 401"),
        (MASKED, Answer(200, body()), "refusal", ""),
        (MASKED, Answer(200, body(name="Émilie Vœu")), "leak", "forbidden content"),
        (MASKED, Answer(200, '{"name": "Émilie Vœu"}'.encode()), "leak", "forbidden content"),
        (MASKED, Answer(200, b'{"reference": "Patient\\/pat-1"}'), "leak", "forbidden content"),
        (MASKED, Answer(200, b"not JSON \\ Patient/pat-1."), "leak", "forbidden content"),
        (MASKED, Answer(200, b'{"reference": "Patient/pat-12"}'), "refusal", ""),
        (MASKED, Answer(200, b'{"reference": "Patient/pat-1.2"}'), "refusal", ""),
        (MASKED, Answer(403), "error", "status 403"),
    ],
)
def test_an_answer_is_judged_by_its_status_and_content(expect, answer, outcome, reason):
    assert verify(expect, answer) == (outcome, reason)
