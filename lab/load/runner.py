"""Runs a load plan: Locust in a child process with an environment of its own, then the judgement.

``import locust`` patches the whole process it happens in (gevent), hence the child. The plan reaches it
through a pipe, so that its tokens and assertions are never on disk.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from lab.load.error import LoadError
from lab.load.judge import PLAN_FILE, SAMPLES_FILE, recheck
from lab.load.plan import LoadPlan
from lab.load.record import progress
from lab.model.load import LoadResult

LOCUSTFILE = Path(__file__).with_name("locustfile.py")
LOG_FILE = "locust.log"
STATISTICS = "locust"  # Locust adds .json

START_S = 60.0  # importing Locust took 4 s on two busy cores
GRACE_S = 15.0  # its shutdown
STOP_S = 5.0
WATCH_S = 0.1

# Everything else stays out: LOCUST_* are options, PYTHON* change imports, *_PROXY reroutes requests.
KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "SSL_CERT_FILE", "SSL_CERT_DIR")


def run(plan: LoadPlan, folder: Path, *, on_progress: Callable[[float], None] | None = None) -> LoadResult:
    """Play a plan and judge it; ``on_progress`` is told the fraction done, from 0 to 1.

    Leaves in ``folder``: ``plan.json`` without secrets, ``samples.jsonl``, ``locust.json``, ``locust.log``.
    When interrupted, the child is ended first and ``recheck(folder)`` judges what was recorded.

    Raises:
        LoadError: the generator failed; a server that is slow, wrong or dead gives a result instead.
    """
    _refuse_missing_assertions(plan)
    folder = folder.resolve()  # the child works there, whatever folder we are in
    folder.mkdir(parents=True, exist_ok=True)
    (folder / SAMPLES_FILE).unlink(missing_ok=True)
    (folder / PLAN_FILE).write_bytes(plan.public().to_json())
    with (folder / LOG_FILE).open("wb") as log:
        child = subprocess.Popen(  # noqa: S603 - our own interpreter and file
            command(),
            cwd=folder,  # Locust imports from its working folder and reads its configuration there
            env=environment(os.environ, home=folder),
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # an interruption of the terminal is for us to pass on
        )
    try:
        _hand_over(child, plan)
        _wait(child, plan, folder / SAMPLES_FILE, on_progress)
    finally:
        _stop(child)
    if child.returncode != 0:
        message = (
            f"The load generator ended with exit code {child.returncode}: {_last_line(folder / LOG_FILE)}"
        )
        raise LoadError(message)
    return recheck(folder)


def command() -> list[str]:
    """Return the command of the child process; ``-P`` keeps its working folder out of the imports."""
    locust = [sys.executable, "-P", "-m", "locust", "-f", str(LOCUSTFILE)]
    return [*locust, "--headless", "--users", "1", "--only-summary", "--json-file", STATISTICS]


def environment(variables: Mapping[str, str], *, home: Path) -> dict[str, str]:
    """Return the few variables the child needs; an own home keeps ``~/.locust.conf`` out too."""
    kept = {name: variables[name] for name in KEPT_VARIABLES if name in variables}
    return {**kept, "HOME": str(home)}


def _refuse_missing_assertions(plan: LoadPlan) -> None:
    for persona in plan.personas:
        needed = plan.tokens_needed.get(persona.name, 0)
        if persona.token and 0 < len(persona.token.assertions) < needed:
            message = (
                f"Persona {persona.name} has {len(persona.token.assertions)} client assertions and this plan "
                f"uses {needed}, one for each token: mint as many as LoadPlan.tokens_needed says."
            )
            raise LoadError(message)


def _hand_over(child: subprocess.Popen[bytes], plan: LoadPlan) -> None:
    if child.stdin is None:
        return
    try:
        with child.stdin as pipe:
            pipe.write(plan.to_json())
    except BrokenPipeError:
        pass  # it died before reading; its exit code and log say why


def _wait(
    child: subprocess.Popen[bytes],
    plan: LoadPlan,
    samples: Path,
    on_progress: Callable[[float], None] | None,
) -> None:
    limit = START_S + plan.duration_s + plan.timeout_s + GRACE_S
    deadline = time.monotonic() + limit
    told = 0.0
    while True:
        try:
            child.wait(timeout=WATCH_S)
        except subprocess.TimeoutExpired:
            done = 0.0
        else:
            done = 1.0
        done = max(done, min(1.0, progress(samples) / plan.duration_s))
        if on_progress is not None and done > told:
            on_progress(done)
            told = done
        if child.returncode is not None:
            return
        if time.monotonic() > deadline:
            message = f"The load generator did not end within {limit:.0f} s: is this machine overloaded?"
            raise LoadError(message)


def _stop(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is not None:
        return
    child.terminate()
    try:
        child.wait(timeout=STOP_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    critical = [line for line in lines if "/CRITICAL/" in line or "/ERROR/" in line]
    return next((line.strip() for line in reversed([*lines, *critical]) if line.strip()), "its log is empty.")
