"""``lab security APP.toml``: the matrix, what failed with its replay, exit codes, bad options."""

import json

import pytest

from lab.bundled import mutants

VENDOR = str(mutants() / "vendors" / "vendor.toml")


def run_of(out):
    (folder,) = out.iterdir()
    return json.loads((folder / "run.json").read_text())


@pytest.mark.slow
def test_a_sound_vendor_conforms_in_security_alone(lab, tmp_path):
    finished = lab("security", VENDOR, "--out", str(tmp_path))
    assert finished.returncode == 0, finished.stdout + finished.stderr
    run = run_of(tmp_path)
    assert (run["verdict"]["status"], run["verdict"]["security_level"]) == ("conforms", 5)
    assert run["suites"] == ["security"]
    assert not {f["check"] for f in run["findings"] if f["outcome"] in {"fail", "error"}}


@pytest.mark.slow
def test_some_probes_alone_never_conform(lab, tmp_path):
    finished = lab("security", VENDOR, "--level", "1", "--probe", "L4-01", "--out", str(tmp_path))
    assert finished.returncode == 5, finished.stdout + finished.stderr
    run = run_of(tmp_path)
    assert {f["level"] for f in run["findings"]} == {1, 4}
    assert {f["outcome"] for f in run["findings"]} <= {"pass", "omit", "warning"}


@pytest.mark.slow
def test_a_breach_is_told_with_its_remedy_and_a_request_to_send_again(lab, tmp_path, checkout):
    text = (checkout / "tests/mutants/vendors/vendor.toml").read_text()
    folder = str(checkout / "tests/mutants/vendors")
    text = text.replace(
        '"{laboratory_jwks}"]', '"{laboratory_jwks}", "--variant", "observation_is_read_outside"]'
    )
    manifest = tmp_path / "APP.toml"
    manifest.write_text(text.replace('directory = "."', f'directory = "{folder}"'))
    finished = lab("security", str(manifest), "--probe", "L4-01", "--out", str(tmp_path / "runs"))
    assert finished.returncode == 1, finished.stdout + finished.stderr
    assert "✗ L4-01 [critical]" in finished.stdout
    assert "curl --include" in finished.stdout
    assert run_of(tmp_path / "runs")["verdict"]["levels"][3]["status"] == "breached"


def test_a_probe_that_is_none_is_a_usage_error(lab):
    finished = lab("security", VENDOR, "--probe", "L9-99")
    assert finished.returncode == 2
    assert "There is no probe L9-99" in finished.stderr


def test_a_manifest_that_is_none_is_a_usage_error(lab, tmp_path):
    finished = lab("security", str(tmp_path / "absent.toml"))
    assert finished.returncode == 2
    assert "No manifest at" in finished.stderr


def test_the_other_commands_keep_their_names(lab):
    finished = lab("security", "--help")
    assert finished.returncode == 0
    assert all(name in finished.stdout for name in ("attack", "prove", "mutants"))
