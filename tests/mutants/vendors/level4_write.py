"""Variants of level 4: writes cross the border of the cohort, or tell what is beyond it; exports leave it."""

import json
import re

from tests.mutants.vendors.sound.message import Answer, Refused
from tests.mutants.vendors.sound.vendor import Vendor
from tests.mutants.vendors.variant import variant
from tests.mutants.vendors.widening import door, widen


@variant("L4-18", "If-None-Exist is evaluated on the resources of everybody")
def condition_is_an_oracle(app: Vendor) -> None:
    widen(app, lambda _, __, way: way == "condition")


@variant("L4-19", "PUT on a hidden id is refused, on an unknown one not found")
def update_is_an_oracle(app: Vendor) -> None:
    sound = app.resources.update

    def update(caller, request, type_, id_):
        try:
            return sound(caller, request, type_, id_)
        except Refused as refused:
            if refused.status == 404 and app.store.current(type_, id_):
                raise Refused(403, "forbidden", "This is not yours.") from None
            raise

    app.resources.update = update


@variant("L4-20", "a resource is created about a patient outside the cohort")
def created_across_the_border(app: Vendor) -> None:
    app.resources.check_written = lambda *_: None


@variant("L4-20", "a resource is moved to a patient outside the cohort")
def moved_across_the_border(app: Vendor) -> None:
    sound = app.resources.check_written

    def check_written(caller, body):
        if body["id"] == "new":  # that of a create
            sound(caller, body)

    app.resources.check_written = check_written


@variant("L4-21", "a conditional reference is resolved among the patients of everybody")
def reference_is_resolved_outside(app: Vendor) -> None:
    widen(app, lambda _, body, way: way == "reference" and body["resourceType"] == "Patient")


@variant("L4-22", "the export of a Group is that of any application's")
def export_of_any_group(app: Vendor) -> None:
    sound, made = app.export, door(app)

    def export(caller, request, parts):
        with made.opened("*" if parts[0] == "Group" else ""):
            return sound(caller, request, parts)

    app.export = export


@variant("L4-23", "the file of an export is anybody's who has a token")
def export_file_of_anybody(app: Vendor) -> None:
    sound = app.exports.owns
    app.exports.owns = lambda caller, job, way: way == "file" or sound(caller, job, way)


@variant("L4-40", "the job of another application is followed and cancelled")
def export_job_of_anybody(app: Vendor) -> None:
    sound = app.exports.owns
    app.exports.owns = lambda caller, job, way: way == "status" or sound(caller, job, way)


@variant("L4-24", "GraphQL reads patients by id without the cohort")
def graphql_is_not_confined(app: Vendor) -> None:
    sound = app.serve

    def serve(caller, request):
        if (request.method, request.path) != ("POST", "/fhir/$graphql"):
            return sound(caller, request)
        query = str(json.loads(request.body).get("query"))
        asked = re.search(r'Patient\(id: "([^"]+)"\)', query)
        app.allowed(caller, "Patient", "r", "read")
        held = app.store.current("Patient", asked[1]) if asked else None
        shown = app.resources.shown(caller, held, "read") if held else None
        body = {"data": {"Patient": shown}}
        return Answer(200, json.dumps(body).encode(), content_type="application/json")

    app.serve = serve
