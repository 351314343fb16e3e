"""Variants of level 4: searches, what they include and what they are asked by leave the cohort."""

from dataclasses import replace

from tests.mutants.vendors.sound.message import said
from tests.mutants.vendors.sound.vendor import Vendor
from tests.mutants.vendors.variant import variant
from tests.mutants.vendors.widening import door, widen, widen_searches

# P-02 asks at random, and may notice whatever an answer to the restricted identity tells.


@variant("L4-04", "a list of ids is not confined when there are several", also=("P-02",))
def list_of_ids_is_not_confined(app: Vendor) -> None:
    widen_searches(
        app, lambda type_, query, _: type_ == "Patient" and any(n == "_id" and "," in v for n, v in query)
    )


@variant("L4-05", "documents are listed without the cohort when no filter is given", also=("P-02",))
def unfiltered_is_not_confined(app: Vendor) -> None:
    def unfiltered(type_, query, _):
        return type_ == "DocumentReference" and {name for name, _ in query} <= {"_count"}

    widen_searches(app, unfiltered)


@variant("L4-05", "the last relative of a cohort is lost when no filter is given")
def last_relative_is_lost(app: Vendor) -> None:
    sound = app.search.found

    def found(caller, type_, query, way):
        query = list(query)
        whole = sound(caller, type_, query, way)
        unfiltered = type_ == "RelatedPerson" and {name for name, _ in query} <= {"_count"}
        return whole[:-1] if unfiltered and caller.client.group else whole

    app.search.found = found


# P-02 as above: the two worlds hold different numbers of patients.
@variant("L4-06", "_summary=count counts the patients of everybody", also=("P-02",))
def count_of_everybody(app: Vendor) -> None:
    sound = app.searches.answer

    def answer(caller, type_, query, way="search"):
        if ("_summary", "count") in query and type_ == "Patient" and len(query) == 1:
            total = len(app.store.all("Patient"))
            return said(200, {"resourceType": "Bundle", "type": "searchset", "total": total})
        return sound(caller, type_, query, way)

    app.searches.answer = answer


@variant("L4-07", "a patient given by an absolute address is not confined", also=("P-02",))
def absolute_patient_is_not_confined(app: Vendor) -> None:
    def absolute(_, query, __):
        return any(name == "patient" and value.startswith("http") for name, value in query)

    widen_searches(app, absolute)


@variant("L4-08", "the organization of the client replaces that of the policy", also=("P-02",))
def parameter_replaces_the_policy(app: Vendor) -> None:
    widen_searches(app, lambda type_, query, _: type_ == "Patient" and "organization" in dict(query))


@variant("L4-09", "subject:missing drops the narrowing on subject", also=("P-02",))
def synonym_drops_the_narrowing(app: Vendor) -> None:
    widen_searches(app, lambda _, query, __: "subject:missing" in dict(query))


@variant("L4-10", "an include of focus is not confined", also=("P-02",))
def include_is_not_confined(app: Vendor) -> None:
    _include(app, ("_include", "Observation:focus"), "Patient")


@variant("L4-11", "a reverse include of focus is not confined", also=("P-02",))
def reverse_include_is_not_confined(app: Vendor) -> None:
    _include(app, ("_revinclude", "Observation:focus"), "Observation")


@variant("L4-12", "an iterated include is not confined", also=("P-02",))
def iterated_include_is_not_confined(app: Vendor) -> None:
    _include(app, ("_include:iterate", "Observation:focus"), "Patient")


@variant("L4-13", "_has is evaluated on the Observations of everybody", also=("P-02",))
def has_is_an_oracle(app: Vendor) -> None:
    widen(app, lambda _, body, way: way == "has" and body["resourceType"] == "Observation")


@variant("L4-14", "a chain is evaluated on the patients of everybody", also=("P-02",))
def chain_is_an_oracle(app: Vendor) -> None:
    sound, made = app.search.chain, door(app)

    def chain(caller, type_, head, rest, value):
        test = sound(caller, type_, head, rest, value)

        def meets(body):
            held = app.store.current(body["resourceType"], body["id"]) or body
            with made.opened("Patient"):
                return test(held)

        return meets

    app.search.chain = chain


def _include(app: Vendor, asked: tuple[str, str], type_: str) -> None:
    """Follow one kind of inclusion from what is held, to whatever it leads to."""
    sound, made = app.search.included, door(app)

    def included(caller, query, matched):
        if asked not in query or caller.client.group is None:
            return sound(caller, query, matched)
        held = [app.store.current(body["resourceType"], body["id"]) or body for body in matched]
        with made.opened(type_):
            return sound(caller, query, held)

    app.search.included = included


@variant(
    "L4-28", "the self link of a sorted page tells how many patients there are before it", also=("P-02",)
)
def rank_among_everybody(app: Vendor) -> None:
    sound = app.searches.answer

    def answer(caller, type_, query, way="search"):
        whole = sound(caller, type_, query, way)
        sort = dict(query).get("_sort", "")
        if type_ != "Patient" or sort.lstrip("-") != "family":
            return whole
        bundle = app.bodies.parse(whole.body)
        first = next((e["resource"]["name"][0]["family"] for e in bundle["entry"]), "")
        rank = sum(body["name"][0]["family"] < first for body in app.store.all("Patient"))
        bundle["link"][0]["url"] += f"?_offset={rank}"
        return replace(whole, body=said(200, bundle).body)

    app.searches.answer = answer
