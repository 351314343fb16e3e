"""The self-test can fail: a mutant that lives, a check without proof, an unbroken pair that complains."""

import pytest

from lab.bundled import mutants
from lab.engine.catalogue import catalogue
from lab.model.words import Outcome
from lab.selftest import matrix
from lab.selftest.mutant import MutantError, find_mutants
from lab.selftest.trial import Trial

CHECK = "SRV-RD-03"


@pytest.fixture
def trials(monkeypatch):
    """Let every trial show what the test says, without starting anything."""
    shown = {"sound": Outcome.PASS, "mutant": Outcome.FAIL}

    def trial(mutant, seed, only=()):
        del seed, only
        return Trial({CHECK: shown["mutant" if mutant else "sound"]})

    monkeypatch.setattr(matrix, "try_platform", trial)
    monkeypatch.setattr(matrix, "try_client", lambda *_: Trial({}))
    return shown


def run(*, whole=False):
    chosen = [m for m in find_mutants(mutants()) if m.killed_by == CHECK]
    return matrix.run_matrix(chosen, 1, 1, lambda _: None, whole=whole)


def test_a_killed_mutant_on_a_sound_pair_is_proof(trials):
    assert trials["mutant"] is Outcome.FAIL
    assert run().proven


@pytest.mark.parametrize("outcome", [Outcome.PASS, Outcome.SKIP, Outcome.OMIT])
def test_a_mutant_that_lives_is_no_proof(trials, outcome):
    trials["mutant"] = outcome
    assert not run().proven


@pytest.mark.parametrize("outcome", [Outcome.FAIL, Outcome.ERROR, Outcome.SKIP, Outcome.WARNING])
def test_an_unbroken_pair_that_complains_is_no_proof(trials, outcome):
    trials["sound"] = outcome
    assert not run().proven


def test_a_check_without_a_mutant_is_no_proof(trials):
    assert trials["sound"] is Outcome.PASS
    assert any("has no mutant" in line for line in run(whole=True).complaints)


def test_every_check_has_a_mutant_and_every_mutant_names_a_check():
    found = find_mutants(mutants())
    assert {mutant.killed_by for mutant in found} == set(catalogue())
    assert all(mutant.flaw for mutant in found)


def test_a_mutant_that_does_not_say_what_kills_it_is_refused(tmp_path):
    (tmp_path / "platform").mkdir()
    (tmp_path / "platform" / "silent.py").write_text("FLAW = 'x'\n")
    with pytest.raises(MutantError, match="KILLED_BY"):
        find_mutants(tmp_path)


@pytest.mark.slow
def test_one_mutant_of_each_kind_dies_for_real(lab):
    finished = lab("selftest", "--check", "SRV-RD-03", "--check", "CLI-SRC-01", timeout=900)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "2 of 2 mutants killed; 0 complaints." in finished.stdout
