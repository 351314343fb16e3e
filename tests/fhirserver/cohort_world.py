"""A hospital with one of each kind that a cohort can show or hide, and a small model that says which.

Spec: docs/five-levels.md, level 4. The model shares no code with the server.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations
from typing import Any

from server_hospital import group, member, observation, patient

from lab.fhir.cohort import Cohort

Json = dict[str, Any]

LABELS, VIP, BLUE = "urn:labels", "tag/urn:labels|VIP", "tag/urn:labels|BLUE"
POOLS = ("Group/g", "List/l", BLUE, "Group/nobody")
DENIED = ("Group/h", "List/l", VIP, "Group/nobody")
QUERIES: Mapping[str, Mapping[str, Callable[[Json], bool]]] = {
    "Observation": {
        "code=718-7": lambda r: r["code"]["coding"][0]["code"] == "718-7",
        "status=final&code=2345-7": lambda r: r["code"]["coding"][0]["code"] == "2345-7",
        "subject:missing=true": lambda r: "subject" not in r,
    },
    "Patient": {
        "gender=male": lambda r: r["gender"] == "male",
        "_id=group": lambda r: r["id"] == "group",
    },
}
ABOUT = {"Observation": ("subject", "performer"), "Encounter": ("subject",), "List": ("subject", "source")}
TYPES = ("Patient", "Observation", "Encounter", "Group", "List", "Organization")
PEOPLE = ("none", "group", "list", "blue", "group-vip", "group-h", "all", "gone", "never")


def labelled(resource: Json, *codes: str) -> Json:
    security = [{"system": LABELS, "code": code} for code in codes]
    return {**resource, "meta": {"security": security}} if codes else resource


def list_(id_: str, *entries: Json, status: str = "current", **more: Any) -> Json:
    start = {"resourceType": "List", "id": id_, "status": status, "mode": "working"}
    return {**start, **({"entry": list(entries)} if entries else {}), **more}


def entry(of: str, **more: Any) -> Json:
    return {"item": {"reference": f"Patient/{of}"}, **more}


def encounter(id_: str, of: str) -> Json:
    return {
        "resourceType": "Encounter",
        "id": id_,
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
        "subject": {"reference": f"Patient/{of}"},
    }


def organization(id_: str) -> Json:
    return {"resourceType": "Organization", "id": id_, "name": "CHU"}


def thing(id_: str) -> Json:
    """An Observation about no patient."""
    return {**observation(id_, "x"), "subject": {"reference": "Device/d"}}


def world() -> Iterator[Json]:
    """One of each kind, and pairs of patients that no single one decides for."""
    carried = {"blue": ("BLUE",), "group-vip": ("VIP",), "all": ("BLUE", "OTHER"), "gone": ("BLUE",)}
    for n, id_ in enumerate(PEOPLE[:-1]):
        yield labelled(patient(id_, gender=("male", "female")[n % 2]), *carried.get(id_, ()))
    for n, id_ in enumerate(PEOPLE):
        yield observation(f"of-{id_}", id_, ("718-7", "2345-7")[n % 2])
        yield encounter(f"stay-{id_}", id_)
    for one, other in combinations(PEOPLE, 2):
        yield observation(f"of-{one}-and-{other}", one, performer=[{"reference": f"Patient/{other}"}])
    three = [{"reference": f"Patient/{id_}"} for id_ in ("list", "blue")]
    yield observation("of-three", "group", performer=three)
    yield labelled(observation("vip-of-group", "group"), "VIP")
    yield labelled(observation("blue-of-none", "none"), "BLUE")
    yield thing("of-nobody")
    yield labelled(thing("blue-of-nobody"), "BLUE")
    yield labelled(thing("vip-of-nobody"), "VIP")
    yield observation("of-elsewhere", "x", subject={"reference": "http://other.test/fhir/Patient/group"})
    yield observation("no-subject", "x", "2345-7") | {"subject": {"display": "somebody"}}
    yield from (organization("plain"), labelled(organization("blue"), "BLUE"))
    yield from (labelled(organization("vip"), "VIP"), labelled(organization("both"), "BLUE", "VIP"))
    old, ahead = {"end": "2021-01-01"}, {"start": "2999-01-01"}
    yield group(
        "g",
        *(member(id_) for id_ in ("group", "group-vip", "group-h", "all", "gone", "never")),
        member("none", inactive=True),
        member("list", period=old),
        member("blue", period=ahead),
        member("group", period=old),  # also a member of today, above
    )
    yield group("h", member("group-h", period=old), member("group-h"), member("group-h", period=old))
    yield {**group("nobody", member("none")), "active": False}
    yield labelled(group("blue", member("none")), "BLUE")
    yield labelled(group("vip"), "VIP")
    yield list_("l", entry("list"), entry("all"), entry("none", deleted=True), entry("group", deleted=False))
    yield list_("retired", entry("none"), status="retired")
    yield list_("about-group", entry("none"), subject={"reference": "Patient/group"})
    yield list_("about-two", subject={"reference": "Patient/group"}, source={"reference": "Patient/none"})
    yield labelled(list_("blue", entry("none")), "BLUE")
    yield labelled(list_("vip"), "VIP")


GONE = ("Patient/gone", "Observation/of-all", "Observation/of-none", "Observation/vip-of-group", "List/vip")
WORLD = {f"{r['resourceType']}/{r['id']}": r for r in world()}
MEMBERS = {
    "Group/g": {"group", "group-vip", "group-h", "all", "gone", "never"},
    "Group/h": {"group-h"},
    "List/l": {"list", "all", "group"},
}
"""Written by hand: the server reads them."""


def tags(resource: Json) -> set[str]:
    return {f"tag/{c['system']}|{c['code']}" for c in resource.get("meta", {}).get("security", ())}


def people(resource: Json) -> set[str]:
    if resource["resourceType"] == "Patient":
        return {resource["id"]}
    named = [resource.get(name, ()) for name in ABOUT.get(resource["resourceType"], ())]
    flat = [one for each in named for one in (each if isinstance(each, list) else [each]) if one]
    found = {one.get("reference", "") for one in flat}
    return {text.removeprefix("Patient/") for text in found if text.startswith("Patient/")}


def belongs(person: str, pool: str, judged: Json) -> bool:
    """Tell whether a patient is in a pool; a Patient who is judged has the labels that it carries."""
    if not pool.startswith("tag/"):
        return person in MEMBERS.get(pool, ())
    return pool in tags(judged if judged["resourceType"] == "Patient" else WORLD.get(f"Patient/{person}", {}))


def shows(cohort: Cohort, resource: Json) -> bool:
    """Say what docs/five-levels.md says under level 4."""
    type_, concerned = resource["resourceType"], people(resource)
    a_pool = type_ == "Group" or (type_ == "List" and not concerned)
    if cohort.without and (a_pool or tags(resource) & cohort.without):
        return False
    if any(belongs(person, pool, resource) for person in concerned for pool in cohort.without):
        return False
    for clause in cohort.within:
        if a_pool or type_ == "Organization":
            own = tags(resource) | ({f"{type_}/{resource['id']}"} if a_pool else set())
            if not own & clause:
                return False
        elif not concerned or not all(any(belongs(p, pool, resource) for pool in clause) for p in concerned):
            return False
    return all(any(QUERIES[type_][query](resource) for query in queries) for queries in cohort.queries)


def expected(cohort: Cohort, type_: str, *, gone: bool = False) -> list[str]:
    """Return the ids that a cohort shows, of what is there or of what was deleted."""
    named = (r for name, r in WORLD.items() if (name in GONE) is gone and r["resourceType"] == type_)
    return sorted(r["id"] for r in named if shows(cohort, r))
