"""Page links that reveal nothing, cannot be edited, and work for one client only.

The state of a search (its parameters and the last entry served) travels in the link itself, encrypted and
bound to the client: nothing is kept on the server, so a link never expires, and it is the same for the same
state.

Spec: https://hl7.org/fhir/R4/http.html#paging and https://www.rfc-editor.org/rfc/rfc5297
"""

import base64
import binascii
import hashlib

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from lab.fhir.response import FhirError

PARAMETER = "_page"
_SHORTEST = 17  # a tag and one byte: the cipher refuses less


class Pages:
    """Seals and opens the state of page links."""

    def __init__(self, key: bytes) -> None:
        """Take a secret of at least 16 random bytes.

        Raises:
            ValueError: the secret is too short.
        """
        if len(key) < 16:
            message = f"The page key needs at least 16 bytes, got {len(key)}."
            raise ValueError(message)
        self._cipher = AESSIV(hashlib.sha512(key).digest())

    def seal(self, state: object, binding: str) -> str:
        """Return the token of a state for the client of a binding."""
        sealed = self._cipher.encrypt(orjson.dumps(state), [binding.encode()])
        return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def unseal(self, token: str, binding: str) -> object:
        """Return the state of a token.

        Raises:
            FhirError: 410 when the token was edited, or made for another client or policy.
        """
        try:
            sealed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
            if len(sealed) < _SHORTEST or base64.urlsafe_b64encode(sealed).rstrip(b"=").decode() != token:
                raise gone()
            return orjson.loads(self._cipher.decrypt(sealed, [binding.encode()]))
        except (InvalidTag, binascii.Error, ValueError):
            raise gone() from None


def gone() -> FhirError:
    """Return the refusal of a page link."""
    return FhirError(410, "expired", "This page link is not valid: start the search again.")
