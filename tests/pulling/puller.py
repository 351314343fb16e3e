"""A small application that pulls encounters, right or with one flaw; several can live in one process.

``python puller.py SETTINGS.json``: a list of pullers, and a port where the program says that it is ready.
"""

import json
import random
import sys
import threading
import time
import uuid
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import jwt

FLAWS = {
    "none": "nothing is wrong",
    "slower": "each poll comes later than the one before",
    "equal-timestamps": "what happened within the second of the newest record is never asked for",
    "rereads": "everything is asked for again at each poll",
    "gives-up": "the first 503 is the last answer that it reads",
    "forgets": "after an outage it starts from now",
    "hot-loop": "what failed is repeated at once",
    "tokens": "a token for each poll",
    "first-page": "only the first page is read",
    "capped": "no flaw, but no more than four events in a poll, the oldest first",
}
_OVERLAP = timedelta(seconds=2)
_MOST_PAUSE_S = 3.0
_TRANSIENT = frozenset({429, 500, 502, 503, 504})


class Busy(Exception):  # noqa: N818 - a state of the hospital
    """The hospital gave no usable answer; ``wait_s`` is what it asked for."""

    def __init__(self, status: int, wait_s: float = 0.0) -> None:
        super().__init__(status)
        self.status = status
        self.wait_s = wait_s


class Puller:
    """One client: polls what changed, follows pages, backs off, keeps its token."""

    def __init__(self, settings: dict[str, str], *, interval_s: float) -> None:
        self._base = settings["base_url"]
        self._token_url = settings["token_url"]
        self._client_id = settings["client_id"]
        self._scopes = settings["scopes"]
        self._flaw = settings["flaw"]
        self._jwk = json.loads(Path(settings["key_file"]).read_text())
        self._interval_s = interval_s
        self._http = httpx.Client(timeout=10, trust_env=False)
        self._token, self._renew_at = "", 0.0
        self._since: datetime | None = None
        self._newest = ""
        self._failures = 0

    def run(self) -> None:
        """Poll for ever, or as long as the flaw lets it."""
        while True:
            try:
                self._poll()
            except (Busy, httpx.HTTPError) as error:
                pause = self._after(error)
                if pause is None:
                    return
            else:
                self._failures = 0
                pause = self._interval_s
                if self._flaw == "slower":
                    self._interval_s *= 1.15
            time.sleep(pause)

    def _after(self, error: Exception) -> float | None:
        """Return how long to wait after a failure, None to stop."""
        status = error.status if isinstance(error, Busy) else 0
        asked = error.wait_s if isinstance(error, Busy) else 0.0
        self._failures += 1
        if self._flaw == "gives-up" and status == 503:
            return None
        if self._flaw == "forgets":
            self._since = datetime.now(UTC) + _OVERLAP
        if self._flaw == "hot-loop":
            return 0.02
        grown = min(self._interval_s * 2.0**self._failures, _MOST_PAUSE_S)
        return max(asked, grown * random.uniform(0.8, 1.0))  # noqa: S311 - no secret

    def _poll(self) -> None:
        url, query = f"{self._base}/Encounter", self._query()
        answer = self._get(url, query)
        asked_at = parsedate_to_datetime(answer.headers["date"])
        while True:
            page = answer.json()
            for entry in page.get("entry", []):
                self._newest = max(self._newest, entry["resource"]["meta"]["lastUpdated"])
            following = [link["url"] for link in page["link"] if link["relation"] == "next"]
            if not following or self._flaw in {"first-page", "capped"}:
                break
            answer = self._get(following[0], None)
        self._since = asked_at

    def _query(self) -> dict[str, str]:
        if self._flaw == "capped":
            since = self._newest or "2000-01-01T00:00:00.000Z"
            return {"_lastUpdated": f"gt{since}", "_sort": "_lastUpdated", "_count": "4"}
        count = {"_count": "5" if self._flaw == "first-page" else "100"}
        if self._flaw == "rereads":
            return count
        if self._flaw == "equal-timestamps" and self._newest:
            return {"_lastUpdated": f"gt{self._newest[:19]}Z", **count}
        since = (self._since or datetime.now(UTC) - timedelta(days=1)) - _OVERLAP
        return {"_lastUpdated": f"ge{since.isoformat(timespec='milliseconds')}", **count}

    def _get(self, url: str, query: dict[str, str] | None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._bearer()}", "Accept": "application/fhir+json"}
        answer = self._http.get(url, params=query, headers=headers)
        if answer.status_code in _TRANSIENT:
            raise Busy(answer.status_code, float(answer.headers.get("retry-after", 0)))
        answer.raise_for_status()
        return answer

    def _bearer(self) -> str:
        if time.monotonic() >= self._renew_at or self._flaw == "tokens":
            now = int(time.time())
            ids = {"iss": self._client_id, "sub": self._client_id, "jti": str(uuid.uuid4())}
            key = jwt.PyJWK(self._jwk).key
            claims = {**ids, "aud": self._token_url, "exp": now + 240}
            assertion = jwt.encode(claims, key, algorithm="ES384", headers={"kid": self._jwk["kid"]})
            form = {
                "grant_type": "client_credentials",
                "scope": self._scopes,
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion": assertion,
            }
            answer = self._http.post(self._token_url, data=form)
            answer.raise_for_status()
            self._token = answer.json()["access_token"]
            self._renew_at = time.monotonic() + 0.8 * answer.json()["expires_in"]
        return self._token


class _Ready(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Say that the program is there."""
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main() -> None:
    """Run the pullers of a file of settings until the process is ended."""
    settings = json.loads(Path(sys.argv[1]).read_text())
    for one in settings["pullers"]:
        puller = Puller(one, interval_s=settings["interval_s"])
        threading.Thread(target=puller.run, daemon=True).start()
    HTTPServer(("127.0.0.1", settings["port"]), _Ready).serve_forever()


if __name__ == "__main__":
    main()
