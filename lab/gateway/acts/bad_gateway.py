"""A proxy on the way answers 502 with a page of HTML, as proxies do."""

from lab.fhir.response import FhirResponse
from lab.gateway.act import Act, Stage

_PAGE = b"<!doctype html><html><head><title>502 Bad Gateway</title></head><body>Bad Gateway</body></html>"


def _proxy_page(_: Stage) -> FhirResponse:
    return FhirResponse(502, _PAGE, (("content-type", "text/html"),))


ACT = Act(name="bad-gateway", instead=_proxy_page)
