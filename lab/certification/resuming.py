"""Kill the application in the middle of its work, start it again, and watch where it takes up its work.

The key that the laboratory gave it is replaced meanwhile, as an operator would rotate it.
Rule of the laboratory: CLI-SYN-05, CLI-AUT-05.
"""

import time
from dataclasses import dataclass
from pathlib import Path

import orjson

from lab.certification.application import Running
from lab.checking.keys import KeyPair
from lab.journal.journal import Journal
from lab.model.target import ClientRole

NEED_RESTART = frozenset({"CLI-AUT-05", "CLI-SYN-05"})
_POLLS = 3
_LEAST_S, _MOST_S = 4.0, 15.0


@dataclass(frozen=True)
class Restart:
    """When the application was killed, in seconds of the run, and the id of its new key, if it got one."""

    t: float
    rotated: str


def restart(process: Running, client: ClientRole, successor: KeyPair, begun: float) -> Restart:
    """Kill and start again, with another key where the laboratory gave the first; leave time for polls.

    Raises:
        UnreachableError: the application does not start again.
    """
    killed = round(time.monotonic() - begun, 4)
    if client.jwks is None:
        Path(process.values["key_file"]).write_bytes(orjson.dumps(successor.private_jwk))
    process.restart()
    time.sleep(min(_MOST_S, max(_LEAST_S, _POLLS * client.poll_interval_s)))
    return Restart(killed, successor.kid if client.jwks is None else "")


def note_restart(journal: Path, restarted: Restart | None) -> None:
    """Write a restart into the frozen journal."""
    if restarted is None:
        return
    marked = Journal(journal, "R")
    facts = {"restarted": True, "rotated": restarted.rotated}
    marked.record(
        t=restarted.t,
        actor="application",
        client="",
        method="RESTART",
        url="laboratory:restart",
        facts=facts,
    )
    marked.close()
