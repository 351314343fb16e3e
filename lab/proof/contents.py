"""Random resources of a small hospital: few values, so that what is hidden resembles what is not.

Spec: https://hl7.org/fhir/R4/resourcelist.html
"""

from collections.abc import Callable
from random import Random

from lab.proof.world import Json

LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"
INS, IPP = "urn:oid:1.2.250.1.213.1.4.10", "urn:oid:1.2.250.1.71.4.2.7"
LABELS = (
    ("http://lab.test/cohort", "TAG-1"),
    ("http://lab.test/cohort", "VIP"),
    ("http://lab.test/service", "ONCO"),
)
FAMILIES = ("Lefevre", "Martin", "Baker", "Curie", "Durand")
CITIES = ("Toulouse", "Albi", "Pau")
CODES = ("718-7", "2345-7", "6690-2")
CATEGORIES = ("laboratory", "vital-signs")
IDS = {
    "Patient": tuple(f"p{n}" for n in range(14)),
    "Observation": tuple(f"o{n}" for n in range(30)),
    "Encounter": tuple(f"e{n}" for n in range(14)),
    "Condition": tuple(f"c{n}" for n in range(12)),
    "ImagingStudy": tuple(f"i{n}" for n in range(5)),
    "Organization": ("h0", "h1", "h2"),
    "Practitioner": ("d0", "d1", "d2"),
    "Group": ("g0", "g1", "g2", "g3"),
    "List": ("l0", "l1", "l2"),
}
"""The identities that there may be; which of them there are, and about whom, is the world's."""

_MOTHER = "http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName"
_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"


def resource(chance: Random, type_: str, id_: str) -> Json:
    """Return random content of an identity."""
    made: Json = {"resourceType": type_, "id": id_, **_meta(chance), **_narrative(chance)}
    return in_order({**made, **_MAKERS[type_](chance)})


def in_order(body: Json) -> Json:
    """Return the members in an order that does not tell which of them was replaced."""
    head: Json = {name: body[name] for name in ("resourceType", "id", "meta", "text") if name in body}
    return {**head, **{name: body[name] for name in sorted(body.keys() - head.keys())}}


def _maybe(chance: Random, share: float, name: str, make: Callable[[], object]) -> Json:
    return {name: make()} if chance.random() < share else {}


def _meta(chance: Random) -> Json:
    meta: Json = {}
    if chance.random() < 0.6:
        labels = chance.sample(LABELS, chance.choice([1, 1, 2]))
        meta["security"] = [{"system": system, "code": code} for system, code in labels]
    if chance.random() < 0.25:
        meta["tag"] = [{"system": "http://lab.test/tag", "code": chance.choice(["a", "b"])}]
    return {"meta": meta} if meta else {}


def _narrative(chance: Random) -> Json:
    words = f"{chance.choice(FAMILIES)} {chance.choice(CITIES)}"
    div = f'<div xmlns="http://www.w3.org/1999/xhtml">{words}</div>'
    return {"text": {"status": "generated", "div": div}} if chance.random() < 0.3 else {}


def _day(chance: Random) -> str:
    return f"2026-0{chance.randint(1, 3)}-1{chance.randint(0, 9)}"


def _time(chance: Random) -> str:
    return f"{_day(chance)}T1{chance.randint(0, 9)}:30:00+01:00"


def to(chance: Random, type_: str, *, labelled: bool = True) -> Json:
    """Return a reference to an identity of a type, there or not, sometimes labelled."""
    reference: Json = {"reference": f"{type_}/{chance.choice(IDS[type_])}"}
    if labelled and chance.random() < 0.35:
        reference["display"] = chance.choice(FAMILIES)
    if labelled and chance.random() < 0.15:
        reference["identifier"] = {"system": INS, "value": f"ins-{chance.randint(0, 9)}"}
    return reference


def _address(chance: Random) -> Json:
    return {"line": [f"{chance.randint(1, 3)} rue X"], "city": chance.choice(CITIES), "postalCode": "31000"}


def _telecom(chance: Random) -> Json:
    return {"system": "phone", "value": f"050000000{chance.randint(0, 9)}"}


def _name(chance: Random) -> Json:
    return {"family": chance.choice(FAMILIES), "given": [chance.choice(["Zoe", "Jean"])]}


def _patient(chance: Random) -> Json:
    identifiers = [
        {"system": system, "value": f"{prefix}-{chance.randint(0, 9)}"}
        for system, prefix, share in ((INS, "ins", 0.8), (IPP, "ipp", 0.7))
        if chance.random() < share
    ]
    contacts = [
        {"name": _name(chance), **_maybe(chance, 0.45, "telecom", lambda: [_telecom(chance)])} for _ in "12"
    ]
    mother = {"url": _MOTHER, "valueString": chance.choice(FAMILIES)}
    return {
        **({"extension": [mother]} if chance.random() < 0.3 else {}),
        **({"identifier": identifiers} if identifiers else {}),
        **_maybe(chance, 0.7, "active", lambda: chance.random() < 0.8),
        "name": [_name(chance)],
        **_maybe(chance, 0.6, "telecom", lambda: [_telecom(chance)]),
        **_maybe(chance, 0.8, "gender", lambda: chance.choice(["male", "female"])),
        **_maybe(chance, 0.8, "birthDate", lambda: f"19{chance.randint(5, 9)}0-0{chance.randint(1, 9)}-15"),
        **_maybe(chance, 0.7, "address", lambda: [_address(chance)]),
        **_maybe(chance, 0.6, "contact", lambda: contacts[: chance.choice([1, 2])]),
        **_maybe(chance, 0.4, "generalPractitioner", lambda: [to(chance, "Practitioner")]),
        **_maybe(chance, 0.6, "managingOrganization", lambda: to(chance, "Organization")),
    }


def _coded(chance: Random) -> Json:
    coding = {"system": LOINC, "code": chance.choice(CODES), "display": chance.choice(CATEGORIES)}
    return {"coding": [coding]}


def _category(chance: Random) -> Json:
    return {"coding": [{"system": _CATEGORY, "code": chance.choice(CATEGORIES)}]}


def _quantity(chance: Random) -> Json:
    return {"value": chance.randint(1, 9), "unit": "g/dL", "system": UCUM, "code": "g/dL"}


def _observation(chance: Random) -> Json:
    body: Json = {}
    if chance.random() < 0.15:
        doctor = {"resourceType": "Practitioner", "id": "inside", "name": [_name(chance)]}
        body["contained"] = [doctor]
    elif chance.random() < 0.15:
        known = {"resourceType": "Patient", "id": "inside", **_patient(chance)}
        body["contained"] = [known]
    body |= _maybe(chance, 0.5, "identifier", lambda: [{"system": IPP, "value": f"n{chance.randint(0, 5)}"}])
    body |= {"status": chance.choice(["final", "amended"])}
    body |= _maybe(chance, 0.7, "category", lambda: [_category(chance)])
    body |= {"code": _coded(chance)}
    body |= _maybe(chance, 0.92, "subject", lambda: to(chance, "Patient"))
    body |= _maybe(chance, 0.1, "focus", lambda: [to(chance, "Patient")])
    body |= _maybe(chance, 0.5, "encounter", lambda: to(chance, "Encounter"))
    body |= _maybe(chance, 0.8, "effectiveDateTime", lambda: _time(chance))
    # A patient who answers for another: what is about two patients shows only where both are shown.
    who = "Patient" if chance.random() < 0.5 else "Practitioner"
    performer = {"reference": "#inside"} if "contained" in body else to(chance, who)
    body |= _maybe(chance, 0.9 if "contained" in body else 0.7, "performer", lambda: [performer])
    body |= _maybe(chance, 0.8, "valueQuantity", lambda: _quantity(chance))
    body |= _maybe(chance, 0.2, "note", lambda: [{"text": chance.choice(FAMILIES)}])
    components = [{"code": _coded(chance), "valueQuantity": _quantity(chance)} for _ in "12"]
    body |= _maybe(chance, 0.25, "component", lambda: components[: chance.choice([1, 2])])
    body |= _maybe(chance, 0.15, "hasMember", lambda: [to(chance, "Observation")])
    if "contained" in body and "performer" not in body:
        del body["contained"]
    return body


def _encounter(chance: Random) -> Json:
    act = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
    return {
        **_maybe(chance, 0.4, "identifier", lambda: [{"system": IPP, "value": f"n{chance.randint(0, 5)}"}]),
        "status": chance.choice(["finished", "in-progress"]),
        "class": {"system": act, "code": chance.choice(["IMP", "EMER"])},
        **_maybe(chance, 0.95, "subject", lambda: to(chance, "Patient")),
        "period": {"start": _time(chance)},
        **_maybe(chance, 0.4, "serviceProvider", lambda: to(chance, "Organization")),
        **_maybe(chance, 0.2, "partOf", lambda: to(chance, "Encounter")),
    }


def _condition(chance: Random) -> Json:
    clinical = "http://terminology.hl7.org/CodeSystem/condition-clinical"
    return {
        "clinicalStatus": {"coding": [{"system": clinical, "code": "active"}]},
        "code": _coded(chance),
        "subject": to(chance, "Patient"),
        **_maybe(chance, 0.5, "encounter", lambda: to(chance, "Encounter")),
        **_maybe(chance, 0.6, "recordedDate", lambda: _day(chance)),
    }


def _imaging(chance: Random) -> Json:
    dicom = "http://dicom.nema.org/resources/ontology/DCM"
    modality = {"system": dicom, "code": chance.choice(["CT", "MR"])}
    return {
        "status": "available",
        "subject": to(chance, "Patient"),
        **_maybe(chance, 0.6, "started", lambda: _time(chance)),
        "series": [{"uid": f"1.2.{chance.randint(1, 5)}", "modality": modality}],
    }


def _organization(chance: Random) -> Json:
    return {
        "name": chance.choice(["CHU", "Clinique", "Purpan"]),
        **_maybe(chance, 0.5, "telecom", lambda: [_telecom(chance)]),
        **_maybe(chance, 0.3, "partOf", lambda: to(chance, "Organization")),
    }


def _practitioner(chance: Random) -> Json:
    return {
        "name": [_name(chance)],
        **_maybe(chance, 0.5, "telecom", lambda: [_telecom(chance)]),
        **_maybe(chance, 0.5, "gender", lambda: chance.choice(["male", "female"])),
    }


def _group(chance: Random) -> Json:
    members = []
    for id_ in chance.sample(IDS["Patient"], chance.randint(3, 11)):
        member: Json = {"entity": {"reference": f"Patient/{id_}"}}
        if chance.random() < 0.15:
            member["inactive"] = True
        elif chance.random() < 0.2:
            member["period"] = chance.choice([{"end": "2025-01-01"}, {"start": "2020-01-01"}])
        members.append(member)
    return {
        **_maybe(chance, 0.4, "active", lambda: chance.random() < 0.7),
        "type": "person",
        "actual": True,
        "name": chance.choice(FAMILIES),
        "member": members,
    }


def _list(chance: Random) -> Json:
    entries = []
    for id_ in chance.sample(IDS["Patient"], chance.randint(3, 11)):
        entry: Json = {"item": {"reference": f"Patient/{id_}"}}
        if chance.random() < 0.15:
            entry = {"deleted": True, **entry}
        entries.append(entry)
    mode = "changes" if any("deleted" in entry for entry in entries) else "working"
    return {
        "status": chance.choice(["current"] * 3 + ["retired"]),
        "mode": mode,
        **_maybe(chance, 0.3, "title", lambda: chance.choice(FAMILIES)),
        "entry": entries,
    }


_MAKERS: dict[str, Callable[[Random], Json]] = {
    "Patient": _patient,
    "Observation": _observation,
    "Encounter": _encounter,
    "Condition": _condition,
    "ImagingStudy": _imaging,
    "Organization": _organization,
    "Practitioner": _practitioner,
    "Group": _group,
    "List": _list,
}
