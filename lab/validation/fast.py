"""Check a resource against the schema made from the StructureDefinitions: structure, codes, invariants.

Fast enough for every response under load. What a schema cannot say is listed by ``not_checked``.

Spec: https://hl7.org/fhir/R4/validation.html
"""

import gzip
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema_rs
import orjson

from lab.model.release import Release
from lab.validation.named_rule import instance_path, named_rule

# The rule that a keyword of JSON Schema stands for when the schema does not name one.
_RULES = {
    "additionalProperties": "unknown-element",
    "enum": "binding",
    "format": "format",
    "maximum": "format",
    "minItems": "cardinality",
    "minProperties": "ele-1",
    "minimum": "format",
    "pattern": "format",
    "required": "required",
    "type": "type",
}
# The name of an unknown element is shown only when it looks like one: a key can hold anything too.
_ELEMENT_NAME = re.compile(r"_?[a-z][A-Za-z]{0,63}")


@dataclass(frozen=True)
class Defect:
    """Where a resource is wrong (``Patient.name[0].family``) and by which rule; never a value it holds.

    ``rule`` is the key of an invariant (``obs-6``) or one of ``type``, ``required``, ``cardinality``,
    ``choice``, ``format``, ``binding``, ``reference``, ``unknown-element``, ``unknown-type`` (no type of R4
    has that name) and ``uncovered-type`` (a type of R4 that the schema does not hold: the resource is not
    wrong, it was not checked).
    """

    path: str
    rule: str


def defects(resource: Mapping[str, Any], release: Release = "R4") -> tuple[Defect, ...]:
    """Return the defects that were found against one release of FHIR; none found is ``()``.

    ``resource`` is what a JSON parser gives: dict, list, str, int, float, bool and None.
    """
    instance = dict(resource)
    validator = _validator(release)
    if validator.is_valid(instance):
        return ()
    type_ = instance.get("resourceType")
    root = type_ if isinstance(type_, str) and type_ in covered_types(release) else ""
    found = dict.fromkeys(
        defect for error in validator.iter_errors(instance) for defect in _defects_of(error, root, release)
    )
    wrong_type = {defect.path for defect in found if defect.rule == "type"}
    return tuple(d for d in found if d.rule == "type" or d.path not in wrong_type)


def is_valid(resource: Mapping[str, Any], release: Release = "R4") -> bool:
    """Tell whether ``defects`` would find none."""
    return _validator(release).is_valid(dict(resource))


@cache
def covered_types(release: Release = "R4") -> frozenset[str]:
    """Return the resource types that the schema holds."""
    covered = schema(release)["$defs"]["Resource"]["allOf"][0]["if"]
    return frozenset(covered["properties"]["resourceType"]["enum"])


def not_checked(release: Release = "R4") -> Mapping[str, Any]:
    """Return what the definitions require and this check leaves out.

    ``bindings`` maps the path of an element to its ValueSet and the reason why its codes cannot be listed;
    ``invariants`` lists keys of invariants.
    """
    left_out: Mapping[str, Any] = schema(release)["notChecked"]
    return left_out


def schema(release: Release = "R4") -> dict[str, Any]:
    """Return the schema that the laboratory ships; it is not to be changed."""
    return _schema(release)


@cache
def _schema(release: Release) -> dict[str, Any]:
    packed = files("lab.validation").joinpath(f"data/{release.lower()}.schema.json.gz").read_bytes()
    loaded: dict[str, Any] = orjson.loads(gzip.decompress(packed))
    return loaded


@cache
def _validator(release: Release) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(
        schema(release),
        validate_formats=True,
        mask="***",
        # Resources are hostile input: no regular expression may take more than linear time.
        pattern_options=jsonschema_rs.RegexOptions(),
    )


def _defects_of(error: jsonschema_rs.ValidationError, root: str, release: Release) -> Iterator[Defect]:
    keyword = error.kind.name
    rule, element = named_rule(schema(release), error.schema_path)
    path = instance_path(root, error.instance_path)
    match error.kind:
        case jsonschema_rs.ValidationErrorKind.AdditionalProperties(unexpected):
            for name in unexpected:
                yield Defect(
                    _child(path, name) if _ELEMENT_NAME.fullmatch(name) else path,
                    _RULES.get(keyword, keyword),
                )
        case jsonschema_rs.ValidationErrorKind.Required(name) if rule is None:
            yield Defect(_child(path, name), _RULES.get(keyword, keyword))
        case _:
            yield Defect(_child(path, element) if element else path, rule or _RULES.get(keyword, keyword))


def _child(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
