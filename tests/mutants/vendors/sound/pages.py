"""Page links: opaque, signed, of one client."""

import base64
import hashlib
import hmac
import json
import secrets
from typing import Any

from tests.mutants.vendors.sound.message import Refused


class Pages:
    """Seals and opens what a next link stands for."""

    def __init__(self) -> None:
        self.key = secrets.token_bytes(32)

    def seal(self, client_id: str, state: dict[str, Any]) -> str:
        """Return the token of a link."""
        plain = json.dumps({**state, "client": client_id}).encode()
        return base64.urlsafe_b64encode(plain + self.mark(plain)).decode().rstrip("=")

    def mark(self, plain: bytes) -> bytes:
        """Return the signature."""
        return hmac.digest(self.key, plain, hashlib.sha256)

    def open(self, client_id: str, token: str) -> dict[str, Any]:
        """Return what a link stands for; refuses one that was changed, or is of another."""
        try:
            whole = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
            plain, mark = whole[:-32], whole[-32:]
            if not self.genuine(plain, mark):
                raise Refused(400, "invalid", "The page link is not valid.")
            state = json.loads(plain)
        except (ValueError, TypeError):
            raise Refused(400, "invalid", "The page link is not valid.") from None
        self.check_owner(client_id, state)
        return dict(state)

    def genuine(self, plain: bytes, mark: bytes) -> bool:
        """Tell whether a link was made here."""
        return hmac.compare_digest(self.mark(plain), mark)

    def check_owner(self, client_id: str, state: dict[str, Any]) -> None:
        """Refuse the link of another client."""
        if state.get("client") != client_id:
            raise Refused(403, "forbidden", "The page link is not yours.")
