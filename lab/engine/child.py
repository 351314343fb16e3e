"""The child process: read a plan on standard input, run its checks under pytest, write findings.

Hermetic: own ini file, no conftest, no plugin found by itself, no variable of the caller.
"""

import os
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson
import pytest

from lab.engine.catalogue import check_modules
from lab.engine.plan import PLAN, EnginePlan
from lab.engine.plugin import Laboratory
from lab.engine.replay import ReplayWire
from lab.engine.vendor_lane import VendorLane, vendor_files
from lab.engine.wire import LiveWire
from lab.journal.journal import Journal, read_journal
from lab.journal.redact import Redactor


def main() -> int:
    """Run the plan; the exit code is 0 when every planned check was run, whatever it showed."""
    if sys.flags.optimize:
        sys.stderr.write("The laboratory refuses to judge with Python optimised (-O, PYTHONOPTIMIZE).\n")
        return 3
    plan = PLAN.validate_json(sys.stdin.buffer.read())
    said = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a check prints goes to the log

    def emit(event: dict[str, Any]) -> None:
        said.write(orjson.dumps(event) + b"\n")

    wire = _wire(plan)
    lane = VendorLane if plan.vendor_checks else Laboratory
    try:
        code = pytest.main(_arguments(plan), plugins=[lane(plan, wire, emit)])
    finally:
        wire.close()
    emit({"event": "end", "code": int(code)})
    return 0


def _wire(plan: EnginePlan) -> LiveWire | ReplayWire:
    if plan.replay:
        own = Path(plan.own_journal)
        return ReplayWire(read_journal(own) if own.exists() else ())
    hospital = plan.context.hospital.get("fhir", "")
    redactor = Redactor(bytes.fromhex(plan.secrets.redaction_key))
    journal = Journal(Path(plan.own_journal), "L")
    return LiveWire(journal, redactor, plan.secrets.laboratory_secret, hospital)


def _arguments(plan: EnginePlan) -> list[str]:
    ini = files("lab.engine") / "pytest.ini"
    ours = [] if plan.vendor_checks else [str(module.__file__) for module in check_modules()]
    modules = [*ours, *map(str, vendor_files(plan.vendor_checks))]
    options = [
        "-c",
        str(ini),
        "--noconftest",
        "--import-mode=importlib",
        "-p",
        "no:cacheprovider",
        "--continue-on-collection-errors",
        "-q",
        "-s",
    ]
    return [*options, "--tb=no", *modules]


if __name__ == "__main__":
    sys.exit(main())
