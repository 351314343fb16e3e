"""Watch the application pull until every act was played to it, or its time is over."""

import time

from lab.certification.application import Running
from lab.certification.session import Watcher
from lab.model.target import ClientRole
from lab.model.text import Text
from lab.sandbox.stack import Sandbox

_POLL_S = 0.2
_UNPROVOKED_POLLS = 12
"""Where no act is played, an application is watched for that many of its intervals."""

_POLLS_AFTERWARDS = 3
"""How long it is watched after the last act: what must be purged or asked again within two is seen then."""


def watch(
    client: ClientRole,
    hospital: Sandbox,
    watcher: Watcher,
    acts: tuple[str, ...],
    application: Running | None,
) -> list[str]:
    """Watch; return what the reader of the report must know of it. ``application``: as we started it."""
    stage = Text(fr="Observation de l'application", en="Watching the application")
    if application is None:  # somebody else starts it, and must know where the hospital is
        address = f"({hospital.addresses.fhir_base_url}, client_id {client.client_id})"
        stage = stage.extended(address, address)
    watcher.stage(stage)
    begun = time.monotonic()
    least = 0.0 if acts else min(client.watch_s, _UNPROVOKED_POLLS * client.poll_interval_s)
    while (elapsed := time.monotonic() - begun) < client.watch_s:
        if not hospital.acts_complete.is_set():
            least = max(least, elapsed + _POLLS_AFTERWARDS * client.poll_interval_s) if acts else least
        elif elapsed >= least:
            break
        if application is not None and application.is_gone:
            code = application.process.returncode
            return [f"The application ended by itself (code {code}) after {elapsed:.0f} s of watching it."]
        watcher.advance(elapsed, client.watch_s)
        time.sleep(_POLL_S)
    if hospital.acts_complete.is_set():
        return []
    note = f"The watch ended after {client.watch_s:.0f} s before every act was played: "
    return [note + "raise client.watch_s, or let the application pull more often."]
