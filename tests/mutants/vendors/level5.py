"""Variants of level 5: a masked element comes out by one way."""

import json
from dataclasses import replace

from tests.mutants.vendors.sound.capability import statement
from tests.mutants.vendors.sound.masks import SUBSETTED
from tests.mutants.vendors.sound.message import Answer, said
from tests.mutants.vendors.sound.vendor import Vendor
from tests.mutants.vendors.unmasking import RESTRICTED, change, unmask
from tests.mutants.vendors.variant import variant

# P-02 asks at random, and may notice whatever an answer to the restricted identity tells. L5-01 reads and
# searches masked resources in the common ways, and notices every value that these give.


@variant("L5-01", "past versions of patients are shown unmasked", also=("P-02",))
def version_unmasked(app: Vendor) -> None:
    sound = app.resources.check_versions

    def check_versions(caller, type_):
        if type_ != "Patient":
            sound(caller, type_)

    app.resources.check_versions = check_versions
    unmask(app, lambda body, way: way in {"vread", "history"} and body["resourceType"] == "Patient")


@variant("L5-02", "_elements is applied to the whole resource, after the mask", also=("P-02",))
def elements_after_the_mask(app: Vendor) -> None:
    sound = app.resources.chosen

    def chosen(query, shown, caller, body):
        part = sound(query, shown, caller, body)
        asked = dict(query).get("_elements", "").split(",")
        more = {name: body[name] for name in asked if name in body and name in {"address", "telecom"}}
        return (
            {**part, **more} if caller.client.id == RESTRICTED and body["resourceType"] == "Patient" else part
        )

    app.resources.chosen = chosen


@variant("L5-03", "patients are written as XML before they are masked")
def xml_unmasked(app: Vendor) -> None:
    check, read = app.check_format, app.resources.read

    def is_xml(request):
        return "xml" in dict(request.parameters).get("_format", "") + request.header("accept")

    def check_format(request):
        if not (is_xml(request) and request.path.startswith("/fhir/Patient/")):
            check(request)

    def read_any(caller, request, type_, id_):
        answer = read(caller, request, type_, id_)
        if type_ != "Patient" or not is_xml(request) or answer.status != 200:
            return answer
        city = app.store.current(type_, id_)["address"][0]["city"]
        text = f'<Patient xmlns="http://hl7.org/fhir"><address><city value="{city}"/></address></Patient>'
        return Answer(200, text.encode(), content_type="application/fhir+xml")

    app.check_format, app.resources.read = check_format, read_any


# The narrative tells the values: whoever reads a patient in an ordinary way is told them.
@variant(
    "L5-10",
    "the narrative of a patient is kept when it is read",
    also=("L5-01", "L5-02", "L5-15", "L5-17", "L5-18", "L5-19", "L5-27", "P-02"),
)
def narrative_kept(app: Vendor) -> None:
    def kept(whole, shown, way):
        return {**shown, "text": whole["text"]} if way == "read" and "text" in whole else None

    change(
        app, lambda whole, shown, way: kept(whole, shown, way) if whole["resourceType"] == "Patient" else None
    )


@variant("L5-11", "a contained patient is read as it is stored", also=("P-02",))
def contained_unmasked(app: Vendor) -> None:
    change(
        app,
        lambda whole, shown, way: (
            {**shown, "contained": whole["contained"]} if way == "read" and "contained" in whole else None
        ),
    )


# The place of birth is the city of the masked address: an ordinary read tells it.
@variant(
    "L5-12",
    "the birthPlace extension is kept when a patient is read",
    also=("L5-01", "L5-02", "L5-15", "L5-17", "L5-18", "L5-19", "L5-27", "P-02"),
)
def place_of_birth_kept(app: Vendor) -> None:
    change(
        app,
        lambda whole, shown, way: (
            {**shown, "extension": whole["extension"]} if way == "read" and "extension" in whole else None
        ),
    )


@variant("L5-13", "the narrative of a document tells where the patient lives", also=("P-02",))
def document_tells_the_city(app: Vendor) -> None:
    def told(whole, shown, way):
        if whole["resourceType"] != "DocumentReference" or way != "search":
            return None
        patient = app.store.current(*whole["subject"]["reference"].split("/"))
        text = {"status": "generated", "div": f"<div>Sent to {patient['address'][0]['city']}</div>"}
        return {**shown, "text": text}

    change(app, told)


@variant("L5-14", "the subject of a result that is read keeps the number of the patient", also=("P-02",))
def number_in_the_reference(app: Vendor) -> None:
    change(
        app,
        lambda whole, shown, way: (
            {**shown, "subject": whole["subject"]}
            if way == "read" and "identifier" in whole.get("subject", {})
            else None
        ),
    )


@variant("L5-15", "what is within a stored Bundle is read unmasked", also=("P-02",))
def bundle_unmasked(app: Vendor) -> None:
    unmask(app, lambda body, way: way == "read" and body["resourceType"] == "Bundle")


@variant("L5-16", "the labels of a masked patient are kept")
def labels_kept(app: Vendor) -> None:
    sound = app.masks.meta
    app.masks.meta = lambda meta: {**sound(meta), "tag": [*meta.get("tag", []), SUBSETTED]}


@variant("L5-22", "bulk files are written unmasked")
def export_unmasked(app: Vendor) -> None:
    unmask(app, lambda _, way: way == "export")


@variant("L5-23", "the refusal of a patch says what is stored")
def refusal_says_the_phone(app: Vendor) -> None:
    sound = app.resources.patch

    def patch(caller, request, type_, id_):
        if type_ != "Patient" or caller.client.id != RESTRICTED:
            return sound(caller, request, type_, id_)
        old = app.store.current(type_, id_) or {}
        phone = old.get("telecom", [{}])[0].get("value")
        issue = {"severity": "error", "code": "forbidden", "diagnostics": f"Read-only since {phone}."}
        return said(403, {"resourceType": "OperationOutcome", "issue": [issue]})

    app.resources.patch = patch


@variant("L5-26", "a masked element becomes an empty array")
def empty_array(app: Vendor) -> None:
    change(
        app, lambda whole, shown, _: {**shown, "address": []} if whole["resourceType"] == "Patient" else None
    )


@variant("L5-27", "a search by POST is answered from the cache of the caller before")
def cache_of_another(app: Vendor) -> None:
    sound, last = app.of_type, []

    def of_type(caller, request, method, parts):
        if method != "POST" or parts != ["Patient", "_search"]:
            last.clear()
            return sound(caller, request, method, parts)
        if last and last[0] == request.body:
            return last[1]
        answer = sound(caller, request, method, parts)
        last[:] = [request.body, answer]
        return answer

    app.of_type = of_type


@variant("L5-28", "the CapabilityStatement is the same for everybody")
def everything_is_advertised(app: Vendor) -> None:
    app.metadata = lambda _: said(200, statement(app.base, frozenset()))


@variant("L5-29", "the sex of patients is lost in searches")
def gender_lost(app: Vendor) -> None:
    def without(whole, shown, way):
        del whole
        return {n: v for n, v in shown.items() if n != "gender"} if way == "search" else None

    change(app, without)


@variant("L5-17", "a search shows when a masked patient was last changed")
def date_of_change(app: Vendor) -> None:
    def dated(whole, shown, way):
        if whole["resourceType"] != "Patient" or way != "search":
            return None
        return {**shown, "meta": {**shown["meta"], "lastUpdated": whole["meta"]["lastUpdated"]}}

    change(app, dated)


@variant("L5-19", "HEAD announces the length of the unmasked patient")
def length_of_the_whole(app: Vendor) -> None:
    sound = app.resources.read

    def read(caller, request, type_, id_):
        answer = sound(caller, request, type_, id_)
        if request.method != "HEAD" or type_ != "Patient" or caller.client.id != RESTRICTED:
            return answer
        body = app.store.current(type_, id_)
        return replace(answer, body=json.dumps(body).encode()) if answer.status == 200 else answer

    app.resources.read = read
