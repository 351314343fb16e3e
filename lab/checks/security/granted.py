"""Read the scopes that a token endpoint says it granted, however they are spelt, and what goes beyond others.

Spec: https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html
"""

import re

from lab.api import Scopes, parse_scopes

_RESOURCE = re.compile(r"(?P<head>[a-z]+/[^.\s]+)\.(?P<rights>[a-z]+)(?P<query>\?\S*)?")
_WORDS = frozenset({"read", "write"})
_ORDER = "cruds"


def whole_rights(text: str) -> frozenset[tuple[str, str]]:
    """Return the (type, letter) rights on whole types, of the scopes that can be read."""
    return frozenset(right for scope in text.split() if (known := _read(scope)) for right in known.rights)


def beyond(granted: str, registered: str) -> list[str]:
    """Return the scopes that give more than those registered; one that cannot be read gives too much."""
    known = set(registered.split())
    read = [scopes for scope in known if (scopes := _read(scope))]
    held = Scopes(
        frozenset(right for scopes in read for right in scopes.rights),
        frozenset(part for scopes in read for part in scopes.narrowed),
    )
    return [scope for scope in granted.split() if scope not in known and _exceeds(scope, held)]


def _exceeds(scope: str, held: Scopes) -> bool:
    if "/" not in scope:
        return False  # openid, offline_access...: no right on any type
    read = _read(scope)
    if read is None:
        return True
    whole = any(not held.holds(*right) for right in read.rights)
    part = any(one not in held.narrowed and not held.holds(*one[:2]) for one in read.narrowed)
    return whole or part


def _read(scope: str) -> Scopes | None:
    """Read one scope, its letters put in order; None when it is none of this server's data."""
    match = _RESOURCE.fullmatch(scope)
    if match and match["rights"] not in _WORDS:
        letters = "".join(letter for letter in _ORDER if letter in match["rights"])
        if len(letters) == len(match["rights"]):
            scope = f"{match['head']}.{letters}{match['query'] or ''}"
    try:
        return parse_scopes(scope)
    except ValueError:
        return None
