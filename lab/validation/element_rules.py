"""Say in JSON Schema what an element of a profile asks of its value, and of the elements inside it.

Spec: https://hl7.org/fhir/R4/elementdefinition.html
"""

from collections.abc import Iterable, Iterator
from typing import Any

from lab.validation import base
from lab.validation.fast import not_checked
from lab.validation.guide import Guide
from lab.validation.reference_targets import targets
from lab.validation.report import NotChecked
from lab.validation.slices import array_rules
from lab.validation.snapshot import Node, is_primitive
from lab.validation.value_sets import NotExpandableError
from lab.validation.values import fixed, pattern

Json = dict[str, Any]

_CODED = frozenset({"code", "string", "uri", "Coding", "CodeableConcept", "Quantity"})
_LIMITS = {"minValue": "minimum", "maxValue": "maximum"}
_NULL = {"type": "null"}


class ElementRules:
    """The rules of one profile; what cannot be said is noted in ``not_checked``."""

    def __init__(self, guide: Guide) -> None:
        self.guide = guide
        self.not_checked: list[NotChecked] = []

    def value(self, node: Node) -> Json:
        """Return the schema of one value of an element; ``{}`` says nothing."""
        return joined([*self._own(node, node.types), self._inside(node)])

    def _own(self, node: Node, types: list[Json]) -> Iterator[Json]:
        for prefix, rule, say in (("fixed", "fixed", fixed), ("pattern", "pattern", pattern)):
            given = node.value(prefix)
            if given is not None:
                yield named(rule, node, say(given[1]))
        for prefix, keyword in _LIMITS.items():
            limit = node.value(prefix)
            if limit is not None and isinstance(limit[1], (int, float)):
                yield named("range", node, {keyword: limit[1]})
            elif limit is not None:
                self._note("range", node.id, "not-programmed")
        if "maxLength" in node.element:
            yield named("length", node, {"maxLength": node.element["maxLength"]})
        if any(type_["code"] in base.resource_types() for type_ in types):
            yield from self._resource(node, types)
        elif len(types) == 1:
            yield from self._typed(node, types[0])

    def _resource(self, node: Node, types: list[Json]) -> Iterator[Json]:
        """A resource inside another one: of one of the types, each of which may have profiles of its own."""
        yield named("type", node, of_types(type_["code"] for type_ in types))
        for type_ in types:
            for schema in self._profiles(node, type_.get("profile", [])):
                yield {"if": of_types([type_["code"]]), "then": schema}

    def _typed(self, node: Node, type_: Json) -> Iterator[Json]:
        yield from self._binding(node, type_["code"])
        yield from self._profiles(node, type_.get("profile", []))
        if type_["code"] == "Reference":
            target = targets(node, type_.get("targetProfile", []), self.guide)
            if target:
                yield named("reference", node, target)

    def _binding(self, node: Node, code: str) -> Iterator[Json]:
        binding = node.element.get("binding", {})
        if binding.get("strength") != "required":
            return
        url = binding.get("valueSet", "")
        if code not in _CODED or not url:
            self._note("binding", node.id, "not-programmed", url)
            return
        path = node.element.get("base", {}).get("path", "")
        if base.definition_of(path) == f"{code}-in-{url.partition('|')[0].rpartition('/')[2]}":
            return
        if f"{url}:" in not_checked()["bindings"].get(path, ""):
            return  # reported with the base definition
        try:
            yield named("binding", node, self.guide.codes(code, url))
        except NotExpandableError as reason:
            self._note("binding", node.id, "codes-unknown", str(reason))

    def _profiles(self, node: Node, canonicals: list[str]) -> Iterator[Json]:
        """Any one of the profiles is enough; when one is not at hand nothing can be said."""
        schemas = [(canonical, self.guide.reference(canonical)) for canonical in canonicals]
        unknown = [canonical for canonical, schema in schemas if schema is None]
        for canonical in unknown:
            self._note("profile", node.id, "not-loaded", canonical)
        known = [schema for _, schema in schemas if schema]
        if not unknown and len(known) == len(schemas) == 1:
            yield known[0]
        elif not unknown and known and len(known) == len(schemas):
            yield named("profile", node, {"anyOf": known})

    def _inside(self, node: Node) -> Json:
        """Return the schema of the object whose elements are the children of a node."""
        properties: Json = {}
        rules: list[Json] = []
        for name, child in node.children.items():
            if name.endswith("[x]"):
                self._choice(name.removesuffix("[x]"), child, properties, rules)
            else:
                self._property(name, child, properties, rules)
        said = {name: schema for name, schema in properties.items() if schema}
        return joined([{"properties": said} if said else {}, *rules])

    def _property(self, name: str, child: Node, properties: Json, rules: list[Json]) -> None:
        if child.element["max"] == "0":
            properties[name] = named("forbidden", child, {"not": {}})
            if child.primitive:
                properties[f"_{name}"] = properties[name]
            return
        if child.primitive:
            properties[name] = self._array(child) if child.repeats else joined(self._own(child, child.types))
            extensions = self._inside(child)
            properties[f"_{name}"] = self._items(extensions) if child.repeats else extensions
        else:
            properties[name] = self._array(child) if child.repeats else self.value(child)
        if child.minimum():
            rules.append(named("required", child, given(name, primitive=child.primitive)))

    def _array(self, child: Node) -> Json:
        value = joined(self._own(child, child.types)) if child.primitive else self.value(child)
        rules = [self._items(value)]
        if child.minimum() > 1:
            rules.append(named("cardinality", child, {"minItems": child.minimum()}))
        maximum = child.maximum()
        if maximum is not None:
            rules.append(named("cardinality", child, {"maxItems": maximum}))
        # A resource may cite its profile with its version or without: nothing to slice by.
        if child.slices and not child.id.endswith("meta.profile"):
            rules += array_rules(child, self.value, self.guide, self.not_checked)
        return joined(rules)

    @staticmethod
    def _items(value: Json) -> Json:
        return {"items": {"if": {"not": _NULL}, "then": value}} if value else {}

    def _choice(self, stem: str, child: Node, properties: Json, rules: list[Json]) -> None:
        is_choice = {"pattern": f"^_?{stem}[A-Z]"}
        if child.element["max"] == "0":
            rules.append(named("forbidden", child, {"propertyNames": {"not": is_choice}}))
            return
        closed = child.element.get("slicing", {}).get("rules") == "closed"
        types = [t for s in child.slices.values() for t in s.types] if closed else child.types
        names = {_choice_name(stem, type_["code"]) for type_ in types}
        if not base.choices(child.element.get("base", {}).get("path", "")) <= names:
            allowed = sorted(names | {f"_{name}" for name in names})
            only = {"propertyNames": {"if": is_choice, "then": {"enum": allowed}}}
            rules.append(named("type", child, only))
        if child.minimum():
            rules.append(named("required", child, {"not": {"propertyNames": {"not": is_choice}}}))
        inside = self._inside(child)
        for node in (child, *child.slices.values()):
            for type_ in node.types if node is child or len(node.types) == 1 else ():
                name = _choice_name(stem, type_["code"])
                within = inside if node is child else self._inside(node)
                primitive = is_primitive(type_["code"])
                schema = joined([*self._own(node, [type_]), {} if primitive else within])
                properties[name] = joined([properties.get(name, {}), schema])
                if node is not child and int(node.element["min"]) > 0:
                    rules.append(named("required", node, given(name, primitive=primitive)))

    def _note(self, *left_out: str) -> None:
        self.not_checked.append(NotChecked(*left_out))


def joined(schemas: Any) -> Json:
    """Return the schema that all of some schemas hold, as flat as possible."""
    said = [schema for schema in schemas if schema]
    if len(said) < 2:
        return said[0] if said else {}
    return {"allOf": said}


def named(rule: str, node: Node, schema: Json) -> Json:
    """Name the rule that a schema checks and the element of the profile that asks for it."""
    return {"rule": rule, "element": node.id, **schema}


def given(name: str, *, primitive: bool) -> Json:
    """The element is there: by a value or, for a primitive type, by an extension in its place."""
    if primitive:
        extended = {"if": {"type": "object"}, "then": {"required": ["extension"]}}
        instead = {"required": [f"_{name}"], "properties": {f"_{name}": extended}}
        return {"anyOf": [{"required": [name]}, instead]}
    return {"required": [name]}


def of_types(types: Iterable[str]) -> Json:
    """The resource is of one of the types."""
    return {"required": ["resourceType"], "properties": {"resourceType": {"enum": sorted(types)}}}


def _choice_name(stem: str, code: str) -> str:
    return stem + code[0].upper() + code[1:]
