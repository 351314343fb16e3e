"""Clients that nobody here wrote, unmodified, are given what was loaded and raise the errors they should."""

import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from foreign_clients import STRANGERS, Stranger
from stranger_case import Resource, case, unstamped

pytestmark = pytest.mark.slow
Given = tuple[dict[str, Any], dict[str, Any]]


@pytest.fixture(scope="module")
def ask(
    request: pytest.FixtureRequest, base_url: str, hospital: list[Resource]
) -> Callable[[Stranger], Given]:
    """Run the program of a stranger once; the values are what its steps gave and what they should have."""
    asked: dict[str, Given] = {}

    def once(stranger: Stranger) -> Given:
        if stranger.name not in asked:
            folder = request.getfixturevalue(stranger.installed)
            chosen = case(base_url, hospital)
            ended = subprocess.run(
                stranger.command(folder),
                input=json.dumps(chosen.told),
                capture_output=True,
                text=True,
                timeout=180,
                check=False,
            )
            assert ended.returncode == 0, ended.stderr
            lines = map(json.loads, ended.stdout.splitlines())
            asked[stranger.name] = ({line["step"]: line["value"] for line in lines}, chosen.expected)
        return asked[stranger.name]

    return once


@pytest.mark.parametrize(
    ("stranger", "step"),
    [pytest.param(one, step, id=f"{one.name}-{step}") for one in STRANGERS for step in one.steps],
)
def test_a_stranger_is_given_what_it_asks_for(
    ask: Callable[[Stranger], Given], stranger: Stranger, step: str
) -> None:
    given, expected = ask(stranger)
    value = unstamped(given[step]) if step == "read" else given[step]
    assert value == {**expected, **stranger.own}[step]


@pytest.mark.parametrize("stranger", STRANGERS, ids=lambda one: one.name)
def test_no_step_of_a_program_goes_unlooked_at(ask: Callable[[Stranger], Given], stranger: Stranger) -> None:
    assert sorted(ask(stranger)[0]) == sorted(stranger.steps)
