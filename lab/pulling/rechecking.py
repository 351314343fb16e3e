"""Judge again, offline, what a run left on file: its plan, its events, the journal of the hospital."""

from pathlib import Path

from lab.journal.journal import read_journal
from lab.model.pulling import PullResult
from lab.pulling.judge import judge
from lab.pulling.plan import PullPlan
from lab.pulling.recording import RECORD_FILE, read
from lab.pulling.searched import searched

PLAN_FILE = "plan.json"


def recheck(folder: Path, journal: Path) -> PullResult:
    """Judge again, offline, what a run left in its folder, and in the journal of the hospital."""
    plan = PullPlan.from_json((folder / PLAN_FILE).read_bytes())
    return judge(plan, read(folder / RECORD_FILE), read_journal(journal))


def recheck_all(folder: Path, journal: Path) -> tuple[PullResult, ...]:
    """Judge again, offline, a whole run: what was played once, or a search step by step."""
    if not folder.is_dir():
        return ()
    if (folder / PLAN_FILE).exists():
        return (recheck(folder, journal),)
    steps = sorted(folder.glob("step*"), key=lambda one: int(one.name.removeprefix("step")))
    return (searched([recheck(one, journal) for one in steps]),) if steps else ()
