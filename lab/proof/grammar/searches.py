"""Random searches as query strings: criteria, chains, reverse chains, includes, orders, presentation.

Spec: https://hl7.org/fhir/R4/search.html
"""

from random import Random
from urllib.parse import quote

from lab.fhir.search_parameters import definitions
from lab.proof.contents import IDS
from lab.proof.grammar.vocabulary import LINKS, PARAMETERS, Vocabulary

Query = list[tuple[str, str]]
_DEEPEST = 3
_AIMS = 4
"""How often a reference is looked for that leads somewhere."""

_AIMED = ("_id", "patient", "subject", "_security", "_tag", "_id")


def encoded(query: Query) -> str:
    """Return a query as it is sent."""
    return "&".join(f"{quote(name, safe=':')}={quote(value, safe='|,/:$')}" for name, value in query)


def search(chance: Random, words: Vocabulary, type_: str, types: list[str]) -> str:
    """Return the query string of a search of a type; chains lead mostly through ``types``."""
    query: Query = []
    for _ in range(chance.choice([0, 0, 1, 1, 1, 1, 1, 1, 2, 3])):
        query.append(criterion(chance, words, type_, types))
        if "." in query[-1][0] or query[-1][0].startswith("_has"):
            break  # alone, it tells more
    if query and chance.random() < 0.08:  # the same name twice, which some gateways merge
        name = query[0][0] if chance.random() < 0.5 else chance.choice(_AIMED)
        query.append((name, words.some_id(chance, type_ if name == "_id" else "Patient")))
    return encoded([*query, *shape(chance, type_)])


def criterion(chance: Random, words: Vocabulary, type_: str, types: list[str]) -> tuple[str, str]:
    """Return one criterion: own, chained or reversed."""
    drawn = chance.random()
    if drawn < 0.44 and type_ in LINKS:
        return _chained(chance, words, type_, types)
    if drawn < 0.54:
        return _reversed(chance, words, type_, types)
    return words.parameter(chance, type_)


def _targets(type_: str, link: str) -> list[str]:
    code, _, only = link.partition(":")
    return [only] if only else [t for t in definitions(type_)[code].targets if t in IDS]


def _chained(
    chance: Random, words: Vocabulary, type_: str, types: list[str], depth: int = 1
) -> tuple[str, str]:
    for _ in range(_AIMS if depth == 1 else 0):
        code = chance.choice(LINKS[type_]).partition(":")[0]
        if found := words.aimed(chance, type_, code):
            target, name, value = found
            return f"{code}:{target}.{name}", value
    link = chance.choice(LINKS[type_])
    targets = _targets(type_, link)
    target = chance.choice([t for t in targets if t in types] or targets)
    if depth < _DEEPEST and target in LINKS and chance.random() < 0.25:
        name, value = _chained(chance, words, target, types, depth + 1)
    elif chance.random() < 0.15:
        name, value = _reversed(chance, words, target, types)
    else:
        name, value = words.parameter(chance, target)
    return f"{link}.{name}", value


def _reversed(chance: Random, words: Vocabulary, type_: str, types: list[str]) -> tuple[str, str]:
    sources = [
        (source, link.partition(":")[0])
        for source, links in LINKS.items()
        for link in links
        if type_ in _targets(source, link)
    ]
    if not sources:
        return "_id", words.some_id(chance, type_)
    source, code = chance.choice([s for s in sources if s[0] in types] or sources)
    found = words.aimed(chance, type_, code, source) if chance.random() < 0.6 else None
    name, value = found[1:] if found else words.parameter(chance, source)
    return f"_has:{source}:{code}:{name}", value


def shape(chance: Random, type_: str) -> Query:
    """Return the parameters that say what to show, of what, in which order."""
    query: Query = []
    if chance.random() < 0.35:
        query.append(("_count", chance.choice([*("1", "1", "2", "2", "3", "5") * 4, "0", "1000", "x"])))
    if chance.random() < 0.25:
        known = definitions(type_)
        own = [c for c in PARAMETERS[type_].split() if known[c].type not in {"reference", "composite"}]
        codes = [*own, "_id", "_id", "_lastUpdated", chance.choice(PARAMETERS[type_].split())]
        many = chance.sample(codes, chance.choice([1, 1, 2]))
        query.append(("_sort", ",".join(chance.choice(["", "-"]) + code for code in many)))
    if chance.random() < 0.22:
        query.append(("_total", chance.choice([*("accurate", "accurate", "none", "estimate") * 4, "x"])))
    if chance.random() < 0.12:
        query.append(("_summary", chance.choice([*("true", "count", "text", "data", "false") * 4, "x"])))
    if chance.random() < 0.08:
        query.append(("_elements", chance.choice(["id", "identifier,name", "subject", "meta", "status"])))
    while chance.random() < 0.2:
        query.append(include(chance, type_))
    if chance.random() < 0.03:
        query.append(
            chance.choice([("_pretty", "true"), ("_format", "xml"), ("_format", "json"), ("zz", "1")])
        )
    return query


def include(chance: Random, type_: str) -> tuple[str, str]:
    """Return an include, forwards or backwards, sometimes of what was included."""
    iterate = ":iterate" if chance.random() < 0.25 else ""
    if chance.random() < 0.5:
        source = type_ if not iterate else chance.choice(sorted(LINKS))
        links = [*LINKS.get(source, ()), "*"] if chance.random() < 0.2 else list(LINKS.get(source, ("*",)))
        return f"_include{iterate}", f"{source}:{chance.choice(links)}"
    source = chance.choice(sorted(LINKS))
    return f"_revinclude{iterate}", f"{source}:{chance.choice(LINKS[source])}"
