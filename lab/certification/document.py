"""The run document: a ``Run`` to and from ``run.json``, checked against its published schema both ways.

Schema: ``lab/certification/run.schema.json`` (JSON Schema 2020-12).
"""

import dataclasses
import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from lab.model.exchange import Exchange
from lab.model.finding import Finding
from lab.model.run import SCHEMA, RequirementResult, Run

TOOL = "fhir-integration-lab"


class DocumentError(ValueError):
    """A run document that is not one: missing, not JSON, or not of the published schema."""


@cache
def validator() -> Draft202012Validator:
    """Return the compiled validator of the published schema."""
    schema = json.loads((files("lab.certification") / "run.schema.json").read_text(encoding="utf-8"))
    return Draft202012Validator(schema)


def document(run: Run) -> dict[str, Any]:
    """Return the run as plain JSON data of the published schema."""
    return {
        "schema": SCHEMA,
        "id": run.id,
        "started": run.started,
        "duration_s": run.duration_s,
        "tool": {"name": TOOL, "version": run.tool_version},
        "subject": dataclasses.asdict(run.subject),
        "seed": run.seed,
        "patients": run.patients,
        "suites": run.suites,
        "verdict": dataclasses.asdict(run.verdict),
        "findings": [_finding(finding) for finding in run.findings],
        "load": [dataclasses.asdict(result) for result in run.load],
        "pulls": [dataclasses.asdict(result) for result in run.pulls],
        "scaling": [dataclasses.asdict(result) for result in run.scaling],
        "requirements": [_requirement(result) for result in run.requirements],
        "exchanges": [exchange_data(exchange) for exchange in run.exchanges],
        "planned": run.planned,
        "reported": run.reported,
        "unreachable": run.unreachable,
        "reproduce": dataclasses.asdict(run.reproduce),
        "notes": run.notes,
        "vendor_findings": [dataclasses.asdict(finding) for finding in run.vendor_findings],
    }


def write(run: Run, path: Path) -> dict[str, Any]:
    """Write the run to ``path`` and return what was written, as read back and checked.

    Raises:
        DocumentError: the document breaks its own schema, a defect of the laboratory.
    """
    text = json.dumps(document(run), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    data: dict[str, Any] = json.loads(text)
    _check(data, path)
    unfinished = path.with_suffix(".partial")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)
    return data


def read(path: Path) -> dict[str, Any]:
    """Read and check a run document.

    Raises:
        DocumentError: with one sentence that says what was expected, what was seen and what to do.
    """
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        message = f"No run document at {path}: give the folder of a finished run (it holds run.json)."
        raise DocumentError(message) from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        message = f"{path} is not JSON ({error}): restore it, or run the certification again."
        raise DocumentError(message) from None
    _check(data, path)
    return data


def exchange_data(exchange: Exchange) -> dict[str, Any]:
    """Return an exchange as plain JSON data."""
    return dataclasses.asdict(exchange)


def _check(data: object, path: Path) -> None:
    error = next(iter(sorted(validator().iter_errors(data), key=lambda e: list(map(str, e.path)))), None)
    if error is not None:
        message = (
            f"{path} is not a run document of {SCHEMA}: at {error.json_path}, {error.message[:200]}. "
            "Run the certification again with this version of the laboratory."
        )
        raise DocumentError(message)


def _finding(finding: Finding) -> dict[str, Any]:
    check = finding.check
    return {
        "check": check.id,
        "title": dataclasses.asdict(check.title),
        "role": check.role,
        "suite": check.suite,
        "outcome": finding.outcome,
        "expectation": check.expectation,
        "level": check.level,
        "severity": check.severity,
        "message": dataclasses.asdict(finding.message),
        "remedy": dataclasses.asdict(check.remedy),
        "requirements": check.requirements,
        "evidence": finding.evidence,
    }


def _requirement(result: RequirementResult) -> dict[str, Any]:
    return {
        **dataclasses.asdict(result.requirement),
        "checks": result.checks,
        "outcome": result.outcome,
    }
