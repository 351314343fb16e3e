"""The parameters of an operation that a POST carries in a Parameters resource, as those of a query.

So whoever decides on a request reads one list, whatever way its parameters came. A part that holds a resource
is left to the operation; a part that holds others is one that no operation of this laboratory has.

Spec: https://hl7.org/fhir/R4/operations.html#request
"""

from collections.abc import Iterator
from typing import Any

from lab.fhir import strict_json
from lab.fhir.response import FhirError
from lab.fhir.strict_json import Json, Number


def named_values(body: bytes) -> Iterator[tuple[str, str]]:
    """Yield the name and the value of each part; nothing when the body is another resource.

    Raises:
        FhirError: 400 when the body is no JSON object, or its parts are not made as they must be.
    """
    content = strict_json.read(body)
    if content.get("resourceType") != "Parameters":
        return
    for part in parts(content):
        values = [value for name, value in part.items() if name.startswith("value")]
        if "resource" not in part:
            if len(values) != 1 or "part" in part:
                raise _malformed()
            yield part["name"], _text(values[0])


def parts(parameters: Json) -> list[Json]:
    """Return the parts of a Parameters resource.

    Raises:
        FhirError: 400 when they are not made as they must be.
    """
    found = parameters.get("parameter", [])
    named = isinstance(found, list) and all(isinstance(one, dict) for one in found)
    if not named or not all(isinstance(one.get("name"), str) for one in found):
        raise _malformed()
    return list(found)


def _text(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case Number():
            return value.literal
        case str() | int():
            return str(value)
        case {"reference": str(reference)}:
            return reference
    raise _malformed()


def _malformed() -> FhirError:
    return FhirError(400, "structure", "A parameter in the body has no name, or not one simple value.")
