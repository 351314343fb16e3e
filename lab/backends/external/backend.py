"""A FHIR server over HTTP as a backend of the gateway: the interactions, and what happens when it fails.

What is not in the table is refused with one constant answer.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

from lab.backends.external.about import NOT_RESOURCES
from lab.backends.external.address import Address
from lab.backends.external.capabilities import capabilities
from lab.backends.external.desk import Desk
from lab.backends.external.everything import everything
from lab.backends.external.history import history
from lab.backends.external.pools import LASTS_S, Pools
from lab.backends.external.reading import read, vread
from lab.backends.external.refusals import UpstreamError, not_narrowed, overdue, unknown
from lab.backends.external.searching import search
from lab.backends.external.showing import check_accepted
from lab.backends.external.upstream import MAX_BYTES, Upstream
from lab.backends.external.writing import create, delete, patch, update
from lab.fhir.interaction import Interaction
from lab.fhir.page import Pages
from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirError, FhirResponse, outcome
from lab.fhir.strict_json import Json
from lab.fhir.view import View

_EXCHANGES = 3
"""How many times longer than one exchange a whole request may take: it may need many short ones."""

_LOG = logging.getLogger(__name__)
_FAILED = outcome(500, "exception", "The platform failed to answer.")

PERFORMED: Mapping[Interaction, Callable[[Desk, FhirRequest, View], Awaitable[FhirResponse]]] = {
    Interaction.READ: read,
    Interaction.VREAD: vread,
    Interaction.HISTORY_INSTANCE: history,
    Interaction.SEARCH_TYPE: search,
    Interaction.CREATE: create,
    Interaction.UPDATE: update,
    Interaction.PATCH: patch,
    Interaction.DELETE: delete,
    Interaction.OPERATION: everything,
}


class ExternalBackend:
    """A hospital on another server. See ``lab.backends.backend.Backend``."""

    def __init__(
        self,
        at: Address,
        *,
        page_key: bytes,
        security_urls: Mapping[str, str] | None = None,
        limit_s: float = 10.0,
        max_bytes: int = MAX_BYTES,
        pools_last_s: float = LASTS_S,
    ) -> None:
        """Speak to a server; nothing is sent before the first request.

        ``page_key`` is a secret of at least 16 bytes. An exchange that takes longer than ``limit_s`` seconds,
        or answers more than ``max_bytes``, is a failure. Members of pools are known again after
        ``pools_last_s`` seconds.

        Raises:
            ValueError: the key is too short.
        """
        self._limit_s = _EXCHANGES * limit_s
        upstream = Upstream(at, limit_s=limit_s, max_bytes=max_bytes)
        pools = Pools(upstream, lasts_s=pools_last_s)
        self._desk = Desk(upstream, pools, Pages(page_key), security_urls=security_urls or {})

    async def answer(self, request: FhirRequest, view: View) -> FhirResponse:
        """Answer the request as seen through the view; errors are answers."""
        try:
            async with asyncio.timeout(self._limit_s):
                return await self._answer(request, view)
        except TimeoutError:
            _LOG.error("%s %s: the whole took too long", request.interaction, request.type or "")
            return overdue().response()
        except UpstreamError as error:
            _LOG.error("%s %s: %s", request.interaction, request.type or "", error.reason)
            return error.response()
        except FhirError as error:
            return error.response()
        except Exception:  # noqa: BLE001 - the caller gets a constant answer, the log gets the rest
            _LOG.exception("The request failed: %s", request.interaction)
            return _FAILED

    def seen_times(self, view: View, resources: Collection[Json]) -> Mapping[tuple[str, str], str]:
        """Return nothing: when the server behind changed what a view hides is not told apart."""
        del view, resources
        return {}

    async def close(self) -> None:
        """Close the connections."""
        await self._desk.upstream.close()

    async def _answer(self, request: FhirRequest, view: View) -> FhirResponse:
        check_accepted(request)
        if request.interaction is Interaction.CAPABILITIES:
            return await capabilities(self._desk, request)
        performed: Any = PERFORMED.get(request.interaction)
        if performed is None:
            raise not_narrowed()
        if request.type in NOT_RESOURCES:
            raise unknown()
        found: FhirResponse = await performed(self._desk, request, view)
        return found
