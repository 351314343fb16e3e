"""Numbers, durations, dates and bodies are written as their readers expect, and lose nothing."""

import json

import pytest

from reports.figures import duration, moment, number
from reports.layout import laid_out

DASH = "\u2013"


@pytest.mark.parametrize(
    ("value", "fr", "en"),
    [
        (0, "0", "0"),
        (1234567, "1\u202f234\u202f567", "1,234,567"),
        (2874.25, "2\u202f874,25", "2,874.25"),
        (149.96, "149,96", "149.96"),
        (0.00042, "0,00042", "0.00042"),
        (5.0, "5", "5"),
        (None, DASH, DASH),
        (float("nan"), DASH, DASH),
        (float("inf"), DASH, DASH),
    ],
)
def test_number(value: float | None, fr: str, en: str) -> None:
    assert number(value) == {"fr": fr, "en": en}


def test_number_with_fixed_decimals() -> None:
    assert number(410, 1) == {"fr": "410,0", "en": "410.0"}


@pytest.mark.parametrize(
    ("seconds", "text"), [(4.21, "4,2 s"), (412.7, "6 min 53 s"), (120.0, "2 min 00 s"), (4200, "1 h 10 min")]
)
def test_duration(seconds: float, text: str) -> None:
    assert duration(seconds)["fr"] == text


@pytest.mark.parametrize(
    ("text", "fr", "en"),
    [
        ("2026-11-22T09:30:00+00:00", "22 novembre 2026, 09:30 UTC", "22 November 2026, 09:30 UTC"),
        ("2026-08-01T00:05:00Z", "1 août 2026, 00:05 UTC", "1 August 2026, 00:05 UTC"),
        ("2026-08-01T00:05:00+02:00", "1 août 2026, 00:05 UTC+02:00", "1 August 2026, 00:05 UTC+02:00"),
        ("yesterday", "yesterday", "yesterday"),
    ],
)
def test_moment(text: str, fr: str, en: str) -> None:
    assert moment(text) == {"fr": fr, "en": en}


def test_body_is_laid_out_without_losing_decimals_repeated_keys_or_escapes() -> None:
    body = '{"a":1.10,"a":"x\\"}{,: \\u00e9","b":[{"c":[]},{"d":{}}],"e":null}'
    laid = laid_out(body)
    assert laid.splitlines()[1:3] == ['  "a": 1.10,', '  "a": "x\\"}{,: \\u00e9",']
    assert json.loads(laid, object_pairs_hook=list) == json.loads(body, object_pairs_hook=list)


def test_short_leaves_stay_on_one_line() -> None:
    body = json.dumps({"coding": [{"system": "http://loinc.org", "code": "718-7"}]})
    assert '{"system": "http://loinc.org", "code": "718-7"}' in laid_out(body)


@pytest.mark.parametrize(
    "body", ['{"entry":[{"id":"a"},{"id":"b', "[" * 10_000, "}}}}", "", "<xml/>", "not json"]
)
def test_shortened_or_foreign_body_keeps_every_character(body: str) -> None:
    assert "".join(laid_out(body).split()) == "".join(body.split())
