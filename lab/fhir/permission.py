"""A FHIR Permission (R5 form) compiled into the policy that levels 1, 3, 4 and 5 apply.

What cannot be compiled is refused, never ignored: an ignored rule would widen access.
Spec: https://hl7.org/fhir/R5/permission.html
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from fhir.resources.permission import Permission
from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

from lab.fhir.element_path import ElementPath, PathError, parse_path
from lab.fhir.interaction import Interaction

NETWORK = "https://lab.chu-toulouse.fr/fhir/StructureDefinition/permission-rule-network"
LIMIT = "https://lab.chu-toulouse.fr/fhir/StructureDefinition/permission-rule-limit"
_INNER = re.compile(r"abc\.(\w+)Type\b")
_COMBINING = ("deny-unless-permit", "deny-overrides")

Network = IPv4Network | IPv6Network


class PolicyError(ValueError):
    """A Permission that is not one, or that cannot be enforced exactly as written."""


@dataclass(frozen=True)
class Permit:
    """One permit rule: the types it opens, to which Groups it confines them, for which activities.

    ``cohorts`` maps a type to Group ids; an empty tuple opens the whole type. An activity is an interaction
    for a purpose of use (code of v3-ActReason).
    """

    cohorts: Mapping[str, tuple[str, ...]]
    activities: frozenset[tuple[Interaction, str]]
    masks: tuple[ElementPath, ...]


@dataclass(frozen=True)
class Policy:
    """Everything the gateway knows of what one application may see; ``version`` is a digest of its source."""

    id: str
    version: str
    active: bool
    start: date | None
    end: date | None
    networks: tuple[Network, ...]
    permits: tuple[Permit, ...]

    def in_force(self, today: date) -> bool:
        """Tell whether the policy is active and valid on that day."""
        begun = self.start is None or self.start <= today
        return self.active and begun and (self.end is None or today <= self.end)

    def opened(self, interaction: Interaction, purpose: str) -> dict[str, tuple[str, ...]]:
        """Return the types open to the interaction for the purpose, each with its Groups."""
        opened: dict[str, tuple[str, ...]] = {}
        for permit in self.permits:
            if (interaction, purpose) in permit.activities:
                for type_, groups in permit.cohorts.items():
                    opened[type_] = _either(opened.get(type_), groups)
        return opened

    @property
    def masks(self) -> tuple[ElementPath, ...]:
        """Return the masks of every permit: where rules overlap, all their masks apply."""
        return tuple(dict.fromkeys(mask for permit in self.permits for mask in permit.masks))


def compile_permission(source: Mapping[str, Any], client_id: str) -> Policy:
    """Compile the Permission, given as JSON data, of one application.

    Raises:
        PolicyError: one sentence that says what was expected, what was seen and what to do.
    """
    try:
        Permission.model_validate(source)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        message = f"Not a FHIR R5 Permission: at {where}, {first['msg']}. Correct the file."
        raise PolicyError(message) from None
    if source.get("combining") not in _COMBINING:
        message = (
            f"Permission.combining is {source.get('combining')!r}: expected one of {_COMBINING}, because the "
            "others let a patient whom no rule matches through."
        )
        raise PolicyError(message)
    rules = source.get("rule", [])
    networks = [tuple(sorted(set(_networks(rule)), key=str)) for rule in rules]
    if not all(networks) or not networks:
        message = f"A rule of the Permission opens no network: add a modifierExtension {NETWORK} with cidr."
        raise PolicyError(message)
    if len(set(networks)) > 1:
        message = "The rules of the Permission open different networks: give every rule the same cidr."
        raise PolicyError(message)
    if "modifierExtension" in source:
        message = "Permission.modifierExtension is not supported: it may narrow access, so it is not ignored."
        raise PolicyError(message)
    validity = source.get("validity", {})
    return Policy(
        id=str(source.get("id", "permission")),
        version=hashlib.sha256(json.dumps(source, sort_keys=True).encode()).hexdigest()[:12],
        active=source.get("status") == "active",
        start=_day(validity.get("start")),
        end=_day(validity.get("end")),
        networks=networks[0],
        permits=tuple(_permit(rule, client_id) for rule in rules),
    )


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text[:10])
    except ValueError:
        message = f"Permission.validity holds {text!r}: expected a full date (YYYY-MM-DD)."
        raise PolicyError(message) from None


def _either(known: tuple[str, ...] | None, groups: tuple[str, ...]) -> tuple[str, ...]:
    """Return what two rules open together; no Group means the whole type."""
    if known == () or not groups:
        return ()
    return tuple(sorted({*(known or ()), *groups}))


def _permit(rule: Mapping[str, Any], client_id: str) -> Permit:
    if rule.get("type") != "permit":
        message = "Only permit rules are supported: rewrite the deny rule as what is permitted."
        raise PolicyError(message)
    known = {"type", "data", "activity", "modifierExtension", "id", "extension"}
    if extra := sorted(set(rule) - known):
        message = f"Permission.rule.{extra[0]} is not supported: write limits as {LIMIT}."
        raise PolicyError(message)
    cohorts: dict[str, tuple[str, ...]] = {}
    for data in rule.get("data", []):
        type_, groups = _cohort(data)
        cohorts[type_] = _either(cohorts.get(type_), groups)
    activities = {pair for activity in rule.get("activity", []) for pair in _activity(activity, client_id)}
    if not cohorts or not activities:
        message = "A permit rule needs data, activity.action and activity.purpose: it would open everything."
        raise PolicyError(message)
    return Permit(cohorts, frozenset(activities), tuple(_masks(rule)))


def _activity(activity: Mapping[str, Any], client_id: str) -> set[tuple[Interaction, str]]:
    if extra := sorted(set(activity) - {"actor", "action", "purpose", "id"}):
        message = f"Permission.rule.activity.{extra[0]} is not supported: it may narrow access."
        raise PolicyError(message)
    actors = {actor.get("reference") for actor in activity.get("actor", [])}
    if actors != {f"Device/{client_id}"}:
        message = f"Permission.rule.activity.actor must be Device/{client_id}, the application it is for."
        raise PolicyError(message)
    actions = [_action(code) for code in _codes(activity.get("action", []))]
    purposes = _codes(activity.get("purpose", []))
    return {(action, purpose) for action in actions for purpose in purposes}


def _cohort(data: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    if extra := sorted(set(data) - {"resource", "expression", "id"}):
        message = f"Permission.rule.data.{extra[0]} is not supported: confine with a related Group."
        raise PolicyError(message)
    type_ = data.get("expression", {}).get("expression", "")
    if not type_.isalpha():
        message = f"Permission.rule.data.expression is {type_!r}: expected the name of one resource type."
        raise PolicyError(message)
    groups = []
    for resource in data.get("resource", []):
        kind, _, id_ = str(resource.get("reference", {}).get("reference", "")).partition("/")
        if resource.get("meaning") != "related" or kind != "Group" or not id_:
            message = "Permission.rule.data.resource must be {meaning: related, reference: Group/[id]}."
            raise PolicyError(message)
        groups.append(id_)
    return type_, tuple(sorted(groups))


def _action(code: str) -> Interaction:
    try:
        return Interaction(code)
    except ValueError:
        message = f"Permission.rule.activity.action {code!r} is no FHIR interaction."
        raise PolicyError(message) from None


def _codes(concepts: Iterable[Mapping[str, Any]]) -> list[str]:
    codings = [coding for concept in concepts for coding in concept.get("coding", [])]
    if not all(coding.get("code") for coding in codings):
        message = "A coding of Permission.rule.activity has no code: give the interaction or the purpose."
        raise PolicyError(message)
    return [coding["code"] for coding in codings]


def _values(rule: Mapping[str, Any], url: str) -> list[tuple[str, str]]:
    modifiers = rule.get("modifierExtension", [])
    if unknown := [m["url"] for m in modifiers if m.get("url") not in {NETWORK, LIMIT}]:
        message = f"Unknown modifierExtension {unknown[0]}: it may narrow access, so it is not ignored."
        raise PolicyError(message)
    return [
        (part["url"], str(part.get("valueString", "")))
        for modifier in modifiers
        if modifier["url"] == url
        for part in modifier.get("extension", [])
    ]


def _networks(rule: Mapping[str, Any]) -> list[Network]:
    networks = []
    for _, text in _values(rule, NETWORK):
        try:
            networks.append(ip_network(text))
        except ValueError:
            message = f"Not a network: {text!r}. Expected CIDR such as 10.31.0.0/16 or 2001:db8:31::/48."
            raise PolicyError(message) from None
    return networks


def _masks(rule: Mapping[str, Any]) -> list[ElementPath]:
    try:
        masks = [parse_path(text) for _, text in _values(rule, LIMIT)]
    except PathError as error:
        raise PolicyError(str(error)) from None
    if unknown := [mask for mask in masks if not _is_element(mask)]:
        message = f"{unknown[0]} is no element of FHIR R4: a mask on it would hide nothing. Correct the path."
        raise PolicyError(message)
    return masks


def _is_element(path: ElementPath) -> bool:
    """Tell whether R4 has the element, a choice of type by its name without the type."""
    type_ = path.type
    for element in path.elements:
        try:
            fields = get_fhir_model_class(type_).model_fields
        except ValueError:
            return False
        found = [f for name, f in fields.items() if _is_named(f.alias or name, element)]
        if not found:
            return False
        inner = _INNER.search(str(found[0].annotation))
        type_ = inner[1] if inner else ""
    return True


def _is_named(name: str, element: str) -> bool:
    return name == element or (name.startswith(element) and name[len(element)].isupper())
