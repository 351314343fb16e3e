"""A search compiled into a test on resources. What cannot be answered exactly is refused, not guessed.

Unknown parameters are ignored, or refused when the client asks for strict handling.
Spec: https://hl7.org/fhir/R4/search.html
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tableau_urgences.exchange import Refusal
from tableau_urgences.facade.dates import Span, period_span, span
from tableau_urgences.facade.elements import closed_parameters
from tableau_urgences.facade.kinds import Pair, logical_reference, moment, reference, split, token
from tableau_urgences.fhir import JSON, items, part, referenced, text

PAGE = 50
MAX_PAGE = 100
MAX_ALTERNATIVES = 500
_GENDER = "http://hl7.org/fhir/administrative-gender"
_STATUS = "http://hl7.org/fhir/encounter-status"
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_COUNT = re.compile(r"[0-9]{1,5}")
_FORMATTING = {"_format", "_pretty"}
_NEVER = {"_filter", "_has", "_content", "_text", "_query", "_list"}

Test = Callable[[JSON], bool]


@dataclass(frozen=True)
class SearchParameter:
    """``read`` returns the occurrences in a resource: (system, code) pairs, spans of time or References."""

    kind: Literal["token", "date", "reference"]
    read: Callable[[JSON], list[Any]]
    target: str = ""


def _codes(system: str, element: str) -> SearchParameter:
    return SearchParameter("token", lambda r: [(system, text(r, element))] if text(r, element) else [])


def _class(encounter: JSON) -> list[Pair]:
    coding = part(encounter, "class")
    return [(text(coding, "system"), text(coding, "code"))] if text(coding, "code") else []


def _known(found: Span | None) -> list[Span]:
    return [found] if found else []


def _subject(encounter: JSON) -> list[JSON]:
    return [subject] if (subject := part(encounter, "subject")) else []


_COMMON = {
    "_id": _codes("", "id"),
    "_lastUpdated": SearchParameter("date", lambda r: _known(span(text(part(r, "meta"), "lastUpdated")))),
}
PARAMETERS: dict[str, dict[str, SearchParameter]] = {
    "Encounter": _COMMON
    | {
        "class": SearchParameter("token", _class),
        "date": SearchParameter("date", lambda r: _known(period_span(part(r, "period")))),
        "location": SearchParameter(
            "reference", lambda r: [part(place, "location") for place in items(r, "location")], "Location"
        ),
        "patient": SearchParameter("reference", _subject, "Patient"),
        "status": _codes(_STATUS, "status"),
        "subject": SearchParameter("reference", _subject, "Patient"),
    },
    "Location": _COMMON | {"status": _codes("http://hl7.org/fhir/location-status", "status")},
    "Patient": _COMMON
    | {
        "birthdate": SearchParameter("date", lambda r: _known(span(text(r, "birthDate")))),
        "gender": _codes(_GENDER, "gender"),
    },
}


@dataclass(frozen=True)
class Query:
    """``understood`` are the parameters of the self link; ``count`` 0 asks for the total alone.

    ``includes`` are the references whose targets are asked for with the matches.
    """

    tests: tuple[Test, ...]
    includes: tuple[SearchParameter, ...]
    understood: tuple[Pair, ...]
    count: int

    def matches(self, resource: JSON) -> bool:
        """Tell whether the resource passes every parameter."""
        return all(test(resource) for test in self.tests)

    def included(self, resources: Iterable[JSON]) -> list[tuple[str, str]]:
        """Return the type and id of what the resources refer to, each once."""
        found = [
            (include.target, referenced(reference, include.target))
            for resource in resources
            for include in self.includes
            for reference in include.read(resource)
        ]
        return list(dict.fromkeys(found))


def compile_query(
    type_: str, pairs: Iterable[Pair], base_url: str, *, masked: frozenset[str], strict: bool
) -> Query:
    """Compile the parameters of a search on a type.

    Raises:
        Refusal: 400 for a value, modifier or parameter that cannot be answered; where a masked element is
            concerned, with the same words whatever the value.
    """
    tests: list[Test] = []
    includes: list[SearchParameter] = []
    understood: list[Pair] = []
    count = PAGE
    for key, value in pairs:
        name, _, modifier = key.partition(":")
        _refuse_oracle(type_, name, modifier, value, masked)
        if name in _FORMATTING:
            continue
        if key == "_count":
            count = min(_number(value), MAX_PAGE)
        elif key == "_summary" and value in {"count", "false"}:
            count = 0 if value == "count" else count
        elif key == "_include" and value in includes_of(type_):
            includes.append(PARAMETERS[type_][value.split(":")[1]])
        elif name in PARAMETERS[type_]:
            tests.append(_test(name, modifier, value, PARAMETERS[type_][name], base_url))
        elif strict:
            raise Refusal(400, "not-supported", "A search parameter is not supported.")
        else:
            continue
        understood.append((key, value))
    return Query(tuple(tests), tuple(includes), tuple(understood), count)


def includes_of(type_: str) -> tuple[str, ...]:
    """Return the values of ``_include`` that searches on a type take."""
    return tuple(f"{type_}:{n}" for n, p in sorted(PARAMETERS[type_].items()) if p.kind == "reference")


def _refuse_oracle(type_: str, name: str, modifier: str, value: str, masked: frozenset[str]) -> None:
    """Level 5 of a request: nothing is answered about what is not shown."""
    closed = closed_parameters(type_, masked)
    read = {name}
    if name == "_sort":
        read |= {code.removeprefix("-").partition(":")[0] for code in value.split(",")}
    if read & closed or (modifier == "identifier" and "Patient.identifier" in masked):
        raise Refusal(400, "not-supported", "This search is not open to you.", level=5)
    if name in _NEVER or "." in name or "." in modifier:
        raise Refusal(400, "not-supported", "Chained and free searches are not supported.")


def _number(value: str) -> int:
    if not _COUNT.fullmatch(value):
        raise Refusal(400, "value", "_count is a number from 0 to 99999.")
    return int(value)


def _test(name: str, modifier: str, value: str, parameter: SearchParameter, base_url: str) -> Test:
    """Return the test of one parameter, true when one occurrence passes one of the alternatives."""
    if modifier == "missing" and value in {"true", "false"}:
        return lambda resource: (not parameter.read(resource)) == (value == "true")
    values = split(value, ",")
    if len(values) > MAX_ALTERNATIVES:
        raise Refusal(400, "too-costly", f"A parameter has more than {MAX_ALTERNATIVES} alternatives.")
    if name == "_id" and not all(_ID.fullmatch(one) for one in values):
        raise Refusal(400, "value", "A value of _id is not an id.")
    accepts = _accepts(parameter, modifier, values, base_url)
    return lambda resource: (modifier == "not") != any(map(accepts, parameter.read(resource)))


def _accepts(
    parameter: SearchParameter, modifier: str, values: Sequence[str], base_url: str
) -> Callable[[Any], bool]:
    match parameter.kind, modifier:
        case "token", "" | "not":
            return token(values)
        case "date", "":
            return moment(values)
        case "reference", "":
            return reference(values, parameter.target, base_url)
        case "reference", "identifier":
            return logical_reference(values)
        case "reference", type_ if type_ == parameter.target:
            return reference(values, parameter.target, base_url)
    raise Refusal(400, "not-supported", "A search parameter does not take that modifier.")
