"""A hospital small enough to know by heart: two patients inside the cohort, three outside of it."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest

from lab.fhir.cohort import WHOLE, of_pool
from lab.fhir.request import parse
from lab.fhir.response import FhirError, FhirResponse
from lab.fhir.view import EVERYTHING, View
from lab.fhirserver.backend import EmbeddedBackend
from lab.fhirserver.storage.address import Place
from lab.model.release import VERSIONS, Release

StoreAt = Callable[[Path], Place]
"""From the path of a file to the store of that name, which may be in a database."""

KEY = "k" * 32

BASE = "http://hospital.test/fhir"
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
INS = "urn:oid:1.2.250.1.213.1.4.10"
INSIDE, OUTSIDE = ("in1", "in2"), ("out1", "out2", "former")
ONCOLOGY = of_pool("Group/oncology")
EITHER = of_pool("Group/oncology", "Group/cardiology")
COHORT = View(
    {
        **dict.fromkeys(("Patient", "Encounter", "Observation", "Group"), ONCOLOGY),
        **dict.fromkeys(("Organization", "Practitioner"), WHOLE),
    },
    binding="client-a/1",
)
UNKNOWN = "never-existed"

_FAMILIES = {"in1": "Lefèvre", "in2": "Martin", "out1": "Lefebvre", "out2": "Œuvrard", "former": "Petit"}


def patient(id_: str, family: str = "Durand", **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "id": id_,
        "identifier": [{"system": INS, "value": f"ins-{id_}"}],
        "name": [{"family": family, "given": ["Zoé"]}],
        "gender": "female",
        **more,
    }


def observation(id_: str, of: str, code: str = "718-7", **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": id_,
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": code}]},
        "subject": {"reference": f"Patient/{of}"},
        **more,
    }


def quantity(value: float, unit: str = "g/dL") -> dict[str, Any]:
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


def group(id_: str, *members: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Group", "id": id_, "type": "person", "actual": True, "member": list(members)}


def member(id_: str, **more: Any) -> dict[str, Any]:
    return {"entity": {"reference": f"Patient/{id_}"}, **more}


BOTH = pytest.mark.parametrize("release", VERSIONS, indirect=True, scope="session")
"""Runs a test that is about the server, and not about the content of a release, on both."""


def hospital(release: Release = "R4") -> Iterator[dict[str, Any]]:
    """Each patient has one encounter and three observations; two observations tie both worlds."""
    yield from (written(resource, release) for resource in _of_r4())


def written(resource: dict[str, Any], release: Release) -> dict[str, Any]:
    """Return a resource of this hospital, given as R4 writes it, as a release writes it."""
    made = dict(resource)
    if release == "R4":
        return made
    match made["resourceType"]:
        case "Encounter":
            made["status"] = "completed"
            made["class"] = [{"coding": [made["class"]]}]
            made["actualPeriod"] = made.pop("period")
        case "Group":
            made["membership"] = "enumerated" if made.pop("actual") else "definitional"
    return made


def _of_r4() -> Iterator[dict[str, Any]]:
    yield {"resourceType": "Organization", "id": "chu", "name": "CHU", "active": True}
    yield {"resourceType": "Practitioner", "id": "doctor", "name": [{"family": "Curie"}]}
    for n, (id_, family) in enumerate(_FAMILIES.items()):
        yield patient(
            id_,
            family,
            birthDate=f"19{n + 5}0-0{n + 1}-15",
            gender="male" if n % 2 else "female",
            managingOrganization={"reference": "Organization/chu"},
            generalPractitioner=[{"reference": "Practitioner/doctor"}],
        )
        yield {
            "resourceType": "Encounter",
            "id": f"stay-{id_}",
            "status": "finished",
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
            "subject": {"reference": f"Patient/{id_}"},
            "period": {"start": f"2026-03-0{n + 1}T10:00:00+01:00", "end": f"2026-03-1{n}T10:00:00+01:00"},
        }
        for m, code in enumerate(("718-7", "2345-7", "secret" if id_ in OUTSIDE else "6690-2")):
            yield observation(
                f"{id_}-{m}",
                id_,
                code,
                encounter={"reference": f"Encounter/stay-{id_}"},
                effectiveDateTime=f"2026-03-0{n + 1}T1{m}:30:00+01:00",
                valueQuantity=quantity(10 + n + m / 10),
            )
    yield observation("tie", "in1", performer=[{"reference": "Patient/out1"}])
    yield observation("focus", "in1", focus=[{"reference": "Patient/out1"}])
    yield group(
        "oncology",
        member("in1"),
        member("in2", period={"start": "2020-01-01"}),
        member("out2", inactive=True),
        member("former", period={"end": "2021-01-01"}),
    )
    yield group("cardiology", member("out1"))


@dataclass(frozen=True)
class Answer:
    """What a request got."""

    response: FhirResponse

    @property
    def status(self) -> int:
        """Return the status."""
        return self.response.status

    @property
    def body(self) -> bytes:
        """Return the bytes."""
        return self.response.body

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers by lower-case name."""
        return dict(self.response.headers)

    @property
    def json(self) -> dict[str, Any]:
        """Return the resource."""
        return orjson.loads(self.body)

    @property
    def entries(self) -> list[dict[str, Any]]:
        """Return the entries of a Bundle."""
        return self.json.get("entry", [])

    def ids(self, mode: str = "match") -> list[str]:
        """Return the ids of the entries of a search mode."""
        return [e["resource"]["id"] for e in self.entries if e["search"]["mode"] == mode]

    def link(self, relation: str) -> str | None:
        """Return the address of a link."""
        return next((x["url"] for x in self.json["link"] if x["relation"] == relation), None)

    @property
    def diagnostics(self) -> str:
        """Return what an OperationOutcome says."""
        return " ".join(i.get("diagnostics", "") for i in self.json["issue"])


@dataclass(frozen=True)
class Hospital:
    """Asks a backend directly, as the gateway does."""

    backend: EmbeddedBackend
    view: View = EVERYTHING

    def seen_through(self, view: View) -> "Hospital":
        """Return the same hospital for another client."""
        return Hospital(self.backend, view)

    def ask(self, method: str, url: str, body: Any = None, **headers: str) -> Answer:
        """Send a request; ``url`` is relative, or a link of this server; headers have underscores."""
        parts = urlsplit(url.removeprefix(BASE).removeprefix("/"))
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body)
        if body is not None:
            named.setdefault("content-type", "application/fhir+json")
        try:
            request = parse(method, parts.path, parts.query, named, sent, base_url=BASE)
        except FhirError as error:
            return Answer(error.response())
        return Answer(asyncio.run(self.backend.answer(request, self.view)))

    def get(self, url: str, **headers: str) -> Answer:
        """Send a GET."""
        return self.ask("GET", url, **headers)

    def ids(self, url: str) -> list[str]:
        """Return the sorted ids that a search finds."""
        answer = self.get(url)
        assert answer.status == 200, answer.body
        return sorted(answer.ids())

    def pages(self, url: str) -> list[Answer]:
        """Follow a search to its end."""
        answers = [self.get(url)]
        while (following := answers[-1].link("next")) is not None:
            answers.append(self.get(following))
            assert answers[-1].status == 200, answers[-1].body
        return answers
