"""What names a planted patient anywhere in the bytes that an identity of secondary use receives.

Source: CNIL, référentiel des entrepôts de données de santé (pseudonymisation), RGPD art. 25.
"""

import base64
import binascii
from collections.abc import Iterable, Iterator

from lab.api import Canary, FhirClient, Reply, Scopes, Truth, parse_scopes
from lab.checks.bulk import cancelled, export, fetched
from lab.checks.security.leaves import leaves, nodes
from lab.checks.statement import statement

_PEOPLE = ("Patient/", "RelatedPerson/")
_PAGE = 100
_PAGES = 3
_TYPES = 8
_POLLS = 4
_OK = 200


def scopes_of(truth: Truth, name: str) -> Scopes:
    """Return the scopes of an identity of the manifest."""
    server = truth.subject.server
    identity = server.identity(name) if server else None
    return parse_scopes(identity.scopes if identity else "")


def opens(scopes: Scopes, type_: str, letter: str) -> bool:
    """Tell whether scopes hold a right on a type."""
    every = scopes.rights | {(named, right) for named, right, _ in scopes.narrowed}
    return bool({(type_, letter), ("*", letter)} & every)


def naming(canary: Canary) -> frozenset[str]:
    """Return every planted value that names somebody: names, numbers, addresses, telephones, birth dates."""
    return frozenset(marker for marker, where in canary.markers.items() if where.startswith(_PEOPLE))


def about_care(canary: Canary) -> frozenset[str]:
    """Return every planted value that tells why or with what result somebody is cared for."""
    clinical = ("Encounter/", "Condition/", "Observation/", "DocumentReference/", "Binary/")
    return frozenset(marker for marker, where in canary.markers.items() if where.startswith(clinical))


def found_in(marked: Iterable[str], reply: Reply) -> str:
    """Return the first marked value in an answer: its bytes, headers, escapes and base64, or nothing."""
    said = [reply.text, *(value for _, value in reply.headers), *_hidden_texts(reply)]
    text = "\n".join(said)
    return next((f"{one[:2]}…" for one in sorted(marked) if one in text), "")


def everything_searched(client: FhirClient, scopes: Scopes) -> Iterator[Reply]:
    """Yield what an identity gets by searching every type that is open to it, page by page."""
    types = [type_ for type_ in statement(client).offering("search-type") if opens(scopes, type_, "s")]
    for type_ in types[:_TYPES]:
        yield from client.pages(client.search(type_, _count=_PAGE), _PAGES)


def everything_exported(client: FhirClient) -> Iterator[Reply]:
    """Yield the answers and the files of the exports that an identity is given."""
    for path in ("$export", "Patient/$export"):
        order = export(client, path, _POLLS)
        yield order.kickoff
        if order.manifest:
            yield order.manifest
            yield from (fetched(client, url) for url in order.files)
        cancelled(client, order)


def _hidden_texts(reply: Reply) -> Iterator[str]:
    """Yield the texts of JSON whose letters are escaped, and what is written in base64."""
    if "\\" in reply.text:
        yield from (leaf for _, leaf in leaves(reply.json) if isinstance(leaf, str))
    for node in nodes(reply.json):
        data = node.get("data")
        if isinstance(data, str):
            try:
                yield base64.b64decode(data, validate=True).decode("utf-8", "replace")
            except (binascii.Error, ValueError):
                continue
