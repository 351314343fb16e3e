"""``rule.data``: which types, confined to which pools.

Repetitions of ``data`` add up; all that one ``data`` holds must be met at once.
Spec: https://hl7.org/fhir/R5/permission-definitions.html#Permission.rule.data
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lab.fhir.cohort import LABEL
from lab.fhir.element_types import resource_types
from lab.fhir.permission.reference import referred
from lab.fhir.permission.refusal import refused
from lab.model.release import Release

QUERY = "application/x-fhir-query"
TYPE_SYSTEMS = ("http://hl7.org/fhir/fhir-types", "http://hl7.org/fhir/resource-types")
_POOLS = ("Group", "List")


@dataclass(frozen=True)
class Selection:
    """What one ``data`` selects: a type (None: any), in every one of the pools."""

    type: str | None
    pools: tuple[str, ...]


def selection(data: Mapping[str, Any], where: str, release: Release) -> Selection:
    """Read one ``data`` about resources of a release.

    Raises:
        PermissionRefusedError: it selects what the gateway cannot select.
    """
    named = data.get("resource", [])
    if len(named) > 1:
        raise refused(
            f"{where}.resource",
            "plusieurs ressources dans un même data vaudraient toutes à la fois : écrivez un data par Group.",
            "several resources in one data would all have to hold at once: write one data for each Group.",
        )
    pools = [_pool(one, f"{where}.resource[{number}]") for number, one in enumerate(named)]
    pools += [_label(one, f"{where}.security[{n}]") for n, one in enumerate(data.get("security", []))]
    return Selection(_type(data, where, release), tuple(dict.fromkeys(pools)))


def _pool(named: Mapping[str, Any], where: str) -> str:
    meaning = named.get("meaning")
    pool = referred(named.get("reference", {}), f"{where}.reference", _POOLS)
    if meaning != "related":
        raise refused(
            f"{where}.meaning",
            f"attendu 'related' (ce qui concerne les patients du Group ou de la List), vu {meaning!r} : "
            "les autres sens ne sont pas appliqués.",
            f"expected 'related' (what is about the patients of the Group or List), saw {meaning!r}: "
            "the other meanings are not applied.",
        )
    return pool


def _label(coding: Mapping[str, Any], where: str) -> str:
    system, code = coding.get("system", ""), coding.get("code", "")
    if not system or not code or any(sign in system + code for sign in "|, \t\r\n"):
        raise refused(
            where,
            "une étiquette a un system et un code, sans espace, virgule ni barre : corrigez.",
            "a label has a system and a code, without blank, comma or bar: correct it.",
        )
    return f"{LABEL}{system}|{code}"


def _type(data: Mapping[str, Any], where: str, release: Release) -> str | None:
    if "expression" in data:
        expression = data["expression"]
        if expression.get("language") != QUERY:
            raise refused(
                f"{where}.expression.language",
                f"attendu {QUERY}, vu {expression.get('language')!r} : seul un nom de type est lu.",
                f"expected {QUERY}, saw {expression.get('language')!r}: only the name of a type is read.",
            )
        return _known(expression.get("expression", ""), f"{where}.expression.expression", release)
    codings = data.get("resourceType", [])
    if len(codings) > 1:
        raise refused(
            f"{where}.resourceType",
            "rien n'est de deux types à la fois : écrivez un data par type.",
            "nothing is of two types at once: write one data for each type.",
        )
    for coding in codings:
        if coding.get("system") not in TYPE_SYSTEMS:
            raise refused(
                f"{where}.resourceType[0].system",
                f"attendu {TYPE_SYSTEMS[0]}, vu {coding.get('system')!r} : un profil ne confine rien ici.",
                f"expected {TYPE_SYSTEMS[0]}, saw {coding.get('system')!r}: a profile confines nothing here.",
            )
        return _known(coding.get("code", ""), f"{where}.resourceType[0].code", release)
    return None


def _known(type_: str, where: str, release: Release) -> str:
    if type_ not in resource_types(release):
        raise refused(
            where,
            f"attendu le nom d'un type de ressource {release}, vu {type_!r} : corrigez.",
            f"expected the name of one resource type of {release}, saw {type_!r}: correct it.",
        )
    return type_
