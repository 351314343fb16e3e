"""SMART scopes of backend services, versions 1 and 2: what an application may do with which types.

Spec: https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html
"""

import re
from dataclasses import dataclass

from lab.fhir.interaction import Interaction

_SCOPE = re.compile(r"system/(?P<type>\*|[A-Z][A-Za-z]{1,63})\.(?P<rights>\*|read|write|[a-z]{1,5})")
_V1 = {"read": "rs", "write": "cud", "*": "cruds"}
_ORDER = "cruds"

LETTER = {
    Interaction.READ: "r",
    Interaction.VREAD: "r",
    Interaction.HISTORY_INSTANCE: "r",
    Interaction.SEARCH_TYPE: "s",
    Interaction.HISTORY_TYPE: "s",
    Interaction.CREATE: "c",
    Interaction.UPDATE: "u",
    Interaction.PATCH: "u",
    Interaction.DELETE: "d",
}
"""The right that each interaction on a type needs; what is absent here is never granted by a scope."""


class ScopeError(ValueError):
    """A scope that is not of the grammar; it is never guessed at."""


@dataclass(frozen=True)
class Scopes:
    """A set of (type, letter) rights; type ``*`` stands for every type."""

    rights: frozenset[tuple[str, str]]

    def allows(self, type_: str | None, interaction: Interaction) -> bool:
        """Tell whether the interaction on the type is within these scopes."""
        letter = LETTER.get(interaction)
        if letter is None or type_ is None:
            return False
        return (type_, letter) in self.rights or ("*", letter) in self.rights

    def within(self, wider: "Scopes") -> "Scopes":
        """Return what of these scopes is also in ``wider``."""
        kept = {
            (type_, letter)
            for type_, letter in self.rights
            if (type_, letter) in wider.rights or ("*", letter) in wider.rights
        }
        kept |= {
            (type_, letter) for type_, letter in wider.rights if ("*", letter) in self.rights and type_ != "*"
        }
        return Scopes(frozenset(kept))

    def __str__(self) -> str:
        """Return the SMART v2 form, types in order, letters in ``cruds`` order."""
        types = sorted({type_ for type_, _ in self.rights})
        return " ".join(
            f"system/{type_}.{''.join(c for c in _ORDER if (type_, c) in self.rights)}" for type_ in types
        )


def parse_scopes(text: str) -> Scopes:
    """Read a space-separated list of system scopes.

    Raises:
        ScopeError: a scope is not of the grammar, is not a ``system/`` scope, has its letters out of order,
            or is restricted by search parameters (which this gateway does not evaluate yet).
    """
    rights: set[tuple[str, str]] = set()
    for scope in text.split(" "):
        match = _SCOPE.fullmatch(scope)
        letters = match and _V1.get(match["rights"], match["rights"])
        in_order = "".join(letter for letter in _ORDER if letter in (letters or ""))
        if not match or letters != in_order:
            message = (
                f"Not a scope: {scope!r}. Expected system/[type or *].[cruds in that order, read or write]."
            )
            raise ScopeError(message)
        rights |= {(match["type"], letter) for letter in in_order}
    return Scopes(frozenset(rights))
