"""Run the checks that the vendor added, once ours are done, where they cannot touch what ours are judged on.

They get copies of the journals in a folder of their own, tokens of the identities, and no key of ours.
"""

import shutil
from dataclasses import replace
from pathlib import Path

from lab.certification.folder import RunFolder
from lab.certification.session import Gathered, Watcher
from lab.engine.plan import EnginePlan
from lab.engine.vendor_runner import run_vendor_checks
from lab.model.text import Text


def run_vendors_own(
    plan: EnginePlan, folder: RunFolder, private: Path, gathered: Gathered, watcher: Watcher
) -> None:
    """Run the checks of the manifest's ``own_checks``; nothing is run when it names none."""
    checks = plan.context.subject.own_checks
    if not checks:
        return
    watcher.stage(Text(fr="Contrôles de l'éditeur", en="Checks of the vendor"))
    private.mkdir()
    own = replace(
        plan,
        secrets=replace(plan.secrets, laboratory_secret="", backend_key=""),
        application_journal=_copied(plan.application_journal, private),
        application_output=_copied(plan.application_output, private),
        own_journal=str(private / "vendor-checks.jsonl"),
        vendor_checks=checks,
    )
    report = run_vendor_checks(own, private, folder.log("vendor-checks"))
    gathered.vendor_findings += report.findings
    gathered.notes += report.notes
    sent = private / "vendor-checks.jsonl"
    if sent.is_file():
        shutil.copyfile(sent, folder.vendor_journal)


def _copied(file: str, folder: Path) -> str:
    return str(shutil.copyfile(file, folder / Path(file).name)) if file else ""
