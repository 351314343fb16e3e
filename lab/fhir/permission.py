"""A FHIR Permission (R5 form) compiled into the policy that levels 1, 3, 4 and 5 apply.

What cannot be compiled is refused, never ignored: an ignored rule would widen access.
Spec: https://hl7.org/fhir/R5/permission.html
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from fhir.resources.permission import Permission
from pydantic import ValidationError

from lab.fhir.element_path import ElementPath, PathError, parse_path
from lab.fhir.interaction import Interaction

NETWORK = "https://lab.chu-toulouse.fr/fhir/StructureDefinition/permission-rule-network"
LIMIT = "https://lab.chu-toulouse.fr/fhir/StructureDefinition/permission-rule-limit"
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
    networks = [network for rule in rules for network in _networks(rule)]
    if not networks:
        message = f"The Permission opens no network: add a modifierExtension {NETWORK} with its cidr."
        raise PolicyError(message)
    validity = source.get("validity", {})
    return Policy(
        id=str(source.get("id", "permission")),
        version=hashlib.sha256(json.dumps(source, sort_keys=True).encode()).hexdigest()[:12],
        active=source.get("status") == "active",
        start=_day(validity.get("start")),
        end=_day(validity.get("end")),
        networks=tuple(dict.fromkeys(networks)),
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
    return [coding["code"] for concept in concepts for coding in concept.get("coding", [])]


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
        return [parse_path(text) for _, text in _values(rule, LIMIT)]
    except PathError as error:
        raise PolicyError(str(error)) from None
