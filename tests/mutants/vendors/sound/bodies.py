"""Read a body: JSON that can only be read in one way, of the type that the address names.

Spec: RFC 8259 section 4 (names), section 6 (numbers), section 8.1 (byte order mark)
"""

import json
import math
import re
from typing import Any

from tests.mutants.vendors.sound.message import Json, Refused, Request

_DEEPEST = 100
_SHAPES: dict[str, type] = {
    **dict.fromkeys(("meta", "text", "subject"), dict),
    **dict.fromkeys(
        ("extension", "modifierExtension", "contained", "contact", "link", "focus", "entry", "member"), list
    ),
}
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_CONDITIONAL = re.compile(r'"reference": "[A-Za-z]+\?')
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
        self.check_shape(body)
        self.check_references(body)
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
        if _too_deep(data):
            raise Refused(400, "structure", "The body is nested too deep.")
        try:
            found = json.loads(
                data.decode("utf-8"),
                object_pairs_hook=self.members,
                parse_constant=self.constant,
                parse_float=self.number,
            )
            json.dumps(found, ensure_ascii=False).encode()  # half a surrogate pair is no text
        except (ValueError, RecursionError):
            raise Refused(400, "structure", "The body is not JSON.") from None
        return found

    def members(self, pairs: list[tuple[str, Any]]) -> Json:
        """Refuse a name that is there twice."""
        if len(dict(pairs)) != len(pairs):
            raise Refused(400, "structure", "A name of the body is there twice.")
        return dict(pairs)

    def constant(self, name: str) -> float:
        """Refuse NaN and the infinities."""
        del name
        raise Refused(400, "structure", "A number of the body is no JSON number.")

    def number(self, text: str) -> float:
        """Refuse a number that is too large to be one."""
        found = float(text)
        if math.isinf(found):
            self.constant(text)
        return found

    def check_references(self, body: Json) -> None:
        """Refuse a conditional reference, which only a transaction resolves: it would lead nowhere."""
        if body["resourceType"] != "Bundle" and _CONDITIONAL.search(json.dumps(body)):
            raise Refused(400, "invalid", "Conditional references are for transactions.")

    def check_shape(self, body: Json) -> None:
        """Refuse what the rest of the server could not read: members of another JSON type than FHIR's."""
        for name, kind in _SHAPES.items():
            value = body.get(name, kind())
            items = value if isinstance(value, list) else []
            if not isinstance(value, kind) or not all(isinstance(item, dict) for item in items):
                raise Refused(422, "structure", "An element of the resource is of a wrong form.")

    def check_resource_type(self, body: Json, type_: str) -> None:
        """Refuse another type than that of the address."""
        if body["resourceType"] != type_:
            raise Refused(400, "structure", "The resource is of another type than the address.")


def _too_deep(data: bytes) -> bool:
    """Tell whether brackets are nested too deep, those in strings left out; it stops as soon as they are."""
    depth = 0
    for byte in _STRING.sub(b"", data).translate(None, delete=_NO_BRACKETS):
        depth += 1 if byte in b"[{" else -1
        if depth > _DEEPEST:
            return True
    return False
