"""Rewrite the references between the entries of a transaction, and resolve its conditional references.

Spec: https://hl7.org/fhir/R4/http.html#trules
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirError
from lab.fhir.view import View
from lab.fhirserver.conditional import criteria, matched
from lab.fhirserver.entries import Entry
from lab.fhirserver.server import Server
from lab.fhirserver.storage.catalogue import served_types

_CONDITIONAL = re.compile(r"([A-Z][A-Za-z]{1,63})\?(.+)")


def rewritten(
    server: Server, request: FhirRequest, view: View, each: Entry, known: Mapping[str, str]
) -> Entry:
    """Return the entry with its links to other entries made real; ``known`` maps fullUrl to ``Type/id``.

    Raises:
        FhirError: 412 when a conditional reference does not lead to exactly one resource of the view.
    """

    def walk(node: object, name: str) -> object:
        if isinstance(node, dict):
            return {key: walk(value, key) for key, value in node.items()}
        if isinstance(node, list):
            return [walk(item, name) for item in node]
        return text(node, name) if isinstance(node, str) else node

    def text(value: str, name: str) -> str:
        if value in known and (name == "reference" or value.startswith("urn:")):
            return known[value]
        if name == "reference" and (conditional := _CONDITIONAL.fullmatch(value)):
            return _resolved(server, request, view, *conditional.groups())
        if name == "div":
            for full_url, reference in known.items():
                value = value.replace(f'"{full_url}"', f'"{reference}"')
        return value

    told = walk(each.resource, "")
    return replace(each, resource=told if isinstance(told, dict) else None)


def _resolved(server: Server, request: FhirRequest, view: View, type_: str, query: str) -> str:
    found = None
    if type_ in served_types(server.store.release):
        found = matched(server, request, view, type_, criteria(request, type_, query))
    if found is None:
        raise FhirError(412, "not-found", "A conditional reference leads to no resource.")
    return f"{type_}/{found}"
