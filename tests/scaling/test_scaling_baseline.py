"""A load beside an earlier one: what is refused, what is marked, what is said, and the same again offline."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from recorded_load import PROFILE_PLAN, loaded

from lab.certification.baseline import compared, keep_baseline, refuse_baseline
from lab.certification.comparing import ComparisonError
from lab.certification.conclude import Conclusion, conclude
from lab.certification.document import read
from lab.certification.folder import RunFolder
from lab.certification.recheck import differences
from lab.certification.session import Gathered
from lab.load.catalogue import scenario_named
from lab.load.judge import recheck
from lab.load.machine import MACHINE_FILE
from lab.load.reading import SAMPLES_FILE
from lab.model.target import LoadPromise, ServerRole, SystemUnderTest
from lab.model.words import Role, Suite

PROMISE = LoadPromise("steady-poll", duration_s=60.0)
PLAN = replace(PROFILE_PLAN, rate=scenario_named("steady-poll").profile().rate)
SUBJECT = SystemUnderTest(
    "Vendor",
    "App",
    "2.0",
    (Role.SERVER,),
    ".",
    "d" * 64,
    server=ServerRole("http://127.0.0.1:9", ()),
    load=PROMISE,
)
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
LOAD = frozenset({Suite.LOAD})


def run_of(path, ratio=1.0, *, seed, plan=PLAN, version="1.0", machine="one, 2 cores", baseline=None):
    """Write a whole run folder of a load and return it."""
    folder = RunFolder(loaded(path, ratio, seed=seed, plan=plan))
    (folder.load / MACHINE_FILE).write_text(machine)
    result = recheck(folder.load)
    if baseline is not None:
        keep_baseline(baseline.path, folder)
        result = compared(result, folder)
    subject = replace(SUBJECT, version=version)
    asked = Conclusion(subject, plan.seed, 20, LOAD, "lab load", NOW, asked=LOAD)
    conclude(asked, Gathered(load=[result]), folder, 1.5)
    return folder


@pytest.mark.parametrize(("ratio", "word"), [(1.25, "slower"), (0.8, "faster"), (1.0, "no difference")])
def test_the_report_says_what_changed_since_the_baseline(tmp_path, ratio, word):
    before = run_of(tmp_path / "a", seed=1)
    now = run_of(tmp_path / "b", ratio, seed=2, version="2.0", baseline=before)
    (result,) = read(now.document)["load"]
    baseline = result["baseline"]
    (change,) = baseline["changes"]
    assert (baseline["run"], baseline["version"], baseline["reason"]) == ("a", "1.0", None)
    assert (change["name"], change["first"], change["second"], change["word"]) == ("poll", 60, 60, word)
    assert change["low"] * 0.99 < ratio < change["high"] * 1.01
    page = (now.path / "report.html").read_text(encoding="utf-8")
    assert "Latence de cet essai sur celle de la référence" in page
    assert "another machine" not in page


def test_the_comparison_is_the_same_offline_without_the_baseline(tmp_path):
    before = run_of(tmp_path / "a", seed=1)
    now = run_of(tmp_path / "b", 1.25, seed=2, baseline=before)
    before.path.rename(tmp_path / "gone")
    assert differences(now, ()) == []
    kept = now.baseline / SAMPLES_FILE
    kept.write_bytes(b"".join(line for n, line in enumerate(kept.read_bytes().splitlines(True)) if n != 3))
    assert differences(now, ()) == ["load: baseline is not what was recorded"]


def test_another_machine_and_other_generators_are_said_beside_the_figures(tmp_path):
    before = run_of(tmp_path / "a", seed=1, machine="other, 64 cores")
    now = run_of(tmp_path / "b", seed=2, plan=replace(PLAN, engine="fast"), baseline=before)
    notes = [note["en"] for note in read(now.document)["load"][0]["baseline"]["notes"]]
    assert any("another machine (other, 64 cores, here one, 2 cores)" in note for note in notes)
    assert any("other generators (1 lean, here 1 fast)" in note for note in notes)


def test_a_run_that_is_not_valid_is_compared_with_nothing(tmp_path):
    before = run_of(tmp_path / "a", seed=1)
    short = replace(PLAN, arrivals=PLAN.arrivals[:300])
    now = loaded(tmp_path / "b", 1.0, seed=2, plan=short)
    folder = RunFolder(now)
    keep_baseline(before.path, folder)
    result = compared(replace(recheck(folder.load), valid=False), folder)
    assert result.baseline.changes == ()
    assert result.baseline.reason.en.startswith("This run is not valid")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"load": replace(PROMISE, scale=10.0)}, r"scale 1.0 and 10.0; rate"),
        ({"load": replace(PROMISE, duration_s=30.0)}, "duration_s 60.0 and 30.0"),
        ({"load": replace(PROMISE, profile="morning-labs")}, "profile P02 and P03"),
        ({"load": None}, "give the manifest"),
        ({"server": None}, "give the manifest"),
    ],
)
def test_a_baseline_that_was_asked_otherwise_is_refused(tmp_path, changed, said):
    before = run_of(tmp_path / "a", seed=1)
    refuse_baseline(before.path, SUBJECT, PLAN.seed)
    with pytest.raises(ComparisonError, match=said):
        refuse_baseline(before.path, replace(SUBJECT, **changed), PLAN.seed)
    with pytest.raises(ComparisonError, match="seed 1 and 2"):
        refuse_baseline(before.path, SUBJECT, 2)


def test_what_is_no_baseline_is_refused(tmp_path):
    with pytest.raises(ComparisonError, match="holds no load"):
        refuse_baseline(tmp_path, SUBJECT, 1)
    bare = loaded(tmp_path / "bare", 1.0, seed=1, plan=PLAN)
    with pytest.raises(ComparisonError, match="No run document"):
        refuse_baseline(bare, SUBJECT, PLAN.seed)
    broken = run_of(tmp_path / "broken", seed=1)
    samples = (broken.load / SAMPLES_FILE).read_bytes().splitlines(keepends=True)
    (broken.load / SAMPLES_FILE).write_bytes(b"".join(line for line in samples if b'"end"' not in line))
    with pytest.raises(ComparisonError, match="is not valid, so that nothing can be compared"):
        refuse_baseline(broken.path, SUBJECT, PLAN.seed)
