"""How a resource is shown: whole, as a summary, or some of its elements; compact or indented.

A summary is made of the top-level elements that the definition of the type marks; what is inside of them is
kept. Spec: https://hl7.org/fhir/R4/search.html#summary and https://hl7.org/fhir/R4/search.html#elements
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirError
from lab.fhir.strict_json import Json, exact, write
from lab.fhirserver.elements import elements
from lab.fhirserver.storage.choices import is_choice
from lab.model.release import VERSIONS, Release

PARAMETERS = frozenset({"_summary", "_elements", "_pretty", "_format"})
SUBSETTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}
_SUMMARIES = frozenset({"true", "false", "text", "data", "count"})
_ALWAYS = frozenset({"resourceType", "id", "meta"})


@dataclass(frozen=True)
class Presentation:
    """``summary`` is a code of summary-code; ``only`` are the elements asked for, if any."""

    release: Release
    summary: str = "false"
    only: frozenset[str] = frozenset()
    pretty: bool = False

    @property
    def verbatim(self) -> bool:
        """Tell whether resources are shown whole."""
        return self.summary in {"false", "count"} and not self.only

    def resource(self, body: bytes) -> bytes:
        """Return a resource as it is to be shown inside an answer."""
        if self.verbatim:
            return body
        resource = exact(body)
        type_ = resource["resourceType"]
        known = elements(type_, self.release)
        if self.only:
            named = {name.removeprefix(f"{type_}.").partition(".")[0] for name in self.only}
            kept = subset(resource, named | known.required | known.modifier)
        elif self.summary == "true":
            kept = subset(resource, known.summary | known.required)
        elif self.summary == "text":
            kept = subset(resource, known.required | {"text"})
        else:
            kept = {name: value for name, value in resource.items() if name != "text"}
        meta = resource["meta"]
        kept["meta"] = {**meta, "tag": [*meta.get("tag", ()), SUBSETTED]}
        return write(kept)

    def whole(self, body: bytes) -> bytes:
        """Return the bytes of an answer."""
        return write(exact(body), pretty=True) if self.pretty else body


_PLAIN: Mapping[Release, Presentation] = {release: Presentation(release) for release in VERSIONS}


def presentation(request: FhirRequest, release: Release) -> Presentation:
    """Read the parameters that say how to show a resource of a release.

    Raises:
        FhirError: 400 when one has a value that does not exist.
    """
    if PARAMETERS.isdisjoint([parameter.name for parameter in request.parameters]):
        return _PLAIN[release]
    summary = (request.values("_summary") or ("false",))[-1]
    if summary not in _SUMMARIES:
        raise FhirError(400, "invalid", "_summary takes true, false, text, data or count.")
    pretty = (request.values("_pretty") or ("false",))[-1]
    if pretty not in {"true", "false"}:
        raise FhirError(400, "invalid", "_pretty takes true or false.")
    only = frozenset(
        n.strip() for value in request.values("_elements") for n in value.split(",") if n.strip()
    )
    if only and summary in {"true", "text", "data"}:
        raise FhirError(400, "invalid", "_elements and _summary exclude one another.")
    return Presentation(release, summary, only, pretty == "true")


def subset(resource: Json, names: Collection[str]) -> Json:
    """Return the resource with those elements, whatever the type of a choice, and their extensions."""
    return {key: value for key, value in resource.items() if key in _ALWAYS or _is_of(key, names)}


def _is_of(key: str, names: Collection[str]) -> bool:
    name = key.removeprefix("_")
    return name in names or any(is_choice(name, n) for n in names)
