"""Read a body: JSON that can only be read in one way, of the type that the address names.

Spec: RFC 8259 section 4 (names), section 6 (numbers), section 8.1 (byte order mark)
"""

import json
from typing import Any

from tests.mutants.vendors.sound.message import Json, Refused, Request

_DEEPEST = 100
_TYPES = ("application/fhir+json", "application/json")


class Bodies:
    """The rules of bodies, one method each."""

    def resource(self, request: Request, type_: str | None) -> Json:
        """Return the resource in a body."""
        self.check_type(request)
        body = self.parse(request.body)
        if not isinstance(body, dict) or not isinstance(body.get("resourceType"), str):
            raise Refused(400, "structure", "The body is no resource.")
        if type_ is not None:
            self.check_resource_type(body, type_)
        return body

    def check_type(self, request: Request) -> None:
        """Refuse another content type than FHIR JSON."""
        if request.header("content-type").partition(";")[0].strip().lower() not in _TYPES:
            raise Refused(
                415, "not-supported", "The content type is not supported: send application/fhir+json."
            )

    def parse(self, data: bytes) -> Any:
        """Return the JSON of a body."""
        if data.startswith(b"\xef\xbb\xbf"):
            raise Refused(400, "structure", "The body begins with a byte order mark.")
        if _depth(data) > _DEEPEST:
            raise Refused(400, "structure", "The body is nested too deep.")
        try:
            return json.loads(
                data.decode("utf-8"), object_pairs_hook=self.members, parse_constant=self.constant
            )
        except (ValueError, RecursionError):
            raise Refused(400, "structure", "The body is not JSON.") from None

    def members(self, pairs: list[tuple[str, Any]]) -> Json:
        """Refuse a name that is there twice."""
        if len(dict(pairs)) != len(pairs):
            raise Refused(400, "structure", "A name of the body is there twice.")
        return dict(pairs)

    def constant(self, name: str) -> float:
        """Refuse NaN and the infinities."""
        raise Refused(400, "structure", f"{name} is no JSON number.")

    def check_resource_type(self, body: Json, type_: str) -> None:
        """Refuse another type than that of the address."""
        if body["resourceType"] != type_:
            raise Refused(400, "structure", "The resource is of another type than the address.")


def _depth(data: bytes) -> int:
    deepest = depth = 0
    quoted = escaped = False
    for byte in data:
        if quoted:
            quoted = escaped or byte != 0x22
            escaped = byte == 0x5C and not escaped
        elif byte == 0x22:
            quoted = True
        elif byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest
