"""Run planned checks in the child process and collect their findings as they come."""

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import orjson

from lab.engine.catalogue import catalogue
from lab.engine.plan import PLAN, EnginePlan
from lab.model.finding import Finding
from lab.model.text import Text
from lab.model.words import Outcome

TIMEOUT_S = 1800


class EngineError(RuntimeError):
    """The child process died or said something it should not: a laboratory error."""


@dataclass(frozen=True)
class Report:
    """What the child reported; ``unreachable`` names the check during which the application went away."""

    findings: tuple[Finding, ...]
    unreachable: str | None = None


def run_checks(plan: EnginePlan, log: Path, on_finding: Callable[[Finding], None] | None = None) -> Report:
    """Run the checks of a plan.

    Raises:
        EngineError: the child ended without saying that it had finished.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    findings: list[Finding] = []
    unreachable: str | None = None
    ended = False
    with log.open("ab") as errors:
        child = subprocess.Popen(
            [sys.executable, "-I", "-m", "lab.engine.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment(),
            cwd=log.parent,
            start_new_session=True,
        )
        try:
            assert child.stdin is not None  # noqa: S101 - both are pipes
            assert child.stdout is not None  # noqa: S101
            with suppress(BrokenPipeError):  # a child that is already gone is told below
                child.stdin.write(PLAN.dump_json(plan))
                child.stdin.close()
            for line in child.stdout:
                event = orjson.loads(line)
                match event["event"]:
                    case "finding":
                        finding = _finding(event)
                        findings.append(finding)
                        if on_finding:
                            on_finding(finding)
                    case "unreachable":
                        unreachable = event["check"]
                    case "end":
                        ended = True
            child.wait(TIMEOUT_S)
        finally:
            if child.poll() is None:
                child.kill()
            child.wait()
            for pipe in filter(None, (child.stdin, child.stdout)):
                with suppress(BrokenPipeError):
                    pipe.close()
    if not ended:
        raise EngineError(f"The check engine ended too early (code {child.returncode}): see {log}.")
    return Report(tuple(findings), unreachable)


def environment() -> dict[str, str]:
    """Return what a check may know of the variables of the caller: nothing that changes a finding."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return {**kept, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


def _finding(event: dict[str, object]) -> Finding:
    message = event["message"]
    evidence = event["evidence"]
    if not isinstance(message, dict) or not isinstance(evidence, list):
        raise EngineError("The check engine reported a finding that is not one.")
    return Finding(
        check=catalogue()[str(event["check"])],
        outcome=Outcome(str(event["outcome"])),
        message=Text(fr=str(message["fr"]), en=str(message["en"])),
        evidence=tuple(map(str, evidence)),
    )
