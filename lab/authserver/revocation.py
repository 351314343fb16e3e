"""Take an application's access away, or give it back, in the state that a running platform reads.

Spec: OWASP ASVS 5.0 8.3.2 (changes of authorization are applied immediately)
"""

from lab.authserver.registry import Registry
from lab.authserver.state import State
from lab.authserver.tokens import Tokens


class UnknownApplicationError(ValueError):
    """The platform knows no application of that name; ``known`` are those that it does."""

    def __init__(self, known: tuple[str, ...]) -> None:
        super().__init__("no such application")
        self.known = known


def revoke(state: State, client_id: str, *, only_tokens: bool = False) -> None:
    """End the tokens that the application took and, unless only they are meant, refuse it from now on.

    Raises:
        UnknownApplicationError: there is no such application.
        StateUnavailableError: the state cannot be read or written.
    """
    _known(state, client_id)
    if not only_tokens:
        Registry((), state).disable(client_id)
    Tokens(state=state).revoke(client_id)


def admit(state: State, client_id: str) -> None:
    """Let an application that was refused in again; it takes new tokens.

    Raises:
        UnknownApplicationError: there is no such application.
        StateUnavailableError: the state cannot be read or written.
    """
    _known(state, client_id)
    Registry((), state).enable(client_id)


def _known(state: State, client_id: str) -> None:
    known = tuple(id_ for (id_,) in state.rows("select id from application order by id"))
    if client_id not in known:
        raise UnknownApplicationError(known)
