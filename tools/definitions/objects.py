"""Turn the children of one element into the JSON Schema of a closed JSON object.

Spec: https://hl7.org/fhir/R4/json.html
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tools.definitions.invariants import Invariants
from tools.definitions.logic import Schema, absent, child, either, implies, items
from tools.definitions.primitives import PRIMITIVES
from tools.definitions.source import Json

ValueOf = Callable[[Json, Json], Schema]
"""Return the schema of one value of an element (first argument) that has a type (second)."""

_NULL = {"type": "null"}
_SIBLING = {"$ref": "#/$defs/Element"}


@dataclass
class ObjectSchema:
    """The object while it is built; ``schema`` is the result."""

    value_of: ValueOf
    properties: dict[str, Schema] = field(default_factory=dict)
    required: list[str] = field(default_factory=list)
    rules: list[Schema] = field(default_factory=list)
    choices: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def add(self, elements: Iterable[Json]) -> None:
        """Add the elements that are not forbidden (cardinality 0..0)."""
        for element in elements:
            name = element["path"].rpartition(".")[2]
            if element["max"] == "0":
                continue
            if name.endswith("[x]"):
                self._add_choice(name.removesuffix("[x]"), element)
            else:
                self._add_property(name, element, element.get("type", [{}])[0])
                if element["min"] > 0:
                    self._require(name)

    def _add_property(self, name: str, element: Json, type_: Json) -> None:
        """Add the property and, for a primitive type, its sibling ``_name`` for id and extensions."""
        value = self.value_of(element, type_)
        repeats = element["max"] != "1"
        if type_.get("code") not in PRIMITIVES.keys() - {"xhtml"}:
            self.properties[name] = _array(value) if repeats else value
        elif repeats:
            self.properties[name] = _array({"if": absent(_NULL), "then": value})
            self.properties[f"_{name}"] = _array({"if": absent(_NULL), "then": _SIBLING})
            no_null = items(name, {"rule": "type", "not": _NULL})
            self.rules.append(implies(absent({"required": [f"_{name}"]}), no_null))
        else:
            self.properties[name] = value
            self.properties[f"_{name}"] = _SIBLING

    def _add_choice(self, stem: str, element: Json) -> None:
        names = []
        for type_ in element["type"]:
            name = stem + type_["code"][0].upper() + type_["code"][1:]
            self._add_property(name, element, type_)
            names.append(name)
        self.choices[stem] = tuple(names)
        if element["min"] > 0:
            self.rules.append({"rule": "required", "element": f"{stem}[x]", **self.has(stem)})

    def _require(self, name: str) -> None:
        if f"_{name}" not in self.properties:
            self.required.append(name)
            return
        # An extension may stand in for the value (data-absent-reason), an id may not.
        extended = child(f"_{name}", implies({"type": "object"}, {"required": ["extension"]}))
        self.rules.append(implies(absent({"required": [f"_{name}"], **extended}), {"required": [name]}))

    def has(self, name: str) -> Schema:
        """Return the schema "the element is given", by a value or by an extension in its place."""
        if name in self.choices:
            return absent({"propertyNames": absent(_one_of_choice(name))})
        if f"_{name}" in self.properties:
            return either({"required": [name]}, {"required": [f"_{name}"]})
        if name not in self.properties:
            raise ValueError(f"An invariant names the element {name}, which is not there.")
        return {"required": [name]}

    def check(self, keys: Sequence[str], sayable: Invariants) -> None:
        """Add the invariants of those keys; each must be one that a schema can say."""
        self.rules.extend({"rule": key, **sayable[key](self.has)} for key in keys)

    def schema(self, *, is_resource: bool) -> Schema:
        """Return the schema; an object that is not a resource holds more than an id (ele-1)."""
        dependent = dict(self._only_one_of_each_choice())
        schema: Schema = {"type": "object", "properties": self.properties, "additionalProperties": False}
        if not is_resource:
            schema["minProperties"] = 1
            dependent["id"] = {"minProperties": 2}
        optional = {"required": self.required, "allOf": self.rules, "dependentSchemas": dependent}
        return schema | {keyword: value for keyword, value in optional.items() if value}

    def _only_one_of_each_choice(self) -> Mapping[str, Schema]:
        rules: dict[str, Schema] = {}
        for stem, names in self.choices.items():
            _refuse_ambiguous(stem, names, self.properties)
            for name in names:
                own = {"if": _one_of_choice(stem), "then": {"enum": [name, f"_{name}"]}}
                rule = {"rule": "choice", "element": f"{stem}[x]", "propertyNames": own}
                rules |= {key: rule for key in (name, f"_{name}") if key in self.properties}
        return rules


def _array(item: Schema) -> Schema:
    return {"type": "array", "minItems": 1, "items": item}


def _one_of_choice(stem: str) -> Schema:
    return {"pattern": f"^_?{stem}[A-Z]"}


def _refuse_ambiguous(stem: str, names: Iterable[str], properties: Iterable[str]) -> None:
    """Make sure that a name that begins like a choice is one of the choice."""
    begin = {p for p in properties if re.match(f"_?{stem}[A-Z]", p)}
    others = begin - {prefix + name for name in names for prefix in ("", "_")}
    if others:
        raise ValueError(f"{sorted(others)} would be taken for types of {stem}[x].")
