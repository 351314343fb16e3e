"""Random scenes: a request and those that follow from its answer, as one who looks for leaks would ask them.

Specs: https://hl7.org/fhir/R4/http.html, https://hl7.org/fhir/uv/bulkdata/STU2/export.html
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from random import Random
from typing import Any

import orjson

from lab.proof.contents import FAMILIES, IDS, resource
from lab.proof.grammar.searches import encoded, include, search
from lab.proof.grammar.step import Step
from lab.proof.grammar.vocabulary import Vocabulary

_JSON = ("content-type", "application/fhir+json")
_FORM = ("content-type", "application/x-www-form-urlencoded")
_ASYNC = ("prefer", "respond-async")


class Scenes:
    """An endless conversation; ``opened`` are the types that each action may see something of."""

    def __init__(self, chance: Random, words: Vocabulary, opened: Mapping[str, Sequence[str]]) -> None:
        self._chance, self._words = chance, words
        self._opened = opened
        every = sorted({type_ for types in opened.values() for type_ in types})
        self._every = every or sorted(IDS)
        self._types = list(opened.get("search-type") or self._every)
        self._numbers = count()
        self._weights = [weight * (1 if opened.get(action) else _CLOSED) for weight, action, _ in _SCENES]

    def steps(self) -> Iterator[Step]:
        """Yield steps without end."""
        while True:
            ((_, action, scene),) = self._chance.choices(_SCENES, self._weights)
            self._own = self._opened.get(action) or self._every
            yield from scene(self)

    def _step(self, method: str, path: str, query: str = "", **more: Any) -> Step:
        return Step(next(self._numbers), method, path, query, **more)

    def _type(self) -> str:
        return self._chance.choice(self._own if self._chance.random() < 0.93 else sorted(IDS))

    def _id(self, type_: str) -> str:
        return self._chance.choice((*IDS[type_], *IDS[type_], "nobody"))

    def _search(self, type_: str) -> str:
        return search(self._chance, self._words, type_, self._types)

    def reading(self) -> Iterator[Step]:
        """Read, then ask again under conditions, or for a version."""
        type_, chance = self._type(), self._chance
        path = f"{type_}/{self._id(type_)}"
        query = encoded([("_summary", "true")]) if chance.random() < 0.1 else ""
        first = self._step(chance.choice(["GET"] * 9 + ["HEAD"]), path, query)
        yield first
        drawn = chance.random()
        if drawn < 0.12:
            yield self._step("GET", path, headers=(("if-none-match", f"{{etag:{first.number}}}"),))
        elif drawn < 0.2:
            since = chance.choice([f"{{modified:{first.number}}}", "Fri, 01 May 2026 10:00:00 GMT"])
            yield self._step("GET", path, headers=(("if-modified-since", since),))
        elif drawn < 0.28:
            yield self._step(
                "GET", path, headers=(("if-none-match", chance.choice(['W/"1"', 'W/"2"', "*"])),)
            )
        elif drawn < 0.42:
            version = chance.choice([f"{{version:{first.number}}}", "1", "2", "3", "9"])
            yield self._step("GET", f"{path}/_history/{version}", kind="vread")

    def searching(self) -> Iterator[Step]:
        """Search, follow pages, edit a link, replay that of another client."""
        type_, chance = self._type(), self._chance
        query = self._search(type_)
        if chance.random() < 0.1:
            yield self._step("POST", f"{type_}/_search", headers=(_FORM,), body=query, kind="search")
            return
        strict = (("prefer", "handling=strict"),) if chance.random() < 0.2 else ()
        first = self._step("GET", type_, query, headers=strict, kind="search")
        yield first
        if "_count" not in query or ("&" in query and chance.random() < 0.7):
            return
        last = first
        while chance.random() < 0.5:
            last = self._step("GET", type_, f"{{next:{last.number}}}", kind="page")
            yield last
        if chance.random() < 0.1:
            edited = chance.choice([f"_page={{edited:{first.number}}}", f"{{next:{first.number}}}&_count=1"])
            yield self._step("GET", type_, edited, kind="page")
        if chance.random() < 0.1:
            theirs = self._step("GET", type_, query, headers=strict, client=1, kind="search")
            yield theirs
            yield self._step("GET", type_, f"{{next:{theirs.number}}}", kind="page")

    def history(self) -> Iterator[Step]:
        """List versions of one resource or of a type."""
        type_, chance = self._type(), self._chance
        one = chance.random() < 0.7
        path = f"{type_}/{self._id(type_)}/_history" if one else f"{type_}/_history"
        query = []
        if chance.random() < 0.35:
            query.append(("_count", chance.choice(["1", "2", "5"])))
        if chance.random() < 0.2:
            query.append(
                (chance.choice(["_since", "_at"]), chance.choice(["2026-05-01", "2026-05-01T12:00:00Z"]))
            )
        first = self._step("GET", path, encoded(query), kind="history")
        yield first
        if one and chance.random() < 0.4:
            version = f"{{version:{first.number}}}"
            yield self._step("GET", f"{path}/{version}", kind="vread")
        elif query and chance.random() < 0.6:
            yield self._step("GET", path, f"{{next:{first.number}}}", kind="history")

    def everything(self) -> Iterator[Step]:
        """Ask for a compartment."""
        type_, chance = self._chance.choice(["Patient", "Patient", "Patient", "Encounter"]), self._chance
        query = []
        if chance.random() < 0.3:
            query.append(("_count", chance.choice(["1", "3", "50"])))
        if chance.random() < 0.2:
            query.append(
                ("_type", chance.choice(["Observation", "Patient,Encounter", "Condition,Practitioner"]))
            )
        if chance.random() < 0.1:
            query.append((chance.choice(["start", "end", "_since"]), "2026-02-01"))
        first = self._step(
            "GET", f"{type_}/{self._id(type_)}/$everything", encoded(query), kind="$everything"
        )
        yield first
        if query and chance.random() < 0.5:
            yield self._step("GET", first.path, f"{{next:{first.number}}}", kind="$everything")

    def lastn(self) -> Iterator[Step]:
        """Ask for the last observations."""
        chance = self._chance
        query = [("patient", f"Patient/{self._id('Patient')}")]
        if chance.random() < 0.6:
            query.append(("max", chance.choice(["1", "2", "x"])))
        if chance.random() < 0.3:
            query.append(("category", "laboratory"))
        yield self._step("GET", "Observation/$lastn", encoded(query), kind="$lastn")

    def exporting(self) -> Iterator[Step]:
        """Export, ask for the status, read a file."""
        chance = self._chance
        path = chance.choice(["$export", "Patient/$export", f"Group/{self._id('Group')}/$export"])
        query = []
        if chance.random() < 0.5:
            query.append(("_type", ",".join(chance.sample(self._types, min(2, len(self._types))))))
        if chance.random() < 0.15:
            query.append(("_since", "2026-05-01T09:00:00Z"))
        if chance.random() < 0.15:
            type_ = self._type()
            query.append(("_typeFilter", f"{type_}?{self._search(type_)}"))
        first = self._step("GET", path, encoded(query), headers=(_ASYNC,), kind="$export")
        yield first
        status = self._step("GET", f"$export-status/{{job:{first.number}}}", kind="$export-status")
        yield status
        yield self._step("GET", f"{{file:{status.number}}}", kind="$export-file")
        yield self._step("DELETE", status.path, kind="$export-status")

    def creating(self) -> Iterator[Step]:
        """Create, under a condition or not, then read, change, delete what was made."""
        type_, chance = self._type(), self._chance
        headers = [_JSON]
        if chance.random() < 0.3:
            name, value = self._words.parameter(chance, type_)
            headers.append(("if-none-exist", encoded([(name, value)])))
        if chance.random() < 0.2:
            headers.append(("prefer", chance.choice(["return=minimal", "return=OperationOutcome"])))
        first = self._step("POST", type_, headers=tuple(headers), body=self._body(type_, "x"), kind="create")
        yield first
        path = f"{type_}/{{id:{first.number}}}"
        if chance.random() < 0.5:
            yield self._step("GET", path)
        if chance.random() < 0.3:
            yield self._step(
                "PUT", path, headers=(_JSON,), seen=first.number, edits=self._edits(type_), kind="update"
            )
        if chance.random() < 0.3:
            yield self._step("DELETE", path, kind="delete")

    def updating(self) -> Iterator[Step]:
        """Write back what was seen, changed or not; or write over what may be hidden."""
        type_, chance = self._type(), self._chance
        id_ = self._id(type_)
        path = f"{type_}/{id_}"
        if chance.random() < 0.5:
            first = self._step("GET", path)
            yield first
            condition = (("if-match", f"{{etag:{first.number}}}"),) if chance.random() < 0.4 else ()
            yield self._step(
                "PUT",
                path,
                headers=(_JSON, *condition),
                seen=first.number,
                edits=self._edits(type_) if chance.random() < 0.7 else (),
                kind="update",
            )
        else:
            stated = chance.choice([None, None, ("if-match", 'W/"1"'), ("if-none-match", "*")])
            headers = (_JSON,) if stated is None else (_JSON, stated)
            yield self._step("PUT", path, headers=headers, body=self._body(type_, id_), kind="update")
        if chance.random() < 0.5:
            yield self._step("GET", path)

    def conditional_writing(self) -> Iterator[Step]:
        """Update, patch or delete by criteria."""
        type_, chance = self._type(), self._chance
        query = encoded([self._words.parameter(chance, type_)])
        match chance.choice(["PUT", "PUT", "DELETE", "PATCH"]):
            case "PUT":
                body = self._body(type_, None if chance.random() < 0.5 else self._id(type_))
                yield self._step("PUT", type_, query, headers=(_JSON,), body=body, kind="update")
            case "DELETE":
                yield self._step("DELETE", type_, query, kind="delete")
            case _:
                yield self._patch(type_, type_, query)

    def patching(self) -> Iterator[Step]:
        """Patch by id: test, replace, copy."""
        type_ = self._type()
        yield self._patch(type_, f"{type_}/{self._id(type_)}", "")

    def _patch(self, type_: str, path: str, query: str) -> Step:
        chance = self._chance
        where = chance.choice(
            ["/status", "/name/0/family", "/gender", "/identifier/0/value", "/meta/versionId"]
        )
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
        return self._step(
            "PATCH", path, query, headers=headers, body=orjson.dumps([operation]).decode(), kind="patch"
        )

    def deleting(self) -> Iterator[Step]:
        """Delete by id, then look."""
        type_ = self._type()
        path = f"{type_}/{self._id(type_)}"
        condition = (("if-match", 'W/"1"'),) if self._chance.random() < 0.3 else ()
        yield self._step("DELETE", path, headers=condition, kind="delete")
        if self._chance.random() < 0.5:
            yield self._step("GET", path + self._chance.choice(["", "/_history"]))

    def bundling(self) -> Iterator[Step]:
        """Send a batch or a transaction."""
        chance = self._chance
        kind = chance.choice(["batch", "batch", "transaction"])
        entries = [self._entry() for _ in range(chance.randint(1, 4))]
        body = {"resourceType": "Bundle", "type": kind, "entry": entries}
        yield self._step("POST", "", headers=(_JSON,), body=orjson.dumps(body).decode(), kind=kind)

    def _entry(self) -> dict[str, Any]:
        type_, chance = self._type(), self._chance
        id_ = self._id(type_)
        match chance.choice(["read", "read", "search", "search", "create", "update", "delete", "history"]):
            case "read":
                return {"request": {"method": "GET", "url": f"{type_}/{id_}"}}
            case "search":
                return {"request": {"method": "GET", "url": f"{type_}?{self._search(type_)}"}}
            case "history":
                return {"request": {"method": "GET", "url": f"{type_}/{id_}/_history"}}
            case "delete":
                return {"request": {"method": "DELETE", "url": f"{type_}/{id_}"}}
            case "update":
                request = {"method": "PUT", "url": f"{type_}/{id_}"}
                return {"resource": orjson.loads(self._body(type_, id_)), "request": request}
        asked = {"method": "POST", "url": type_}
        if chance.random() < 0.3:
            asked["ifNoneExist"] = encoded([self._words.parameter(chance, type_)])
        made = orjson.loads(self._body(type_, None))
        if "subject" in made and chance.random() < 0.3:
            family = encoded([self._words.parameter(chance, "Patient")])
            made["subject"] = {"reference": f"Patient?{family}"}
        return {"resource": made, "request": asked}

    def strange(self) -> Iterator[Step]:
        """Ask what is no request of this server, or of this client."""
        type_, chance = self._type(), self._chance
        id_ = self._id(type_)
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
        yield self._step(method, path, query, headers=accept, kind="strange")

    def validating(self) -> Iterator[Step]:
        """Validate a resource that is sent, or one that is there."""
        type_, chance = self._type(), self._chance
        if chance.random() < 0.5:
            yield self._step("GET", f"{type_}/{self._id(type_)}/$validate", kind="$validate")
        else:
            body = self._body(type_, "x")
            yield self._step("POST", f"{type_}/$validate", headers=(_JSON,), body=body, kind="$validate")

    def _body(self, type_: str, id_: str | None) -> str:
        """Return a random resource; its references lead to anybody, there or not, hidden or not."""
        made = resource(self._chance, type_, id_ or "x")
        if id_ is None:
            del made["id"]
        if self._chance.random() < 0.05:
            made = {**made, "status": "no-such-status"}
        return orjson.dumps(made).decode()

    def _edits(self, type_: str) -> tuple[tuple[str, Any], ...]:
        """Return changes of single elements: to another value, or away."""
        chance = self._chance
        other = resource(chance, type_, "x")
        names = sorted(other.keys() - {"resourceType", "id", "meta"})
        extra = ("address", "telecom", "identifier", "text", "subject", "meta")
        chosen = chance.choice([*names, *names, *extra])
        return ((chosen, other.get(chosen)),)


_CLOSED = 0.1
"""What a scene weighs whose action is open on no type."""

_SCENES = (
    (20.0, "read", Scenes.reading),
    (36.0, "search-type", Scenes.searching),
    (8.0, "history-instance", Scenes.history),
    (6.0, "operation", Scenes.everything),
    (2.0, "operation", Scenes.lastn),
    (1.0, "operation", Scenes.exporting),
    (3.0, "create", Scenes.creating),
    (7.0, "update", Scenes.updating),
    (3.0, "update", Scenes.conditional_writing),
    (2.0, "patch", Scenes.patching),
    (1.0, "delete", Scenes.deleting),
    (5.0, "read", Scenes.bundling),
    (3.0, "read", Scenes.strange),
    (1.0, "operation", Scenes.validating),
)
"""How often each scene is drawn, and the action it needs: writes are few, so that worlds do not run empty."""
