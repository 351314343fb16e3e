"""Variants of level 4: what is read by its address, or as a part of something else, is not confined."""

from tests.mutants.vendors.sound.message import Refused
from tests.mutants.vendors.sound.vendor import Vendor
from tests.mutants.vendors.variant import variant
from tests.mutants.vendors.widening import door, widen

# P-02 asks at random, and may notice whatever an answer to the restricted identity tells.


@variant("L4-01", "an Observation outside the cohort is read", also=("P-02",))
def observation_is_read_outside(app: Vendor) -> None:
    widen(app, lambda _, body, way: way == "read" and body["resourceType"] == "Observation")


@variant("L4-01", "an Observation outside the cohort is refused, an unknown one not found", also=("P-02",))
def refusal_tells_that_it_exists(app: Vendor) -> None:
    sound = app.resources.read

    def read(caller, request, type_, id_):
        body = app.store.current(type_, id_)
        outside = body and caller.client.group and not app.cohort.sees(caller.client, body, "read")
        if type_ == "Observation" and outside:
            raise Refused(403, "forbidden", "This is not for you.")
        return sound(caller, request, type_, id_)

    app.resources.read = read


@variant("L4-02", "the versions of an Observation outside the cohort are read", also=("P-02",))
def version_is_read_outside(app: Vendor) -> None:
    widen(app, lambda _, body, way: way == "vread" and body["resourceType"] == "Observation")


@variant("L4-03", "the history of a type is that of everybody", also=("P-02",))
def history_of_everybody(app: Vendor) -> None:
    sound, made = app.resources.history, door(app)

    def history(caller, type_, id_):
        with made.opened("" if id_ else type_):
            return sound(caller, type_, id_)

    app.resources.history = history


@variant("L4-15", "the compartment of an outside patient is there, and empty", also=("P-02",))
def compartment_exists_outside(app: Vendor) -> None:
    widen(app, lambda _, body, way: way == "compartment" and body["resourceType"] == "Patient")


@variant("L4-16", "$everything gives the outside patient itself", also=("P-02",))
def everything_of_outside(app: Vendor) -> None:
    widen(app, lambda _, body, way: way == "everything" and body["resourceType"] == "Patient")


@variant("L4-17", "an entry of a batch is read without its cohort", also=("P-02",))
def batch_is_not_confined(app: Vendor) -> None:
    sound, made = app.bundles.serve_entry, door(app)

    def serve_entry(caller, request, way):
        with made.opened("*" if way == "batch" else ""):
            return sound(caller, request, way)

    app.bundles.serve_entry = serve_entry


@variant("L4-30", "tasks are confined to nobody", also=("P-02",))
def tasks_are_for_everybody(app: Vendor) -> None:
    widen(app, lambda _, body, __: body["resourceType"] == "Task")


@variant("L4-31", "the Groups of other applications are read and found", also=("P-02",))
def groups_are_for_everybody(app: Vendor) -> None:
    widen(app, lambda _, body, way: body["resourceType"] == "Group" and way in {"read", "search"})


@variant("L4-32", "the content of a document is read without its patient", also=("P-02",))
def content_is_not_confined(app: Vendor) -> None:
    widen(app, lambda _, body, way: body["resourceType"] == "Binary" and way == "read")


@variant("L4-33", "the focus of a result names whom it leads to", also=("P-02",))
def focus_is_named(app: Vendor) -> None:
    sound = app.resources.shown

    def shown(caller, body, way):
        kept = sound(caller, body, way)
        held = app.store.current(body["resourceType"], body["id"]) or {}
        told = way in {"read", "search"} and caller.client.group and "focus" in held
        return {**kept, "focus": held["focus"]} if told else kept

    app.resources.shown = shown


@variant("L4-34", "the link of a patient, when asked for, names the other record", also=("P-02",))
def link_is_named(app: Vendor) -> None:
    sound = app.resources.chosen

    def chosen(query, shown, caller, body):
        kept = sound(query, shown, caller, body)
        asked = "link" in dict(query).get("_elements", "").split(",")
        held = app.store.current(body["resourceType"], body["id"]) or {}
        if not asked or caller.client.group is None or "link" not in held:
            return kept
        ids = [link["other"]["reference"].rpartition("/")[2] for link in held["link"]]
        names = [(app.store.current("Patient", id_) or {})["name"][0]["family"] for id_ in ids]
        return {**kept, "link": [{"other": {"display": name}, "type": "seealso"} for name in names]}

    app.resources.chosen = chosen


@variant("L4-35", "the members of a cohort are looked up once and for all")
def cohort_is_kept(app: Vendor) -> None:
    sound, kept = app.cohort.members, {}
    app.cohort.members = lambda group: kept.setdefault(group, sound(group))


# S-02 asks for the same patients.
@variant("L4-36", "a patient who objects is still read, as one who is in the cohort", also=("S-02",))
def permit_overrides_deny(app: Vendor) -> None:
    sound = app.cohort.sees

    def sees(client, resource, way):
        denied = client.opposed and way == "read" and resource["resourceType"] == "Patient"
        return bool(denied) or sound(client, resource, way)

    app.cohort.sees = sees


@variant("L4-37", "a patient without a label is everybody's")
def unlabelled_is_open(app: Vendor) -> None:
    widen(app, lambda _, body, __: body["resourceType"] == "Patient" and "tag" not in body.get("meta", {}))


@variant("L4-38", "an error names the patient whom a bad request was about")
def error_names_the_patient(app: Vendor) -> None:
    sound = app.resources.update

    def update(caller, request, type_, id_):
        try:
            return sound(caller, request, type_, id_)
        except Refused as refused:
            held = app.store.current(type_, id_)
            if refused.status != 400 or type_ != "Patient" or held is None:
                raise
            text = f"{held['name'][0]['family']} was not changed: {refused.text}"
            raise Refused(400, refused.code, text) from None

    app.resources.update = update
