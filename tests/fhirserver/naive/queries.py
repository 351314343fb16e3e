"""Random searches over what the hospitals of ``naive.resources`` hold; some are to be refused."""

from random import Random
from typing import Any
from urllib.parse import quote

from lab.fhir.search_parameters import Definition, definitions
from lab.model.release import Release
from lab.proof.reference.search.fhirpath import Node, evaluate
from lab.proof.reference.search.values import PREFIXES, prefix, split
from naive.resources import CODES, DATES, IDS, KIND, NUMBERS, OTHER, SYSTEMS, TEXTS, UCUM

Query = list[tuple[str, str]]

COMMON = ("_id", "_tag", "_security", "_profile", "_source", "_lastUpdated")
OF = {
    "Patient": "identifier name family given phonetic telecom phone email address address-city gender "
    "birthdate active deceased death-date organization general-practitioner",
    "Observation": "code status category subject patient encounter performer date value-quantity "
    "value-concept value-string value-date code-value-quantity code-value-concept code-value-string "
    "code-value-date component-code component-value-quantity component-code-value-quantity "
    "component-code-value-concept combo-code combo-value-quantity combo-code-value-quantity "
    "combo-code-value-concept has-member",
    "Encounter": "class status subject patient date length part-of location",
    "Organization": "name active partof",
    "Practitioner": "name family given telecom phone identifier",
    "Condition": "code subject patient encounter onset-date onset-age onset-info recorded-date",
    "Group": "characteristic value characteristic-value member",
    "DocumentReference": "status patient relatesto relation relationship contenttype description",
    "Location": "name address partof near",
    "CapabilityStatement": "url context context-type context-quantity context-type-value "
    "context-type-quantity",
}
LINKS = {
    "Observation": ("subject", "subject:Patient", "patient", "encounter", "performer", "has-member"),
    "Patient": ("organization", "general-practitioner", "general-practitioner:Practitioner"),
    "Encounter": ("subject", "patient", "location", "part-of"),
    "Condition": ("subject:Patient", "patient", "encounter"),
    "Group": ("member", "member:Patient"),
    "DocumentReference": ("patient", "relatesto"),
    "Location": ("partof",),
    "Organization": ("partof",),
}
_MODIFIERS = {
    "string": ("exact", "contains", "missing"),
    "token": ("not", "text", "missing"),
    "uri": ("above", "below", "missing"),
    "date": ("missing",),
    "quantity": ("missing",),
    "reference": ("identifier", "missing", "Patient"),
}
_WRONG = ("missing", "exact", "not", "of-type", "Patient")  # on some types of parameters


def escaped(text: str) -> str:
    """Return a value in which nothing separates."""
    for character in "\\,|$":
        text = text.replace(character, f"\\{character}")
    return text


_CODE_SYSTEMS = ("http://hl7.org/fhir/document-relationship-type", "urn:ietf:bcp:13")
_CODES = [*map(escaped, CODES), "final", "amended", "male", "true", "false", "replaces", "current"]
_SYSTEMS = [*map(escaped, SYSTEMS), "http://hl7.org/fhir/administrative-gender", *_CODE_SYSTEMS]
_SIGNS = ["", *PREFIXES]
_UNITS = [*[""] * 9, f"|{UCUM}|g/dL", "||g/dL", "||g", "||mg", f"|{UCUM}|mg", f"|{UCUM}|", "|a"]
_NUMBERS = [*map(str, NUMBERS), "5.40", "5.4e0", "1e2", "1e-7", "-0", *map(str, NUMBERS), "abc"]
_MOMENTS = [*DATES, "2026-03-29T12:00", "2026-03-29T02:30:00", *DATES, "x"]
_PLACES = ["43.6|1.4|10|km", "43.6|1.4|3000|m", "48|2|700000|m", "48.85|2.35|1|km"]
_URIS = ["http://x/a", "http://x/a|1.0", "http://x", "http://x/a/b/c", "urn:oid:1.2"]
_NAMES = [f"{type_}/{id_}" for type_, ids in IDS.items() for id_ in ids] + ["Patient/nobody"]


def _one(chance: Random, kind: str, modifier: str | None) -> str:  # noqa: PLR0911 - a table
    """Return any value of a type of parameters."""
    pick = chance.choice
    match kind, modifier:
        case _, "missing":
            return pick(["true", "false", "true", "false", "maybe"])
        case ("string", _) | ("token", "text"):
            text = pick([str, str, str.upper, str.lower])(pick(TEXTS))
            return escaped(text[pick([0, 0, 0, 1, 2]) : len(text) - pick([0, 0, 1, 3])] or text)
        case "token", "of-type":
            return pick([f"{KIND}|MR|", f"{KIND}||", "|MR|", f"{OTHER}|MR|"]) + pick(_CODES)
        case ("token", _) | ("reference", "identifier"):
            code, system = pick(_CODES), pick(_SYSTEMS)
            forms = [code, code, f"{system}|{code}", f"{system}|{code}", f"|{code}", f"{system}|"]
            return pick([*forms * 6, "|", "a|b|c"])
        case "date", _:
            return pick(_SIGNS) + pick(_MOMENTS)
        case "quantity", _:
            return pick(_SIGNS) + pick(_NUMBERS) + pick(_UNITS)
        case "uri", _:
            return pick(_URIS)
        case "special", _:
            return pick(_PLACES)
    name = pick(_NAMES)
    held = (name, name.split("/")[1], f"http://hospital.test/fhir/{name}", f"{name}/_history/3")
    return pick([name, *held, "urn:uuid:1", "http://elsewhere.test/fhir/Patient/p1"])


def _alike(chance: Random, node: Any, kind: str, modifier: str | None) -> str:  # noqa: PLR0911 - a table
    """Return a value that has a chance to match an element."""
    pick = chance.choice
    found = pick(_leaves(node) or [""])
    match kind, modifier:
        case "token", "of-type":
            return f"{KIND}|MR|{escaped(str(node.get('value', '')))}" if isinstance(node, dict) else ""
        case "token", "text":
            return escaped(str(found))
        case ("token", _) | ("reference", "identifier"):
            held = pick(_coded(node) or [{}])
            system, code = escaped(held.get("system", "")), escaped(held.get("code", held.get("value", "")))
            return pick([code, code, f"{system}|{code}", f"{system}|", f"|{code}"])
        case "quantity", _:
            return pick(_SIGNS) + str(found) + pick(_UNITS) if isinstance(found, int | float) else ""
        case "date", _:
            return pick(_SIGNS) + str(found) if str(found)[:2] in {"20", "19", "99"} else ""
        case "reference", None:
            return pick([str(found), str(found).split("/")[-1]])
        case (("string" | "uri"), _):
            return escaped(str(found)[: pick([99, 99, 3])])
    return ""


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, dict | list):
        inside = value.values() if isinstance(value, dict) else value
        return [leaf for each in inside for leaf in _leaves(each)]
    return [value]


def _coded(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, bool):
        return [{"code": str(value).lower()}]
    if isinstance(value, str):
        return [{"code": value}]
    coded = isinstance(value, dict) and not {"low", "high", "data", "comparator", "unit"} & value.keys()
    found = value.get("coding") or [value.get("identifier", value)] if coded else []
    return [each for each in found if not isinstance(each.get("value"), int | float)]


def _value(chance: Random, nodes: list[Any], kind: str, modifier: str | None) -> str:
    """Return a value made from one of the elements, or any."""
    if nodes and modifier != "missing" and chance.random() < 0.8:
        made = _alike(chance, chance.choice(nodes), kind, modifier)
        if made:
            return made
    return _one(chance, kind, modifier)


def _code(chance: Random, type_: str, release: Release) -> str:
    """Return a parameter, each type of parameters as often as another."""
    kinds: dict[str, list[str]] = {}
    known = definitions(type_, release)
    for code in (*OF[type_].split(), *COMMON):
        if code in known and all(part.code for part in known[code].components):
            kinds.setdefault(known[code].type, []).append(code)
    return chance.choice(chance.choice(list(kinds.values())))


def _modifier(chance: Random, kind: str, code: str) -> str | None:
    if code == "identifier" and chance.random() < 0.2:
        return "of-type"
    if chance.random() < 0.02:
        return chance.choice(_WRONG)
    return chance.choice([*[None] * 4, *_MODIFIERS.get(kind, ())])


def _asked(chance: Random, hospital: list[dict[str, Any]], type_: str, release: Release) -> tuple[str, str]:
    """Return one parameter of a type with its modifier and its value."""
    code = _code(chance, type_, release)
    definition = definitions(type_, release)[code]
    bases = [Node(type_, r) for r in hospital if r["resourceType"] == type_]
    nodes = [n for base in bases for n in evaluate(definition.expression, base)]
    kind = definition.type
    modifier = _modifier(chance, kind, code)
    key = code if modifier is None else f"{code}:{modifier}"
    if code == "_id":
        return code, chance.choice([*IDS[type_], ",".join(IDS[type_]), "nobody"])
    many = 1 if modifier == "missing" else chance.choice([1, 1, 1, 2, 3])
    if kind == "composite":
        made = _composite(chance, type_, definition, nodes, many, release)
        return key, chance.choice([made] * 9 + ["a", "a$"])
    held = [n.value for n in nodes]
    return key, ",".join([_value(chance, held, kind, modifier) for _ in range(many)])


def _composite(
    chance: Random, type_: str, definition: Definition, nodes: list[Node], many: int, release: Release
) -> str:
    """Return values whose parts come from one element, mostly."""
    components = definition.components
    kinds = [definitions(type_, release)[c.code].type for c in components]
    kinds = ["token", "reference"] if definition.code == "relationship" else kinds
    values = []
    for _ in range(many):
        base = chance.choice(nodes or [Node("", {})])
        parts = [[n.value for n in evaluate(c.expression, base)] for c in components]
        values.append("$".join(_value(chance, p, k, None) for p, k in zip(parts, kinds, strict=True)))
    return ",".join(values)


def search(chance: Random, hospital: list[dict[str, Any]], release: Release = "R4") -> tuple[str, Query]:
    """Return a type and one to three parameters, own, chained or reversed."""
    type_ = chance.choice([*OF, *(r["resourceType"] for r in hospital)])
    query = []
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        form = chance.choice(["own", "own", "own", "chain", "has"])
        if form == "chain" and type_ in LINKS:
            query.append(_chained(chance, hospital, type_, release))
        elif form == "has":
            query.append(_reversed(chance, hospital, type_, release))
        else:
            query.append(_asked(chance, hospital, type_, release))
    return type_, query


_DEEP = 3  # links; a server may refuse more


def _chained(
    chance: Random, hospital: list[dict[str, Any]], type_: str, release: Release, depth: int = 1
) -> tuple[str, str]:
    link = chance.choice(LINKS[type_])
    code, _, only = link.partition(":")
    targets = [only] if only else [t for t in definitions(type_, release)[code].targets if t in OF]
    target = chance.choice(targets)
    if depth < _DEEP and target in LINKS and chance.random() < 0.3:
        key, value = _chained(chance, hospital, target, release, depth + 1)
    elif depth < _DEEP and chance.random() < 0.2:
        key, value = _reversed(chance, hospital, target, release)
    else:
        key, value = _asked(chance, hospital, target, release)
    return f"{link}.{key}", value


def _reversed(
    chance: Random, hospital: list[dict[str, Any]], type_: str, release: Release
) -> tuple[str, str]:
    sources = [
        (source, link.split(":")[0])
        for source, links in LINKS.items()
        for link in links
        if type_ in definitions(source, release)[link.split(":")[0]].targets
    ]
    if not sources:
        return "_id", "p1"
    source, code = chance.choice(sources)
    key, value = _asked(chance, hospital, source, release)
    return f"_has:{source}:{code}:{key}", value


def variants(type_: str, query: Query, release: Release = "R4") -> list[Query]:
    """Return a search of one parameter with every prefix or modifier; another search as it is."""
    (key, value), *others = query
    known = definitions(type_, release)
    kind = known[key].type if key in known else ""
    if others or not kind:
        return [query]
    if kind in {"date", "quantity"}:
        bare = ",".join(prefix(each)[1] for each in split(value, ","))
        return [query, *([(key, sign + bare)] for sign in PREFIXES)]
    return [query, *([(f"{key}:{modifier}", value)] for modifier in _VARIED.get(kind, ()) if key != "_id")]


_VARIED = {"string": ("exact", "contains"), "token": ("not", "text"), "uri": ("above", "below")}


def url(type_: str, query: Query) -> str:
    """Return the address of a search."""
    return f"/{type_}?" + "&".join(f"{quote(key, safe=':')}={quote(value)}" for key, value in query)
