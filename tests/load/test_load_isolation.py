"""Locust stays in its child, and nothing of our environment reaches it."""

import subprocess
import sys
from pathlib import Path

import lab.load
from lab.load.children import command, environment


def test_importing_the_runner_patches_nothing():
    code = (
        "import sys, lab.load.runner, lab.load.session, scenarios.load.steady_poll;"
        "sys.exit(bool({'gevent', 'locust'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_only_the_locustfile_imports_locust_or_gevent():
    sources = Path(lab.load.__file__).parent.rglob("*.py")
    guilty = {
        source.name
        for source in sources
        if any(
            line.startswith(("import locust", "from locust", "import gevent", "from gevent"))
            for line in source.read_text(encoding="utf-8").splitlines()
        )
    }
    assert guilty == {"fast.py", "locustfile.py", "player.py", "readiness.py", "senders.py"}


def test_the_child_environment_holds_no_option_path_proxy_or_secret(tmp_path):
    ours = {
        "PATH": "/usr/bin",
        "HOME": "/home/someone",
        "LOCUST_USERS": "500",
        "LOCUST_SKIP_MONKEY_PATCH": "1",
        "PYTHONPATH": "/elsewhere",
        "PYTHONOPTIMIZE": "2",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "LAB_CLIENT_SECRET": "secret",
    }
    assert environment(ours, home=tmp_path) == {"PATH": "/usr/bin", "HOME": str(tmp_path)}


def test_the_child_does_not_import_from_its_working_folder():
    assert command()[1] == "-P"
