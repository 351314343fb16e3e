"""Random Permissions (R5 and R6 forms) with the scopes of a token.

Specs: https://hl7.org/fhir/R5/permission.html, the package hl7.fhir.uv.dap, and ``docs/five-levels.md``
"""

from dataclasses import dataclass, field
from random import Random
from typing import Any

from lab.proof.contents import IDS, INS, IPP, LABELS
from lab.proof.reference.permission import LIMIT
from lab.proof.world import Json

NETWORK = "https://lab.chu-toulouse.fr/fhir/StructureDefinition/permission-rule-network"
PEER = "127.0.0.1"
READS = ("read", "search-type", "vread", "history-instance", "history-type", "operation")
WRITES = ("create", "update", "patch", "delete")
_UNMASKED = 0.4
_CLOSED = ("List",)
"""Types that are seldom opened: pools."""

INS_ONLY = f"Patient.identifier.where(system in ('{INS}'))"
BOTH = f"Patient.identifier.where(system in ('{INS}' | '{IPP}'))"
MASKS = (
    *("Patient.address", "Patient.telecom", "Patient.name", "Patient.birthDate", "Patient.identifier"),
    *("Patient.gender", "Patient.contact", "Patient.contact.telecom", "Patient.managingOrganization"),
    *(INS_ONLY, BOTH, BOTH, "Patient.generalPractitioner", "Patient.address.city", "Patient.name.given"),
    *("Observation.encounter", "Observation.value", "Observation.performer", "Observation.status"),
    *("Observation.code", "Observation.component", "Observation.subject", "Observation.note"),
    *("Observation.category", "Observation.effective", "Observation.component.value", "Observation.focus"),
    *("Observation.effective", "Encounter.period", "ImagingStudy.started"),
    *("Encounter.class", "Encounter.serviceProvider", "Encounter.period", "Encounter.status"),
    *("Encounter.subject", "Encounter.identifier", "Condition.code", "Condition.encounter"),
    *("Condition.recordedDate", "Condition.subject", "ImagingStudy.started", "ImagingStudy.series.modality"),
    *("ImagingStudy.subject", "Organization.name", "Organization.telecom", "Practitioner.name"),
    *("Practitioner.telecom", "Group.name", "Group.member"),
)


@dataclass(frozen=True)
class Grant:
    """What one application is given; ``form`` is R5 or R6."""

    client_id: str
    permission: Json = field(hash=False)
    scopes: str
    form: str


def grant(chance: Random, client_id: str, *, simple: bool = False) -> Grant:
    """Draw a grant; a ``simple`` one has Groups and masks only."""
    form = "R5" if simple or chance.random() < 0.6 else "R6"
    types = chance.sample(sorted(IDS), chance.randint(4, len(IDS)))
    types = [t for t in types if t not in _CLOSED or chance.random() < 0.4] or ["Patient"]
    if chance.random() < 0.6:  # most of what a resource tells of another is told of these
        types = sorted({*types, "Patient", "Observation"})
    denials = not simple and chance.random() < 0.45
    drawing = Drawing(chance, client_id, form, simple=simple)
    bare = chance.random() < _UNMASKED
    rules = [drawing.permit(types, [] if bare else _masks(chance))]
    while chance.random() < 0.35:
        rules.append(
            drawing.permit(
                chance.sample(types, chance.randint(1, len(types))), [] if bare else _masks(chance)
            )
        )
    if denials:
        rules.append(drawing.denial(types))
        chance.shuffle(rules)
    combining = "deny-overrides" if denials else chance.choice(["deny-unless-permit", "deny-overrides"])
    source = permission(client_id, form, combining, rules)
    return Grant(client_id, source, _scopes(chance, types, simple=simple), form)


def permission(client_id: str, form: str, combining: str, rules: list[Json]) -> Json:
    """Return a Permission in a form, with what that form needs around its rules."""
    source: Json = {
        "resourceType": "Permission",
        "id": f"{client_id}-permission",
        "status": "active",
        "combining": combining,
        "rule": rules,
    }
    if form == "R6":
        cidr = {"url": NETWORK, "extension": [{"url": "cidr", "valueString": f"{PEER}/32"}]}
        place = {"resourceType": "Location", "id": "network", "extension": [cidr]}
        definition = "http://hl7.org/fhir/StructureDefinition/Permission|6.0.0"
        source = {**source, "resourceDefinition": definition, "contained": [place]}
    return source


def _masks(chance: Random) -> list[str]:
    if chance.random() < 0.15:
        return []
    own = [mask for mask in MASKS if mask.startswith("Patient.")]  # what other places repeat
    return list(dict.fromkeys(chance.sample([*MASKS, *own], chance.choice([1, 2, 3, 5]))))


def _scopes(chance: Random, types: list[str], *, simple: bool) -> str:
    drawn = chance.random()
    if drawn < 0.4:
        return "system/*.cruds"
    if drawn < 0.65 and not simple and "Observation" in types:
        # A granular scope beside wide ones: what these open leads to what it narrows.
        others = (f"system/{type_}.cruds" for type_ in types if type_ != "Observation")
        rights = chance.choice(["rs", "cruds", "cruds"])
        return " ".join((*others, f"system/Observation.{rights}?category=laboratory"))
    chosen = chance.sample(types, max(1, len(types) - chance.randint(0, 2)))
    scopes = [f"system/{type_}.{chance.choice(['cruds', 'cruds', 'rs', 'r', 's'])}" for type_ in chosen]
    if not simple and "Observation" in chosen and chance.random() < 0.6:
        scopes = [scope for scope in scopes if not scope.startswith("system/Observation.")]
        scopes.append("system/Observation.rs?category=laboratory")
    return " ".join(scopes)


@dataclass(frozen=True)
class Drawing:
    """Draws the parts of a Permission in its form; a ``simple`` one has pools that are Groups."""

    chance: Random
    client_id: str
    form: str
    simple: bool

    def permit(self, types: list[str], masks: list[str]) -> Json:
        """Return a rule that opens types, mostly all to the same pools."""
        pools = [self.pool() for _ in range(self.chance.choice([1, 1, 2]))]
        data = []
        for type_ in types:
            whole = self.chance.random() < (0.8 if type_ in {"Organization", "Practitioner"} else 0.12)
            own = [self.pool()] if self.chance.random() < 0.12 else pools
            data += [{**pool, **self.type(type_)} for pool in ([{}] if whole else own)]
        actions = [*READS, *(WRITES if self.chance.random() < 0.75 else ())]
        if self.chance.random() < 0.25:
            actions = self.chance.sample(actions, self.chance.randint(3, len(actions)))
        return self.rule("permit", data, actions, masks)

    def denial(self, types: list[str]) -> Json:
        """Return a rule that closes a pool, of one type or of all."""
        pool = self.pool(single=True)
        typed = self.chance.random() < 0.5
        data = [{**pool, **self.type(self.chance.choice(types))}] if typed else [pool]
        actions = None if self.chance.random() < 0.7 else ["read", "search-type"]
        return self.rule("deny", data, actions, [])

    def rule(self, kind: str, data: list[Json], actions: list[str] | None, masks: list[str]) -> Json:
        """Return a rule of these data, for these actions or all, with masks."""
        rule: Json = {"type": kind, "data": data}
        if actions is not None:
            rule["activity"] = self._activities(actions)
        if self.form == "R5" and kind == "permit":
            network = {"url": NETWORK, "extension": [{"url": "cidr", "valueString": f"{PEER}/32"}]}
            rule["modifierExtension"] = [network, *_limits(masks)]
        elif self.form == "R6" and masks:
            plain = [mask for mask in masks if ".where(" not in mask]
            narrow = _limits([mask for mask in masks if ".where(" in mask])
            rule["limit"] = [
                *([{"element": plain}] if plain else []),
                *([{"modifierExtension": narrow}] if narrow else []),
            ]
        return rule

    def _activities(self, actions: list[str]) -> list[Json]:
        purpose = [{"coding": [{"code": "TREAT"}]}]
        device = {"reference": f"Device/{self.client_id}"}
        if self.form == "R5":
            common: Json = {"actor": [device], "purpose": purpose}
        else:
            place = {"reference": "#network"}
            common = {"actor": [{"reference": device}], "purpose": purpose, "location": place}
        return [{**common, "action": [{"coding": [{"code": one}]}]} for one in actions]

    def type(self, type_: str) -> Json:
        """Return what names a type in the data of a rule."""
        if self.form == "R5":
            return {"expression": {"language": "application/x-fhir-query", "expression": type_}}
        return {"resourceType": [{"system": "http://hl7.org/fhir/fhir-types", "code": type_}]}

    def pool(self, *, single: bool = False) -> Json:
        """Return what names a pool in the data of a rule; a ``single`` one is no Group with a label."""
        kind = (
            "Group"
            if self.simple
            else self.chance.choice([*["Group"] * 3, "List", "List", "label", "label", "both"])
        )
        if single and kind == "both":
            kind = "label"
        found: Json = {}
        if kind != "label":
            type_ = "List" if kind == "List" else "Group"
            named = {"reference": f"{type_}/{self.chance.choice(IDS[type_])}"}
            found["resource"] = [{"meaning": "related", "reference": named}]
        if kind in {"label", "both"}:
            system, code = self.chance.choice(LABELS)
            found["security"] = [{"system": system, "code": code}]
        return found


def _limits(masks: list[str]) -> list[Json]:
    parts: list[dict[str, Any]] = [
        {"url": "path" if ".where(" in mask else "element", "valueString": mask} for mask in masks
    ]
    return [{"url": LIMIT, "extension": parts}] if parts else []
