"""Sends requests to the hospital: signed token, one repeat after 401, waits that the hospital asks for.

Specs: SMART Backend Services 2.2, RFC 9110 section 10.2.3 (Retry-After), RFC 6750.
"""

import json
import random
import time
import uuid
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import jwt

from entrepot_recherche import VERSION
from entrepot_recherche.settings import SCOPES, Settings

USER_AGENT = f"ExempleRecherche/entrepot-recherche/{VERSION}"
MAX_TRIES = 6
FHIR_JSON = "application/fhir+json"
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class HospitalError(Exception):
    """The hospital does not give what was asked for; the night is over, the next one tries again."""


class NoTokenError(HospitalError):
    """The hospital gives no token: nothing at all can be asked for tonight."""


class Hospital:
    """One hospital, seen through one registration, used by one thread."""

    def __init__(self, settings: Settings, http: httpx.Client) -> None:
        self.settings = settings
        self.http = http
        self._token, self._renew_at = "", 0.0
        self._granted: set[str] = set()

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: dict[str, str] | None = None,
        resource: dict[str, Any] | None = None,
        into: Path | None = None,
    ) -> httpx.Response:
        """Return the answer, whatever its status, once it is no passing fault; ``into`` receives a long body.

        Raises:
            HospitalError: every try ended in a passing fault, or led to another host.
        """
        url = url if "://" in url else f"{self.settings.base_url}/{url}"
        if not url.startswith(f"{self.settings.base_url}"):
            raise HospitalError("led to another host than the hospital's")
        content = None if resource is None else json.dumps(resource).encode()
        renewed = False
        for tried in range(1, MAX_TRIES + 1):
            response = self.once(method, url, dict(headers or {}), content, into)
            if response is not None and response.status_code == 401 and not renewed:
                renewed, self._renew_at = True, 0.0
                continue
            if response is not None and response.status_code != 429 and response.status_code < 500:
                return response
            time.sleep(self.pause(tried, response))
        raise HospitalError(f"no usable answer to {method} {url}")

    def once(
        self, method: str, url: str, headers: dict[str, str], content: bytes | None, into: Path | None
    ) -> httpx.Response | None:
        """Send a request once; None when the connection broke, whatever had arrived of the answer."""
        if content is not None:
            headers["Content-Type"] = FHIR_JSON
        headers = {"Accept": FHIR_JSON, **headers, **self.authorization(url)}
        try:
            with self.http.stream(method, url, headers=headers, content=content) as response:
                if into is None or response.status_code != 200:
                    response.read()
                else:
                    with into.open("wb") as file:
                        for chunk in response.iter_bytes():
                            file.write(chunk)
                return response
        except httpx.RequestError:
            return None

    def authorization(self, url: str) -> dict[str, str]:
        """Return the header that carries the token: files are asked for with it like anything else."""
        del url
        return {"Authorization": f"Bearer {self.token()}"}

    def pause(self, tried: int, response: httpx.Response | None) -> float:
        """Return how long to wait before the next try: as asked, else longer each time, with jitter."""
        asked = retry_after(response) if response is not None else None
        return asked if asked is not None else 0.5 * 2.0 ** (tried - 1) * random.uniform(1, 1.25)  # noqa: S311

    def token(self) -> str:
        """Return the token in force, or a new one."""
        if time.monotonic() >= self._renew_at:
            configuration = self.http.get(f"{self.settings.base_url}/.well-known/smart-configuration").json()
            endpoint = configuration["token_endpoint"]
            if httpx.URL(endpoint).host != httpx.URL(self.settings.base_url).host:
                raise HospitalError("the token endpoint is on another host than the hospital's")
            form = {
                "grant_type": "client_credentials",
                "scope": SCOPES,
                "client_assertion_type": _ASSERTION,
                "client_assertion": self._assertion(endpoint),
            }
            answer = self.http.post(endpoint, data=form)
            if answer.status_code != 200:
                raise NoTokenError(f"no token: {answer.status_code} {answer.text[:200]}")
            self._token = answer.json()["access_token"]
            # The reply names the scopes when they are not all those asked for (RFC 6749, section 3.3).
            scopes = answer.json().get("scope", SCOPES).split()
            self._granted = {scope.partition("/")[2].partition(".")[0] for scope in scopes}
            self._renew_at = time.monotonic() + 0.8 * answer.json().get("expires_in", 60)
        return self._token

    def opens(self, type_: str) -> bool:
        """Tell whether the token in force opens a type at all."""
        self.token()
        return type_ in self._granted

    def _assertion(self, audience: str) -> str:
        key = json.loads(self.settings.key_file.read_bytes())
        client = self.settings.client_id
        claims = {"iss": client, "sub": client, "aud": audience, "jti": str(uuid.uuid4())}
        return jwt.encode(
            {**claims, "exp": int(time.time()) + 120},
            jwt.PyJWK(key).key,
            key.get("alg", "ES384"),
            headers={"kid": key["kid"], "typ": "JWT"},
        )


def retry_after(response: httpx.Response) -> float | None:
    """Return the seconds that Retry-After asks for, in either form; None without it."""
    value = response.headers.get("retry-after", "")
    if value.isdigit():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None
