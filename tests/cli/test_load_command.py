"""``lab load``: profiles are listed and shown, and what cannot be loaded is said in one sentence."""

import json
from pathlib import Path

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
        ((EXAMPLE, "--engine", "slow"), "--engine is lean or fast"),
        ((EXAMPLE, "--baseline", "absent"), "absent holds no load"),
        (
            (EXAMPLE, "--profile", "soak", "--scale", "x1000", "--duration", "86400"),
            "would send 21,600 requests/s at its peak, and a generator sends 20,000 at most",
        ),
        (
            (EXAMPLE, "--profile", "soak", "--scale", "x1000", "--duration", "86400", "--workers", "2"),
            "would send 1,866,240,000 requests, and a run holds 200,000,000 at most",
        ),
        (("plan", EXAMPLE, "--profile", "no-such-profile"), "choose one of smoke"),
        (("manifest", "absent"), "cannot be read"),
        (("judge", "absent"), "No plan.json in absent"),
        (("export", "absent", "--parquet", "x.parquet"), "No load run in absent"),
        (("absent.toml",), "No manifest"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(lab, arguments, said):
    finished = lab("load", *arguments)
    assert finished.returncode == 2
    assert said in finished.stderr.replace("\n", " ")
    assert "Traceback" not in finished.stderr


def test_the_locustfile_that_is_named_is_the_packaged_one(lab):
    finished = lab("load", "locustfile")
    assert finished.returncode == 0
    assert Path(finished.stdout.strip()).name == "locustfile.py"
    assert Path(finished.stdout.strip()).exists()


@pytest.mark.slow
def test_a_plan_is_written_for_others_and_rendered_for_two_workers(lab, tmp_path):
    options = ("--profile", "smoke", "--duration", "5", "--patients", "200", "--workers", "2")
    finished = lab("load", "plan", EXAMPLE, *options, "--out", str(tmp_path / "plan"))
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "LAB_LOAD_PLAN" in finished.stdout
    assert json.loads((tmp_path / "plan/plan.json").read_text())["workers"] == 2
    assert lab("load", "manifest", str(tmp_path / "plan")).returncode == 0
    assert json.loads((tmp_path / "plan/compose.json").read_text())["services"]["worker"]["deploy"] == {
        "replicas": 2
    }


@pytest.mark.slow
def test_the_example_bears_a_smoke_and_a_morning_in_small(lab, tmp_path):
    for profile, seconds in (("smoke", "10"), ("morning-labs", "8")):
        options = ("--profile", profile, "--duration", seconds, "--patients", "200", "--out", str(tmp_path))
        finished = lab("load", EXAMPLE, *options)
        assert finished.returncode == 0, finished.stdout + finished.stderr
        assert "without a leak" in finished.stdout
        assert "p95 service" in finished.stdout
