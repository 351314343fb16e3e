"""The verdict: every way to lose it, and the only way to get it."""

from dataclasses import replace

import pytest

from lab.certification.policy import judge
from lab.model.check import Check
from lab.model.finding import Finding
from lab.model.load import LoadResult, Threshold
from lab.model.text import Text
from lab.model.words import Expectation, LevelStatus, Outcome, Role, Severity, Status, Suite

WORDS = Text(fr="mots", en="words")
ALL = frozenset(Suite)


def finding(
    id_="SRV-X-01", outcome=Outcome.PASS, *, expectation=Expectation.SHALL, level=None, severity=Severity.HIGH
):
    suite = Suite.SECURITY if level else Suite.CONFORMANCE
    card = Check(id_, WORDS, Role.SERVER, suite, expectation, severity, WORDS, WORDS, level=level)
    return Finding(card, outcome, WORDS)


def every_level(outcome=Outcome.PASS):
    return [finding(f"L{n}-01", outcome, level=n) for n in range(1, 6)]


def load(*, valid=True, met=True, leaks=0):
    return LoadResult(
        "P02",
        WORDS,
        valid,
        None if valid else WORDS,
        20,
        18,
        18,
        360,
        0,
        0,
        14,
        leaks,
        (Threshold("all: p95 < 1ms", 0.5, met, 10),),
        (),
        (),
    )


def unsound():
    """Return a run that holds all but this: some answers were no valid FHIR."""
    return replace(load(), thresholds=(Threshold("invalid == 0", 3.0, met=False, samples=360),))


def unmeasured():
    """A valid run whose one threshold has no sample."""
    result = load(met=False)
    return replace(result, thresholds=tuple(replace(one, value=None, samples=0) for one in result.thresholds))


def verdict(findings, loads=(), *, planned=None, suites=ALL, **more):
    planned = len(findings) if planned is None else planned
    return judge(findings, loads, planned=planned, suites=suites, **more)


def test_everything_shown_conforms_at_level_five():
    result = verdict([finding(), *every_level()], [load()])
    assert (result.status, result.security_level) == (Status.CONFORMS, 5)


@pytest.mark.parametrize(
    ("extra", "loads", "status"),
    [
        (finding("Z", Outcome.ERROR), [load()], Status.WITHHELD),
        (finding("Z", Outcome.FAIL), [load()], Status.DOES_NOT_CONFORM),
        (finding("Z", Outcome.SKIP), [load()], Status.INCOMPLETE),
        (finding("Z", Outcome.WARNING), [load()], Status.CONFORMS),
        (finding("Z", Outcome.OMIT), [load()], Status.CONFORMS),
        (finding("Z", Outcome.SKIP, expectation=Expectation.SHOULD), [load()], Status.CONFORMS),
        (
            finding("Z", Outcome.FAIL, expectation=Expectation.SHOULD, level=1, severity=Severity.LOW),
            [load()],
            Status.CONFORMS,
        ),
        (finding("Z"), [load(met=False)], Status.DOES_NOT_CONFORM),
        (finding("Z"), [load(valid=False)], Status.INCOMPLETE),
        (finding("Z"), [load(valid=False, leaks=1)], Status.DOES_NOT_CONFORM),
    ],
)
def test_what_one_more_result_does_to_the_verdict(extra, loads, status):
    assert verdict([*every_level(), extra], loads).status is status


def test_an_error_hides_behind_no_failure():
    broken = [*every_level(), finding("A", Outcome.FAIL), finding("B", Outcome.ERROR)]
    assert verdict(broken).status is Status.WITHHELD


def test_a_check_that_did_not_report_withholds_the_verdict():
    assert verdict(every_level(), planned=6).status is Status.WITHHELD


def test_missing_checks_of_an_interrupted_run_leave_it_incomplete():
    assert verdict(every_level(), planned=6, interrupted=WORDS).status is Status.INCOMPLETE


def test_a_failure_seen_before_the_interruption_counts():
    seen = [*every_level(), finding("A", Outcome.FAIL)]
    assert verdict(seen, planned=9, interrupted=WORDS).status is Status.DOES_NOT_CONFORM


def test_a_defect_of_ours_withholds_the_verdict_whatever_was_seen():
    assert verdict([finding("A", Outcome.FAIL)], defect=WORDS).status is Status.WITHHELD


def test_a_partial_run_never_conforms():
    result = verdict([finding()], suites=frozenset({Suite.CONFORMANCE}))
    assert (result.status, result.security_level, result.levels) == (Status.INCOMPLETE, None, ())


def test_nothing_shown_is_not_conformity():
    assert verdict([finding(outcome=Outcome.OMIT)]).status is Status.INCOMPLETE


@pytest.mark.parametrize("level", range(1, 6))
def test_the_level_is_capped_by_the_first_one_that_does_not_hold(level):
    probes = [finding(f"L{n}-01", Outcome.FAIL if n == level else Outcome.PASS, level=n) for n in range(1, 6)]
    result = verdict(probes)
    assert result.security_level == level - 1
    assert result.levels[level - 1].status is LevelStatus.BREACHED
    assert result.levels[level - 1].worst == f"L{level}-01"


def test_a_level_without_a_shown_binding_probe_is_not_demonstrated():
    probes = [*every_level()[:3], finding("L4-01", Outcome.SKIP, level=4), *every_level()[4:]]
    result = verdict(probes)
    assert result.levels[3].status is LevelStatus.NOT_DEMONSTRATED
    assert result.security_level == 3


def test_an_omitted_level_is_not_applicable_and_stops_the_count():
    probes = [finding("L1-01", Outcome.OMIT, level=1), *every_level()[1:]]
    result = verdict(probes)
    assert result.levels[0].status is LevelStatus.NOT_APPLICABLE
    assert result.security_level == 0


def test_at_most_five_things_to_fix_worst_first():
    many = [finding(f"S{n}", Outcome.SKIP) for n in range(4)]
    many += [finding("HIGH", Outcome.FAIL), finding("CRITICAL", Outcome.FAIL, severity=Severity.CRITICAL)]
    named = [item.check for item in verdict(many).priorities]
    assert named == ["CRITICAL", "HIGH", "S0", "S1", "S2"]


@pytest.mark.parametrize(
    ("result", "remedy"),
    [
        (load(met=False), "Profile the service"),
        (load(met=False, leaks=1), "Profile the service"),
        (load(valid=False, met=False), "Mend what made the run invalid"),
        (unmeasured(), "Nothing was measured"),
        (unsound(), "Correct the elements"),
    ],
)
def test_what_a_run_does_not_show_is_no_fault_of_the_application(result, remedy):
    (item,) = verdict(every_level(), [result]).priorities
    assert item.remedy.en.startswith(remedy)


def test_a_missed_threshold_is_something_to_fix():
    assert [item.check for item in verdict(every_level(), [load(met=False)]).priorities] == ["P02"]
