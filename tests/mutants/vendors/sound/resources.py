"""The interactions on single resources: read, versions, create, update, patch, delete.

Spec: https://hl7.org/fhir/R4/http.html
"""

from tests.mutants.vendors.sound.bodies import Bodies
from tests.mutants.vendors.sound.cohort import Cohort
from tests.mutants.vendors.sound.masks import SUBSETTED, Masks
from tests.mutants.vendors.sound.message import Answer, Json, Refused, Request, nothing_there, said
from tests.mutants.vendors.sound.patch import patched
from tests.mutants.vendors.sound.search import Search
from tests.mutants.vendors.sound.store import Store, Version
from tests.mutants.vendors.sound.tokens import Caller
from tests.mutants.vendors.sound.versions import Versions


class Resources(Versions):
    """Each interaction is a method."""

    def __init__(
        self, base: str, store: Store, cohort: Cohort, masks: Masks, search: Search, bodies: Bodies
    ) -> None:
        self.base = base
        self.store = store
        self.cohort = cohort
        self.masks = masks
        self.search = search
        self.bodies = bodies

    def read(self, caller: Caller, request: Request, type_: str, id_: str) -> Answer:
        """Answer a read, conditional by ETag."""
        versions = self.store.versions(type_, id_)
        body = versions[-1].body if versions else None
        if versions and body is None and self.was_seen(caller, versions):
            raise Refused(410, "deleted", "The resource was deleted.")
        if body is None or not self.search.reach.sees(caller, body, "read"):
            raise nothing_there()
        shown = self.shown(caller, body, "read")
        etag = self.masks.etag(caller.client, shown, versions[-1].number)
        if etag in request.header("if-none-match"):
            return Answer(304, headers=(("ETag", etag),))
        return said(200, self.chosen(request.parameters, shown, caller, body), ("ETag", etag))

    def was_seen(self, caller: Caller, versions: list[Version]) -> bool:
        """Tell whether a deleted resource was one that the caller saw."""
        last = next((v.body for v in reversed(versions) if v.body is not None), None)
        return last is not None and self.search.reach.sees(caller, last, "read")

    def shown(self, caller: Caller, body: Json, way: str) -> Json:
        """Return a visible resource as the caller sees it."""
        return self.masks.apply(caller.client, self.cohort.shown(caller.client, body, way), way)

    def chosen(self, query: list[tuple[str, str]], shown: Json, caller: Caller, body: Json) -> Json:
        """Return the elements that the caller asks for, of what it sees."""
        del caller, body
        asked = dict(query)
        kept = {"resourceType", "id", "meta", "status", "code", "subject", "active", "type", "intent", "mode"}
        if "_elements" in asked:
            kept |= set(asked["_elements"].split(","))
        elif asked.get("_summary") == "true":
            kept |= {"identifier", "name", "gender", "birthDate", "address", "telecom"}
        elif asked.get("_summary") == "text":
            kept |= {"text"}
        elif asked.get("_summary") == "data":
            kept |= shown.keys() - {"text"}
        else:
            return shown
        meta = shown.get("meta", {})
        tags = [tag for tag in meta.get("tag", []) if tag != SUBSETTED]
        part = {name: value for name, value in shown.items() if name.removeprefix("_") in kept}
        return {**part, "meta": {**meta, "tag": [*tags, SUBSETTED]}}

    def create(self, caller: Caller, request: Request, type_: str) -> Answer:
        """Answer a create, conditional on what the caller sees."""
        body = self.bodies.resource(request, type_)
        condition = request.header("if-none-exist")
        if condition:
            query = Request("GET", "", condition, ()).parameters
            found = self.search.found(caller, type_, query, "condition")
            if len(found) > 1:
                raise Refused(412, "multiple-matches", "The condition has several matches.")
            if found:
                return said(200, self.shown(caller, found[0], "read"))
        self.check_written(caller, {**body, "id": "new"})
        return self.stored(caller, type_, self.store.new_id(), body, 201)

    def check_written(self, caller: Caller, body: Json) -> None:
        """Refuse what would be written out of the caller's view."""
        if not self.cohort.sees(caller.client, body, "write"):
            raise Refused(403, "forbidden", "The resource would be outside what you may see.")

    def stored(self, caller: Caller, type_: str, id_: str, body: Json, status: int) -> Answer:
        """Store a body and show it as the caller sees it."""
        version = self.store.write(type_, id_, body)
        shown = self.shown(caller, version.body or {}, "write")
        masked = caller.client.masks_some(type_)
        location = f"{self.base}/{type_}/{id_}" + ("" if masked else f"/_history/{version.number}")
        etag = self.masks.etag(caller.client, shown, version.number)
        return said(status, shown, ("ETag", etag), ("Location", location))

    def update(self, caller: Caller, request: Request, type_: str, id_: str) -> Answer:
        """Answer an update; only who may choose ids creates by it."""
        body = self.bodies.resource(request, type_)
        if body.get("id") != id_:
            raise Refused(400, "structure", "The id of the resource is not that of the address.")
        old = self.store.current(type_, id_)
        if old is None and self.may_choose(caller):
            return self.stored(caller, type_, id_, body, 201)
        if old is None or not self.search.reach.sees(caller, old, "write"):
            raise nothing_there()
        self.check_match(caller, request, old)
        whole = self.merged(caller, old, body)
        self.check_written(caller, whole)
        return self.stored(caller, type_, id_, whole, 200)

    def may_choose(self, caller: Caller) -> bool:
        """Tell whether a client creates under an id of its own."""
        return caller.client.chooses_ids

    def merged(self, caller: Caller, old: Json, new: Json) -> Json:
        """Return what is written, with what the caller could not see kept."""
        dropped = {n: old[n] for n in old if self.cohort.shown(caller.client, old, "write").get(n) != old[n]}
        return self.masks.merged(caller.client, old, {**new, **dropped})

    def check_match(self, caller: Caller, request: Request, old: Json) -> None:
        """Refuse a write on another version than the caller knows."""
        wanted = request.header("if-match")
        etag = self.masks.etag(caller.client, self.shown(caller, old, "read"), int(old["meta"]["versionId"]))
        if wanted and wanted != etag:
            raise Refused(412, "conflict", "The resource has changed.")

    def patch(self, caller: Caller, request: Request, type_: str, id_: str) -> Answer:
        """Answer a JSON Patch."""
        old = self.store.current(type_, id_)
        if old is None or not self.search.reach.sees(caller, old, "write"):
            raise nothing_there()
        self.check_patch(caller, type_)
        if request.header("content-type").partition(";")[0] != "application/json-patch+json":
            raise Refused(415, "not-supported", "Send application/json-patch+json.")
        new = patched(old, self.bodies.parse(request.body))
        if (new.get("resourceType"), new.get("id")) != (type_, id_):
            raise Refused(422, "processing", "A patch changes neither type nor id.")
        self.bodies.check_shape(new)
        self.bodies.check_references(new)
        self.check_written(caller, new)
        return self.stored(caller, type_, id_, new, 200)

    def check_patch(self, caller: Caller, type_: str) -> None:
        """Refuse patches of what is masked: their tests would be questions."""
        if caller.client.masks_some(type_):
            raise Refused(403, "forbidden", "Resources of this type cannot be patched.")

    def delete(self, caller: Caller, type_: str, id_: str) -> Answer:
        """Answer a deletion."""
        old = self.store.current(type_, id_)
        if old is None or not self.search.reach.sees(caller, old, "write"):
            raise nothing_there()
        self.store.write(type_, id_, None)
        return Answer(204)
