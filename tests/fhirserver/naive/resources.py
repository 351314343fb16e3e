"""Random small hospitals: few values, often shared, many of them nasty, so that queries find something."""

from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

Json = dict[str, Any]

LOINC, UCUM, OTHER = "http://loinc.org", "http://unitsofmeasure.org", "urn:x|y"
KIND = "http://terminology.hl7.org/CodeSystem/v2-0203"
TEXTS = (
    *("Lefèvre", "LEFEVRE", "lefe\u0301vre-martin", "Lefebvre", "Œuvrard", "oeuvrard", "Ægir", "Straße"),
    *("D'Alembert", "D’Alembert", "d alembert", "Jean-Pierre", "jean  pierre", "Jean\u2011Pierre"),  # noqa: RUF001
    *("a,b", "a|b", "a$b", "a\\b", " x\ty ", "x y", "İzmir", "e", "Ée", "50 % a", "C'est <5"),
)
CODES = ("718-7", "A", "a", "a,b", "a|b", "a$b\\c")
SYSTEMS = (LOINC, OTHER, "http://x")
DATES = (
    *("2026", "2025", "2026-03", "2026-02", "2024-02-29", "2026-03-29", "2026-03-28", "2026-03-30"),
    *("2026-03-29T00:30:00+01:00", "2026-03-29T03:30:00+02:00", "2026-03-28T23:30:00Z"),
    *("2026-03-29T12:00:00.5Z", "2026-03-29T12:00:00.500+00:00", "2026-10-25T02:30:00+02:00"),
    *("1970-01-01", "9999-12-31", "2026-03-29T12:00:00.123456Z", "2026-03-29T24:61:00Z"),
)
NUMBERS = (5.4, 5.40, 5.35, 5.45, 5.449, 5, 0, -5.4, 100, 99.5, 100.5, 0.05, 1e3, 105, 95, 1e-7)
UNITS = ({}, {"unit": "g/dL"}, {"code": "g/dL", "system": UCUM, "unit": "g/dL"}, {"code": "mg", "unit": "g"})
IDS = {
    "Patient": ("p1", "p2", "same"),
    "Observation": ("o1", "o2", "o3", "o4", "o5"),
    "Encounter": ("e1", "e2"),
    "Organization": ("g1", "same"),
    "Practitioner": ("d1",),
    "Condition": ("c1", "c2"),
    "Group": ("s1", "same"),
    "DocumentReference": ("r1", "r2"),
    "Location": ("l1", "l2"),
    "CapabilityStatement": ("m1",),
}

_text = st.sampled_from(TEXTS)
_date = st.sampled_from(DATES)
_number = st.sampled_from(NUMBERS)


def _object(needed: dict[str, Any] | None = None, **optional: Any) -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries(needed or {}, optional=optional)


def _some(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(strategy, min_size=1, max_size=2)


_full = _object({"code": st.sampled_from(CODES), "system": st.sampled_from(SYSTEMS)}, display=_text)
coding = st.one_of(
    _full, _full, _object(code=st.sampled_from(CODES), system=st.sampled_from(SYSTEMS), display=_text)
)
concept = st.one_of(
    _object({"coding": _some(coding)}, text=_text),
    _object({"coding": _some(coding)}, text=_text),
    _object({"text": _text}),
    _object({"coding": _some(coding)}),
)
identifier = _object(
    {"value": st.sampled_from(CODES)},
    system=st.sampled_from(SYSTEMS),
    type=_object(coding=_some(st.sampled_from([{"system": KIND, "code": "MR"}, {"code": "MR"}])), text=_text),
)
period = _object(start=_date, end=_date)
quantity = st.builds(
    lambda number, unit, sign: {"value": number, **unit, **({"comparator": sign} if sign else {})},
    _number,
    st.sampled_from(UNITS),
    st.sampled_from([None, None, None, "<", "<=", ">", ">="]),
)
span = _object(
    low=st.builds(lambda n, u: {"value": n, **u}, _number, st.sampled_from(UNITS)),
    high=quantity.map(lambda q: {k: v for k, v in q.items() if k != "comparator"}),
)
sampled = st.builds(
    lambda data, factor: {
        "origin": {"value": 1, "code": "g/dL", "system": UCUM},
        "period": 1,
        "dimensions": 1,
        "data": data,
        **({"factor": factor} if factor else {}),
    },
    st.sampled_from(["1 2 3", "4.4 E", "E", "-5"]),
    st.sampled_from([None, 2]),
)
timing = st.one_of(
    _object(event=_some(_date)),
    st.builds(lambda p: {"repeat": {"boundsPeriod": p}}, period),
    st.just({"code": {"text": "x"}}),
)


def pointing(*types: str) -> st.SearchStrategy[Json]:
    """Reference resources that may exist: here, elsewhere, in an old version, by identifier only."""
    names = [f"{type_}/{id_}" for type_ in types for id_ in (*IDS[type_], "nobody")]
    literal = st.sampled_from(names)
    return st.one_of(
        literal.map(lambda name: {"reference": name}),
        literal.map(lambda name: {"reference": name}),
        literal.map(lambda name: {"reference": f"http://hospital.test/fhir/{name}"}),
        literal.map(lambda name: {"reference": f"{name}/_history/1"}),
        st.sampled_from(["http://elsewhere.test/fhir/Patient/p1", "urn:uuid:1", "#c"]).map(
            lambda literal: {"reference": literal}
        ),
        st.builds(lambda held: {"identifier": held, "type": types[0]}, identifier),
        st.just({"display": "someone"}),
    )


name = _object(family=_text, given=_some(_text), text=_text, prefix=_some(_text), use=st.just("official"))
address = _object(line=_some(_text), city=_text, postalCode=_text, text=_text, use=st.just("home"))
telecom = _object(system=st.sampled_from(["phone", "email"]), value=st.sampled_from(CODES))
meta = _object(
    tag=_some(coding),
    security=_some(coding),
    profile=_some(st.sampled_from(["http://x/a", "http://x/a|1.0", "http://x/ab", "urn:oid:1.2"])),
    source=st.sampled_from(["http://x/a", "http://x"]),
)


def _choice(**types: Any) -> st.SearchStrategy[Json]:
    """Return one of the choices of an element as a member, or none."""
    named = [v.map(lambda x, n=n: {n: x}) for n, v in types.items()]
    return st.one_of(st.just({}), *named, *named[:2] * 2)  # the first two more often


def _typed(type_: str, elements: Any, *choices: Any) -> st.SearchStrategy[Json]:
    return st.builds(
        lambda held, *chosen: {"resourceType": type_, **held, **{k: v for c in chosen for k, v in c.items()}},
        elements,
        *choices,
    )


_value = _choice(
    valueQuantity=quantity,
    valueCodeableConcept=concept,
    valueString=_text,
    valueDateTime=_date,
    valuePeriod=period,
    valueSampledData=sampled,
    valueBoolean=st.booleans(),
)
_component = st.builds(lambda code, value: {"code": code, **value}, concept, _value)
_OF: dict[str, st.SearchStrategy[Json]] = {
    "Patient": _typed(
        "Patient",
        _object(
            meta=meta,
            identifier=_some(identifier),
            name=_some(name),
            address=_some(address),
            telecom=_some(telecom),
            gender=st.sampled_from(["male", "female"]),
            birthDate=_date,
            active=st.booleans(),
            managingOrganization=pointing("Organization"),
            generalPractitioner=_some(pointing("Practitioner", "Organization")),
        ),
        _choice(deceasedBoolean=st.booleans(), deceasedDateTime=_date),
    ),
    "Observation": _typed(
        "Observation",
        _object(
            {"code": concept},
            meta=meta,
            status=st.sampled_from(["final", "amended"]),
            category=_some(concept),
            subject=pointing("Patient", "Group", "Location"),
            encounter=pointing("Encounter"),
            performer=_some(pointing("Practitioner", "Organization")),
            component=_some(_component),
            hasMember=_some(pointing("Observation")),
        ),
        _value,
        _choice(effectiveDateTime=_date, effectivePeriod=period, effectiveTiming=timing),
    ),
    "Encounter": _typed(
        "Encounter",
        _object(
            {"class": coding},
            status=st.sampled_from(["finished", "planned"]),
            subject=pointing("Patient", "Group"),
            period=period,
            length=quantity,
            partOf=pointing("Encounter"),
            location=_some(st.builds(lambda r: {"location": r}, pointing("Location"))),
        ),
    ),
    "Organization": _typed(
        "Organization",
        _object(
            name=_text, alias=_some(_text), active=st.booleans(), partOf=pointing("Organization"), meta=meta
        ),
    ),
    "Practitioner": _typed(
        "Practitioner", _object(name=_some(name), telecom=_some(telecom), identifier=_some(identifier))
    ),
    "Condition": _typed(
        "Condition",
        _object(
            {"subject": pointing("Patient", "Group")},
            code=concept,
            recordedDate=_date,
            encounter=pointing("Encounter"),
        ),
        _choice(
            onsetDateTime=_date, onsetPeriod=period, onsetAge=quantity, onsetRange=span, onsetString=_text
        ),
    ),
    "Group": _typed(
        "Group",
        _object(
            characteristic=_some(
                st.builds(
                    lambda code, value: {"code": code, "exclude": False, **value},
                    concept,
                    _choice(valueCodeableConcept=concept, valueBoolean=st.booleans(), valueQuantity=quantity),
                )
            ),
            member=_some(st.builds(lambda r: {"entity": r}, pointing("Patient"))),
        ),
    ),
    "DocumentReference": _typed(
        "DocumentReference",
        _object(
            status=st.sampled_from(["current", "superseded"]),
            subject=pointing("Patient"),
            relatesTo=_some(
                st.builds(
                    lambda code, target: {"code": code, "target": target},
                    st.sampled_from(["replaces", "signs"]),
                    pointing("DocumentReference"),
                )
            ),
            content=_some(st.builds(lambda c: {"attachment": {"contentType": c}}, st.sampled_from(CODES))),
            description=_text,
        ),
    ),
    "Location": _typed(
        "Location",
        _object(
            name=_text,
            address=address,
            partOf=pointing("Location"),
            position=st.sampled_from(
                [{"latitude": 43.6, "longitude": 1.44}, {"latitude": 48.85, "longitude": 2.35}]
            ),
        ),
    ),
    "CapabilityStatement": _typed(
        "CapabilityStatement",
        _object(
            url=st.sampled_from(["http://x/a", "http://x/a/b", "urn:oid:1.2"]),
            useContext=_some(
                st.builds(
                    lambda code, value: {"code": code, **value},
                    coding,
                    _choice(valueCodeableConcept=concept, valueQuantity=quantity, valueRange=span),
                )
            ),
        ),
    ),
}


def one(type_: str, id_: str) -> st.SearchStrategy[Json]:
    """Return resources of one identity."""
    return _OF[type_].map(lambda resource: {**resource, "id": id_})


def as_r5(resource: Json) -> Json:
    """Return a resource drawn here as R5 writes it."""
    made = deepcopy(resource)
    if made["resourceType"] == "Encounter":
        made["class"] = [{"coding": [made["class"]]}]
        if "period" in made:
            made["actualPeriod"] = made.pop("period")
    if made["resourceType"] == "DocumentReference":
        for relation in made.get("relatesTo", ()):
            relation["code"] = {"coding": [{"code": relation["code"]}]}
    return made


@st.composite
def hospitals(draw: Any) -> list[Json]:
    """Draw most of the identities, each with random content."""
    identities = [(type_, id_) for type_, ids in IDS.items() for id_ in ids]
    left_out = draw(st.sets(st.sampled_from(identities), max_size=len(identities) // 2))
    return [draw(one(*identity)) for identity in identities if identity not in left_out]
