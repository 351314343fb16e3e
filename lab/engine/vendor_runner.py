"""Run the checks of a vendor in a child process of their own, and believe nothing that it says.

It gets no key of the laboratory or of the hospital, a bounded time, and no say in the verdict: what it prints
becomes findings of the vendor, or one sentence on what is wrong with it.
"""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from lab.engine.plan import PLAN, EnginePlan
from lab.engine.runner import environment
from lab.model.text import Text
from lab.model.vendor_finding import PREFIX, VendorFinding
from lab.model.words import Outcome

TIMEOUT_S = 120.0
MOST_LINES = 2_000
_LONGEST_LINE, _CHUNK = 100_000, 65_536
_LONGEST_TEXT = 2_000
_ERROR = Text(
    fr="Ce contrôle s'est arrêté sur une exception : voir logs/vendor-checks.log.",
    en="This check ended by an exception: see logs/vendor-checks.log.",
)


@dataclass(frozen=True)
class VendorReport:
    """What the checks of the vendor said, and what the reader must know of how they ran."""

    findings: tuple[VendorFinding, ...]
    notes: tuple[str, ...] = ()


def run_vendor_checks(
    plan: EnginePlan, folder: Path, log: Path, timeout_s: float = TIMEOUT_S
) -> VendorReport:
    """Run the checks of ``plan.vendor_checks`` in ``folder``; nothing they do raises here."""
    findings: dict[str, VendorFinding] = {}
    notes: dict[str, None] = {}
    ended = False
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as errors:
        child = subprocess.Popen(
            [sys.executable, "-I", "-m", "lab.engine.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment(),
            cwd=folder,
            start_new_session=True,
        )
        try:
            for event in _events(child, PLAN.dump_json(plan), time.monotonic() + timeout_s):
                match event.get("event"):
                    case "finding":
                        finding = _finding(event)
                        if finding is not None:
                            findings.setdefault(finding.check, finding)
                    case "end":
                        ended = True
                    case _:
                        notes.setdefault(_note(event))
        finally:
            with suppress(ProcessLookupError):  # whatever a check has started in its group ends with it
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
    if not ended:
        notes.setdefault(
            f"Checks of the vendor: they did not end by themselves within {timeout_s:.0f} s; "
            "see logs/vendor-checks.log."
        )
    return VendorReport(tuple(findings[id_] for id_ in sorted(findings)), tuple(notes))


def _events(child: "subprocess.Popen[bytes]", plan: bytes, deadline: float) -> Iterator[dict[str, Any]]:
    """Send the plan, then yield the events until the deadline; lines that are none are passed over."""
    if child.stdin is None or child.stdout is None:
        raise TypeError(child)
    with suppress(BrokenPipeError), child.stdin as pipe:
        pipe.write(plan)
    with child.stdout as pipe:
        for line in islice(_lines(pipe.fileno(), deadline), MOST_LINES):
            with suppress(orjson.JSONDecodeError):
                event = orjson.loads(line)
                if isinstance(event, dict):
                    yield event


def _lines(pipe: int, deadline: float) -> Iterator[bytes]:
    """Yield the lines that come in time; somebody else may hold the other end open for ever."""
    waiting = b""
    while (left := deadline - time.monotonic()) > 0 and len(waiting) < _LONGEST_LINE:
        if not select.select([pipe], [], [], left)[0]:
            return
        read = os.read(pipe, _CHUNK)
        if not read:
            return
        *lines, waiting = (waiting + read).split(b"\n")
        yield from lines


def _finding(event: dict[str, Any]) -> VendorFinding | None:
    title, message = _text(event.get("title")), _text(event.get("message"))
    outcome, id_ = event.get("outcome"), str(event.get("check"))[:80]
    if not id_.startswith(PREFIX) or title is None or message is None or outcome not in set(Outcome):
        return None
    outcome = Outcome(outcome)
    told = _ERROR if outcome is Outcome.ERROR else message
    return VendorFinding(id_, title, outcome, told)


def _text(data: object) -> Text | None:
    if not isinstance(data, dict) or not all(isinstance(data.get(name), str) for name in ("fr", "en")):
        return None
    return Text(fr=data["fr"][:_LONGEST_TEXT], en=data["en"][:_LONGEST_TEXT])


def _note(event: dict[str, Any]) -> str:
    about = "Checks of the vendor:"
    check, file = str(event.get("check"))[:80], str(event.get("file"))[:80]
    match event.get("event"):
        case "refused":
            return f"{about} {check!r} is left out: the id of a check of yours begins with OWN-."
        case "unreadable":
            return f"{about} {file} cannot be read as Python: see logs/vendor-checks.log."
        case "unreachable":
            return f"{about} the application stopped answering during {check}."
    return f"{about} something that is no finding was said."
