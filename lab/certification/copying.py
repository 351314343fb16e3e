"""Find the resources that events copy, in the name of the application, with the key of the laboratory."""

from lab.authserver.registry import LABORATORY_KID
from lab.certification.application import UnreachableError
from lab.checking.expect import Told
from lab.engine.plan import Access
from lab.engine.tokens import TokenSource
from lab.engine.wire import LiveWire
from lab.fhir.client import FhirClient
from lab.fhir.scopes import parse_scopes
from lab.load.error import LoadError
from lab.model.target import ClientRole
from lab.pulling.follows import Search, copied, unseen, whole
from lab.pulling.injecting import Patterns
from lab.sandbox.plan import Addresses

_FALLBACK = ("Encounter", "Observation", "Patient")


def find_patterns(
    searches: tuple[Search, ...], at: Addresses, client: ClientRole, key: str, wire: LiveWire
) -> Patterns:
    """Return what events copy, as the hospital holds it; ``key`` is the laboratory's (PEM).

    Raises:
        LoadError: the application may see nothing, so that nothing can happen to it.
        UnreachableError: the hospital gives no token in its name.
    """
    access = Access(at.token_url, client.client_id, client.scopes, key, LABORATORY_KID)
    mine = FhirClient(at.fhir_base_url, wire, TokenSource("grant", access, wire), name="grant")
    hospital = FhirClient(at.backend_url, wire, lambda: f"Bearer {at.backend_key}", name="hospital")
    try:
        seen = whole(copied(searches, mine), hospital)
        hidden = unseen(str(seen[0]["resourceType"]), mine, hospital) if seen else ()
    except Told as told:
        raise UnreachableError(told.detail.fr, told.detail.en) from None
    if not seen:
        names = ", ".join(dict.fromkeys(type_ for type_, _ in searches))
        message = (
            f"No event can be made: the hospital shows the application nothing of what it follows ({names}). "
            "Check its Permission and scopes, or raise --patients."
        )
        raise LoadError(message)
    return Patterns(seen, hidden)


def opened(client: ClientRole) -> tuple[Search, ...]:
    """Return what an application that asks nothing could follow: the types of its scopes."""
    opened = {type_ for type_, _ in parse_scopes(client.scopes).rights}
    none: tuple[tuple[str, str], ...] = ()
    first = [type_ for type_ in _FALLBACK if type_ in opened or "*" in opened]
    return tuple((type_, none) for type_ in (*first, *sorted(opened - {*first, "*"})))
