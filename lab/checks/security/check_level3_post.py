"""Level 3, resource type: a search by POST is decided by the parameters of both its places.

Spec: https://hl7.org/fhir/R4/http.html#search (parameters in the body and in the query count alike)
"""

from urllib.parse import urlencode

from lab.api import HIGH, SERVER, Cohort, Expect, FhirClient, Reply, Text, Truth, probe
from lab.checks.sample import match_ids
from lab.checks.security.compartment import patients_of
from lab.checks.security.likeness import answered
from lab.checks.security.links import LINKS
from lab.checks.security.masked import Resource, shown
from lab.checks.security.restriction import Restriction, restriction
from lab.checks.security.unserved import unserved

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_OK = 200
_CITIES = (
    ("address-city", "Patient.address"),
    ("phone", "Patient.telecom"),
    ("birthdate", "Patient.birthDate"),
)
Parameters = dict[str, object]


@probe(
    "L3-16",
    level=3,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L3-16",),
    title=Text(fr="Recherche par POST _search", en="POST _search"),
    failure=Text(
        fr="Une recherche par POST obtient ce que la même par GET n'obtient pas.",
        en="A search by POST gets what the same search by GET does not.",
    ),
    remedy=Text(
        fr="Réunir les paramètres de l'adresse et du corps, puis décider de tous comme pour un GET.",
        en="Join the parameters of the query and of the body, then decide on all of them as for a GET.",
    ),
)
def search_by_post(
    fhir: FhirClient, restricted: FhirClient, cohort: Cohort, truth: Truth, expect: Expect
) -> None:
    """Put a parameter that must not work in the query and the rest in the body, and the other way round."""
    limits = restriction(truth, expect)
    inside, outside = cohort.inside[0], cohort.outside[0]
    control = _posted(fhir, {}, {"_id": inside})
    if inside not in match_ids(control, "Patient"):
        unserved(Text(fr="la recherche par POST", en="search by POST"), [control], expect)
    expect.name(control)
    for query, body in _both({"_id": outside}, {"_count": 5}):
        _nobody_outside(_posted(restricted, query, body), outside, expect)
    for query, body in _both({"_id": inside}, {"_id": outside}):
        _nobody_outside(_posted(restricted, query, body), outside, expect)
    for brought, parameter in _includes(limits):
        for query, body in _both(parameter, {"_id": inside}):
            reply = _posted(restricted, query, body)
            answered(reply, expect)
            found = any(reply.resources(brought))
            expect.that(
                not found,
                expected="no resource of a closed type",
                seen=f"{brought} by POST",
                evidence=[reply],
            )
    for name, path in _CITIES:
        if path in limits.masked and (value := _value(fhir, inside, path)):
            _not_searched(restricted, {name: value}, inside, expect)


def _both(one: Parameters, other: Parameters) -> tuple[tuple[Parameters, Parameters], ...]:
    return (one, other), (other, one)


def _posted(client: FhirClient, query: Parameters, body: Parameters) -> Reply:
    asked = f"?{urlencode(query, safe=':,/|')}" if query else ""
    data = urlencode(body, safe=":,/|").encode()
    return client.request("POST", f"Patient/_search{asked}", headers=_FORM, body=data)


def _nobody_outside(reply: Reply, outside: str, expect: Expect) -> None:
    answered(reply, expect)
    found = any(outside in patients_of(resource) for resource in reply.resources())
    expect.that(not found, expected="nobody outside", seen=f"Patient/{outside}", evidence=[reply])


def _includes(limits: Restriction) -> list[tuple[str, Parameters]]:
    """Return what would bring resources of closed types along with a patient."""
    back: list[tuple[str, Parameters]] = [
        (link.source, {"_revinclude": f"{link.source}:{link.name}"})
        for link in LINKS
        if link.target == "Patient" and limits.closes(link.source)
    ]
    on: list[tuple[str, Parameters]] = [
        (link.target, {"_include": f"Patient:{link.name}"})
        for link in LINKS
        if link.source == "Patient" and limits.closes(link.target)
    ]
    return [*back[:3], *on[:2]]


def _value(fhir: FhirClient, id_: str, path: str) -> str:
    """Return what a search on a masked element of the patient would ask for."""
    patient: Resource = fhir.read("Patient", id_).resource
    if not shown(patient, [path]):
        return ""
    held = patient.get(path.removeprefix("Patient."))
    first = held[0] if isinstance(held, list) and held else held
    if isinstance(first, dict):
        first = first.get("city", first.get("value"))
    return first if isinstance(first, str) else ""


def _not_searched(restricted: FhirClient, masked: Parameters, inside: str, expect: Expect) -> None:
    """Expect that a right and a wrong value of a masked element get the same answer."""
    wrong: Parameters = dict.fromkeys(masked, "1900-01-01" if "birthdate" in masked else "lab-nowhere")
    for (query, body), (other_query, other_body) in zip(
        _both(masked, {"_id": inside}), _both(wrong, {"_id": inside}), strict=True
    ):
        right_reply, wrong_reply = (
            _posted(restricted, query, body),
            _posted(restricted, other_query, other_body),
        )
        answered(right_reply, expect)
        told = [(reply.status, match_ids(reply, "Patient")) for reply in (right_reply, wrong_reply)]
        expect.that(
            told[0] == told[1],
            expected="the same answer for a right and a wrong value",
            seen=f"{next(iter(masked))} by POST tells them apart",
            evidence=[right_reply, wrong_reply],
        )
