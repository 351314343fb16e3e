"""Every mutant of the gateway is told from the sound one, which no engine finds anything in."""

import sys
from collections import Counter
from pathlib import Path

import pytest

from lab.proof.matrix import SEED, Row, Work, engines_of, recorded, run
from lab.proof.mutation import gateway_mutants
from lab.proof.trial import ENGINES, trial

_TABLE = Path(__file__).resolve().parents[2] / "docs" / "mutants.md"
_PROCESSES = 2


KNOWN = recorded(_TABLE)
"""By mutant, the engine and the part of its worlds that the table names: the others are not killed yet."""


@pytest.fixture(scope="module")
def rows() -> dict[str, Row]:
    works = [
        Work(mutant.name, engines_of(mutant.level), SEED, first=True, known=KNOWN[mutant.name])
        for mutant in killed_so_far()
    ]
    return {row.name or "": row for row in run(works, _PROCESSES)}


def killed_so_far():
    return [mutant for mutant in gateway_mutants() if mutant.name in KNOWN]


def test_twenty_of_each_level_and_a_hundred_in_all_are_killed():
    levels = Counter(mutant.level for mutant in killed_so_far())
    assert set(levels) == {1, 2, 3, 4, 5}
    assert min(levels.values()) >= 20
    assert levels.total() >= 100


def test_each_has_a_name_of_its_own_and_says_its_flaw_in_one_sentence():
    every = gateway_mutants()
    names = [mutant.name for mutant in every]
    flaws = [mutant.flaw for mutant in every]
    assert len(set(names)) == len(names)
    assert len(set(flaws)) == len(flaws)
    assert all(flaw.endswith((".", ")")) and "\n" not in flaw for flaw in flaws)


@pytest.mark.slow
@pytest.mark.parametrize("level", range(1, 6))
def test_every_one_is_killed_within_a_thousand_requests(rows, level):
    named = [mutant.name for mutant in killed_so_far() if mutant.level == level]
    alive = [name for name in named if not rows[name].killed]
    late = [name for name in named if (told := rows[name].fastest) is not None and told.killed > 1_000]
    assert not alive
    assert not late


_SLANTED = [engine for engine in ENGINES if "/" in engine]


@pytest.mark.slow
@pytest.mark.parametrize("engine", _SLANTED)
def test_nothing_is_found_in_the_sound_gateway_where_one_thing_is_looked_at_closely(engine):
    assert trial(engine, None, SEED, requests=400).where == ""


@pytest.mark.slow
@pytest.mark.parametrize("engine", [engine for engine in ENGINES if engine not in _SLANTED])
def test_nothing_is_found_in_the_sound_gateway_after_holes_were_opened_in_it(engine):
    for mutant in gateway_mutants()[::12]:
        trial(engine, mutant, SEED, requests=len(range(ENGINES[engine].parts)))
    assert trial(engine, None, SEED, requests=400).where == ""


def test_what_a_mutant_has_patched_is_put_back():
    before = _patched()
    for mutant in gateway_mutants():
        with pytest.MonkeyPatch.context() as patch:
            mutant.open_(patch)
            assert patch._setattr or patch._setitem, mutant.name  # noqa: SLF001 - what it has noted to undo
    assert _patched() == before


def _patched() -> dict[str, object]:
    """Return what the modules and classes of the laboratory hold now."""
    held: dict[str, object] = {}
    for name, module in list(sys.modules.items()):
        if not name.startswith("lab."):
            continue
        for own, value in vars(module).items():
            held[f"{name}.{own}"] = id(value)
            if isinstance(value, type) and value.__module__ == name:
                held |= {f"{name}.{own}.{inner}": id(what) for inner, what in vars(value).items()}
            elif isinstance(value, dict) and len(value) < 200:
                held |= {f"{name}.{own}[{key}]": id(what) for key, what in value.items()}
    return held
