"""The zoo can fail: a variant that lives, one accused of something else, a sound vendor that is accused."""

import pytest

from lab.bundled import mutants
from lab.engine.catalogue import catalogue
from lab.model.words import Outcome, Suite
from lab.selftest import zoo
from lab.selftest.mutant import Mutant, find_mutants
from lab.selftest.trial import Trial

FAIL, PASS = Outcome.FAIL, Outcome.PASS
VARIANT = Mutant(mutants(), "vendors", "open", "L1-01", "the network is open", also=("L1-02",))


@pytest.fixture
def tried(monkeypatch):
    """Let each trial show what the test says, without starting anything."""
    shown = {
        "sound": Trial({"L1-01": PASS, "L1-02": PASS, "L2-01": PASS}, status="conforms"),
        "variant": Trial({"L1-01": FAIL, "L1-02": FAIL, "L2-01": PASS}, status="does_not_conform"),
    }
    monkeypatch.setattr(zoo, "try_vendor", lambda mutant, *_: shown["variant" if mutant else "sound"])
    return shown


def run():
    return zoo.run_zoo([VARIANT], 1, 1, lambda _: None)


def test_a_named_flaw_of_a_sound_vendor_is_proof(tried):
    assert tried
    found = run()
    assert (found.recall, found.precision, found.proven) == (1.0, 1.0, True)


def test_a_flaw_that_is_not_named_lowers_recall(tried):
    tried["variant"] = Trial({"L1-01": PASS, "L1-02": PASS, "L2-01": PASS}, status="conforms")
    assert (run().recall, run().proven) == (0.0, False)


def test_a_named_flaw_that_does_not_deny_the_verdict_is_no_proof(tried):
    tried["variant"] = Trial({"L1-01": FAIL, "L1-02": PASS, "L2-01": PASS}, status="conforms")
    assert not run().proven


def test_an_accusation_of_something_else_lowers_precision(tried):
    tried["variant"] = Trial({"L1-01": FAIL, "L1-02": PASS, "L2-01": FAIL}, status="does_not_conform")
    found = run()
    assert (found.recall, found.precision, found.proven) == (1.0, 0.5, False)
    assert found.verdicts[0].strays == ("L2-01",)


@pytest.mark.parametrize(
    "trial",
    [
        Trial({"L1-01": FAIL}, status="does_not_conform"),
        Trial({"L1-01": Outcome.SKIP}, status="incomplete"),
        Trial({"L1-01": PASS}, status="incomplete"),
        Trial({}, "it did not start"),
    ],
)
def test_a_sound_vendor_that_does_not_conform_is_no_proof(tried, trial):
    tried["sound"] = trial
    assert not run().proven


def test_there_are_enough_variants_and_each_names_a_probe():
    variants = [mutant for mutant in find_mutants(mutants()) if mutant.kind == "vendors"]
    assert len({mutant.name for mutant in variants}) == len(variants) >= 60
    cards = {m.name: catalogue()[m.killed_by] for m in variants}
    assert all(card.suite is Suite.SECURITY for card in cards.values())
    assert all(set(m.also) <= set(catalogue()) for m in variants)
    levels = [card.level for card in cards.values()]
    assert [level for level in range(1, 6) if levels.count(level) < 10] == []


@pytest.mark.slow
def test_one_variant_is_named_for_real(lab):
    (first, *_) = [m for m in find_mutants(mutants()) if m.kind == "vendors" and m.killed_by == "L4-01"]
    finished = lab("selftest", "--security", "--variant", first.name)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "1 variants: recall 1.000, precision 1.000; 0 complaints." in finished.stdout
