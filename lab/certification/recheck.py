"""Judge a run again, offline, from its journals: the same findings, byte for byte, or the checks changed."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
from pydantic import ValidationError

from lab.certification.baseline import compared
from lab.certification.document import read
from lab.certification.folder import RunFolder
from lab.engine.catalogue import catalogue
from lab.engine.plan import CONTEXT, EnginePlan, Secrets
from lab.engine.runner import run_checks
from lab.load.judge import PLAN_FILE
from lab.load.judge import recheck as recheck_load
from lab.model.finding import Finding
from lab.pulling.rechecking import recheck_all


class RecheckError(ValueError):
    """A run folder that cannot be judged again."""


def recheck(folder: RunFolder, log: Path) -> tuple[Finding, ...]:
    """Run the checks of a run again over its journals, in id order.

    Raises:
        RecheckError: the folder lacks what it takes.
        EngineError: the check engine failed.
    """
    if (folder.pull.is_dir() or folder.scaling.is_dir()) and not folder.context.exists():
        return ()  # no check was run: what was measured is judged again by ``differences``
    try:
        context = CONTEXT.validate_json(folder.context.read_bytes())
    except (OSError, ValidationError):
        raise RecheckError(
            f"{folder.path} cannot be judged again: it holds no readable context.json. Certify again."
        ) from None
    known = tuple(id_ for id_ in context.checks if id_ in catalogue())
    plan = EnginePlan(
        context=replace(context, checks=known),
        secrets=Secrets(),
        application_journal=folder.watched_journal,
        own_journal=str(folder.laboratory_journal),
        replay=True,
    )
    report = run_checks(plan, log.resolve())
    return tuple(sorted(report.findings, key=lambda f: f.check.id))


def differences(folder: RunFolder, findings: tuple[Finding, ...]) -> list[str]:
    """Return one line per journal and per finding that is not what the run document says."""
    document = read(folder.document)
    recorded: dict[str, Any] = {f["check"]: f for f in document["findings"]}
    lines = _altered(folder, document["reproduce"]["digests"])
    for finding in findings:
        before = recorded.pop(finding.check.id, None)
        was = before["outcome"] if before else "absent"
        if before is None or (was, before["message"]["en"]) != (finding.outcome, finding.message.en):
            lines.append(f"{finding.check.id}: {was} -> {finding.outcome}: {finding.message.en}")
    lines += [f"{id_}: {before['outcome']} -> absent" for id_, before in recorded.items()]
    lines += _borne(folder, document["load"])
    lines += _pulled(folder, document.get("pulls", []))
    return lines + _grown(folder, document.get("scaling", []))


def _borne(folder: RunFolder, recorded: list[dict[str, Any]]) -> list[str]:
    """Return a line for each part of a load, baseline included, that is not what the run document says."""
    if not recorded or not (folder.load / PLAN_FILE).exists():
        return []
    again = orjson.loads(orjson.dumps(compared(recheck_load(folder.load), folder)))
    return [
        f"load: {part} is not what was recorded" for part in again if again[part] != recorded[0].get(part)
    ]


def _pulled(folder: RunFolder, recorded: list[dict[str, Any]]) -> list[str]:
    """Return a line for each threshold of a pull that is not what the run document says."""
    at = folder.pulling if folder.pulling.pull.is_dir() else folder
    again = recheck_all(at.pull, at.hospital_journal)
    if len(again) != len(recorded):
        return [f"pull: {len(recorded)} result(s) in the document, {len(again)} on file"]
    return [
        f"{one.expression}: {before['value']} -> {one.value}"
        for now, known in zip(again, recorded, strict=True)
        for one, before in zip(now.thresholds, known["thresholds"], strict=True)
        if (one.value, one.met) != (before["value"], before["met"])
    ]


def _grown(folder: RunFolder, recorded: list[dict[str, Any]]) -> list[str]:
    """Return a line for each part of a scalability result that is not what the run document says."""
    if not folder.scaling.is_dir():
        return []
    from lab.scaling.judge import recheck as recheck_growth  # noqa: PLC0415 - scipy is slow to come

    again = orjson.loads(orjson.dumps(recheck_growth(folder.scaling)))
    said = recorded[0] if recorded else {}
    return [
        f"scaling: {part} is not what the cells on file give"
        for part in again
        if again[part] != said.get(part)
    ]


def _altered(folder: RunFolder, dated: Mapping[str, str]) -> list[str]:
    now = folder.journal_digests()
    return [
        f"{name}: not what was recorded during the run (its SHA-256 differs)"
        for name, digest in dated.items()
        if name.startswith("journal/") and now.get(name) != digest
    ]
