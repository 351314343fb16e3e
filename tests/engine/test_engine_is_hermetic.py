"""The engine believes nothing of its surroundings: no conftest, ini, plugin or variable changes a finding."""

import http.server
import subprocess
import sys
import threading

import pytest

from lab.engine.plan import PLAN, Context, EnginePlan, Secrets
from lab.engine.runner import EngineError, run_checks
from lab.journal.journal import read_journal
from lab.model.target import Identity, ServerRole, SystemUnderTest
from lab.model.words import Outcome, Role

CHECK = "SRV-RD-03"


def plan(tmp_path, base_url="http://127.0.0.1:9/fhir", checks=(CHECK,)):
    server = ServerRole(base_url, (Identity("full", "nobody"),))
    subject = SystemUnderTest("v", "n", "1", (Role.SERVER,), ".", "", server=server)
    return EnginePlan(
        context=Context(checks=checks, subject=subject, seed=1),
        secrets=Secrets(redaction_key="00" * 32),
        application_journal=str(tmp_path / "application.jsonl"),
        own_journal=str(tmp_path / "laboratory.jsonl"),
    )


@pytest.fixture
def nonsense_server():
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = b'{"resourceType":"CapabilityStatement"}'
            if "Patient?" in self.path:
                body = (
                    b'{"resourceType":"Bundle","type":"searchset","entry":'
                    b'[{"resource":{"resourceType":"Patient","id":"1"}}]}'
                )
            elif "metadata" in self.path:
                body = (
                    b'{"resourceType":"CapabilityStatement","rest":[{"resource":[{"type":"Patient","interaction":'
                    b'[{"code":"read"},{"code":"search-type"}]}]}]}'
                )
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/fhir"
        server.shutdown()


def test_a_hostile_surrounding_cannot_turn_a_failure_into_a_pass(tmp_path, monkeypatch, nonsense_server):
    (tmp_path / "conftest.py").write_text(
        "import pytest\n"
        "@pytest.hookimpl(hookwrapper=True)\n"
        "def pytest_runtest_makereport(item, call):\n"
        "    call.excinfo = None\n"
        "    yield\n"
    )
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\n")
    (tmp_path / "lab.py").write_text("raise SystemExit('imported from the working folder')\n")
    monkeypatch.setenv("PYTEST_ADDOPTS", "--collect-only -p no:lab")
    monkeypatch.setenv("PYTEST_PLUGINS", "absent_plugin")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONOPTIMIZE", "2")
    monkeypatch.chdir(tmp_path)
    report = run_checks(plan(tmp_path, nonsense_server), tmp_path / "engine.log")
    (finding,) = report.findings
    assert finding.outcome is Outcome.FAIL
    assert "HTTP 404" in finding.message.en


def test_an_application_that_refuses_connections_is_unreachable_not_failed(tmp_path):
    report = run_checks(plan(tmp_path), tmp_path / "engine.log")
    assert report.findings == ()
    assert report.unreachable == CHECK


def test_a_child_that_dies_is_an_engine_error(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(EngineError, match="ended too early"):
        run_checks(plan(tmp_path), tmp_path / "engine.log")


def test_the_child_refuses_to_judge_optimised(tmp_path):
    child = subprocess.run(
        [sys.executable, "-O", "-m", "lab.engine.child"],
        input=PLAN.dump_json(plan(tmp_path)),
        capture_output=True,
        check=False,
    )
    assert child.returncode == 3
    assert b"refuses" in child.stderr
    assert child.stdout == b""


def test_importing_the_laboratory_does_not_patch_the_process():
    code = (
        "import sys, lab.cli.app, lab.certification.certify, lab.engine.runner, lab.sandbox.serve\n"
        "raise SystemExit('gevent' in sys.modules or 'locust' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_exchange_that_decided_comes_first_in_the_evidence(tmp_path, nonsense_server):
    report = run_checks(plan(tmp_path, nonsense_server), tmp_path / "engine.log")
    (finding,) = report.findings
    journal = {e.id: e for e in read_journal(tmp_path / "laboratory.jsonl")}
    assert journal[finding.evidence[0]].url.endswith("/Patient/lab-no-such-id")
