"""Follow the StructureDefinitions of R4 from the resource types down and define each type once.

Spec: https://hl7.org/fhir/R4/elementdefinition.html
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from tools.definitions import references
from tools.definitions.codes import NotExpandableError, bound, expand
from tools.definitions.invariants import HOMONYMS, INVARIANTS, Invariants
from tools.definitions.logic import Schema, is_in
from tools.definitions.objects import ObjectSchema
from tools.definitions.primitives import PRIMITIVES
from tools.definitions.source import Json, Source

ROOT = "Resource"
_SYSTEM = "http://hl7.org/fhirpath/System."
_ELEMENT_ID = {"type": "string", "pattern": r"^\S+$"}
# An empty object; a comparator in a SimpleQuantity, which the element forbids (0..0).
_SAID_BY_STRUCTURE = {"ele-1", "sqty-1"}
_CODED = {"code", "Coding", "CodeableConcept"}


def schema(source: Source, types: Iterable[str], sayable: Invariants = INVARIANTS) -> Json:
    """Return the JSON Schema (2020-12) of every resource whose type is one of ``types``.

    Next to the standard keywords stand ``rule``, the name of what is checked where the keyword does not say
    it, ``element``, the element that the rule is about, and ``notChecked``: the required bindings and the
    invariants of severity error that are left to other means. ``sayable`` are those of this version that a
    schema can say.
    """
    generator = _Generator(source, tuple(types), sayable)
    definitions = generator.definitions()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "source": dict(source.origin),
        "$ref": f"#/$defs/{ROOT}",
        "$defs": definitions,
        "notChecked": {
            "bindings": generator.open_bindings,
            "invariants": sorted(generator.open_invariants),
        },
    }


def _branch(types: Sequence[str]) -> Schema:
    """Return the schema of one of the types: halved until one is left, which asks seven times, not eighty."""
    if len(types) == 1:
        return _ref(types[0])
    middle = len(types) // 2
    first, others = types[:middle], types[middle:]
    return {"if": is_in("resourceType", *first), "then": _branch(first), "else": _branch(others)}


class _Generator:
    def __init__(self, source: Source, types: tuple[str, ...], sayable: Invariants) -> None:
        self.source = source
        self.sayable = sayable
        self.types = types
        self.all_types = source.resource_types()
        self.open_bindings: dict[str, str] = {}
        self.open_invariants: set[str] = set()
        self._definitions: dict[str, Schema] = {}

    def definitions(self) -> dict[str, Schema]:
        self._definitions[ROOT] = self._root()
        self._type("Element")
        # As the sibling of a value (`_birthDate`) an Element may hold an id and nothing more.
        del self._definitions["Element"]["dependentSchemas"]
        for type_ in self.types:
            self._type(type_)
        return self._definitions

    def _root(self) -> Schema:
        """Return the schema of any resource: the type decides which definition applies."""
        uncovered = sorted(set(self.all_types) - set(self.types))
        covered = {"if": is_in("resourceType", *self.types), "then": _branch(self.types)}
        not_covered = {"properties": {"resourceType": {"rule": "uncovered-type", "not": {"enum": uncovered}}}}
        known = {"rule": "unknown-type", "enum": list(self.all_types)}
        return {
            "type": "object",
            "required": ["resourceType"],
            "properties": {"resourceType": known},
            "allOf": [covered, not_covered],
        }

    def _type(self, name: str) -> Schema:
        """Define a type, unless it is, and return the reference to it."""
        if name not in self._definitions:
            if name in PRIMITIVES:
                self._definitions[name] = PRIMITIVES[name]
            else:
                self._define(name, self.source.structures[name])
        return _ref(name)

    def _define(self, name: str, structure: Json) -> None:
        self._definitions[name] = {}  # A type may hold itself.
        elements = structure["snapshot"]["element"]
        children: dict[str, list[Json]] = defaultdict(list)
        for element in elements[1:]:
            children[element["path"].rpartition(".")[0]].append(element)
        is_resource = structure["kind"] == "resource"

        def value_of(element: Json, type_: Json) -> Schema:
            if element["path"] in children:
                return _ref(element["path"])
            if "contentReference" in element:
                return _ref(element["contentReference"].removeprefix("#"))
            if is_resource and element["path"] == f"{name}.id":
                return self._type("id")
            return self._value(element, type_)

        for element in elements:
            path = element["path"]
            if path not in children:
                continue
            is_root = element is elements[0]
            built = ObjectSchema(value_of)
            if is_root and is_resource:
                built.properties["resourceType"] = {"const": name}
            built.add(children[path])
            built.check(self._sayable(element), self.sayable)
            self._definitions[name if is_root else path] = built.schema(is_resource=is_root and is_resource)

    def _value(self, element: Json, type_: Json) -> Schema:
        """Return the schema of a value whose type is defined elsewhere, narrowed by what the element says."""
        value = self._narrowed(element, type_)
        general = self.source.structures.get(type_["code"])
        inherited = (
            {c["key"] for c in general["snapshot"]["element"][0].get("constraint", ())} if general else set()
        )
        own = [key for key in self._sayable(element) if key not in inherited]
        rules = [{"rule": key, **self.sayable[key](lambda name: {"required": [name]})} for key in own]
        return {**value, "allOf": [*value.get("allOf", ()), *rules]} if rules else value

    def _narrowed(self, element: Json, type_: Json) -> Schema:
        code = type_["code"]
        if code.startswith(_SYSTEM):
            return self._type("uri") if element["path"] == "Extension.url" else _ELEMENT_ID
        if code == "Resource":
            return _ref(ROOT)
        if element["path"] == "Reference.reference":
            return references.literal(self.all_types)
        binding = element.get("binding", {})
        if binding.get("strength") == "required" and code in _CODED:
            return self._bound(element["path"], code, binding["valueSet"])
        targets = _names(type_.get("targetProfile", ()))
        if code == "Reference" and targets and "Resource" not in targets:
            self._type("Reference")
            return self._shared(
                "-to-".join(("Reference", "-".join(targets))), references.to(targets, self.all_types)
            )
        profiles = _names(type_.get("profile", ()))
        return self._type(profiles[0] if len(profiles) == 1 else code)

    def _bound(self, path: str, code: str, value_set: str) -> Schema:
        general = self._type(code)
        try:
            expansion = expand(value_set, self.source.value_sets, self.source.code_systems)
        except NotExpandableError as reason:
            self.open_bindings[path] = f"{value_set}: {reason}"
            return general
        name = f"{code}-in-{value_set.partition('|')[0].rpartition('/')[2]}"
        return self._shared(name, bound(code, expansion))

    def _shared(self, name: str, schema: Schema) -> Schema:
        if self._definitions.setdefault(name, schema) != schema:
            raise ValueError(f"Two different schemas would be called {name}.")
        return _ref(name)

    def _sayable(self, element: Json) -> list[str]:
        """Return the keys of the element's own constraints that a schema can say; note the others."""
        keys = {
            c["key"] for c in element.get("constraint", ()) if c["severity"] == "error"
        } - _SAID_BY_STRUCTURE
        said = {key for key in keys & self.sayable.keys() if (element["path"], key) not in HOMONYMS}
        self.open_invariants |= keys - said
        return sorted(said)


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _names(canonicals: Iterable[str]) -> list[str]:
    return [canonical.rpartition("/")[2] for canonical in canonicals]
