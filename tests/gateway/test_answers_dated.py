"""Each answer carries one Date: its own when it has one, which an act may change, else that of the moment."""

import asyncio
from email.utils import parsedate_to_datetime

import pytest

from lab.fhir.http import send_answer
from lab.fhir.response import FhirResponse

BEHIND = "Mon, 01 Jan 2024 00:00:00 GMT"


@pytest.mark.parametrize(
    ("given", "year"), [((), None), ((("date", BEHIND),), 2024), ((("Date", BEHIND),), 2024)]
)
def test_an_answer_has_one_date(given, year):
    sent = []

    async def send(message):
        sent.append(message)

    asyncio.run(send_answer(send, FhirResponse(200, b"{}", given)))
    dates = [value.decode() for name, value in sent[0]["headers"] if name.lower() == b"date"]
    assert len(dates) == 1
    moment = parsedate_to_datetime(dates[0])
    assert moment.year == year if year else moment.year > 2024
