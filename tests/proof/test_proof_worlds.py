"""Twins are equal in what the client sees and different in the rest; the same seed makes the same worlds."""

from pathlib import Path

import pytest

from lab.proof.contents import IDS
from lab.proof.instance import Instance, unbroken
from lab.proof.pair import Pair, pair
from lab.proof.reference.cohort import Hospital
from lab.proof.slants import SLANTS, slant_of

SLANTED = [f"{name}/worlds-{n}" for name in SLANTS for n in range(6)]
USUAL = [f"worlds-{n}" for n in range(12)]
SEEDS = [*USUAL, *SLANTED]


def seen(instance: Instance, drawn: Pair) -> dict[str, object]:
    hospital = instance.before(0).hospital
    client = drawn.client
    visible = (r for r in hospital.resources if client.ever_sees(hospital, r))
    return {f"{r['resourceType']}/{r['id']}": client.look_now(hospital, r) for r in visible}


def hidden(hospital: Hospital, drawn: Pair) -> list[object]:
    return [r for r in hospital.resources if not drawn.client.ever_sees(hospital, r)]


@pytest.mark.parametrize("seed", SEEDS)
def test_twins_have_one_view(seed: str, tmp_path: Path) -> None:
    drawn = pair(seed)
    one, two = (
        Instance(world, drawn.grants, tmp_path / f"{n}.db", unbroken) for n, world in enumerate(drawn.worlds)
    )
    try:
        assert seen(one, drawn) == seen(two, drawn)
        others = [hidden(instance.before(0).hospital, drawn) for instance in (one, two)]
        assert others[0] != others[1] or drawn.client.masks
    finally:
        one.close()
        two.close()


def test_the_same_seed_draws_the_same() -> None:
    one, two = pair("again"), pair("again")
    assert one.worlds == two.worlds
    assert one.grants[0][0] == two.grants[0][0]
    steps = [[step for step, _ in zip(drawn.steps(), range(300), strict=False)] for drawn in (one, two)]
    assert steps[0] == steps[1]


def test_other_seeds_draw_other_permissions() -> None:
    sources = {str(pair(seed).grants[0][0].permission) for seed in USUAL}
    assert len(sources) == len(USUAL)


@pytest.mark.parametrize("seed", SLANTED)
def test_a_slant_closes_its_own_part_and_opens_the_rest(seed: str) -> None:
    drawn = pair(seed)
    narrow = [s for rule in drawn.client.rules for s in rule.selections if s.pool or s.labels]
    open_ = {type_ for type_ in IDS if drawn.client.may("update", type_)}
    assert bool(drawn.client.masks) != seed.startswith("edges/")
    assert narrow or drawn.client.masks
    assert {"Patient", "Observation"} <= open_


def test_an_unknown_slant_is_a_seed_like_any_other() -> None:
    assert slant_of("elsewhere/7-1") is slant_of("7-1")
