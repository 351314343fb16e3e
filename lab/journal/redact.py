"""Replace secrets by a keyed digest, so that "the same token again?" stays testable and the token does not.

A digest is ``h:`` and 12 hexadecimal digits of an HMAC-SHA-256 under a key that lives as long as the run.
"""

import hmac
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit, urlunsplit

import jwt
import orjson

SECRET_HEADERS = frozenset({"authorization", "cookie", "set-cookie", "proxy-authorization", "x-api-key"})
SECRET_FIELDS = frozenset(
    {"access_token", "client_assertion", "client_secret", "refresh_token", "id_token", "token", "password"}
)
_NEEDLES = ("token", "client_", "password")
"""Every name of a secret field holds one of these."""
_BEARER = re.compile(r"^(\S+)(\s+)(.*)$", re.DOTALL)
_DIGEST = re.compile(r"h:[0-9a-f]{12}")
_JWT = re.compile(r"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*")


def _is_secret(name: str) -> bool:
    return name.strip().lower() in SECRET_FIELDS


class Redactor:
    """Digests secrets under one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def digest(self, secret: str) -> str:
        """Return the stand-in of a secret; an empty one stays empty."""
        if not secret or _DIGEST.fullmatch(secret):
            return secret
        return "h:" + hmac.digest(self._key, secret.encode(), "sha256").hex()[:12]

    def headers(self, headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        """Return the headers, the values of secret ones digested and their scheme kept."""
        return tuple([(name, self._header(name, value)) for name, value in headers])

    def url(self, url: str) -> str:
        """Return the URL, the values of secret query parameters digested."""
        if "?" not in url and "#" not in url:
            return self.text(url)
        parts = urlsplit(url)
        if not parts.query and not parts.fragment:
            return self.text(url)
        pairs = [part.partition("=") for part in parts.query.split("&")]
        query = "&".join(
            f"{name}{equals}{self.digest(value) if _is_secret(unquote(name)) else value}"
            for name, equals, value in pairs
        )
        # A fragment has no place in a request: what somebody sent there is nobody's to read.
        return self.text(urlunsplit(parts._replace(query=query, fragment=self.digest(parts.fragment))))

    def body(self, body: bytes, content_type: str) -> str:
        """Return the body as text, the secret fields of a form or of a JSON object digested."""
        text = body.decode("utf-8", "replace")
        if "form-urlencoded" in content_type:
            pairs = parse_qsl(text, keep_blank_values=True)
            return "&".join(
                f"{name}={self.digest(value) if _is_secret(name) else quote(value, safe='')}"
                for name, value in pairs
            )
        if "json" in content_type and any(needle in text for needle in _NEEDLES):
            return self._json(body, text)
        return self.text(text)

    def message(self, raw: bytes) -> str:
        """Return a whole HTTP message as it was sent, its secret headers and query parameters digested."""
        first, *lines = raw.decode("latin-1").split("\r\n")
        method, space, target = first.partition(" ")
        kept = [f"{method}{space}{self.url(target)}"]
        for line in lines:
            name, colon, value = line.partition(":")
            secret = name.strip().lower() in SECRET_HEADERS
            kept.append(
                f"{name}{colon} {self._header(name.strip(), value.strip())}" if secret else self.text(line)
            )
        return "\r\n".join(kept)

    def text(self, text: str) -> str:
        """Return the text, any JSON Web Token in it digested."""
        if "eyJ" not in text:
            return text
        return _JWT.sub(lambda match: self.digest(match[0]), text)

    def assertion(self, token: str) -> dict[str, Any]:
        """Return the readable parts of a client assertion, which digesting it would destroy."""
        try:
            header = jwt.get_unverified_header(token)
            claims = jwt.decode(token, options={"verify_signature": False})
        except jwt.InvalidTokenError:
            return {"readable": False}
        claims["jti"] = self.digest(str(claims["jti"])) if claims.get("jti") else None
        return {"readable": True, "header": header, "claims": claims}

    def _header(self, name: str, value: str) -> str:
        if name.lower() not in SECRET_HEADERS:
            return self.text(value)
        scheme = _BEARER.match(value)
        return f"{scheme[1]}{scheme[2]}{self.digest(scheme[3])}" if scheme else self.digest(value)

    def _json(self, body: bytes, text: str) -> str:
        try:
            data = orjson.loads(body)
        except orjson.JSONDecodeError:
            return self.text(text)
        if not isinstance(data, dict) or not SECRET_FIELDS & data.keys():
            return self.text(text)
        kept = {
            name: self.digest(str(value)) if name in SECRET_FIELDS else value for name, value in data.items()
        }
        return orjson.dumps(kept).decode()
