"""The links to further pages: sealed, so that they can be neither read nor edited, and bound to a consumer.

A link carries the whole search and where it stopped; its seal dies with the process and after ten minutes.
"""

import base64
import json
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken

from tableau_urgences.exchange import Refusal
from tableau_urgences.facade.kinds import Pair

LIFE_S = 600


@dataclass(frozen=True)
class Page:
    """Where a search of a consumer goes on: after the id ``after``."""

    client_id: str
    type: str
    parameters: tuple[Pair, ...]
    after: str


class Pages:
    """Seals and opens links with a key of this process."""

    def __init__(self) -> None:
        self._seal = Fernet(Fernet.generate_key())

    def seal(self, page: Page) -> str:
        """Return the value to put into a next link."""
        content = [page.client_id, page.type, page.parameters, page.after]
        return self._seal.encrypt(json.dumps(content).encode()).decode()

    def open(self, value: str, type_: str, client_id: str) -> Page:
        """Return the page of a link.

        Raises:
            Refusal: 410, with the same words for a link that is forged, edited, old or another consumer's.
        """
        page = self._opened(value)
        if page is None or (page.client_id, page.type) != (client_id, type_):
            raise Refusal(410, "expired", "This page link is not valid any more: repeat the search.")
        return page

    def _opened(self, value: str) -> Page | None:
        try:
            # Decoding forgives what follows the padding; a link is the one we made, to the last character.
            if base64.urlsafe_b64encode(base64.urlsafe_b64decode(value)) != value.encode():
                return None
            client_id, type_, parameters, after = json.loads(self._seal.decrypt(value, ttl=LIFE_S))
        except (InvalidToken, ValueError):
            return None
        return Page(client_id, type_, tuple((name, given) for name, given in parameters), after)
