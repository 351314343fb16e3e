"""What this server wrote is read back with every digit, by whichever of the two readers."""

import pytest

from lab.fhir.strict_json import Number, exact_value, write

LITERALS = (
    "1.50",
    "1.5",
    "5.0",
    "5.00",
    "1e5",
    "1E-7",
    "-0",
    "-0.0",
    "0.00001",
    "36.60",
    "0.1000000000000000055",
)
LARGE = ("9223372036854775807", "18446744073709551616", "123456789012345678901234567890")


@pytest.mark.parametrize("literal", LITERALS)
@pytest.mark.parametrize("shape", [b'{"value":%b,"unit":"1.50"}', b"[%b]", b'{"a":{"b":[1,%b]}}', b"%b"])
def test_decimals_are_written_again_as_they_were(shape: bytes, literal: str) -> None:
    body = shape % literal.encode()
    expected = shape % (b"0" if literal == "-0" else literal.encode())  # an integer has one zero
    assert write(exact_value(body)) == expected


@pytest.mark.parametrize("literal", LARGE)
def test_integers_are_never_rounded(literal: str) -> None:
    assert exact_value(b'{"n":%b}' % literal.encode()) == {"n": int(literal)}


def test_text_is_read_alike_whatever_its_escapes() -> None:
    assert exact_value(b'{"a":"\\u00e9\\/","b":1.50,"a":"last"}') == {"a": "last", "b": 1.5}
    assert exact_value(b'{"a":"\\u00e9\\/"}') == {"a": "é/"}


def test_a_decimal_that_would_lose_digits_remembers_them() -> None:
    found = exact_value(b'{"value":1.50}')["value"]
    assert isinstance(found, Number)
    assert found.literal == "1.50"
