"""Ask the sound vendor in this process, as a client that has a token."""

import json
import time

from lab.bundled import mutants
from lab.canary.world import world
from lab.certification.application import free_port
from lab.checking.keys import new_key
from lab.manifest import read_manifest
from tests.mutants.vendors.sound.message import Request
from tests.mutants.vendors.sound.scopes import parse
from tests.mutants.vendors.sound.tokens import Caller
from tests.mutants.vendors.sound.vendor import Vendor

KEY = new_key("laboratory")
WORLD = world(read_manifest(mutants() / "vendors" / "vendor.toml").server, 7)
FHIR_JSON, JSON_PATCH = "application/fhir+json", "application/json-patch+json"
INSIDE, OUTSIDE = {"reference": "Patient/canary-in-1"}, {"reference": "Patient/canary-out-1"}


def built():
    """Return the sound vendor with a copy of the marked patients."""
    resources = json.loads(json.dumps(WORLD.resources))
    return Vendor(free_port(), resources, {"keys": [KEY.public]})


def holder(app, name, scopes=""):
    """Give a client a token, which is its name; return the header that shows it."""
    client = app.known[f"lab-{name}"]
    app.tokens.issued[name] = Caller(client, parse(scopes or client.scopes), time.monotonic() + 60)
    return ("authorization", f"Bearer {name}")


def ask(app, name, method, path, body=None, **more):
    """Ask as a client; ``more`` are headers, scopes and peer."""
    target, _, query = path.partition("?")
    data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    content = JSON_PATCH if method == "PATCH" else FHIR_JSON
    sent = [holder(app, name, more.get("scopes", "")), *more.get("headers", ())]
    sent += [("content-type", content)] if body is not None else []
    peer = more.get("peer", "127.0.0.1")
    return app.answer(Request(method, f"/fhir/{target}", query, tuple(sent), data, peer))


def read(answer):
    """Return the JSON of an answer."""
    return json.loads(answer.body)


def observation(**more):
    """Return a result of a patient inside the cohort, as it is written."""
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "x"},
        "subject": INSIDE,
        **more,
    }
