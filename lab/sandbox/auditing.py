"""Where the files of a sandbox stand: its trail beside the journal, the index of it beside the store."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.audit.indexer import indexing
from lab.audit.port import with_audit
from lab.audit.trail import Trail
from lab.fhir.http import AsgiApplication
from lab.fhirserver.backend import EmbeddedBackend
from lab.fhirserver.storage.address import is_database
from lab.sandbox.plan import PlanError, SandboxPlan, Share


def trail_folder(plan: SandboxPlan) -> Path:
    """Return the folder that every worker process has its file in."""
    return Path(plan.journal).with_name("audit")


def index_file(plan: SandboxPlan) -> Path:
    """Return the store that the hospital searches."""
    beside = plan.journal if is_database(plan.store) else plan.store
    return Path(beside).with_name("audit.db")


def exports_folder(plan: SandboxPlan) -> Path | None:
    """Return the folder for the files of exports of a database; a file has its own beside it."""
    return Path(plan.journal).with_name("exports") if is_database(plan.store) else None


def open_trail(plan: SandboxPlan) -> Trail:
    """Open the trail of this process.

    Raises:
        PlanError: it cannot be written, and nothing is served untraced.
    """
    try:
        return Trail(trail_folder(plan))
    except OSError as error:
        raise PlanError(
            f"The audit trail cannot be written in {trail_folder(plan)} ({error.strerror}): give a journal "
            "in a folder that can be written."
        ) from None


def searchable(hospital: AsgiApplication, plan: SandboxPlan, share: Share, origin: str) -> AsgiApplication:
    """Return the hospital's port with the audit beside it."""
    audit = EmbeddedBackend(index_file(plan), page_key=bytes.fromhex(share.page_key))
    return with_audit(hospital, audit, origin=origin, key=share.backend_key)


@contextmanager
def indexed(plan: SandboxPlan, share: Share) -> Iterator[None]:
    """Keep the index up to date for the length of the block; the first process does it for all."""
    if share.number != 1:
        yield
        return
    with indexing(trail_folder(plan), index_file(plan)):
        yield
