"""Register the neighbour of the applications under test, see ``lab.checking.neighbour``."""

from lab.checking.keys import KeyPair
from lab.checking.neighbour import NEIGHBOUR, NEIGHBOUR_ADDRESS
from lab.fhir.permission_form import permission
from lab.sandbox.plan import Client


def neighbour(laboratory: KeyPair) -> Client:
    """Return a client that next to nothing is open to, from its own network only."""
    opened = permission(NEIGHBOUR, {"Organization": ()}, ("read",), networks=(f"{NEIGHBOUR_ADDRESS}/32",))
    return Client(NEIGHBOUR, laboratory.jwks, "system/Organization.r", opened)
