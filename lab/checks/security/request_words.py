"""What random requests are made of: declared types and parameters, ids and values, hidden and visible ones.

Source: five-levels reference, section 8 (non-interference).
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass

from lab.api import Canary, FhirClient, Truth, parse_path, parse_scopes
from lab.checks.sample import match_ids
from lab.checks.security.likeness import twin
from lab.checks.statement import DeclaredType, statement

_VISIBLE = 20
_TYPES_SEEN = 12
_INS = "urn:oid:1.2.250.1.213.1.4.10"
_CODES = (
    *("718-7", "http://loinc.org|718-7", "http://loinc.org|8867-4", "8867-4"),
    *("laboratory", "vital-signs", "final", "finished", "current", "AMB", "active", "true", "false"),
    *("unknown", "male", "text/plain", "person", "cohort-marker", "https://lab.chu-toulouse.fr/canary|"),
)
_PREFIXES = ("", "eq", "ne", "lt", "gt", "le", "ge", "sa", "eb", "ap")
_DAYS = ("1950", "1975-06", "2023", "2023-03", "2023-01-15", "2023-03-01T08:00:00+01:00", "1990-01-01")
_FAR = ("lt2000-01-01", "ge2000-01-01", "gt2200-01-01")
"""When a resource was written differs between two instances: only dates far from that are asked."""
_READ_BY = {
    "address": ("address", "address-city"),
    "telecom": ("telecom", "phone"),
    "birthDate": ("birthdate",),
    "name": ("name", "family", "phonetic"),
    "identifier": ("identifier",),
}
"""The parameters that find somebody by a planted value of an element."""
_MODIFIERS = {
    "string": ("exact", "contains", "missing"),
    "token": ("not", "missing", "text"),
    "reference": ("missing", "identifier"),
    "date": ("missing",),
    "uri": ("missing",),
}


def happens(share: float, chance: random.Random) -> bool:
    """Tell, in that share of all cases, that something happens."""
    return chance.random() < share


@dataclass(frozen=True)
class Words:
    """``open`` are the types that the scopes let the identity search, ``ids`` are by type.

    ``outside`` are patients who must not be seen; ``apt`` are the planted values that a parameter finds.
    """

    declared: Mapping[str, DeclaredType]
    open: tuple[str, ...]
    ids: Mapping[str, tuple[str, ...]]
    outside: tuple[str, ...]
    secrets: tuple[str, ...]
    apt: Mapping[str, tuple[str, ...]]
    elements: tuple[str, ...]

    def type(self, chance: random.Random) -> str:
        """Draw a type: patients often, mostly an open one."""
        if "Patient" in self.open and happens(0.25, chance):
            return "Patient"
        if self.open and happens(0.9, chance):
            return chance.choice(self.open)
        return chance.choice(tuple(self.declared) or ("Patient",))

    def id(self, type_: str, chance: random.Random) -> str:
        """Draw an id of a type: of the inside, of the outside, or of nobody."""
        known = chance.choice(self.ids.get(type_) or self.ids.get("Patient") or ("nobody",))
        if happens(0.8, chance):
            return known
        # Ids that differ by their number only may well exist in the other world.
        return _renumbered(known, chance) if happens(0.8, chance) else twin(known, chance)

    def outsider(self, chance: random.Random) -> str:
        """Draw a patient who must not be seen, or who is not there."""
        known = chance.choice(self.outside or self.ids.get("Patient") or ("nobody",))
        return known if happens(0.7, chance) else _renumbered(known, chance)

    def parameter(self, type_: str, chance: random.Random, kind: str = "") -> str:
        """Draw a parameter of a type, of a kind when one is asked for; empty when there is none."""
        known = self.kinds(type_)
        names = [name for name, is_ in known.items() if is_ == kind or not kind]
        return chance.choice(names) if names else ""

    def kinds(self, type_: str) -> Mapping[str, str]:
        """Return the kinds of the parameters of a type by name."""
        found = self.declared.get(type_)
        return found.parameters if found else {}

    def modifier(self, kind: str, chance: random.Random) -> str:
        """Draw a modifier for a kind of parameter, often none."""
        known = _MODIFIERS.get(kind, ())
        return f":{chance.choice(known)}" if known and happens(0.25, chance) else ""

    def value(self, name: str, kind: str, modifier: str, chance: random.Random) -> str:
        """Draw a value for a parameter."""
        if modifier == ":missing":
            return chance.choice(("true", "false"))
        if name == "_lastUpdated":
            return chance.choice(_FAR)
        if name == "_id":
            return self.id(self.type(chance), chance)
        if self.apt.get(name) and happens(0.4, chance):
            right = chance.choice(self.apt[name])
            return chance.choice((right, f"{_INS}|{right}")) if name == "identifier" else right
        return self._of(kind, chance)

    def _of(self, kind: str, chance: random.Random) -> str:
        if kind == "reference":
            type_ = chance.choice(("Patient", "Patient", "Patient", *self.ids))
            id_ = self.id(type_, chance)
            return chance.choice((id_, f"{type_}/{id_}", f"Patient/{id_}"))
        secret = chance.choice(self.secrets) if self.secrets else "canary"
        if kind == "date":
            day = secret if secret[:4].isdigit() and "-" in secret else chance.choice(_DAYS)
            return f"{chance.choice(_PREFIXES)}{day}"
        if kind == "token":
            return chance.choice((secret, f"{_INS}|{secret}", chance.choice(_CODES), chance.choice(_CODES)))
        if kind in {"number", "quantity"}:
            return chance.choice(("10", "gt10", "lt12", "11||1"))
        return chance.choice((secret, secret[:4], secret[:2], "Canary", twin(secret, chance)))


def _renumbered(id_: str, chance: random.Random) -> str:
    return "".join(str(chance.randrange(10)) if letter.isdigit() else letter for letter in id_)


def words(full: FhirClient, client: FhirClient, truth: Truth) -> Words:
    """Gather the words of an application: what it declares, what was planted, what is visible.

    The full identity is told of all parameters: to another one those may be kept quiet that it must not use.
    """
    said = statement(full)
    server = truth.subject.server
    identity = server.identity("restricted") if server else None
    rights = parse_scopes(identity.scopes).rights if identity and identity.scopes else frozenset()
    open_ = tuple(t for t in said.types if {(t, "s"), ("*", "s")} & rights)
    ids: dict[str, list[str]] = {}
    for where in _planted(truth.canary):
        type_, _, id_ = where.partition("/")
        ids.setdefault(type_, []).append(id_)
    for type_ in open_[:_TYPES_SEEN]:
        ids.setdefault(type_, []).extend(match_ids(client.search(type_, _count=_VISIBLE), type_))
    masked = identity.masked if identity else ()
    return Words(
        said.types,
        open_,
        {type_: tuple(dict.fromkeys(held)) for type_, held in ids.items() if held},
        truth.canary.outside(),
        tuple(sorted(truth.canary.markers)),
        _apt(truth.canary),
        tuple(dict.fromkeys((*(parse_path(path).elements[0] for path in masked), "id", "status", "name"))),
    )


def _apt(canary: Canary) -> dict[str, tuple[str, ...]]:
    """Return the values of planted people by the parameters that read them."""
    found: dict[str, list[str]] = {}
    for marker, where in sorted(canary.markers.items()):
        name, _, element = where.partition(" ")
        if name.startswith(("Patient/", "RelatedPerson/")):
            for parameter in _READ_BY.get(element, ()):
                found.setdefault(parameter, []).append(marker)
    return {parameter: tuple(values) for parameter, values in found.items()}


def _planted(canary: Canary) -> list[str]:
    """Return every planted resource (``Type/id``)."""
    marked = {where.partition(" ")[0] for where in canary.markers.values()}
    people = {f"Patient/{id_}" for ids in canary.groups.values() for id_ in ids}
    return sorted({*marked, *people, *canary.shapes.values(), *(f"Group/{name}" for name in canary.groups)})
