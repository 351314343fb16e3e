"""Search parameters: where each reads, and whether a resource matches a value.

Spec: https://hl7.org/fhir/R4/search.html
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from tests.mutants.vendors.sound.message import Json, Refused


@dataclass(frozen=True)
class Parameter:
    """``paths`` are dotted, ``targets`` the types that a reference leads to, ``system`` that of a contact."""

    name: str
    kind: str
    paths: tuple[str, ...]
    targets: tuple[str, ...] = ()
    system: str = ""

    @property
    def elements(self) -> tuple[str, ...]:
        """Return the top-level elements that it reads."""
        return tuple(path.partition(".")[0] for path in self.paths)


_DATE = re.compile(
    r"(?:eq|ne|lt|gt|le|ge|sa|eb|ap)?\d{4}(?:-\d\d(?:-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d)?)?)?)?"
)


def _table(text: str) -> dict[str, Parameter]:
    found = {}
    for line in text.split(";"):
        name, kind, paths, *more = line.split()
        targets = tuple(more[0].split("|")) if kind == "reference" else ()
        found[name] = Parameter(
            name, kind, tuple(paths.split("|")), targets, more[0] if kind == "contact" else ""
        )
    return found


_COMMON = (
    "_id token id;_lastUpdated date meta.lastUpdated;_tag token meta.tag;_security token meta.security;"
    "_profile uri meta.profile"
)
_SUBJECT = "subject reference subject Patient;patient reference subject Patient"
PARAMETERS = {
    type_: _table(f"{_COMMON};{own}")
    for type_, own in {
        "Patient": "identifier token identifier;name string name.family|name.given;family string name.family;"
        "given string name.given;phonetic string name.family;birthdate date birthDate;gender token gender;"
        "active token active;address string address.city|address.line|address.postalCode;"
        "address-city string address.city;address-postalcode string address.postalCode;"
        "phone contact telecom phone;email contact telecom email;telecom contact telecom *;"
        "general-practitioner reference generalPractitioner Practitioner;"
        "organization reference managingOrganization Organization;link reference link.other Patient",
        "Observation": f"{_SUBJECT};code token code;category token category;status token status;"
        "focus reference focus Patient;performer reference performer Patient|Practitioner;"
        "encounter reference encounter Encounter;date date effectiveDateTime;identifier token identifier",
        "Encounter": f"{_SUBJECT};status token status;class token class;date date period.start;"
        "reason-code token reasonCode;service-provider reference serviceProvider Organization",
        "Condition": f"{_SUBJECT};code token code;clinical-status token clinicalStatus",
        "DocumentReference": f"{_SUBJECT};status token status;description string description",
        "Binary": "contenttype token contentType",
        "List": f"{_SUBJECT};status token status;item reference entry.item Patient",
        "Group": "member reference member.entity Patient;type token type",
        "Task": "patient reference for Patient;subject reference for Patient;status token status",
        "Provenance": "target reference target Patient|Observation;agent reference agent.who Practitioner",
        "RelatedPerson": "patient reference patient Patient;address string address.city;"
        "phone contact telecom phone;telecom contact telecom *",
        "Organization": "name string name;active token active",
        "Practitioner": "name string name.family|name.given;family string name.family",
        "Composition": f"{_SUBJECT};status token status;title string title",
        "Bundle": "type token type",
    }.items()
}
MODIFIERS = {
    "token": {"", "not", "missing", "text"},
    "string": {"", "exact", "contains", "missing"},
    "reference": {"", "missing"},
    "date": {"", "missing"},
    "uri": {"", "missing"},
    "contact": {"", "missing", "not"},
}


def parameter(type_: str, name: str) -> Parameter:
    """Return a parameter of a type; refuses one that is not known."""
    known = PARAMETERS[type_].get(name)
    if known is None:
        raise Refused(400, "invalid", "A parameter of this request is not known.")
    return known


def values(node: Any, path: str) -> list[Any]:
    """Return what stands at a dotted path."""
    head, _, rest = path.partition(".")
    items = node if isinstance(node, list) else [node]
    found = [v for item in items if isinstance(item, dict) and head in item for v in _items(item[head])]
    return [deep for item in found for deep in values(item, rest)] if rest else found


def check_value(known: Parameter, modifier: str, value: str) -> None:
    """Refuse a value that cannot be read, whatever is held."""
    readable = True
    if modifier == "missing":
        readable = value in {"true", "false"}
    elif known.kind == "date":
        readable = all(_DATE.fullmatch(one) for one in value.split(","))
    if not readable:
        raise Refused(400, "invalid", "A value of this request cannot be read.")


def matches(resource: Json, known: Parameter, modifier: str, value: str) -> bool:
    """Tell whether a resource matches one of the values of a parameter."""
    held = [v for path in known.paths for v in values(resource, path)]
    if known.kind == "contact":
        held = [v["value"] for v in held if known.system in {"*", v.get("system")}]
    if modifier == "missing":
        return (not held) is (value == "true")
    wanted = value.split(",")
    found = any(_one(known.kind, item, one, modifier) for item in held for one in wanted)
    return not found if modifier == "not" else found


def _one(kind: str, held: Any, wanted: str, modifier: str) -> bool:
    match kind:
        case "token":
            return any(_token(pair, wanted) for pair in _pairs(held))
        case "string":
            return _string(str(held), wanted, modifier)
        case "reference":
            target = held.get("reference", "") if isinstance(held, dict) else ""
            return target == wanted or target.rpartition("/")[2] == wanted or wanted.endswith(f"/{target}")
        case "date":
            return _date(str(held), wanted)
    return str(held) == wanted


def _pairs(held: Any) -> list[tuple[str, str]]:
    if isinstance(held, bool):
        return [("", str(held).lower())]
    if not isinstance(held, dict):
        return [("", str(held))]
    codings = held.get("coding", [held])
    return [(c.get("system", ""), str(c.get("code", c.get("value", "")))) for c in codings]


def _token(pair: tuple[str, str], wanted: str) -> bool:
    system, bar, code = wanted.rpartition("|")
    return (not bar or system == pair[0]) and (code == pair[1] or (bool(bar) and not code))


def _string(held: str, wanted: str, modifier: str) -> bool:
    if modifier == "exact":
        return held == wanted
    plain, sought = _folded(held), _folded(wanted)
    return sought in plain if modifier == "contains" else plain.startswith(sought)


def _folded(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text.lower())
    return "".join(character for character in parts if not unicodedata.combining(character))


def _date(held: str, wanted: str) -> bool:
    prefix, day = (wanted[:2], wanted[2:]) if wanted[:2].isalpha() else ("eq", wanted)
    short = min(len(held), len(day))
    one, two = held[:short], day[:short]
    results = {"eq": one == two, "ne": one != two, "lt": one < two, "gt": one > two}
    results |= {"le": one <= two, "ge": one >= two, "sa": one > two, "eb": one < two, "ap": one == two}
    return results[prefix]


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
