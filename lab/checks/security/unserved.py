"""End a probe about something that the application does not serve: the full identity does not get it either.

A refusal is the proof that the probe does not apply; a server that breaks down, or is silent, proves nothing.
"""

from collections.abc import Collection
from typing import NoReturn

from lab.api import Expect, Reply, Text, status_of

_BROKEN = 500
_NOT_IMPLEMENTED = 501


def unserved(what: Text, controls: Collection[Reply], expect: Expect) -> NoReturn:
    """Omit the check with the answers to the full identity as its proof; skip it when there is none."""
    expect.name(*list(controls)[:4])
    said = ", ".join(dict.fromkeys(status_of(reply) for reply in controls)) or "—"
    if not controls or any(_is_broken(reply) for reply in controls):
        expect.skip(
            f"Sans réponse exploitable pour l'identité complète : {what.fr} ({said}).",
            f"Without a usable answer to the full identity: {what.en} ({said}).",
        )
    expect.omit(
        f"Non servi à l'identité complète : {what.fr} ({len(controls)} essai(s) : {said}).",
        f"Not served to the full identity: {what.en} ({len(controls)} attempt(s): {said}).",
    )


def _is_broken(reply: Reply) -> bool:
    return reply.status == 0 or (reply.status >= _BROKEN and reply.status != _NOT_IMPLEMENTED)
