"""An identity with fewer scopes than it is registered for, and what the token endpoint said to that.

A token endpoint may grant other scopes than those asked for when it says so (RFC 6749 section 3.3): what was
granted is what an application is judged on.
Spec: https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html
"""

from collections.abc import Callable
from dataclasses import dataclass

from lab.checking.expect import Expect, NotShown
from lab.fhir.client import FhirClient
from lab.fhir.reply import Reply
from lab.model.text import Text

_REFUSALS = frozenset({400, 401, 403})


class TokenRefused(NotShown):
    """The token endpoint gave no token; ``status`` 0 means that it did not answer."""

    def __init__(self, detail: Text, reply: Reply) -> None:
        super().__init__(detail, (reply.exchange,))
        self.status = reply.status


@dataclass(frozen=True)
class Narrowed:
    """``client`` calls with the scopes ``granted``; None when the token endpoint refuses those ``asked``."""

    asked: str
    client: FhirClient | None
    granted: str
    status: int

    def needed(self, expect: Expect, *, but: str = "") -> FhirClient:
        """Return the client; omits the check when no such token is given, or one that holds more.

        ``but`` is the right (``Patient.s``) that the token must not hold for the check to mean something.
        """
        if self.client is None:
            expect.omit(
                f"Le serveur de jetons refuse les portées {self.asked} (HTTP {self.status}) : aucun jeton "
                "de ce genre n'existe.",
                f"The token endpoint refuses the scopes {self.asked} (HTTP {self.status}): there is no such "
                "token.",
            )
        if but:
            expect.omit(
                f"Pour les portées {self.asked}, le serveur de jetons accorde {self.granted} : aucun jeton "
                f"n'est sans {but}.",
                f"For the scopes {self.asked} the token endpoint grants {self.granted}: no token is without "
                f"{but}.",
            )
        return self.client


def narrowed(scoped: Callable[[str], FhirClient], scopes: str) -> Narrowed:
    """Ask for a token of the restricted identity with these scopes only.

    Raises:
        NotShown: there is no such identity, or the token endpoint did not answer.
    """
    client = scoped(scopes)
    try:
        client.authorization()
    except TokenRefused as refused:
        if refused.status not in _REFUSALS:
            raise
        return Narrowed(scopes, None, "", refused.status)
    return Narrowed(scopes, client, str(getattr(client.authorization, "granted", scopes)), 200)
