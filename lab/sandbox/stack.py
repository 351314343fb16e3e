"""Start and stop a sandbox in a child process: the stack as one context manager."""

import json
import queue
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import orjson

from lab.fhirserver.listening import LOOPBACK, bind
from lab.gateway.windows import Window
from lab.sandbox import decoy
from lab.sandbox.plan import Addresses, SandboxPlan, Share

READY_TIMEOUT_S = 120
STOP_TIMEOUT_S = 10


class SandboxError(RuntimeError):
    """The sandbox could not be started or died: a laboratory error, never a verdict."""


class Sandbox:
    """A running sandbox: its first process, and ``others`` that serve the same sockets."""

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self._process = process
        self._log = log
        self._events: queue.Queue[dict[str, Any]] = queue.Queue()
        self.acts_complete = threading.Event()
        self.addresses: Addresses
        self.others: list[Sandbox] = []
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 - opened as a pipe by start()
        for line in self._process.stdout:
            event = json.loads(line)
            if event["event"] == "acts-complete":
                self.acts_complete.set()
            self._events.put(event)
        self._events.put({"event": "ended"})

    def wait_ready(self, progress: Callable[[int], None] | None = None) -> None:
        """Wait until every part answers; a hospital that goes on filling is waited for.

        Raises:
            SandboxError: the child failed, or said nothing for too long.
        """
        deadline = time.monotonic() + READY_TIMEOUT_S
        while True:
            try:
                event = self._events.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise SandboxError(f"The sandbox said nothing for {READY_TIMEOUT_S} s.") from None
            match event.pop("event"):
                case "ready":
                    event["process"] = self._process.pid
                    event["groups"] = {name: tuple(ids) for name, ids in event["groups"].items()}
                    self.addresses = Addresses(**event)
                    return
                case "progress":
                    deadline = time.monotonic() + READY_TIMEOUT_S
                    if progress:
                        progress(event["resources"])
                case "failed":
                    raise SandboxError(event["reason"])
                case "ended":
                    raise SandboxError(f"The sandbox ended before it was ready: {self._last_words()}")

    @property
    def alive(self) -> bool:
        """Tell whether a process is still serving."""
        return bool(self.processes)

    @property
    def processes(self) -> tuple[int, ...]:
        """Return the ids of the processes that are serving."""
        own = (self._process.pid,) if self._process.poll() is None else ()
        return (*own, *(pid for other in self.others for pid in other.processes))

    def announce(self, windows: tuple[Window, ...]) -> None:
        """Tell the gateway when its faults are, in place of what it was told before; one process only.

        Raises:
            SandboxError: the sandbox is not there to hear it.
        """
        line = orjson.dumps({"windows": [asdict(window) for window in windows]}) + b"\n"
        try:
            assert self._process.stdin is not None  # noqa: S101 - opened as a pipe by _started()
            self._process.stdin.write(line)
            self._process.stdin.flush()
        except BrokenPipeError:
            raise SandboxError(f"The sandbox has ended: {self._last_words()}") from None

    def stop(self) -> None:
        """Close the child's input, wait for it, end it if it does not."""
        if self._process.stdin:
            with suppress(BrokenPipeError):
                self._process.stdin.close()
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._listener.join(STOP_TIMEOUT_S)
        if self._process.stdout:
            self._process.stdout.close()

    def _last_words(self) -> str:
        lines = (
            self._log.read_text(encoding="utf-8", errors="replace").splitlines() if self._log.exists() else []
        )
        return lines[-1] if lines else "nothing was said."


@contextmanager
def sandbox(
    plan: SandboxPlan,
    log: Path,
    progress: Callable[[int], None] | None = None,
    *,
    module: tuple[str, ...] = ("-m", "lab.sandbox.serve"),
) -> Iterator[Sandbox]:
    """Run a sandbox for the length of the block; what it writes to standard error goes to ``log``.

    ``module`` is what Python is told to run: the sandbox, or a mutant of it.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        share = _share(plan, stack) if plan.workers > 1 else None
        first = _started(replace(plan, share=share), log, module, stack)
        first.wait_ready(progress)
        if share is not None:
            for number in range(2, plan.workers + 1):
                worker = _started(replace(plan, share=replace(share, number=number)), log, module, stack)
                worker.wait_ready()
                first.others.append(worker)
        yield first


def _share(plan: SandboxPlan, stack: ExitStack) -> Share:
    """Open what the workers share: they all accept from the same queues, so none is lost with one of them."""
    if not plan.state:
        raise SandboxError("Several workers need a state file for their tokens: give the plan a state.")
    try:
        sockets = {
            name: stack.enter_context(
                bind(decoy.ADDRESS if name == "decoy" else LOOPBACK, plan.ports.get(name, 0))
            )
            for name in ("gateway", "token", "backend", "decoy")
        }
    except OSError as error:
        raise SandboxError(
            f"A port cannot be opened ({error.strerror}): choose another one, or none."
        ) from None
    numbers = {name: listener.fileno() for name, listener in sockets.items()}
    return Share(1, numbers, secrets.token_hex(64), secrets.token_urlsafe(32), time.monotonic())


def _started(plan: SandboxPlan, log: Path, module: tuple[str, ...], stack: ExitStack) -> Sandbox:
    """Start one process of a sandbox, which ends with the stack."""
    with log.open("ab") as errors:
        process = subprocess.Popen(  # noqa: S603 - our own program, no shell
            [sys.executable, *module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            pass_fds=tuple(plan.share.sockets.values()) if plan.share else (),
            # A Ctrl-C is for the parent, which then closes the child's input: the journal stays whole.
            start_new_session=True,
        )
    running = Sandbox(process, log)
    stack.callback(running.stop)
    assert process.stdin is not None  # noqa: S101 - opened as a pipe just above
    process.stdin.write(plan.to_line())
    process.stdin.flush()
    return running
