"""Scenes that write: what was seen, what may be hidden, by id or by criteria.

Spec: https://hl7.org/fhir/R4/http.html#update
"""

from collections.abc import Iterator

import orjson

from lab.proof.contents import FAMILIES
from lab.proof.grammar.drawer import JSON, Drawer
from lab.proof.grammar.step import Step


def creating(drawer: Drawer) -> Iterator[Step]:
    """Create, under a condition or not, then read, change, delete what was made."""
    type_, chance = drawer.type(), drawer.chance
    headers = [JSON]
    if chance.random() < 0.3:
        headers.append(("if-none-exist", drawer.criterion(type_)))
    if chance.random() < 0.2:
        headers.append(("prefer", chance.choice(["return=minimal", "return=OperationOutcome"])))
    first = drawer.step("POST", type_, headers=tuple(headers), body=drawer.body(type_, "x"), kind="create")
    yield first
    path = f"{type_}/{{id:{first.number}}}"
    if chance.random() < 0.5:
        yield drawer.step("GET", path)
    if chance.random() < 0.3:
        yield drawer.step(
            "PUT", path, headers=(JSON,), seen=first.number, edits=drawer.edits(type_), kind="update"
        )
    if chance.random() < 0.3:
        yield drawer.step("DELETE", path, kind="delete")


def updating(drawer: Drawer) -> Iterator[Step]:
    """Write back what was seen, changed or not; or write over what may be hidden."""
    type_, chance = drawer.type(), drawer.chance
    back = chance.random() < 0.6
    id_ = drawer.seen_id(type_) if back else drawer.id(type_)
    path = f"{type_}/{id_}"
    if back:
        first = drawer.step("GET", path)
        yield first
        tag = chance.choice([f"{{etag:{first.number}}}"] * 2 + ['W/"1"', 'W/"1"', 'W/"2"'])
        condition = (("if-match", tag),) if chance.random() < 0.5 else ()
        yield drawer.step(
            "PUT",
            path,
            headers=(JSON, *condition),
            seen=first.number,
            edits=drawer.edits(type_) if chance.random() < 0.7 else (),
            kind="update",
        )
    else:
        stated = chance.choice([None, None, ("if-match", 'W/"1"'), ("if-none-match", "*")])
        headers = (JSON,) if stated is None else (JSON, stated)
        yield drawer.step("PUT", path, headers=headers, body=drawer.body(type_, id_), kind="update")
    if chance.random() < 0.5:
        yield drawer.step("GET", path)


def conditional_writing(drawer: Drawer) -> Iterator[Step]:
    """Update, patch or delete by criteria."""
    type_, chance = drawer.type(), drawer.chance
    query = drawer.criterion(type_)
    match chance.choice(["PUT", "PUT", "DELETE", "PATCH"]):
        case "PUT":
            body = drawer.body(type_, None if chance.random() < 0.5 else drawer.id(type_))
            yield drawer.step("PUT", type_, query, headers=(JSON,), body=body, kind="update")
        case "DELETE":
            yield drawer.step("DELETE", type_, query, kind="delete")
        case _:
            yield _patch(drawer, type_, type_, query)


def patching(drawer: Drawer) -> Iterator[Step]:
    """Patch by id: test, replace, copy."""
    type_ = drawer.type()
    yield _patch(drawer, type_, f"{type_}/{drawer.id(type_)}", "")


def deleting(drawer: Drawer) -> Iterator[Step]:
    """Delete by id, then look."""
    type_ = drawer.type()
    path = f"{type_}/{drawer.id(type_)}"
    condition = (("if-match", 'W/"1"'),) if drawer.chance.random() < 0.3 else ()
    yield drawer.step("DELETE", path, headers=condition, kind="delete")
    if drawer.chance.random() < 0.5:
        yield drawer.step("GET", path + drawer.chance.choice(["", "/_history"]))


def _patch(drawer: Drawer, type_: str, path: str, query: str) -> Step:
    chance = drawer.chance
    where = chance.choice(["/status", "/name/0/family", "/gender", "/identifier/0/value", "/meta/versionId"])
    operation = chance.choice(
        [
            {"op": "test", "path": where, "value": chance.choice([*FAMILIES, "final", "male", "1"])},
            {"op": "replace", "path": where, "value": chance.choice([*FAMILIES, "final", "male"])},
            {"op": "remove", "path": chance.choice(["/text", "/telecom", "/address", "/note"])},
            {"op": "copy", "from": "/id", "path": "/language"},
        ]
    )
    del type_
    headers = (("content-type", "application/json-patch+json"),)
    return drawer.step(
        "PATCH", path, query, headers=headers, body=orjson.dumps([operation]).decode(), kind="patch"
    )
