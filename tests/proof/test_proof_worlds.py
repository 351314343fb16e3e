"""Twins are equal in what the client sees and different in the rest; the same seed makes the same worlds."""

from pathlib import Path

import pytest

from lab.proof.instance import Instance, unbroken
from lab.proof.pair import Pair, pair
from lab.proof.reference.cohort import Hospital

SEEDS = [f"worlds-{n}" for n in range(12)]


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
    sources = {str(pair(seed).grants[0][0].permission) for seed in SEEDS}
    assert len(sources) == len(SEEDS)
