"""Run the entries of a transaction, all or none, whatever their order in the Bundle.

Deletions run first. Then every entry that writes gets its identity, references between entries are rewritten
to these, and creations, updates, patches and reads run in that order. A patch in a Binary is applied as it
is: references between entries are rewritten in a FHIRPath Patch only.

Spec: https://hl7.org/fhir/R4/http.html#transaction and https://hl7.org/fhir/R4/http.html#trules
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from uuid import uuid4

from lab.fhir.interaction import Interaction
from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirError, FhirResponse
from lab.fhir.view import View
from lab.fhirserver.batch import Perform
from lab.fhirserver.bundle import bundle
from lab.fhirserver.conditional import criteria, matched
from lab.fhirserver.entries import Entry, EntryError, as_entry, as_request, entries
from lab.fhirserver.lookup import unknown
from lab.fhirserver.rewriting import rewritten
from lab.fhirserver.server import Server

_ORDER = ("DELETE", "POST", "PUT", "PATCH", "GET", "HEAD")
_WRITES = frozenset({"POST", "PUT", "PATCH"})
_OF_CRITERIA = frozenset({"DELETE", "PUT", "PATCH"})


@dataclass(frozen=True)
class Identity:
    """The resource that an entry is about; ``new`` when the entry is to create it."""

    type: str
    id: str
    new: bool = False

    def __str__(self) -> str:
        """Return the relative reference to the resource."""
        return f"{self.type}/{self.id}"


def transaction(server: Server, request: FhirRequest, view: View, perform: Perform) -> FhirResponse:
    """Answer a transaction-response Bundle, its entries in the order of those asked.

    Raises:
        FhirError: what made the first entry fail, with the place of the entry; nothing is stored then.
    """
    asked = entries(request)
    answers: dict[int, FhirResponse] = {}
    with server.store.transaction():
        gone: set[str] = set()
        for n, each in _of(asked, "DELETE"):
            with _at(n):
                single = as_request(request, each)
                identity = _identity(server, single, view, each)
                _once(gone, identity)
                answers[n] = perform(single, view)
        identities = _identities(server, request, view, asked, gone)
        known = {asked[n].full_url: str(i) for n, i in identities.items() if asked[n].full_url}
        for method in _ORDER[1:]:
            for n, each in _of(asked, method):
                with _at(n):
                    told = rewritten(server, request, view, each, known)
                    answers[n] = _run(request, view, perform, told, identities.get(n))
    in_order = [as_entry(request, each, answers[n]) for n, each in enumerate(asked)]
    return FhirResponse(200, bundle("transaction-response", in_order))


def _of(asked: list[Entry], method: str) -> list[tuple[int, Entry]]:
    return [(n, each) for n, each in enumerate(asked) if each.method == method]


def _identities(
    server: Server, request: FhirRequest, view: View, asked: list[Entry], changed: set[str]
) -> dict[int, Identity]:
    """Return the identity of each entry that leaves a resource; ``changed`` are those of the deletions.

    Raises:
        FhirError: 400 when two entries are about the same resource, or an entry has a method that no
            transaction runs.
    """
    identities: dict[int, Identity] = {}
    full_urls: set[str] = set()
    for n, each in enumerate(asked):
        with _at(n):
            if each.method not in _ORDER:
                raise FhirError(405, "not-supported", "A transaction runs DELETE, POST, PUT, PATCH and GET.")
            if each.full_url and each.full_url in full_urls:
                raise FhirError(400, "duplicate", "Two entries have the same fullUrl.")
            full_urls.add(each.full_url)
            if each.method not in _WRITES:
                continue
            identity = _identity(server, as_request(request, each), view, each)
            _once(changed, identity, unless=each.method == "POST" and not identity.new)
            identities[n] = identity
    return identities


def _once(changed: set[str], identity: Identity, *, unless: bool = False) -> None:
    """Note that an entry changes a resource, ``unless`` it only finds it.

    Raises:
        FhirError: 400 when another entry changes it too.
    """
    if str(identity) in changed:
        raise FhirError(400, "duplicate", "Two entries write the same resource.")
    if not unless:
        changed.add(str(identity))


def _identity(server: Server, request: FhirRequest, view: View, each: Entry) -> Identity:
    type_ = request.type or ""
    if request.id is not None:
        return Identity(type_, request.id)
    condition = request.headers.get("if-none-exist")
    asked = request.parameters if each.method in _OF_CRITERIA else criteria(request, type_, condition or "")
    existing = matched(server, request, view, type_, asked) if asked or condition is not None else None
    given = (each.resource or {}).get("id") if each.method == "PUT" else None
    found = existing or given
    if found is None and each.method == "PATCH":
        raise unknown()
    return Identity(type_, found) if isinstance(found, str) else Identity(type_, str(uuid4()), new=True)


def _run(
    request: FhirRequest, view: View, perform: Perform, each: Entry, identity: Identity | None
) -> FhirResponse:
    """Run one entry under the identity that the other entries know.

    Raises:
        FhirError: 412 when an entry before it made its condition lead to another resource.
    """
    single = as_request(request, each)
    if identity is not None and identity.new:
        if each.method == "PUT":  # a conditional update without a match is a conditional create
            condition = {"if-none-exist": each.url.partition("?")[2]}
            single = replace(
                single,
                method="POST",
                interaction=Interaction.CREATE,
                parameters=(),
                headers={**single.headers, **condition},
            )
        single = replace(single, id=identity.id)
    answer = perform(single, view)
    if identity is not None and f"/{identity}/_history/" not in dict(answer.headers).get("location", ""):
        raise FhirError(412, "conflict", "The condition leads to a resource of another entry.")
    return answer


@contextmanager
def _at(n: int) -> Iterator[None]:
    """Say which entry made the transaction fail."""
    try:
        yield
    except FhirError as error:
        raise EntryError(n, error) from None
