"""What the hospital's CapabilityStatement offers to search by: read once; what is missing is not asked for.

Spec: https://hl7.org/fhir/R4/http.html#capabilities
"""

from collections.abc import Iterable

from tableau_urgences.fhir import items, text
from tableau_urgences.hospital.transport import Transport

_FHIR_JSON = {"Accept": "application/fhir+json"}


class Capabilities:
    """The search parameters of each type; a hospital that does not say is taken to offer all."""

    def __init__(self, base_url: str, transport: Transport) -> None:
        self._url = f"{base_url}/metadata"
        self._transport = transport
        self._offered: dict[str, set[str]] | None = None

    async def missing(self, type_: str, names: Iterable[str]) -> list[str]:
        """Return the filters that the hospital does not offer on a type; ``_id`` and its like always are.

        Raises:
            Unavailable: the hospital does not answer; it is asked again the next time.
        """
        if self._offered is None:
            self._offered = await self.read()
        if not self._offered:
            return []
        filters = {name.partition(":")[0] for name in names if not name.startswith("_")}
        return sorted(filters - self._offered.get(type_, set()))

    async def read(self) -> dict[str, set[str]]:
        """Return what the statement offers, nothing when there is none."""
        answer = await self._transport.send(
            lambda: self._transport.build("GET", self._url, headers=_FHIR_JSON)
        )
        resources = [one for rest in items(answer.content, "rest") for one in items(rest, "resource")]
        return {text(one, "type"): {text(p, "name") for p in items(one, "searchParam")} for one in resources}
