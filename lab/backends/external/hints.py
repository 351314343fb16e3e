"""Where the pages of the server behind stand, remembered beside our own page links and never in them.

Its links count what the view hides. Ours tell the last resource served, which the client has seen; where that
was found is kept here for a while and, when it is forgotten, found again from the beginning.
"""

from collections import OrderedDict

from lab.backends.external.finding import Place

MOST = 2_000


class Hints:
    """The places of the last pages served, the oldest forgotten first."""

    def __init__(self, most: int = MOST) -> None:
        """Keep ``most`` of them."""
        self._most = most
        self._places: OrderedDict[str, Place] = OrderedDict()

    def keep(self, token: str, place: Place) -> None:
        """Remember where the last resource before a page link was found."""
        self._places[token] = place
        self._places.move_to_end(token)
        while len(self._places) > self._most:
            self._places.popitem(last=False)

    def place(self, token: str) -> Place | None:
        """Return where it was found, None when that is forgotten."""
        return self._places.get(token)

    def drop(self, token: str) -> None:
        """Forget a place that does not stand any more."""
        self._places.pop(token, None)
