"""Send one request to an endpoint, within a time, and say what kept it from being received.

Nothing is followed, no proxy is used, and of the answer only the status is read.
Spec: http://hl7.org/fhir/uv/subscriptions-backport/STU1.1/errors.html
"""

import asyncio
from http import HTTPStatus

import httpx

from lab.fhirserver.subscriptions.message import Message

_STEP_S = 30.0  # the whole is bounded below


def client() -> httpx.AsyncClient:
    """Return what sends to endpoints; each request is on a connection of its own."""
    limits = httpx.Limits(max_keepalive_connections=0)
    return httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=_STEP_S, limits=limits)


async def failure(http: httpx.AsyncClient, message: Message, timeout_s: float) -> str:
    """Send, and return one sentence about what went wrong, empty when the endpoint answered 2xx."""
    try:
        async with asyncio.timeout(timeout_s):
            status = await _status(http, message)
    except TimeoutError:
        return f"The endpoint did not answer within {timeout_s:g} seconds."
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
        return "The endpoint could not be reached."
    if HTTPStatus(200) <= status < HTTPStatus(300):
        return ""
    if HTTPStatus(300) <= status < HTTPStatus(400):
        return f"The endpoint answered {status}: redirections are not followed."
    return f"The endpoint answered {status}."


async def _status(http: httpx.AsyncClient, message: Message) -> int:
    headers = list(message.headers)
    async with http.stream(message.method, message.url, headers=headers, content=message.body) as answer:
        return answer.status_code
