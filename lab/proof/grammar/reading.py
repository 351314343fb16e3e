"""Scenes that read: one resource, a search page by page, versions.

Spec: https://hl7.org/fhir/R4/http.html#read
"""

from collections.abc import Iterator

from lab.proof.grammar.drawer import Drawer
from lab.proof.grammar.searches import encoded
from lab.proof.grammar.step import Step
from lab.proof.grammar.vocabulary import LINKS, PARAMETERS
from lab.proof.grammar.written import written

_FORM = ("content-type", "application/x-www-form-urlencoded")


def reading(drawer: Drawer) -> Iterator[Step]:
    """Read, then ask again under conditions, or for a version."""
    type_, chance = drawer.type(), drawer.chance
    path = f"{type_}/{drawer.id(type_)}"
    query = encoded([("_summary", "true")]) if chance.random() < 0.1 else ""
    first = drawer.step(chance.choice(["GET"] * 9 + ["HEAD"]), path, query)
    yield first
    drawn = chance.random()
    if drawn < 0.12:
        yield drawer.step("GET", path, headers=(("if-none-match", f"{{etag:{first.number}}}"),))
    elif drawn < 0.2:
        since = chance.choice([f"{{modified:{first.number}}}", "Fri, 01 May 2026 10:00:00 GMT"])
        yield drawer.step("GET", path, headers=(("if-modified-since", since),))
    elif drawn < 0.28:
        yield drawer.step("GET", path, headers=(("if-none-match", chance.choice(['W/"1"', 'W/"2"', "*"])),))
    elif drawn < 0.5:
        version = chance.choice([f"{{version:{first.number}}}", "1", "1", "1", "2", "3", "9"])
        yield drawer.step("GET", f"{path}/_history/{version}", kind="vread")


def charting(drawer: Drawer) -> Iterator[Step]:
    """Ask for what there is about one patient, whole, in the order that the server gives it."""
    types = [type_ for type_ in drawer.own if "patient" in PARAMETERS[type_].split()]
    type_ = drawer.chance.choice(types or ["Observation"])
    query = encoded([("patient", f"Patient/{drawer.seen_id('Patient')}")])
    yield drawer.step("GET", type_, query, kind="search")


def naming(drawer: Drawer) -> Iterator[Step]:
    """Ask by what a reference itself says of whom it leads to."""
    links = [(type_, link) for type_ in drawer.own for link in LINKS.get(type_, ()) if ":" not in link]
    type_, link = drawer.chance.choice(links or [("Observation", "subject")])
    value = written(drawer.chance, "reference", None, ":identifier")
    yield drawer.step("GET", type_, encoded([(f"{link}:identifier", value)]), kind="search")


def looking_back(drawer: Drawer) -> Iterator[Step]:
    """Ask by its number for a version of something visible that is not; for any where there is none."""
    types = [type_ for type_ in drawer.own if drawer.words.past(type_)]
    if types:
        type_ = drawer.chance.choice(types)
        id_, number = drawer.chance.choice(drawer.words.past(type_))
    else:
        type_, number = drawer.type(), drawer.chance.choice([1, 2])
        id_ = drawer.seen_id(type_)
    yield drawer.step("GET", f"{type_}/{id_}/_history/{number}", kind="vread")


def searching(drawer: Drawer) -> Iterator[Step]:
    """Search, follow pages, edit a link, replay that of another client."""
    type_, chance = drawer.type(), drawer.chance
    query = drawer.search(type_)
    if chance.random() < 0.1:
        yield drawer.step("POST", f"{type_}/_search", headers=(_FORM,), body=query, kind="search")
        return
    strict = (("prefer", "handling=strict"),) if chance.random() < 0.2 else ()
    first = drawer.step("GET", type_, query, headers=strict, kind="search")
    yield first
    if "_count" not in query or ("&" in query and chance.random() < 0.7):
        return
    last = first
    while chance.random() < 0.5:
        last = drawer.step("GET", type_, f"{{next:{last.number}}}", kind="page")
        yield last
    if chance.random() < 0.1:
        edited = chance.choice([f"_page={{edited:{first.number}}}", f"{{next:{first.number}}}&_count=1"])
        yield drawer.step("GET", type_, edited, kind="page")
    if chance.random() < 0.1:
        theirs = drawer.step("GET", type_, query, headers=strict, client=1, kind="search")
        yield theirs
        yield drawer.step("GET", type_, f"{{next:{theirs.number}}}", kind="page")


def history(drawer: Drawer) -> Iterator[Step]:
    """List versions of one resource or of a type."""
    type_, chance = drawer.type(), drawer.chance
    one = chance.random() < 0.7
    path = f"{type_}/{drawer.id(type_)}/_history" if one else f"{type_}/_history"
    query = []
    if chance.random() < 0.35:
        query.append(("_count", chance.choice(["1", "2", "5"])))
    if chance.random() < 0.2:
        query.append(
            (chance.choice(["_since", "_at"]), chance.choice(["2026-05-01", "2026-05-01T12:00:00Z"]))
        )
    first = drawer.step("GET", path, encoded(query), kind="history")
    yield first
    if one and chance.random() < 0.6:
        version = chance.choice([f"{{version:{first.number}}}", "1", "1", "2"])
        yield drawer.step("GET", f"{path}/{version}", kind="vread")
    elif query and chance.random() < 0.6:
        yield drawer.step("GET", path, f"{{next:{first.number}}}", kind="history")
