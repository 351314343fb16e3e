"""Variants across levels: oracles that only a comparison of two worlds finds."""

from tests.mutants.vendors.sound.message import Answer
from tests.mutants.vendors.sound.vendor import Vendor
from tests.mutants.vendors.unmasking import RESTRICTED
from tests.mutants.vendors.variant import variant


@variant("P-02", "documents come in the order of the masked birth dates of their patients")
def order_of_birth(app: Vendor) -> None:
    sound = app.search.sort_key

    def sort_key(caller, type_, text):
        if caller.client.id != RESTRICTED or type_ != "DocumentReference" or text:
            return sound(caller, type_, text)

        def born(body):
            patient = app.store.current(*body["subject"]["reference"].split("/")) or {}
            return patient.get("birthDate", "")

        return born, False

    app.search.sort_key = sort_key


@variant("P-02", "a conditional read tells of any resource that it exists")
def condition_tells(app: Vendor) -> None:
    sound = app.resources.read

    def read(caller, request, type_, id_):
        body = app.store.current(type_, id_)
        if request.header("if-none-match") and body is not None and not app.sees(caller, body, "read"):
            return Answer(304)
        return sound(caller, request, type_, id_)

    app.resources.read = read


@variant("P-02", "a header of a search on Binary counts everybody's")
def header_counts_everything(app: Vendor) -> None:
    sound = app.searches.answer

    def answer(caller, type_, query, way="search"):
        made = sound(caller, type_, query, way)
        if type_ != "Binary" or made.status != 200:
            return made
        return made.with_headers(("X-Stored", str(len(app.store.all("Binary")))))

    app.searches.answer = answer
