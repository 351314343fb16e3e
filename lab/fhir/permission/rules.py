"""The rules of a Permission, those that it imports included.

An import is what its target says, under the validity and the algorithm of the target. DAP lets a target that
is inactive or expired be silent: its permits are, but a denial must not lapse, so that is refused.
Spec: https://build.fhir.org/ig/HL7/data-access-policies, StructureDefinition-Permission-notes
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lab.fhir.permission.combining import check_algorithm, check_denials_hold
from lab.fhir.permission.deny_rule import denial_of
from lab.fhir.permission.form import check_form, form_of
from lab.fhir.permission.header import check_definition, is_active, validity
from lab.fhir.permission.permit_rule import permit_of
from lab.fhir.permission.reading import Placed, Reading, Rules, contained_in
from lab.fhir.permission.reference import referred
from lab.fhir.permission.refusal import Gathering, refused
from lab.fhir.policy import ALWAYS, Validity

MAX_USED = 64


def rules_of(source: Mapping[str, Any], where: str, reading: Reading) -> Rules:
    """Compile every rule.

    Raises:
        PermissionRefusedError: some cannot be enforced exactly as written; it names them all.
    """
    gathering, rules = Gathering(), Rules()
    for number, rule in enumerate(source.get("rule", [])):
        with gathering.part():
            read = _rule(rule, f"{where}.rule[{number}]", reading)
            rules = Rules(rules.permits + read.permits, rules.takings + read.takings)
    if "rule" not in source:
        with gathering.part():
            raise refused(
                f"{where}.rule", "il n'y a aucune règle : écrivez-en une.", "there is no rule: write one."
            )
    if rules.takings:
        with gathering.part():
            check_denials_hold(source["combining"], where)
    gathering.end()
    return rules


def _rule(rule: Mapping[str, Any], where: str, reading: Reading) -> Rules:
    if "import" in rule:
        return _imported(rule, where, reading)
    match rule.get("type"):
        case "permit":
            return Rules(permits=(permit_of(rule, where, reading),))
        case "deny":
            return Rules(takings=(denial_of(rule, where, reading),))
        case other:
            raise refused(
                f"{where}.type",
                f"attendu permit ou deny, vu {other!r} : corrigez.",
                f"expected permit or deny, saw {other!r}: correct it.",
            )


def _imported(rule: Mapping[str, Any], where: str, reading: Reading) -> Rules:
    if extra := sorted(set(rule) - {"import", "id"}):
        raise refused(
            f"{where}.{extra[0]}",
            "une règle qui importe ne dit rien d'autre (prm-1) : retirez cet élément.",
            "a rule that imports says nothing else (prm-1): remove this element.",
        )
    reference = referred(rule["import"], f"{where}.import", ("Permission",))
    target = _target(reference, f"{where}.import", reading)
    gathering = Gathering()
    with gathering.part():
        check_definition(target, reference)
    with gathering.part():
        check_algorithm(target, reference)
    form = form_of(target)
    with gathering.part():
        check_form(target, form, reference)
    gathering.end()
    active, valid = is_active(target, reference), validity(target, reference)
    rules = rules_of(target, reference, reading.into(reference, form, contained_in(target)))
    if rules.takings and not (active and valid == ALWAYS):
        raise refused(
            f"{where}.import",
            f"{reference} porte une règle deny et n'est pas active sans limite de temps : cette règle "
            "cesserait de valoir. Retirez sa validity et activez-la, ou écrivez la règle deny ici.",
            f"{reference} has a deny rule and is not active without limit of time: the rule would lapse. "
            "Remove its validity and activate it, or write the deny rule here.",
        )
    if not active:
        return Rules()
    return replace(rules, permits=tuple(_during(valid, placed) for placed in rules.permits))


def _target(reference: str, where: str, reading: Reading) -> Mapping[str, Any]:
    if reference in reading.chain:
        circle = " > ".join((*reading.chain, reference))
        raise refused(
            where,
            f"import circulaire ({circle}) : retirez un des import.",
            f"circular import ({circle}): remove one of the imports.",
        )
    target = reading.library.get(reference)
    if target is None:
        raise refused(
            where,
            f"{reference} n'est pas dans la bibliothèque : ajoutez-la.",
            f"{reference} is not in the library: add it.",
        )
    if len(reading.used) >= MAX_USED:
        raise refused(
            where,
            f"plus de {MAX_USED} ressources de la bibliothèque sont utilisées : simplifiez.",
            f"more than {MAX_USED} resources of the library are used: simplify.",
        )
    reading.used.append(target)
    return target


def _during(valid: Validity, placed: Placed) -> Placed:
    """Return the permit, valid only while the Permission that it comes from is."""
    own = placed.permit.validity
    starts = [day for day in (valid.start, own.start) if day is not None]
    ends = [day for day in (valid.end, own.end) if day is not None]
    both = Validity(max(starts, default=None), min(ends, default=None))
    return replace(placed, permit=replace(placed.permit, validity=both))
