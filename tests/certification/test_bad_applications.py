"""Applications that misbehave: findings or one clear sentence, the documented exit code, nothing left."""

import datetime as dt
import json
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

SERVER = Path(__file__).with_name("hostile_application.py")


def manifest(folder: Path, mode: str, *, scheme="http", ready=None, extra=(), timeout=15) -> Path:
    path = folder / "app.toml"
    command = ["{python}", str(SERVER), mode, "{port}", *extra]
    ready = ready or "http://127.0.0.1:{port}/fhir/metadata"
    path.write_text(
        f"""
[application]
vendor = "Hostile"
name = "hostile {mode}"
version = "0"
roles = ["server"]
[start]
command = {json.dumps(command)}
ready_url = "{ready}"
ready_timeout_s = {timeout}
[server]
base_url = "{scheme}://127.0.0.1:{{port}}/fhir"
[[server.identities]]
name = "full"
issuer = "nobody"
""",
        encoding="utf-8",
    )
    return path


def certified(lab, tmp_path, path, *arguments):
    finished = lab("certify", str(path), "--out", str(tmp_path / "runs"), *arguments)
    folders = sorted((tmp_path / "runs").iterdir())
    assert len(folders) == 1, finished.stderr
    document = json.loads((folders[0] / "run.json").read_text())
    assert (folders[0] / "report.html").stat().st_size > 1000
    assert "Traceback" not in finished.stdout + finished.stderr
    assert_nothing_left(mode_of(path))
    return finished, document


def mode_of(path: Path) -> str:
    return path.read_text().split('name = "hostile ')[1].split('"')[0]


def assert_nothing_left(mode: str) -> None:
    left = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if str(SERVER).encode() in line and mode.encode() in line:
            left.append(process.name)
    assert left == []


@pytest.mark.parametrize("mode", ["garbage", "html"])
def test_nonsense_is_found_and_judged_not_to_conform(lab, tmp_path, mode):
    finished, document = certified(lab, tmp_path, manifest(tmp_path, mode))
    assert finished.returncode == 1, finished.stdout
    outcomes = {f["outcome"] for f in document["findings"]}
    assert "fail" in outcomes
    assert "error" not in outcomes, [f for f in document["findings"] if f["outcome"] == "error"]


def test_a_redirect_loop_is_never_ready(lab, tmp_path):
    finished, document = certified(lab, tmp_path, manifest(tmp_path, "loop", timeout=1))
    assert finished.returncode == 4
    assert "HTTP 302" in document["verdict"]["reason"]["en"]


def test_a_huge_body_is_cut_and_found(lab, tmp_path):
    finished, document = certified(lab, tmp_path, manifest(tmp_path, "huge"), "--only", "conformance")
    assert finished.returncode == 1
    assert "error" not in {f["outcome"] for f in document["findings"]}
    assert any("longer than" in e["error"] for e in document["exchanges"])


def test_an_application_that_dies_midway_is_unreachable_and_its_evidence_is_kept(lab, tmp_path):
    finished, document = certified(lab, tmp_path, manifest(tmp_path, "dies"))
    assert finished.returncode == 4
    assert document["unreachable"]
    assert 0 < document["reported"] < document["planned"]


def test_an_application_that_ends_at_once_is_unreachable_and_its_last_words_are_told(lab, tmp_path):
    finished, document = certified(lab, tmp_path, manifest(tmp_path, "ends-at-once"))
    assert finished.returncode == 4
    assert "no licence found" in document["verdict"]["reason"]["en"]


def test_an_application_that_is_never_ready_is_stopped(lab, tmp_path):
    finished, document = certified(lab, tmp_path, manifest(tmp_path, "never-ready", timeout=1))
    assert finished.returncode == 4
    assert "not ready after 1 s" in document["verdict"]["reason"]["en"]


def test_nobody_at_the_address_is_unreachable(lab, tmp_path):
    path = manifest(tmp_path, "absent")
    text = path.read_text()
    start, server = text.index("[start]"), text.index("[server]")
    path.write_text((text[:start] + text[server:]).replace("{port}", "9"), encoding="utf-8")
    finished, document = certified(lab, tmp_path, path)
    assert finished.returncode == 4
    assert "does not answer" in document["verdict"]["reason"]["en"]


def expired_certificate(path: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    day = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(day)
        .not_valid_after(day + dt.timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(pem + certificate.public_bytes(Encoding.PEM))
    return path


def test_an_expired_certificate_is_refused_with_its_reason(lab, tmp_path):
    certificate = expired_certificate(tmp_path / "expired.pem")
    path = manifest(tmp_path, "expired", scheme="https", extra=[str(certificate)])
    # Readiness is the vendor's word here: any page of theirs; the laboratory then meets the certificate.
    path.write_text(path.read_text().replace('ready_url = "http:', 'ready_url = "https:'), encoding="utf-8")
    finished, document = certified(lab, tmp_path, path)
    assert finished.returncode == 4
    assert "certificate" in document["verdict"]["reason"]["en"].lower()
