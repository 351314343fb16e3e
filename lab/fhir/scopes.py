"""SMART scopes of backend services, versions 1 and 2: what an application may do with which types.

Spec: https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl

from lab.fhir.cohort import WHOLE, Cohort
from lab.fhir.interaction import Interaction
from lab.fhir.search_parameters import definitions
from lab.model.release import Release

_SCOPE = re.compile(
    r"system/(?P<type>\*|[A-Z][A-Za-z]{1,63})\.(?P<rights>\*|read|write|[a-z]{1,5})(?:\?(?P<query>[!-~]{1,500}))?"
)
_V1 = {"read": "rs", "write": "cud", "*": "cruds"}
_ORDER = "cruds"
_KINDS = frozenset({"token", "reference", "date", "uri"})
_MOST_QUERIES = 16

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
    """A set of (type, letter) rights; type ``*`` stands for every type.

    ``narrowed`` are rights of granular scopes: (type, letter, search query that the resource must meet).
    """

    rights: frozenset[tuple[str, str]]
    narrowed: frozenset[tuple[str, str, str]] = frozenset()

    def __bool__(self) -> bool:
        """Tell whether anything is opened."""
        return bool(self.rights or self.narrowed)

    def allows(self, type_: str | None, interaction: Interaction) -> bool:
        """Tell whether the interaction on the type, or on a part of it, is within these scopes."""
        return self.cohort(type_, interaction) is not None

    def cohort(self, type_: str | None, interaction: Interaction) -> Cohort | None:
        """Return which resources of the type are open to the interaction; None when none is."""
        letter = LETTER.get(interaction)
        if letter is None or type_ is None:
            return None
        if (type_, letter) in self.rights or ("*", letter) in self.rights:
            return WHOLE
        queries = frozenset(query for of, right, query in self.narrowed if (of, right) == (type_, letter))
        return Cohort(queries=(queries,)) if queries else None

    def within(self, wider: "Scopes") -> "Scopes":
        """Return what of these scopes is also in ``wider``; of two queries on a type, only equal ones are."""
        kept = {right for right in self.rights if wider.holds(*right)}
        kept |= {right for right in wider.rights if self.holds(*right)}
        narrowed = {one for one in self.narrowed if one in wider.narrowed or wider.holds(*one[:2])}
        narrowed |= {one for one in wider.narrowed if self.holds(*one[:2])}
        return Scopes(frozenset(kept), frozenset(one for one in narrowed if one[:2] not in kept))

    def holds(self, type_: str, letter: str) -> bool:
        """Tell whether the right on the whole type is among these."""
        return (type_, letter) in self.rights or ("*", letter) in self.rights

    def __str__(self) -> str:
        """Return the SMART v2 form, types in order, letters in ``cruds`` order."""
        return " ".join((*self._whole(), *self._narrowed()))

    def _whole(self) -> Iterator[str]:
        for type_ in sorted({type_ for type_, _ in self.rights}):
            yield f"system/{type_}.{''.join(c for c in _ORDER if (type_, c) in self.rights)}"

    def _narrowed(self) -> Iterator[str]:
        for type_, query in sorted({(type_, query) for type_, _, query in self.narrowed}):
            letters = (c for c in _ORDER if (type_, c, query) in self.narrowed)
            yield f"system/{type_}.{''.join(letters)}?{query}"


def parse_scopes(text: str, release: Release = "R4") -> Scopes:
    """Read a space-separated list of system scopes on resources of a release.

    Raises:
        ScopeError: a scope is not of the grammar, is not a ``system/`` scope, has its letters out of order,
            or is narrowed by a query with links, modifiers or parameters that its type does not have.
    """
    rights: set[tuple[str, str]] = set()
    narrowed: set[tuple[str, str, str]] = set()
    for scope in text.split(" "):
        match = _SCOPE.fullmatch(scope)
        letters = match and _V1.get(match["rights"], match["rights"])
        in_order = "".join(letter for letter in _ORDER if letter in (letters or ""))
        if not match or letters != in_order:
            message = (
                f"Not a scope: {scope!r}. Expected system/[type or *].[cruds in that order, read or write], "
                "then perhaps ?[search parameters]."
            )
            raise ScopeError(message)
        type_, query = match["type"], match["query"]
        if query is None:
            rights |= {(type_, letter) for letter in in_order}
        else:
            _verify(type_, query, release)
            narrowed |= {(type_, letter, query) for letter in in_order}
    if len({query for _, _, query in narrowed}) > _MOST_QUERIES:
        raise ScopeError(f"The scopes hold more than {_MOST_QUERIES} queries.")
    return Scopes(frozenset(rights), frozenset(one for one in narrowed if one[:2] not in rights))


def _verify(type_: str, query: str, release: Release) -> None:
    """Verify that a query asks of the resource itself, by parameters of its type."""
    try:
        names = [name for name, _ in parse_qsl(query, keep_blank_values=True, strict_parsing=True)]
    except ValueError:
        names = []
    known = definitions(type_, release)
    if not names or not all(name in known and known[name].type in _KINDS for name in names):
        message = (
            f"The scope on {type_} is narrowed by {query!r}: expected parameters of the type itself "
            f"({', '.join(sorted(_KINDS))}), without modifiers or chains."
        )
        raise ScopeError(message)
