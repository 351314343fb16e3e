"""Level 3: which actions on which types a scope gives.

Spec: https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html
"""

import re
from dataclasses import dataclass

_SCOPE = re.compile(r"system/(\*|[A-Z][A-Za-z]+)\.(read|write|\*|c?r?u?d?s?)(?:\?(category=[\w|:/.\-]+))?")
_OLD = {"read": "rs", "write": "cud", "*": "cruds"}


@dataclass(frozen=True)
class Scope:
    """Rights on one type; ``query`` narrows what of it."""

    type: str
    rights: str
    query: str = ""

    def text(self) -> str:
        """Return the scope as it is written."""
        return f"system/{self.type}.{self.rights}" + (f"?{self.query}" if self.query else "")


def parse(text: str) -> list[Scope]:
    """Read scopes; what cannot be read gives nothing."""
    found = (_SCOPE.fullmatch(word) for word in text.split(" "))
    return [Scope(m[1], _OLD.get(m[2], m[2]), m[3] or "") for m in found if m and m[2]]


class Scopes:
    """What is granted of what is asked, and what a grant allows."""

    def granted(self, asked: str, registered: str) -> list[Scope]:
        """Return the part of what is asked that is registered."""
        own = parse(registered)
        return [scope for one in parse(asked) for scope in self.within(one, own)]

    def within(self, asked: Scope, own: list[Scope]) -> list[Scope]:
        """Return what of one scope the registered ones hold."""
        found = []
        for held in own:
            if "*" not in {held.type, asked.type} and held.type != asked.type:
                continue
            rights = "".join(letter for letter in "cruds" if letter in asked.rights and letter in held.rights)
            type_ = held.type if asked.type == "*" else asked.type
            if rights:
                found.append(Scope(type_, rights, asked.query or held.query))
        return found

    def allows(self, scopes: list[Scope], type_: str, right: str, way: str) -> bool:
        """Tell whether scopes give a right on a type; ``way`` is how it is asked for."""
        del way
        return any(scope.type in {"*", type_} and right in scope.rights for scope in scopes)

    def queries(self, scopes: list[Scope], type_: str, right: str, way: str) -> list[str]:
        """Return the queries of which a resource of a type must meet one, none when it need not."""
        del way
        own = [scope.query for scope in scopes if scope.type in {"*", type_} and right in scope.rights]
        return [] if "" in own else own
