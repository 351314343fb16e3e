"""The JSON form of each primitive type, as JSON Schema.

The expressions are those of the specification, anchored and free of look-around, so that a linear-time
regular expression engine can run them on hostile input.

Spec: https://hl7.org/fhir/R4/datatypes.html#primitive
"""

from tools.definitions.logic import Schema, either

ID = r"[A-Za-z0-9\-.]{1,64}"

_YEAR = r"[0-9]([0-9]([0-9][1-9]|[1-9]0)|[1-9]00)|[1-9]000"
_MONTH = r"0[1-9]|1[0-2]"
_DAY = r"0[1-9]|[12][0-9]|3[01]"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?"
_ZONE = r"Z|[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00)"
_BASE64 = r"\s*([A-Za-z0-9+/]{4}\s*)*([A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)\s*"

# `format` knows the calendar (31 February) but not second 60, which FHIR allows.
_SECOND_60 = {"pattern": ":60"}
_PARTIAL_DATE = {"maxLength": 7}


def _text(pattern: str) -> Schema:
    return {"type": "string", "pattern": f"^({pattern})$"}


def _calendar(pattern: str, *accepted: Schema) -> Schema:
    return _text(pattern) | {"allOf": [{"rule": "format", **either(*accepted)}]}


_NOT_BLANK = {"type": "string", "pattern": r"\S"}
_URI = _text(r"\S+")

PRIMITIVES: dict[str, Schema] = {
    "boolean": {"type": "boolean"},
    "integer64": _text(r"[+-]?[0-9]+"),  # of R5; in JSON a string
    "integer": {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1},
    "positiveInt": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    "unsignedInt": {"type": "integer", "minimum": 0, "maximum": 2**31 - 1},
    "decimal": {"type": "number"},
    "string": _NOT_BLANK,
    "markdown": _NOT_BLANK,
    "code": _text(r"\S+(\s\S+)*"),
    "id": _text(ID),
    "oid": _text(r"urn:oid:[0-2](\.(0|[1-9][0-9]*))+"),
    "uuid": _text(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "uri": _URI,
    "url": _URI,
    "canonical": _URI,
    "base64Binary": _text(_BASE64),
    "time": _text(_TIME),
    "date": _calendar(rf"({_YEAR})(-({_MONTH})(-({_DAY}))?)?", _PARTIAL_DATE, {"format": "date"}),
    "dateTime": _calendar(
        rf"({_YEAR})(-({_MONTH})(-({_DAY})(T{_TIME}({_ZONE}))?)?)?",
        _PARTIAL_DATE,
        {"format": "date"},
        {"format": "date-time"},
        _SECOND_60,
    ),
    "instant": _calendar(
        rf"({_YEAR})-({_MONTH})-({_DAY})T{_TIME}({_ZONE})", {"format": "date-time"}, _SECOND_60
    ),
    # The content of the narrative (allowed elements, attributes, no script) is not a matter of schema.
    "xhtml": {"type": "string", "pattern": r"^\s*<div"},
}
