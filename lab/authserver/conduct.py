"""How the token server treats one application while an act is played to it: not as it treats the others.

Specs: RFC 6749 sections 3.3 (fewer scopes than asked) and 5.1 (expires_in)
"""

from dataclasses import dataclass

from lab.fhir.scopes import Scopes

_ESSENTIAL = frozenset({"Encounter", "Patient", "*"})


@dataclass(frozen=True)
class Conduct:
    """``act`` names the act; tokens live ``lifetime_s`` where it is given, and open less with ``fewer``."""

    act: str
    lifetime_s: int = 0
    fewer: bool = False


def granted(scopes: Scopes, conduct: Conduct | None) -> Scopes:
    """Return what a token opens: all of it, or all but one type that an application can do without.

    The last by name is left out, patients and their stays if there is nothing else; the only one never is.
    """
    types = {type_ for type_, *_ in (*scopes.rights, *scopes.narrowed)}
    if conduct is None or not conduct.fewer or len(types) < 2:
        return scopes
    withheld = max(types - _ESSENTIAL or types - {"*"})
    return Scopes(
        frozenset(right for right in scopes.rights if right[0] != withheld),
        frozenset(right for right in scopes.narrowed if right[0] != withheld),
    )
