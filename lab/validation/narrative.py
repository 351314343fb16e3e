"""Check the narrative: well-formed XHTML, harmless elements and attributes only, and some content.

Spec: https://hl7.org/fhir/R4/narrative.html#Narrative (invariants txt-1 and txt-2)
"""

from collections.abc import Iterator
from xml.parsers import expat

from lab.validation.report import Finding
from lab.validation.walk import Visit

_XHTML = "http://www.w3.org/1999/xhtml"
_XML = "http://www.w3.org/XML/1998/namespace"
_SEPARATOR = "\n"  # in no name and no namespace

# HTML 4.0, chapters 7 to 11 (less section 4 of chapter 9) and 15, links and images.
_BASIC = """
a abbr acronym address area b bdo big blockquote br caption cite code col colgroup dd dfn div dl dt
em font h1 h2 h3 h4 h5 h6 hr i img kbd li map ol p pre q s samp small span strike strong sub sup
table tbody td tfoot th thead tr tt u ul var
"""
_HARMLESS = """
abbr accesskey align alt axis bgcolor border cellpadding cellspacing char charoff charset cite class
clear color colspan compact coords dir face frame headers height href hreflang hspace id ismap lang
longdesc name nohref noshade nowrap rel rev rowspan rules scope shape size span src start style
summary tabindex title type usemap valign value vspace width
"""
_ELEMENTS = frozenset(_BASIC.split())
_ATTRIBUTES = frozenset(_HARMLESS.split()) | {f"{_XML}{_SEPARATOR}lang", f"{_XML}{_SEPARATOR}space"}
_LINKS = frozenset({"href", "src"})
_PROGRAMS = ("javascript:", "vbscript:")


class _RefusedError(Exception):
    """What the narrative holds is not allowed in one."""


def narrative_rules(visit: Visit) -> Iterator[Finding]:
    """txt-1: only basic formatting; txt-2: some text or an image."""
    div = visit.value.get("div")
    if not isinstance(div, str):
        return
    try:
        has_content = _read(div)
    except (_RefusedError, expat.ExpatError, ValueError):  # ValueError: no UTF-8 can be made of it
        yield Finding(f"{visit.path}.div", "txt-1")
        return
    if not has_content:
        yield Finding(f"{visit.path}.div", "txt-2")


def _read(div: str) -> bool:
    """Parse a narrative and tell whether it has content."""
    parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
    depth = 0
    content = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, content
        namespace, _, element = name.rpartition(_SEPARATOR)
        if namespace != _XHTML or element not in _ELEMENTS or (depth == 0 and element != "div"):
            raise _RefusedError
        if not attributes.keys() <= _ATTRIBUTES:
            raise _RefusedError
        for link in _LINKS & attributes.keys():
            if "".join(attributes[link].split()).lower().startswith(_PROGRAMS):
                raise _RefusedError
        depth += 1
        content = content or element == "img"

    def text(data: str) -> None:
        nonlocal content
        content = content or bool(data.strip())

    def refuse(*_: object) -> None:
        raise _RefusedError

    parser.StartElementHandler = start
    parser.CharacterDataHandler = text
    # No document type: no entities, none that grow without bound.
    parser.StartDoctypeDeclHandler = refuse
    parser.ProcessingInstructionHandler = refuse
    parser.Parse(div, True)
    return content
