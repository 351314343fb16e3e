"""The two published forms of Permission: which elements each has, and which of them this compiler reads.

An element that is neither read nor known to leave decisions alone is refused, never ignored.
Specs: https://hl7.org/fhir/R5/permission.html and the additional resource Permission of R6 (package
hl7.fhir.uv.dap, https://build.fhir.org/ig/HL7/data-access-policies)
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

from lab.fhir.permission.extensions import KNOWN
from lab.fhir.permission.refusal import PermissionRefusedError, Refusal
from lab.model.text import Text

Form = Literal["R5", "R6"]
Node = Mapping[str, str]
DEFINITION = re.compile(r"http://hl7\.org/fhir/StructureDefinition/Permission(\|6(\.[0-9A-Za-z-]+)*)?")

# "text" is a string, "any" decides nothing, a capital is a node below; "*" repeats. Any node may have an id.
_PERMISSION = {
    **dict.fromkeys(("meta", "language", "text", "contained", "asserter", "date", "justification"), "any"),
    "resourceType": "text",
    "status": "text",
    "combining": "text",
    "validity": "Period",
    "rule": "Rule*",
    "extension": "Plain*",
}
_RULE = {"type": "text", "data": "Data*", "activity": "Activity*"}
_DATA = {"resource": "Named*", "security": "Coding*"}
_ACTIVITY = {"action": "Concept*", "purpose": "Concept*"}
_SHARED: Mapping[str, Node] = {
    "Period": {"start": "text", "end": "text"},
    "Named": {"meaning": "text", "reference": "Reference"},
    "Reference": {"reference": "text", "type": "text", "identifier": "any", "display": "any"},
    "Concept": {"coding": "Coding*", "text": "any"},
    "Coding": {"system": "text", "code": "text", "display": "any", "userSelected": "any"},
    "Expression": {"language": "text", "expression": "text", "description": "any", "name": "any"},
    "Plain": {},
    "Modifier": {"url": "text", "extension": "Part*"},
    "Part": {"url": "text", "valueString": "text"},
}
FORMS: Mapping[Form, Mapping[str, Node]] = MappingProxyType(
    {
        "R5": {
            **_SHARED,
            "Permission": _PERMISSION,
            "Rule": {**_RULE, "modifierExtension": "Modifier*"},
            "Data": {**_DATA, "expression": "Expression"},
            "Activity": {**_ACTIVITY, "actor": "Reference*"},
        },
        "R6": {
            **_SHARED,
            "Permission": {**_PERMISSION, "resourceDefinition": "text", "identifier": "any"},
            "Rule": {**_RULE, "import": "Reference", "limit": "Limit*"},
            "Data": {**_DATA, "resourceType": "Coding*"},
            "Activity": {**_ACTIVITY, "actor": "Actor*", "location": "Reference"},
            "Actor": {"reference": "Reference"},
            "Limit": {"element": "text*", "path": "text*", "modifierExtension": "Modifier*"},
        },
    }
)
_WHY: Mapping[tuple[str, str], Text] = {
    ("Data", "period"): Text(
        "une période de données n'est pas appliquée : retirez-la, ou faites une étiquette de sécurité.",
        "a period of data is not applied: remove it, or make a security label of it.",
    ),
    ("Limit", "control"): Text(
        "une obligation codée ne peut pas être tenue par la passerelle : écrivez les éléments à masquer.",
        "a coded obligation cannot be kept by the gateway: write the elements to mask.",
    ),
    ("Limit", "tag"): Text(
        "un masque par étiquette n'est pas appliqué : écrivez les éléments à masquer, ou une règle deny.",
        "a mask by label is not applied: write the elements to mask, or a deny rule.",
    ),
    ("Actor", "role"): Text(
        "un rôle ne peut pas être vérifié : retirez-le, l'application est nommée par reference.",
        "a role cannot be checked: remove it, the application is named by reference.",
    ),
}


_EXTENSION = Text(
    "une extension d'une règle peut la restreindre (permission-rule-expression le fait) : retirez-la ; "
    "réseaux et masques s'écrivent dans modifierExtension.",
    "an extension of a rule may narrow it (permission-rule-expression does): remove it; networks and "
    "masks are written in modifierExtension.",
)


def form_of(source: Mapping[str, Any]) -> Form:
    """Return the form of a Permission: one with a ``resourceDefinition`` is an additional resource of R6."""
    return "R6" if "resourceDefinition" in source else "R5"


def check_form(source: Mapping[str, Any], form: Form, where: str = "Permission") -> None:
    """Check that every element is of the form, and read by this compiler.

    Raises:
        PermissionRefusedError: some are not; it names them all.
    """
    if mistakes := _mistakes(source, "Permission", form):
        raise PermissionRefusedError(*_at(where, mistakes))


def check_modifier(extension: object, where: str) -> None:
    """Check the form of an extension of the laboratory that stands outside the Permission.

    Raises:
        PermissionRefusedError: it is not of the form.
    """
    if mistakes := _mistakes(extension, "Modifier", "R5"):
        raise PermissionRefusedError(*_at(where, mistakes))


def _mistakes(value: object, node: str, form: Form) -> list[Refusal]:
    """Return what is wrong with a node, each place said from there: most have none, and cost no words."""
    if not isinstance(value, dict) or not value:
        return [_not_a("un objet JSON non vide", "a JSON object that is not empty", value)]
    known, found = FORMS[form][node], []
    if node == "Plain":
        return [_plain(value.get("url"))] if value.get("url") in KNOWN else []
    if node == "Modifier" and value.get("url") not in KNOWN:
        return [_modifier(value.get("url"))]
    for name, inner in value.items():
        kind = "text" if name == "id" else known.get(name)
        if kind == "any":
            continue
        if kind is None:
            mistakes = [_unknown(node, str(name), form)]
        elif kind[-1] == "*":
            mistakes = _of_list(inner, kind[:-1], form)
        else:
            mistakes = _one(inner, kind, form)
        if mistakes:
            found += _at(f".{name}", mistakes)
    return found


def _of_list(value: object, kind: str, form: Form) -> list[Refusal]:
    if not isinstance(value, list) or not value:
        return [_not_a("une liste non vide", "a list that is not empty", value)]
    found = []
    for number, item in enumerate(value):
        if mistakes := _one(item, kind, form):
            found += _at(f"[{number}]", mistakes)
    return found


def _one(value: object, kind: str, form: Form) -> list[Refusal]:
    if kind != "text":
        return _mistakes(value, kind, form)
    return [] if isinstance(value, str) and value.strip() else [_not_a("un texte", "a string", value)]


def _at(place: str, mistakes: list[Refusal]) -> list[Refusal]:
    return [Refusal(place + mistake.where, mistake.text) for mistake in mistakes]


def _not_a(fr: str, en: str, seen: object) -> Refusal:
    shown = _shown(seen)
    return Refusal(
        "", Text(f"attendu {fr}, vu {shown} : corrigez.", f"expected {en}, saw {shown}: correct it.")
    )


def _shown(seen: object) -> str:
    if isinstance(seen, dict | list):
        return ("{…}" if seen else "{}") if isinstance(seen, dict) else ("[…]" if seen else "[]")
    return ascii(seen)[:40]


def _modifier(url: object) -> Refusal:
    fr = f"modifierExtension inconnue : {ascii(url)[:100]}. L'ignorer pourrait élargir l'accès : retirez-la."
    en = f"unknown modifierExtension {ascii(url)[:100]}: ignoring it might widen access, remove it."
    return Refusal("", Text(fr, en))


def _plain(url: object) -> Refusal:
    fr = f"{url} a sa place dans une règle, comme modifierExtension : déplacez-la."
    return Refusal("", Text(fr, f"{url} has its place in a rule, as a modifierExtension: move it."))


def _unknown(node: str, name: str, form: Form) -> Refusal:
    if (node, name) in _WHY:
        return Refusal("", _WHY[node, name])
    if name == "extension":
        return Refusal("", _EXTENSION)
    other: Form = "R6" if form == "R5" else "R5"
    if name in FORMS[other].get(node, {}):
        hint = (
            ("ajoutez resourceDefinition", "add resourceDefinition")
            if other == "R6"
            else ("retirez resourceDefinition", "remove resourceDefinition")
        )
        return Refusal(
            "",
            Text(
                f"cet élément est de la forme {other}, cette Permission est de la forme {form} : "
                f"{hint[0]} ou réécrivez-le.",
                f"this element is of the {other} form, this Permission is of the {form} form: "
                f"{hint[1]} or rewrite it.",
            ),
        )
    return Refusal(
        "",
        Text(
            "cet élément n'est pas pris en charge ; l'ignorer pourrait élargir l'accès : retirez-le.",
            "this element is not supported, and ignoring it might widen access: remove it.",
        ),
    )
