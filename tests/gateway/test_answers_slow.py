"""A slow answer comes piece by piece, and is the same answer; one that is not slow waits for nothing."""

import asyncio

import pytest

from lab.fhir.http import send_answer
from lab.fhir.response import FhirResponse

BODY = bytes(range(256)) * 4


def sent(answer, *, head=False):
    """Return the bodies that were sent, and how long the sender wanted to sleep between them."""
    messages, slept = [], []

    async def send(message):
        messages.append(message)

    async def sleep(seconds):
        slept.append(seconds)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asyncio, "sleep", sleep)
        asyncio.run(send_answer(send, answer, head=head))
    bodies = [message for message in messages if message["type"] == "http.response.body"]
    assert [one.get("more_body", False) for one in bodies] == [True] * (len(bodies) - 1) + [False]
    return [one["body"] for one in bodies], sum(slept), dict(messages[0]["headers"])


@pytest.mark.parametrize("chunks", [None, [BODY], [BODY[:100], BODY[100:]]])
def test_a_slow_answer_is_the_same_answer_in_pieces(chunks):
    given = FhirResponse(200, b"" if chunks else BODY, chunks=chunks, over_s=2.0)
    bodies, slept, headers = sent(given)
    assert b"".join(bodies) == BODY
    assert max(map(len, bodies)) <= len(BODY) // 8
    assert slept == pytest.approx(2.0 * len(chunks or [0]))
    assert headers.get(b"content-length") == (None if chunks else b"1024")
    assert sent(given.with_headers(("x", "y")))[1] == slept


def test_an_answer_that_is_not_slow_waits_for_nothing():
    assert sent(FhirResponse(200, BODY))[:2] == ([BODY], 0)
    assert sent(FhirResponse(200, chunks=[BODY]))[:2] == ([BODY, b""], 0)
    assert b"".join(sent(FhirResponse(200, BODY, over_s=2.0), head=True)[0]) == b""
