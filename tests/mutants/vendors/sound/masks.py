"""Level 5: which elements a client sees, in every answer, and what it may ask by.

``way`` says how the resource comes out, as in ``cohort.py``.
"""

import copy
import hashlib
import json
from typing import Any

from tests.mutants.vendors.sound.clients import Client
from tests.mutants.vendors.sound.message import Json, Refused

SHADOWS = {"address": ("birthPlace",), "name": ("mothersMaidenName",)}
SUBSETTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}
CONSTANT = "A parameter of this request is not available."


class Masks:
    """Hides elements and what repeats them."""

    def apply(self, client: Client, resource: Json, way: str) -> Json:
        """Return a resource without what a client must not see."""
        if not client.masks and not client.systems:
            return resource
        shown = self.inside(client, copy.deepcopy(resource), way)
        if client.masks_some(shown["resourceType"]):
            shown["meta"] = self.meta(shown.get("meta", {}))
        return shown

    def meta(self, meta: Json) -> Json:
        """Return the metadata of a masked resource: neither labels nor versions."""
        hidden = {"tag", "security", "versionId", "lastUpdated", "source"}
        kept = {name: value for name, value in meta.items() if name not in hidden}
        return {**kept, "tag": [SUBSETTED]}

    def inside(self, client: Client, node: Any, way: str) -> Any:
        """Mask a resource, and those in it at any depth."""
        if isinstance(node, list):
            return [self.inside(client, item, way) for item in node]
        if not isinstance(node, dict):
            return node
        node = {name: self.inside(client, value, way) for name, value in node.items()}
        if "reference" in node:
            node = self.reference(client, node)
        if "resourceType" in node and client.masks_some(node["resourceType"]):
            node = self.resource(client, node)
        elif "resourceType" in node and client.names_nobody:
            node = self.narrative(node)
        return node

    def resource(self, client: Client, resource: Json) -> Json:
        """Mask one resource: its elements, their primitive siblings, narrative and shadows."""
        elements = client.masked_elements(resource["resourceType"])
        kept = {n: v for n, v in resource.items() if n.removeprefix("_") not in elements}
        kept = self.narrative(kept)
        kept = self.extensions(kept, elements)
        kept = self.contacts(kept, elements)
        if resource["resourceType"] == "Patient" and client.systems:
            kept = self.identifiers(kept, client)
        return kept

    def narrative(self, resource: Json) -> Json:
        """Take the narrative away."""
        return {name: value for name, value in resource.items() if name != "text"}

    def extensions(self, resource: Json, elements: frozenset[str]) -> Json:
        """Take the extensions away that tell a masked element."""
        told = tuple(shadow for element in elements for shadow in SHADOWS.get(element, ()))
        for name in ("extension", "modifierExtension"):
            items = resource.get(name, [])
            kept = [item for item in items if not item.get("url", "").endswith(told)] if told else items
            resource = {n: v for n, v in resource.items() if n != name} | ({name: kept} if kept else {})
        return resource

    def contacts(self, resource: Json, elements: frozenset[str]) -> Json:
        """Take the same elements of contacts away."""
        if "contact" not in resource:
            return resource
        contacts = [{n: v for n, v in c.items() if n not in elements} for c in resource["contact"]]
        return {**resource, "contact": contacts}

    def identifiers(self, resource: Json, client: Client) -> Json:
        """Take the identifiers of hidden systems away."""
        items = [i for i in resource.get("identifier", []) if i.get("system") not in client.systems]
        rest = {name: value for name, value in resource.items() if name != "identifier"}
        return rest | ({"identifier": items} if items else {})

    def reference(self, client: Client, reference: Json) -> Json:
        """Leave of a reference to a patient only where it leads, when patients are masked."""
        if not client.masks_some("Patient") or "Patient/" not in str(reference["reference"]):
            return reference
        return {name: value for name, value in reference.items() if name not in {"display", "identifier"}}

    def hidden(self, client: Client, type_: str, elements: tuple[str, ...], value: str) -> bool:
        """Tell whether a parameter that reads some elements asks for something masked."""
        if client.masked_elements(type_) & set(elements):
            return True
        if "meta" in elements and client.masks_some(type_):
            return True
        if type_ == "Patient" and "identifier" in elements and client.systems:
            systems = {one.partition("|")[0] if "|" in one else "" for one in value.split(",")}
            return bool(systems & (client.systems | {""}))
        return False

    def check(self, client: Client, type_: str, elements: tuple[str, ...], value: str, way: str) -> None:
        """Refuse a question about something masked, always in the same words."""
        del way
        if self.hidden(client, type_, elements, value):
            raise Refused(400, "invalid", CONSTANT)

    def etag(self, client: Client, shown: Json, version: int) -> str:
        """Return the ETag of what a client sees."""
        if not client.masks_some(shown["resourceType"]):
            return f'W/"{version}"'
        digest = hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()[:16]
        return f'W/"{digest}"'

    def merged(self, client: Client, old: Json, new: Json) -> Json:
        """Return what a client writes, with what it could not see as it was."""
        type_ = new["resourceType"]
        if not client.masks_some(type_):
            return new
        elements = client.masked_elements(type_)
        kept = {n: v for n, v in new.items() if n.removeprefix("_") not in elements}
        hidden = {n: v for n, v in old.items() if n.removeprefix("_") in elements or n == "text"}
        shadows = [
            e for e in old.get("extension", []) if e not in self.resource(client, old).get("extension", [])
        ]
        extension = [*shadows, *kept.get("extension", [])]
        meta = {n: v for n, v in old.get("meta", {}).items() if n in {"tag", "security", "source"}}
        merged = {**kept, **hidden, "meta": {**kept.get("meta", {}), **meta}}
        if extension:
            merged["extension"] = extension
        if client.systems and type_ == "Patient":
            own = [i for i in old.get("identifier", []) if i.get("system") in client.systems]
            rest = [i for i in kept.get("identifier", []) if i.get("system") not in client.systems]
            merged["identifier"] = [*own, *rest]
        return merged
