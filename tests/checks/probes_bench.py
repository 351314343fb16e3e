"""Run the probes in this process, against any server and any journal, as every persona at once."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from lab.checking.cohort import Cohort
from lab.checking.declare import card_of
from lab.checking.expect import Expect, Failed, NotApplicable, NotShown, Told
from lab.checking.keys import new_key
from lab.checking.lookout import Lookout
from lab.checking.smart import SmartEndpoint
from lab.checking.truth import Truth
from lab.checking.twins import Twins
from lab.engine.catalogue import check_modules
from lab.engine.lookout import listening
from lab.engine.wire import LiveWire
from lab.fhir.client import FhirClient
from lab.fhir.permission_form import permission
from lab.journal.journal import Journal
from lab.journal.redact import Redactor
from lab.model.target import ClientRole, Identity, ServerRole, SystemUnderTest
from lab.model.text import Text
from lab.model.words import Role, Suite

KEY = new_key("laboratory")
MASKED = ("Patient.address", "Patient.telecom")
SCOPES = "system/Patient.rs system/Observation.rs"
GROUPS = {"g": ("a",)}
_ENDS = {Failed: "fail", NotShown: "skip", NotApplicable: "omit"}


@cache
def probes() -> dict[str, Callable[..., None]]:
    """Return the probes by id."""
    found = [value for module in check_modules() for value in vars(module).values() if card_of(value)]
    return {card_of(one).id: one for one in found if card_of(one).suite is Suite.SECURITY}


@dataclass(frozen=True)
class End:
    """How a probe ended: the outcome in one word, and what it said."""

    outcome: str
    details: list[Text]


def token_url(base_url):
    """Return the token endpoint beside a FHIR base."""
    return f"{base_url.removesuffix('/fhir')}/token"


def truth_of(base_url, **changed):
    """Return what the manifest of a hostile application says, as a server and as a client."""
    full = Identity("full", "application", "lab", "secret", "system/*.cruds")
    restricted = replace(full, name="restricted", scopes=SCOPES, cohort_group="g", masked=MASKED)
    client = ClientRole("app", SCOPES, permission("app", {"Patient": ("g",)}, ("search-type",), MASKED))
    server = ServerRole(base_url, (full, restricted), read_only=False, refused_source="127.0.0.2")
    both = (Role.SERVER, Role.CLIENT)
    subject = SystemUnderTest("v", "hostile", "1", both, ".", "", client=client, server=server)
    hospital = {"fhir": base_url, "token": token_url(base_url), "decoy": "http://127.0.0.2:9"}
    return replace(Truth(subject, 1, GROUPS, hospital), **changed)


@contextmanager
def trying(base_url: str, folder: Path, journal=(), **changed) -> Iterator[Callable[[str], End]]:
    """Yield a function that runs one probe as the engine does."""
    record = Journal(folder / "journal.jsonl", "L")
    wire = LiveWire(record, Redactor(bytes(32)), "", "")
    truth = truth_of(base_url, **changed)

    def client(name, source=""):
        bearer = "" if name == "anonymous" else f"Bearer a-token-of-{name}"
        return FhirClient(base_url, wire, lambda: bearer, source, name)

    def run(id_: str) -> End:
        probe, expect = probes()[id_], Expect()
        parts = {
            **{name: client(name) for name in ("fhir", "restricted", "grant", "hospital")},
            **{name: client(name) for name in ("other", "research", "contact")},
            "scoped": lambda scopes: client(scopes.replace(" ", "-")),
            **{
                name: SmartEndpoint(token_url(base_url), "lab", SCOPES, KEY.private, KEY.kid, wire)
                for name in ("endpoint", "own_endpoint", "spare")
            },
            "lookout": Lookout(lured, wire),
            "twins": Twins(client("restricted"), client("restricted")),
            **{name: client(name, source="127.0.0.2") for name in ("stranger", "grant_stranger")},
            "anonymous": client("anonymous"),
            "cohort": Cohort(("a",), ("b",)),
            "smart": SmartEndpoint(token_url(base_url), "app", SCOPES, KEY.private, KEY.kid, wire),
            "journal": tuple(journal),
            "truth": truth,
            "expect": expect,
        }
        try:
            probe(**{name: parts[name] for name in inspect.signature(probe).parameters})
        except Told as told:
            return End(_ENDS[type(told)], [told.detail, *expect.remarks])
        return End("warning" if expect.remarks else "pass", expect.remarks)

    with listening("") as lured:
        try:
            yield run
        finally:
            wire.close()
            record.close()
