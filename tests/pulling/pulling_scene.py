"""A hospital with several pullers at once, each with its flaw: one run, judged for each of them."""

import json
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from lab.authserver.registry import LABORATORY_KID
from lab.certification.application import free_port, running
from lab.certification.copying import find_patterns
from lab.certification.pulling import TITLE
from lab.checking.keys import new_key
from lab.engine.wire import LiveWire
from lab.fhir.permission_form import permission
from lab.journal.journal import Journal, read_journal
from lab.journal.redact import Redactor
from lab.model.target import ClientRole, Start
from lab.pulling.drive import Client, Hospital, play, settle
from lab.pulling.follows import followed
from lab.pulling.injecting import Door, Patterns
from lab.pulling.judge import judge
from lab.pulling.plan import PullPlan, events
from lab.pulling.recording import read
from lab.sandbox.plan import Client as Registered
from lab.sandbox.plan import SandboxPlan
from lab.sandbox.stack import Sandbox, sandbox

PULLER = Path(__file__).with_name("puller.py")
SCOPES = "system/Encounter.rs system/Patient.rs"
COHORT = "group-urgences"
INTERVAL_S, LATER_S = 0.5, 6.0
THRESHOLDS = (
    "staleness: p95 < interval + 5s",
    "coverage == 100%",
    "lag_slope <= 0",
    "age_slope <= 0",
    "rereads < 1",
    "surplus_tokens == 0",
    "recovery: max < interval + 60s",
    "loss == 0",
    "early_retries == 0",
    "hot_loops == 0",
)


CALM = ("none", "slower", "equal-timestamps", "rereads", "tokens", "first-page")
STORMY = ("gives-up", "forgets", "hot-loop")


@dataclass(frozen=True)
class Place:
    """A hospital that several pullers follow, and what its events copy."""

    folder: Path
    platform: Sandbox
    hospital: Hospital
    patterns: Patterns

    @property
    def journal(self):
        """Return the journal of the hospital."""
        return self.hospital.journal


@dataclass(frozen=True)
class Played:
    """What one run left: the plan as played for one puller, the record, the journal."""

    plan: PullPlan
    record: Path
    journal: Path

    def result(self, flaw):
        """Judge the puller of that flaw."""
        return _judged(self, flaw)

    def unmet(self, flaw):
        """Return what the puller of that flaw missed."""
        return {one.expression for one in self.result(flaw).thresholds if not one.met}


@dataclass(frozen=True)
class Scene:
    """What the tests look at: two runs, and the hospital that goes on."""

    calm: Played
    stormy: Played
    hospital: Place


@cache
def _judged(run, flaw):
    plan = replace(run.plan, client_id=flaw)
    return judge(plan, read(run.record), read_journal(run.journal))


def granted(client_id, own, laboratory):
    """Register a puller that may follow the emergency encounters."""
    opened = {"Encounter": (COHORT,), "Patient": (COHORT,)}
    return Registered(
        client_id,
        {"keys": [own.public, laboratory.public]},
        SCOPES,
        permission(client_id, opened, ("read", "search-type")),
    )


def settings(at, flaws, key_file, port):
    """Return what the program of the pullers is told."""
    one = {"base_url": at.fhir_base_url, "token_url": at.token_url, "scopes": SCOPES}
    pullers = [{**one, "client_id": flaw, "flaw": flaw, "key_file": str(key_file)} for flaw in flaws]
    return {"pullers": pullers, "port": port, "interval_s": INTERVAL_S}


@contextmanager
def hospital_of(folder, flaws):
    """Run a hospital with one puller for each flaw; yield it with the key of the laboratory."""
    own, laboratory = new_key("puller"), new_key(LABORATORY_KID)
    plan = SandboxPlan(
        seed=7,
        patients=60,
        journal=str(folder / "hospital.jsonl"),
        store=str(folder / "hospital.db"),
        redaction_key="00" * 32,
        laboratory_secret="s" * 32,
        clients=tuple(granted(flaw, own, laboratory) for flaw in flaws),
    )
    with sandbox(plan, folder / "sandbox.log") as platform:
        key_file, told, port = folder / "key.json", folder / "settings.json", free_port()
        key_file.write_text(json.dumps(own.private_jwk))
        told.write_text(json.dumps(settings(platform.addresses, flaws, key_file, port)))
        start = Start((sys.executable, str(PULLER), str(told)), str(folder), f"http://127.0.0.1:{port}/")
        with running(start, {}, folder / "pullers.log"):
            yield platform, laboratory


@contextmanager
def pullers(folder, flaws):
    """Run a hospital with one puller for each flaw, the first of which is right; yield the place."""
    with hospital_of(folder, flaws) as (platform, laboratory):
        at = platform.addresses
        door = Door(at.backend_url, at.backend_key, at.started)
        hospital = Hospital(door, folder / "hospital.jsonl", platform.announce)
        requests = settle(Client(flaws[0], at.fhir_base_url, INTERVAL_S), hospital)
        own = Journal(folder / "laboratory.jsonl", "P")
        wire = LiveWire(own, Redactor(b"0" * 32), "s" * 32, at.fhir_base_url)
        role = ClientRole(flaws[0], SCOPES, {})
        patterns = find_patterns(followed(requests), at, role, laboratory.private, wire)
        wire.close()
        own.close()
        yield Place(folder, platform, hospital, patterns)


def played_to(place, name, *, rate, duration_s, windows=()):
    """Play one run to all of them; the right one is waited for."""
    at = place.platform.addresses
    plan = PullPlan(
        client_id="none",
        base_url=at.fhir_base_url,
        title=TITLE,
        interval_s=INTERVAL_S,
        rate=rate,
        duration_s=duration_s,
        seed=11,
        hidden_share=0.1,
        overlap_s=5.0,
        drain_s=15.0,
        windows=windows,
        thresholds=THRESHOLDS if windows else THRESHOLDS[:6],
        events=events(rate, duration_s, 11, 0.1, name),
    )
    record = place.folder / f"{name}.jsonl"
    play(plan, place.patterns, place.hospital, record)
    # The right one was waited for: the others have as much time, on a machine that has other things to do.
    time.sleep(LATER_S)
    with record.open("a") as lines:
        lines.write(json.dumps({"ended": place.hospital.door.now()}) + "\n")
    return Played(plan, record, place.journal)
