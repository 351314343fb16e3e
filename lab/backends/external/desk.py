"""What the interactions share: the server behind, its pools, the page links and what a view makes of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lab.backends.external.finding import Finder
from lab.backends.external.hints import Hints
from lab.backends.external.pools import Pools
from lab.backends.external.rebasing import rebased
from lab.backends.external.sight import Sight, sight_of
from lab.backends.external.upstream import Upstream
from lab.fhir.page import Pages
from lab.fhir.request import FhirRequest
from lab.fhir.strict_json import Json
from lab.fhir.view import View


@dataclass(frozen=True)
class Desk:
    """``security_urls`` are published in the CapabilityStatement: ``token`` and others.

    ``statements`` are the CapabilityStatements of a while ago, by base.
    """

    upstream: Upstream
    pools: Pools
    pages: Pages
    hints: Hints = field(default_factory=Hints)
    security_urls: Mapping[str, str] = field(default_factory=dict)
    statements: dict[str, tuple[float, Json]] = field(default_factory=dict)

    async def sight(self, request: FhirRequest, view: View) -> Sight:
        """Return the view of a request with its pools looked up.

        Raises:
            UpstreamError: a pool cannot be read.
        """
        return await sight_of(view, self.pools, (*self.upstream.address.bases, request.base_url))

    async def finder(self, request: FhirRequest, view: View) -> Finder:
        """Return what searches for one request.

        Raises:
            UpstreamError: a pool cannot be read.
        """
        return Finder(self.upstream, await self.sight(request, view), request.base_url)

    def outwards(self, request: FhirRequest, value: Any) -> Any:
        """Return what the server behind gave with the addresses of the gateway."""
        return rebased(value, self.upstream.address.bases, request.base_url)

    def inwards(self, request: FhirRequest, value: Any) -> Any:
        """Return what a client gave with the addresses of the server behind."""
        return rebased(value, (request.base_url,), self.upstream.address.base)
