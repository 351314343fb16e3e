"""A small hospital full of ties between patients, the cohorts that see parts of it, and how to ask for it."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from lab.backends.backend import Backend
from lab.fhir.cohort import Cohort, of_pool
from lab.fhir.request import parse
from lab.fhir.response import FhirError, FhirResponse
from lab.fhir.view import View
from lab.fhirserver.backend import EmbeddedBackend

BASE = "http://gateway.test/fhir"
LOINC = "http://loinc.org"
LABELS = "http://hospital.test/labels"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
TAG, VIP = f"tag/{LABELS}|TAG_1", f"tag/{LABELS}|VIP"
PATIENTS = tuple(f"p{n}" for n in range(12))
ONCOLOGY, CARDIOLOGY = ("p0", "p1", "p2", "p3", "p4"), ("p4", "p5", "p6")
_COMPARTMENT = ("Patient", "Encounter", "Observation", "Condition", "Appointment", "List")
_WHOLE = ("Organization", "Practitioner")
Json = dict[str, Any]


def label(*codes: str) -> Json:
    return {"meta": {"security": [{"system": LABELS, "code": code} for code in codes]}} if codes else {}


def ref(type_: str, id_: str) -> Json:
    return {"reference": f"{type_}/{id_}"}


def observation(id_: str, of: str, code: str = "718-7", **more: Any) -> Json:
    return {
        "resourceType": "Observation",
        "id": id_,
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": code}]},
        "subject": ref("Patient", of),
        **more,
    }


def group(id_: str, *members: Json, **more: Any) -> Json:
    return {
        "resourceType": "Group",
        "id": id_,
        "type": "person",
        "actual": True,
        "member": list(members),
        **more,
    }


def member(id_: str, **more: Any) -> Json:
    return {"entity": ref("Patient", id_), **more}


def hospital() -> Iterator[Json]:
    yield {"resourceType": "Organization", "id": "chu", "name": "CHU", "active": True}
    yield {"resourceType": "Organization", "id": "annex", "name": "Annex", **label("VIP")}
    yield {"resourceType": "Organization", "id": "open", "name": "Open", **label("TAG_1")}
    yield {"resourceType": "Practitioner", "id": "doctor", "name": [{"family": "Curie"}]}
    for n, id_ in enumerate(PATIENTS):
        yield _patient(n, id_)
        yield {
            "resourceType": "Encounter",
            "id": f"e-{id_}",
            "status": "finished" if n % 2 else "in-progress",
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
            "subject": ref("Patient", id_),
            "serviceProvider": ref("Organization", "chu"),
            "period": {"start": f"2026-03-{n + 1:02}T10:00:00+01:00"},
        }
        for m, code in enumerate(("718-7", "2345-7", "6690-2")):
            yield observation(
                f"o-{id_}-{m}",
                id_,
                code,
                encounter=ref("Encounter", f"e-{id_}"),
                effectiveDateTime=f"2026-03-{n + 1:02}T1{m}:30:00+01:00",
                valueQuantity={"value": 10.50 + n, "unit": "g/dL"},
                category=[{"coding": [{"system": CATEGORY, "code": "laboratory" if m else "vital-signs"}]}],
                **(label("VIP") if (n, m) == (1, 1) else {}),
            )
        yield {
            "resourceType": "Condition",
            "id": f"c-{id_}",
            "subject": ref("Patient", id_),
            "asserter": ref("Patient", PATIENTS[n - 1]) if n % 4 == 3 else ref("Practitioner", "doctor"),
            "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": f"C{n % 3}"}]},
        }
    yield observation("tie-inside", "p0", performer=[ref("Patient", "p1")])
    yield observation("tie-outside", "p0", performer=[ref("Patient", "p9")])
    yield observation("tie-reverse", "p9", performer=[ref("Patient", "p0")])
    yield observation("by-self", "p10", performer=[ref("Organization", "chu")])
    yield {**observation("of-nobody", "p0"), "subject": ref("Group", "oncology")}
    yield {
        "resourceType": "Appointment",
        "id": "both",
        "status": "booked",
        "participant": [{"actor": ref("Patient", id_), "status": "accepted"} for id_ in ("p0", "p1")],
    }
    yield {
        "resourceType": "Appointment",
        "id": "mixed",
        "status": "booked",
        "participant": [{"actor": ref("Patient", id_), "status": "accepted"} for id_ in ("p0", "p9")],
    }
    yield group(
        "oncology",
        *(member(id_) for id_ in ONCOLOGY),
        member("p7", inactive=True),
        member("p8", period={"end": "2021-01-01"}),
    )
    yield group("cardiology", *(member(id_, period={"start": "2020"}) for id_ in CARDIOLOGY))
    yield group("nobody", member("p1"), active=False)
    yield {
        "resourceType": "List",
        "id": "watch",
        "status": "current",
        "mode": "working",
        "entry": [{"item": ref("Patient", id_)} for id_ in ("p2", "p5", "p11")]
        + [{"item": ref("Patient", "p0"), "deleted": True}],
    }
    yield {
        "resourceType": "List",
        "id": "mine",
        "status": "current",
        "mode": "working",
        "subject": ref("Patient", "p1"),
        "entry": [{"item": ref("Observation", "o-p1-0")}],
    }


def _patient(n: int, id_: str) -> Json:
    labels = [code for code, of in (("TAG_1", (0, 1, 2, 5, 6, 9)), ("VIP", (2, 6))) if n in of]
    return {
        "resourceType": "Patient",
        "id": id_,
        **label(*labels),
        "identifier": [{"system": "urn:test", "value": f"ipp-{id_}"}],
        "name": [{"family": ("Lefèvre", "Martin", "Petit", "Baker")[n % 4], "given": ["Zoé"]}],
        "gender": "male" if n % 2 else "female",
        "birthDate": f"19{50 + n}-0{1 + n % 9}-15",
        "managingOrganization": ref("Organization", ("chu", "annex", "open")[n % 3]),
        "generalPractitioner": [ref("Practitioner", "doctor")],
    }


def confined(cohort: Cohort, **others: Cohort) -> View:
    """Return a view of the compartment, Groups and Lists through one cohort; the rest whole."""
    types = dict.fromkeys((*_COMPARTMENT, "Group"), cohort) | dict.fromkeys(_WHOLE, Cohort()) | others
    return View(types, binding=f"client/{cohort}")


VIEWS: Mapping[str, View] = {
    "group": confined(of_pool("Group/oncology")),
    "list": confined(of_pool("List/watch")),
    "label": confined(of_pool(TAG), Organization=of_pool(TAG)),
    "union": confined(of_pool("Group/cardiology", "List/watch")),
    "both": confined(of_pool("Group/oncology").and_also(of_pool(TAG))),
    "not-vip": confined(
        of_pool("Group/oncology", TAG).but((VIP,)), Organization=Cohort(without=frozenset({VIP}))
    ),
    "not-cardiology": confined(of_pool("Group/oncology").but(("Group/cardiology",))),
    "nobody": confined(of_pool("Group/nobody")),
    "all-but-vip": confined(Cohort(without=frozenset({VIP}))),
    "laboratory": confined(
        of_pool("Group/oncology"),
        Observation=Cohort(
            (frozenset({"Group/oncology"}),), queries=(frozenset({f"category={CATEGORY}|laboratory"}),)
        ),
    ),
    "granular": View(
        {
            "Patient": Cohort(),
            "Observation": Cohort(queries=(frozenset({"category=laboratory", "category=imaging"}),)),
        },
        binding="granular",
    ),
    "patients-only": View({"Patient": of_pool("Group/oncology")}, binding="patients-only"),
    "mixed": View(
        {"Patient": Cohort(), "Observation": of_pool("Group/cardiology"), "Encounter": Cohort()},
        binding="mixed",
    ),
}


@dataclass(frozen=True)
class Answer:
    """What a request got."""

    response: FhirResponse

    @property
    def status(self) -> int:
        """Return the status."""
        return self.response.status

    @property
    def json(self) -> Json:
        """Return the resource."""
        return orjson.loads(self.response.body)

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers by lower-case name."""
        return dict(self.response.headers)

    def link(self, relation: str) -> str | None:
        """Return the address of a link."""
        return next((x["url"] for x in self.json.get("link", ()) if x["relation"] == relation), None)

    def entries(self, mode: str = "match") -> list[Json]:
        """Return the resources of a search mode."""
        return [e["resource"] for e in self.json.get("entry", ()) if e["search"]["mode"] == mode]

    def ids(self, mode: str = "match") -> list[str]:
        """Return the ids of the resources of a search mode."""
        return [resource["id"] for resource in self.entries(mode)]


@dataclass(frozen=True)
class Client:
    """Asks a backend as the gateway does, through a view; one loop for all, as in a server."""

    backend: Backend
    view: View
    runner: asyncio.Runner

    def seen_through(self, view: View) -> "Client":
        """Return the same hospital for another client."""
        return Client(self.backend, view, self.runner)

    def ask(self, method: str, url: str, body: Any = None, **headers: str) -> Answer:
        """Send a request; ``url`` is relative, or a link; headers have underscores."""
        parts = urlsplit(url.removeprefix(BASE).removeprefix("/"))
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body)
        if body is not None:
            named.setdefault("content-type", "application/fhir+json")
        try:
            request = parse(method, parts.path, parts.query, named, sent, base_url=BASE)
        except FhirError as error:
            return Answer(error.response())
        return Answer(self.runner.run(self.backend.answer(request, self.view)))

    def get(self, url: str, **headers: str) -> Answer:
        """Send a GET."""
        return self.ask("GET", url, **headers)

    def pages(self, url: str) -> list[Answer]:
        """Follow a search to its end."""
        answers = [self.get(url)]
        while answers[-1].status == 200 and (following := answers[-1].link("next")) is not None:
            answers.append(self.get(following))
            assert len(answers) < 200
        return answers


def filled(path: Path) -> EmbeddedBackend:
    """A new store with the hospital in it."""
    backend = EmbeddedBackend(path, page_key=b"p" * 32)
    backend.load(hospital())
    return backend
