"""Who is compared in `peers.py`: how each is installed, started, and what its output holds."""

import json
import tempfile
import venv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from measuring import Run, run, run_lab, run_script

LABORATORY = "ours, laboratory Observations"
HOSPITAL = "ours, whole hospital"


@dataclass(frozen=True, slots=True)
class Made:
    """What one run made: resources, their bytes as uncompressed JSON, CPU-seconds of all its processes."""

    resources: int
    bytes: int
    cpu: float

    @property
    def rate(self) -> float:
        """Give resources per CPU-second of one core."""
        return self.resources / self.cpu


@dataclass(frozen=True, slots=True)
class Contender:
    """Something that makes resources; `make` raises FailedError when it does not."""

    name: str
    make: Callable[[], Made]
    is_peer: bool


class FailedError(Exception):
    """A contender could not be installed, failed, or made nothing: one sentence."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A generator of PyPI. `arguments` end with the option that names the folder to write."""

    name: str
    version: str
    arguments: str


PEERS = (
    # 100 people of whom it simulates one year, day after day.
    Peer(
        "clinosim",
        "0.6.5",
        "simulate --population 100 --country US --start 2022-01-01 --end 2022-12-31 --seed 42 "
        "--format fhir-r4 --output",
    ),
    # One visit of each of 800 people.
    Peer("carebundle", "0.5.0", "generate --profile mixed --count 800 --seed 42 --format ndjson --out"),
)


def ours(scale: str, blocks: str) -> tuple[Contender, ...]:
    """Give our two ways: the whole hospital of a scale, and the laboratory of some blocks of the real one."""
    return (
        Contender(HOSPITAL, lambda: _hospital(scale), is_peer=False),
        Contender(LABORATORY, lambda: _laboratory(blocks), is_peer=False),
    )


def installed(peer: Peer, folder: Path) -> Contender:
    """Install a peer into a virtual environment of its own under a folder; FailedError when it cannot be."""
    home = folder / peer.name
    venv.create(home, with_pip=True)
    wanted = f"{peer.name}=={peer.version}"
    pip = run([home / "bin" / "python", "-m", "pip", "install", "--quiet", "--no-input", wanted])
    if pip.exit_code:
        raise FailedError(f"{wanted} cannot be installed: {pip.why}")
    return Contender(f"{peer.name} {peer.version}", lambda: _peer(peer, home), is_peer=True)


def _hospital(scale: str) -> Made:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "hospital"
        done = _sound(run_lab("data", "generate", "--out", out, "--scale", scale, "--workers", "1").run)
        files = json.loads((out / "manifest.json").read_bytes())["files"]
    return Made(sum(f["lines"] for f in files), sum(f["content_bytes"] for f in files), done.cpu)


def _laboratory(blocks: str) -> Made:
    with tempfile.TemporaryDirectory() as folder:
        done = _sound(run_script("some_kinds.py", folder, "Observation.laboratory", "--blocks", blocks))
    told = json.loads(done.output)
    return Made(sum(told["lines"].values()), told["content_bytes"], done.cpu)


def _peer(peer: Peer, home: Path) -> Made:
    with tempfile.TemporaryDirectory() as folder:
        done = _sound(run([home / "bin" / peer.name, *peer.arguments.split(), folder]))
        files = [path.read_bytes() for path in sorted(Path(folder).rglob("*.ndjson"))]
    made = Made(sum(file.count(b"\n") for file in files), sum(map(len, files)), done.cpu)
    if not made.resources:
        raise FailedError("it ended well but wrote no resource")
    return made


def _sound(done: Run) -> Run:
    if done.exit_code:
        raise FailedError(f"exit code {done.exit_code}: {done.why}")
    return done
