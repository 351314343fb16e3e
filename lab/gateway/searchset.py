"""The page of a search in an answer on its way to an application, for the acts that rearrange pages.

Spec: https://hl7.org/fhir/R4/bundle.html#searchset
"""

from typing import Any

import orjson

from lab.fhir.response import FhirResponse

_OK = 200


def searchset(answer: FhirResponse) -> dict[str, Any]:
    """Return the searchset of an answer, empty when it holds none."""
    whole = orjson.loads(answer.body) if answer.status == _OK and answer.body else {}
    return whole if whole.get("type") == "searchset" else {}


def own_address(bundle: dict[str, Any]) -> str:
    """Return the self link of a page, empty when it has none."""
    links = bundle.get("link", [])
    return next((str(link["url"]) for link in links if link["relation"] == "self"), "")


def before(bundle: dict[str, Any]) -> FhirResponse | None:
    """Return an empty page whose next link leads to the page given; None when that one has no self link.

    The parameter of the link changes nothing but the address: one to the same address would be a cycle.
    """
    own = own_address(bundle)
    if not own:
        return None
    page = {name: value for name, value in bundle.items() if name not in {"entry", "total"}}
    following = f"{own}{'&' if '?' in own else '?'}_total=none"
    page["link"] = [{"relation": "self", "url": own}, {"relation": "next", "url": following}]
    return FhirResponse(_OK, orjson.dumps(page), (("content-type", "application/fhir+json"),))
