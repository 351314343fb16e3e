"""Start, watch and stop the application under test; its output goes to a log."""

import os
import shlex
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from lab.model.target import Start
from lab.model.text import Text

_POLL_S = 0.1


class UnreachableError(RuntimeError):
    """The application did not start, does not answer, or has stopped: exit code 4."""

    def __init__(self, fr: str, en: str) -> None:
        """Keep the sentence in both languages."""
        super().__init__(en)
        self.text = Text(fr=fr, en=en)


def free_port() -> int:
    """Return a port of the loopback address that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def fill(text: str, values: Mapping[str, str]) -> str:
    """Replace ``{name}`` by its value; a brace that is no placeholder stays."""
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text


@dataclass
class Running:
    """An application that the laboratory started; it can be killed, and started again as it was."""

    start: Start
    values: Mapping[str, str]
    log: Path
    process: "subprocess.Popen[bytes]"

    def wait_ready(self) -> None:
        """Wait until the application answers.

        Raises:
            UnreachableError: it ended before it was ready, or took too long.
        """
        url = fill(self.start.ready_url, self.values)
        _wait_ready(self.process, url, self.start.ready_timeout_s, self.log)

    @property
    def is_gone(self) -> bool:
        """Tell whether it ended by itself: its process is over, and nobody answers in its place."""
        if self.process.poll() is None:
            return False
        try:
            httpx.get(fill(self.start.ready_url, self.values), timeout=2, trust_env=False)
        except httpx.HTTPError:
            return True
        return False  # what was started has started something else, and ended

    def restart(self) -> None:
        """Kill the application as a fault would, without a warning, and start it again.

        Raises:
            UnreachableError: it cannot be started again, or is not ready in time.
        """
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = _process(self.start, self.values, self.log)
        self.wait_ready()


@contextmanager
def running(start: Start, values: Mapping[str, str], log: Path) -> Iterator[Running]:
    """Run the application for the length of the block, ready when the block begins.

    Raises:
        UnreachableError: it ended before it was ready, or took too long.
    """
    application = Running(start, values, log, _process(start, values, log))
    try:
        application.wait_ready()
        yield application
    finally:
        _stop(application.process, start.stop_timeout_s)


@contextmanager
def started(start: Start, values: Mapping[str, str], log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Run the application for the length of the block, whether or not it is ever ready.

    Raises:
        UnreachableError: its command cannot be run.
    """
    process = _process(start, values, log)
    try:
        yield process
    finally:
        _stop(process, start.stop_timeout_s)


def _process(start: Start, values: Mapping[str, str], log: Path) -> "subprocess.Popen[bytes]":
    """Start the application; its output goes to the log."""
    command = [fill(part, values) for part in start.command]
    environment = {**os.environ, **{name: fill(text, values) for name, text in start.environment.items()}}
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        try:
            return subprocess.Popen(  # noqa: S603 - the manifest's own command, without a shell
                command,
                cwd=start.directory,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            said = f"{shlex.join(command)}: {error.strerror}"
            raise UnreachableError(
                fr=f"L'application ne peut être lancée ({said}) : corriger start.command dans le manifeste.",
                en=f"The application cannot be started ({said}): correct start.command in the manifest.",
            ) from None


def _wait_ready(process: "subprocess.Popen[bytes]", url: str, timeout_s: float, log: Path) -> None:
    deadline = time.monotonic() + timeout_s
    seen = "no answer"
    while time.monotonic() < deadline:
        if process.poll() is not None:
            code, words = process.returncode, _last_line(log)
            raise UnreachableError(
                fr=f"L'application s'est arrêtée avant d'être prête (code {code}) : {words} Voir {log.name}.",
                en=f"The application ended before it was ready (code {code}): {words} See {log.name}.",
            )
        try:
            answer = httpx.get(url, timeout=2, trust_env=False)
        except httpx.HTTPError as error:
            seen = str(error) or type(error).__name__
        else:
            if answer.is_success:
                return
            seen = f"HTTP {answer.status_code}"
        time.sleep(_POLL_S)
    raise UnreachableError(
        fr=f"L'application n'était pas prête après {timeout_s:.0f} s ({url} : {seen}) : voir {log.name}, "
        "ou allonger start.ready_timeout_s.",
        en=f"The application was not ready after {timeout_s:.0f} s ({url}: {seen}): see {log.name}, "
        "or give it longer with start.ready_timeout_s.",
    )


def check_reachable(base_url: str) -> None:
    """Ask for the capability statement once; any HTTP answer will do.

    Raises:
        UnreachableError: no HTTP answer at all, a refused certificate included.
    """
    try:
        with httpx.stream("GET", f"{base_url}/metadata", timeout=10, trust_env=False):
            pass
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise UnreachableError(
            fr=f"L'application ne répond pas à {base_url} ({error}) : la lancer, ou corriger "
            "server.base_url.",
            en=f"The application does not answer at {base_url} ({error}): start it, or correct "
            "server.base_url.",
        ) from None


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1][:300] if lines else "(…)"


def _stop(process: "subprocess.Popen[bytes]", timeout_s: float) -> None:
    """Ask the process group to stop, then make it."""
    for wish, patience in ((signal.SIGTERM, timeout_s), (signal.SIGKILL, timeout_s)):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, wish)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            continue
        if wish is signal.SIGTERM:
            # The leader is gone; whatever it left in its group goes too.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        return
