"""``lab load``: profiles are listed and shown, and what cannot be loaded is said in one sentence."""

import pytest

EXAMPLE = "examples/tableau_urgences/tableau_urgences.toml"


def test_the_thirteen_profiles_are_listed(lab):
    finished = lab("load", "list")
    assert finished.returncode == 0
    assert [line.split()[0] for line in finished.stdout.splitlines()[1:]] == [
        f"P{n:02}" for n in range(1, 14)
    ]


def test_a_profile_is_shown_with_its_arithmetic_its_figures_and_its_shape(lab):
    finished = lab("load", "show", "morning-labs", "--set", "flows=700")
    assert finished.returncode == 0
    assert "0.352 events/s" in finished.stdout
    assert "flows = 700" in finished.stdout
    assert "████" in finished.stdout
    assert "leaks == 0" in finished.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "no-such-profile"), "choose one of smoke"),
        (("show", "smoke", "--set", "rate"), "FIGURE=NUMBER"),
        (("show", "smoke", "--set", "speed=2"), "no figure called speed"),
        ((EXAMPLE, "--profile", "no-such-profile"), "choose one of smoke"),
        ((EXAMPLE, "--scale", "x0"), "a number above 0"),
        ((EXAMPLE, "--scale", "ten"), "a number above 0"),
        (("absent.toml",), "No manifest"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(lab, arguments, said):
    finished = lab("load", *arguments)
    assert finished.returncode == 2
    assert said in finished.stderr.replace("\n", " ")
    assert "Traceback" not in finished.stderr


@pytest.mark.slow
def test_the_example_bears_a_smoke_and_a_morning_in_small(lab, tmp_path):
    for profile, seconds in (("smoke", "10"), ("morning-labs", "8")):
        options = ("--profile", profile, "--duration", seconds, "--patients", "200", "--out", str(tmp_path))
        finished = lab("load", EXAMPLE, *options)
        assert finished.returncode == 0, finished.stdout + finished.stderr
        assert "without a leak" in finished.stdout
        assert "p95 service" in finished.stdout
