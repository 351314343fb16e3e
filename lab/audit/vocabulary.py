"""The words of a request that may be kept as they are, since FHIR or this server defined them.

Whatever else a caller writes where a name is expected may be anything, the value of a masked element too.
"""

import re
from collections.abc import Callable
from functools import cache

from lab.fhir.interaction import Interaction
from lab.fhir.search_parameters import by_type
from lab.fhirserver.operations.table import OPERATIONS
from lab.model.release import VERSIONS

_CONTROL = (
    "_sort _count _include _revinclude _summary _elements _total _contained _containedType _format _pretty "
    "_filter _content _text _query _list _type _has _since _outputFormat _typeFilter _page "
    "start end max resource mode profile onlyCode patient "
    "missing exact contains text not in not-in below above type identifier iterate ofType of-type"
)
"""What is no search parameter of a type: results, operations, modifiers."""
_WORD = re.compile(r"[.:]")


@cache
def types() -> frozenset[str]:
    """Return the resource types of the server, of whatever release."""
    return frozenset().union(*map(by_type, VERSIONS)) - {"Resource", "DomainResource"}


@cache
def _words() -> frozenset[str]:
    codes = (code for release in VERSIONS for of_type in by_type(release).values() for code in of_type)
    return frozenset({*_CONTROL.split(), *types(), *codes, *Interaction, *(o.name for o in OPERATIONS)})


def is_known(word: str) -> bool:
    """Tell whether a word is one of FHIR or of this server."""
    return word in _words()


def known_name(name: str, digest: Callable[[str], str]) -> str:
    """Return the name of a parameter, chain and modifiers included, what nobody defined in it digested."""
    if name in _words():
        return name
    pieces = _WORD.split(name)
    signs = [*_WORD.findall(name), ""]
    kept = (piece if not piece or piece in _words() else digest(piece) for piece in pieces)
    return "".join(piece + sign for piece, sign in zip(kept, signs, strict=True))
