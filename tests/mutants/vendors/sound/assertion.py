"""Level 2: is a client assertion right? One method for each rule.

Spec: https://hl7.org/fhir/smart-app-launch/STU2.2/client-confidential-asymmetric.html
"""

import json
import time
from typing import Any

import jwt
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

ALGORITHMS = ("ES384", "RS384")
TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LONGEST_S, _SKEW_S = 300, 60
_MOST = 16_384


class Wrong(Exception):
    """An assertion that proves nothing."""


class Assertions:
    """Verifies assertions of known clients, all of whom have the keys of one JWKS."""

    def __init__(self, jwks: dict[str, Any], known: frozenset[str], audience: str) -> None:
        self.keys = {key["kid"]: key for key in jwks["keys"]}
        self.known = known
        self.audience = audience
        self.used: set[tuple[str, str]] = set()

    def client(self, assertion: str) -> str:
        """Return the id of the client that made an assertion.

        Raises:
            Wrong: a rule is broken.
        """
        if len(assertion) > _MOST:
            raise Wrong
        try:
            header = jwt.get_unverified_header(assertion)
            key = self.key(header)
            self.check_header(header)
            claims = self.verified(assertion, key, header)
        except (jwt.PyJWTError, ValueError, TypeError, KeyError):
            raise Wrong from None
        self.check_issuer(claims)
        self.check_audience(claims.get("aud"))
        self.check_expiry(claims)
        self.check_beginning(claims)
        self.check_fresh(claims)
        return str(claims["iss"])

    def key(self, header: dict[str, Any]) -> Any:
        """Return the registered key that the header names."""
        return _key(self.keys[header["kid"]])

    def check_header(self, header: dict[str, Any]) -> None:
        """Refuse other algorithms, and headers that bring a key of their own."""
        if header.get("alg") not in ALGORITHMS or {"jku", "jwk", "x5c", "x5u", "crit"} & header.keys():
            raise Wrong

    def verified(self, assertion: str, key: Any, header: dict[str, Any]) -> dict[str, Any]:
        """Return the claims, once the signature is verified."""
        del header
        options = {f"verify_{name}": False for name in ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")}
        return jwt.decode(assertion, key, algorithms=list(ALGORITHMS), options=options)

    def check_issuer(self, claims: dict[str, Any]) -> None:
        """Refuse who is not known, or speaks for another."""
        issuer = claims.get("iss")
        if not isinstance(issuer, str) or issuer not in self.known or issuer != claims.get("sub"):
            raise Wrong

    def check_audience(self, audience: Any) -> None:
        """Refuse what was made for another server."""
        if audience != self.audience:
            raise Wrong

    def check_expiry(self, claims: dict[str, Any]) -> None:
        """Refuse what is over, and what lasts too long."""
        now, end = time.time(), claims.get("exp")
        if not isinstance(end, int | float) or isinstance(end, bool) or not now < end <= now + _LONGEST_S:
            raise Wrong

    def check_beginning(self, claims: dict[str, Any]) -> None:
        """Refuse what is of the future."""
        for name in ("nbf", "iat"):
            begins = claims.get(name, 0)
            if not isinstance(begins, int | float) or begins > time.time() + _SKEW_S:
                raise Wrong

    def check_fresh(self, claims: dict[str, Any]) -> None:
        """Refuse an assertion without an id, or with one that was used."""
        id_ = claims.get("jti")
        if not isinstance(id_, str) or not id_ or (claims["iss"], id_) in self.used:
            raise Wrong
        self.used.add((claims["iss"], id_))


def _key(jwk: dict[str, Any]) -> Any:
    kind = ECAlgorithm if jwk["kty"] == "EC" else RSAAlgorithm
    return kind.from_jwk(json.dumps(jwk))
