"""Scenes of Bundles, and of requests that are none of this server.

Spec: https://hl7.org/fhir/R4/http.html#transaction
"""

from collections.abc import Iterator
from typing import Any

import orjson

from lab.proof.grammar.drawer import JSON, Drawer
from lab.proof.grammar.searches import encoded, include
from lab.proof.grammar.step import Step

_READS = ("read", "plain", "plain", "search", "search", "history")
_ALL = (*_READS, "read", "create", "create", "update", "delete", "conditional")


def bundling(drawer: Drawer) -> Iterator[Step]:
    """Send a batch or a transaction."""
    chance = drawer.chance
    kind = chance.choice(["batch", "transaction"])
    # One entry that is not allowed refuses a transaction: those that only read are let through more often.
    kinds = _READS if chance.random() < 0.5 else _ALL
    if kinds is _ALL:
        drawer.turn_to("create")
    most = chance.choice([1, 1, 2, 3]) if kind == "transaction" else chance.randint(2, 6)
    yield _bundle(drawer, kind, [_entry(drawer, chance.choice(kinds)) for _ in range(most)])


def pointing(drawer: Drawer) -> Iterator[Step]:
    """Send a transaction of one write, which mostly says by criteria what it is about."""
    drawer.turn_to("create")
    yield _bundle(drawer, "transaction", [_entry(drawer, drawer.chance.choice(["create", "conditional"]))])


def strange(drawer: Drawer) -> Iterator[Step]:
    """Ask what is no request of this server, or of this client."""
    type_, chance = drawer.type(), drawer.chance
    id_ = drawer.id(type_)
    wrong = [
        ("GET", "Unknown/1", ""),
        ("PUT", type_ + "/_history", ""),
        ("GET", "_history", ""),
        ("GET", "", "_type=Patient"),
        ("POST", "_search", "_type=Patient"),
        ("GET", f"{type_}/{id_}/$validate", ""),
        ("GET", f"Patient/{id_}/{type_}", ""),
        ("GET", f"{type_}//{id_}", ""),
        ("GET", f"{type_}/../{type_}/{id_}", ""),
        ("TRACE", f"{type_}/{id_}", ""),
        ("GET", f"{type_}/$everything", ""),
        ("GET", type_, "_page=AAAA"),
        ("GET", type_, "_filter=name eq x".replace(" ", "%20")),
        ("GET", type_, "_content=Baker&_text=x"),
        ("GET", type_, "%zz=1"),
        ("GET", f"$export-status/{'0' * 32}", ""),
        ("OPTIONS", type_, ""),
        ("GET", "metadata", ""),
        ("GET", f"{type_}/{id_}/$meta", ""),
        ("GET", type_, encoded([include(chance, type_), ("_count", "1")])),
    ]
    method, path, query = chance.choice(wrong)
    accept = (("accept", "application/fhir+xml"),) if chance.random() < 0.15 else ()
    yield drawer.step(method, path, query, headers=accept, kind="strange")


def _bundle(drawer: Drawer, kind: str, entries: list[dict[str, Any]]) -> Step:
    body = {"resourceType": "Bundle", "type": kind, "entry": entries}
    return drawer.step("POST", "", headers=(JSON,), body=orjson.dumps(body).decode(), kind=kind)


def _entry(drawer: Drawer, kind: str) -> dict[str, Any]:  # noqa: C901, PLR0911 - a table
    type_, chance = drawer.type(), drawer.chance
    id_ = drawer.id(type_)
    match kind:
        case "read":
            return {"request": {"method": "GET", "url": f"{type_}/{id_}"}}
        case "plain":
            return {"request": {"method": "GET", "url": f"{chance.choice(drawer.types)}?_count=9"}}
        case "search":
            return {"request": {"method": "GET", "url": f"{type_}?{drawer.search(type_)}"}}
        case "history":
            return {"request": {"method": "GET", "url": f"{type_}/{id_}/_history"}}
        case "delete":
            return {"request": {"method": "DELETE", "url": f"{type_}/{id_}"}}
        case "update":
            request = {"method": "PUT", "url": f"{type_}/{id_}"}
            return {"resource": orjson.loads(drawer.body(type_, id_)), "request": request}
        case "conditional":
            url = f"{type_}?{drawer.criterion(type_)}"
            if chance.random() < 0.5:
                return {"request": {"method": "DELETE", "url": url}}
            return {
                "resource": orjson.loads(drawer.body(type_, None)),
                "request": {"method": "PUT", "url": url},
            }
    asked = {"method": "POST", "url": type_}
    if chance.random() < 0.3:
        asked["ifNoneExist"] = drawer.criterion(type_)
    made = orjson.loads(drawer.body(type_, None))
    if "subject" in made and chance.random() < 0.4:
        made["subject"] = {"reference": f"Patient?{drawer.criterion('Patient')}"}
    return {"resource": made, "request": asked}
