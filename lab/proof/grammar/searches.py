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
_AIMED = 0.7
"""How often a chain leads over the edge of the view, where it leads anywhere."""

_REPEATED = ("_id", "patient", "subject", "_security", "_tag", "_id")


def encoded(query: Query) -> str:
    """Return a query as it is sent."""
    return "&".join(f"{quote(name, safe=':')}={quote(value, safe='|,/:$')}" for name, value in query)


def search(chance: Random, words: Vocabulary, type_: str, types: list[str]) -> str:
    """Return the query string of a search of a type; chains lead mostly through ``types``."""
    query: Query = []
    for _ in range(chance.choice([0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 3])):
        query.append(criterion(chance, words, type_, types))
        if "." in query[-1][0] or query[-1][0].startswith("_has"):
            break  # alone, it tells more
    if query and chance.random() < 0.08:  # the same name twice, which some gateways merge
        name = query[0][0] if chance.random() < 0.5 else chance.choice(_REPEATED)
        query.append((name, words.some_id(chance, type_ if name == "_id" else "Patient")))
    return encoded([*query, *shape(chance, type_), *includes(chance, words, type_, types)])


def criterion(chance: Random, words: Vocabulary, type_: str, types: list[str]) -> tuple[str, str]:
    """Return one criterion: own, chained or reversed."""
    if words.hides(type_) and chance.random() < words.curious:
        return words.secret(chance, type_)
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
    if depth == 1 and chance.random() < _AIMED and (aim := words.ahead(chance, type_, types)):
        return f"{aim.link}:{aim.type}.{aim.name}", aim.value
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
    if chance.random() < _AIMED and (aim := words.behind(chance, type_, types)):
        return f"_has:{aim.type}:{aim.link}:{aim.name}", aim.value
    sources = [
        (source, link.partition(":")[0])
        for source, links in LINKS.items()
        for link in links
        if type_ in _targets(source, link)
    ]
    if not sources:
        return "_id", words.some_id(chance, type_)
    source, code = chance.choice([s for s in sources if s[0] in types] or sources)
    name, value = words.parameter(chance, source)
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
    if chance.random() < 0.03:
        query.append(
            chance.choice([("_pretty", "true"), ("_format", "xml"), ("_format", "json"), ("zz", "1")])
        )
    return query


def includes(chance: Random, words: Vocabulary, type_: str, types: list[str]) -> Query:
    """Return includes, every other one over the edge of the view where a reference leads there."""
    query: Query = []
    while chance.random() < 0.3:
        ahead = chance.random() < 0.5
        find = words.ahead if ahead else words.behind
        aim = find(chance, type_, types) if chance.random() < 0.5 else None
        if aim is None:
            query.append(include(chance, type_))
        else:
            query.append(
                ("_include", f"{type_}:{aim.link}") if ahead else ("_revinclude", f"{aim.type}:{aim.link}")
            )
    return query


def include(chance: Random, type_: str) -> tuple[str, str]:
    """Return an include, forwards or backwards, sometimes of what was included."""
    iterate = ":iterate" if chance.random() < 0.4 else ""
    if chance.random() < 0.5:
        source = type_ if not iterate else chance.choice(sorted(LINKS))
        links = [*LINKS.get(source, ()), "*"] if chance.random() < 0.2 else list(LINKS.get(source, ("*",)))
        return f"_include{iterate}", f"{source}:{chance.choice(links)}"
    leading = [(source, link) for source in sorted(LINKS) for link in LINKS[source]]
    aimed = [pair for pair in leading if type_ in _targets(*pair)]
    source, link = chance.choice(aimed if aimed and not iterate else leading)
    return f"_revinclude{iterate}", f"{source}:{link}"
