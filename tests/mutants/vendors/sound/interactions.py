"""The router: one table from method and path to the interaction that is asked for."""

import re
from typing import Any
from urllib.parse import parse_qsl

from tests.mutants.vendors.sound.gathering import Gathering
from tests.mutants.vendors.sound.message import Answer, Refused, Request, nothing_there
from tests.mutants.vendors.sound.parameters import PARAMETERS
from tests.mutants.vendors.sound.tokens import Caller

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_FORM = "application/x-www-form-urlencoded"


class Interactions(Gathering):
    """What a known caller may ask; the parts that answer are those of ``Vendor``."""

    searches: Any
    resources: Any
    exports: Any
    bundles: Any
    bodies: Any

    def serve(self, caller: Caller, request: Request) -> Answer:
        """Answer a FHIR request of a known caller."""
        parts = request.path.removeprefix("/fhir").split("/")[1:]
        method = "GET" if request.method == "HEAD" else request.method
        match method, parts:
            case "POST", [] | [""]:
                return self.bundles.answer(caller, self.bodies.resource(request, "Bundle"))
            case "GET", [("$export" as op)] | ["Patient", ("$export" as op)] | [
                "Group",
                _,
                ("$export" as op),
            ]:
                del op
                return self.export(caller, request, parts)
            case "GET", ["export-status", id_]:
                return self.exports.status(caller.client.id, id_)
            case "DELETE", ["export-status", id_]:
                return self.exports.cancel(caller.client.id, id_)
            case "GET", ["export-file", id_, type_]:
                return self.exports.file(caller.client.id, id_, type_)
            case "GET", ["Patient", id_, "$everything"]:
                return self.everything(caller, request, id_)
            case "GET" | "POST", [*_, last] if last.startswith("$"):
                raise Refused(403, "forbidden", "This operation is not offered.")
            case _, [type_, *_] if type_ in PARAMETERS:
                return self.of_type(caller, request, method, parts)
        raise nothing_there()

    def of_type(self, caller: Caller, request: Request, method: str, parts: list[str]) -> Answer:
        """Answer an interaction on a type or one of its resources."""
        type_ = parts[0]
        if len(parts) > 1 and parts[1] not in {"_search", "_history"} and not _ID.fullmatch(parts[1]):
            raise nothing_there()
        match method, parts[1:]:
            case "GET", []:
                self.allowed(caller, type_, "s", "search")
                return self.searches.answer(caller, type_, self.query(request))
            case "POST", ["_search"]:
                self.allowed(caller, type_, "s", "post-search")
                return self.searches.answer(caller, type_, self.posted(request), "search")
            case "GET", ["_history"]:
                self.allowed(caller, type_, "s", "history-type")
                self.refuse_times(request)
                return self.resources.history(caller, type_, None)
            case "GET", [id_]:
                self.allowed(caller, type_, "r", "read")
                return self.resources.read(caller, request, type_, id_)
            case "GET", [id_, "_history"]:
                self.allowed(caller, type_, "r", "history")
                self.refuse_times(request)
                return self.resources.history(caller, type_, id_)
            case "GET", [id_, "_history", number]:
                self.allowed(caller, type_, "r", "vread")
                return self.resources.vread(caller, type_, id_, number)
            case "GET", [id_, inner] if type_ == "Patient" and (inner in PARAMETERS or inner == "*"):
                return self.compartment(caller, request, id_, inner)
            case "POST", []:
                self.allowed(caller, type_, "c", "create")
                return self.resources.create(caller, request, type_)
            case "PUT" | "DELETE" | "PATCH", []:
                return self.conditional(caller, request, type_)
            case "PUT", [id_]:
                self.allowed(caller, type_, "u", "update")
                return self.resources.update(caller, request, type_, id_)
            case "PATCH", [id_]:
                self.allowed(caller, type_, "u", "patch")
                return self.resources.patch(caller, request, type_, id_)
            case "DELETE", [id_]:
                self.allowed(caller, type_, "d", "delete")
                return self.resources.delete(caller, type_, id_)
            case "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS", _:
                raise Refused(
                    405, "not-supported", "The method is not allowed here.", (("Allow", "GET, HEAD"),)
                )
        raise nothing_there()

    def conditional(self, caller: Caller, request: Request, type_: str) -> Answer:
        """Refuse conditional updates and deletes."""
        del caller, request, type_
        raise Refused(403, "forbidden", "Conditional updates and deletes are not offered.")

    def query(self, request: Request) -> list[tuple[str, str]]:
        """Return the parameters of a search by GET."""
        return request.parameters

    def posted(self, request: Request) -> list[tuple[str, str]]:
        """Return the parameters of a search by POST, of both places."""
        if request.header("content-type").partition(";")[0] != _FORM:
            raise Refused(415, "not-supported", "Send a form.")
        return [
            *request.parameters,
            *parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True),
        ]

    def refuse_times(self, request: Request) -> None:
        """Refuse parameters of histories."""
        if set(dict(request.parameters)) - {"_format", "_count"}:
            raise Refused(400, "invalid", "A parameter of this request is not available.")

    def resolve(self, caller: Caller, reference: str) -> str:
        """Return the one resource of the view that a conditional reference names."""
        type_, _, query = reference.partition("?")
        if type_ not in PARAMETERS:
            raise Refused(400, "invalid", "A reference of this request is not known.")
        self.allowed(caller, type_, "s", "reference")
        found = self.search.found(caller, type_, parse_qsl(query), "reference")
        if len(found) != 1:
            raise Refused(412, "multiple-matches", "A conditional reference does not name one resource.")
        return f"{type_}/{found[0]['id']}"
