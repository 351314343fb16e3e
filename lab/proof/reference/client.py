"""One client as the reference sees it: its rules, its scopes, its masks.

Specs: ``docs/five-levels.md``; https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from lab.proof.reference.cohort import READING, Hospital, shown
from lab.proof.reference.masking import masked
from lab.proof.reference.permission import Rule, rules
from lab.proof.reference.search.evaluator import Hospital as Searched

Json = dict[str, Any]
_SCOPE = re.compile(r"system/(?P<type>\*|\w+)\.(?P<rights>\*|\w+)(?:\?(?P<query>.*))?")
_RIGHTS = {"read": "rs", "write": "cud", "*": "cruds"}
RIGHT = {
    "read": "r",
    "vread": "r",
    "history-instance": "r",
    "search-type": "s",
    "history-type": "s",
    "create": "c",
    "update": "u",
    "patch": "u",
    "delete": "d",
}


@dataclass(frozen=True)
class Client:
    """``permission`` is the JSON of the resource, ``scopes`` the text that the token was given."""

    permission: Json
    scopes: str
    purpose: str = "TREAT"

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """Return the rules of the Permission."""
        return rules(self.permission)

    @cached_property
    def masks(self) -> tuple[str, ...]:
        """Return the masks of all rules."""
        return tuple(dict.fromkeys(mask for rule in self.rules for mask in rule.masks))

    @cached_property
    def actions(self) -> tuple[str, ...]:
        """Return every action that a rule opens for the purpose of the client."""
        named = (pair for rule in self.rules if rule.permit for pair in rule.activities or ())
        return tuple(sorted({action for action, purpose in named if purpose == self.purpose}))

    def may(self, action: str, type_: str) -> bool:
        """Tell whether scopes and rules open an action on a type, to whatever of it."""
        opened = any(
            rule.permit
            and (action, self.purpose) in (rule.activities or ())
            and any(selection.type == type_ for selection in rule.selections)
            for rule in self.rules
        )
        closed = any(
            not rule.permit
            and (rule.activities is None or (action, self.purpose) in rule.activities)
            and any(s.type in {"", type_} and not (s.pool or s.labels) for s in rule.selections)
            for rule in self.rules
        )
        rights = RIGHT.get(action, "rs")
        return opened and not closed and all(any(True for _ in self._scoped(type_, r)) for r in rights)

    def sees(self, hospital: Hospital, action: str, resource: Json) -> bool:
        """Tell whether a request of one action on the type of a resource is shown it."""
        if not shown(hospital, self.rules, (action, self.purpose), resource):
            return False
        queries = list(self._scoped(resource["resourceType"], RIGHT[action]))
        return "" in queries or any(_meets(hospital, resource, query) for query in queries)

    def sees_on_the_way(self, hospital: Hospital, resource: Json) -> bool:
        """Tell whether sub-queries of a request on another type are shown a resource."""
        return all(self.sees(hospital, action, resource) for action in READING)

    def narrows(self, type_: str, right: str) -> bool:
        """Tell whether a right on a type is only given by scopes with a query."""
        return "" not in self._scoped(type_, right)

    def confined(self, hospital: Hospital, action: str, type_: str) -> bool:
        """Tell whether an action is shown less than all of a type, whatever there may come to be."""
        nobody = {"resourceType": type_, "id": "nobody-at-all", "meta": {}}
        denied = any(
            selection.type in {"", type_}
            for rule in self.rules
            if not rule.permit and (rule.activities is None or (action, self.purpose) in rule.activities)
            for selection in rule.selections
        )
        return denied or not self.sees(hospital, action, nobody)

    def ever_sees(self, hospital: Hospital, resource: Json) -> bool:
        """Tell whether there is any action for which a resource is shown, whatever the scopes."""
        return any(shown(hospital, self.rules, (action, self.purpose), resource) for action in self.actions)

    def shown_by_action(self, hospital: Hospital, resource: Json) -> tuple[bool, ...]:
        """Return, action by action, whether the rules show a resource, and whether its scopes' queries do."""
        rules = (shown(hospital, self.rules, (action, self.purpose), resource) for action in self.actions)
        queries = {query for right in "rs" for query in self._scoped(resource["resourceType"], right)} - {""}
        return (*rules, *(_meets(hospital, resource, query) for query in sorted(queries)))

    def look(self, resource: Json) -> Json:
        """Return a resource as the client sees it, without the time and the version if it sees any masked."""
        return masked(resource, self.masks)

    def look_now(self, hospital: Hospital, resource: Json) -> Json:
        """Return a resource as the client sees it, with the time of the last change that it can see."""
        name = f"{resource['resourceType']}/{resource['id']}"
        if not self.masks or name not in hospital.versions:
            return self.look(resource)
        return self.looks(hospital, name)[-1] or {}

    def looks(self, hospital: Hospital, name: str) -> list[Json | None]:
        """Return the versions that the client can tell apart, oldest first, None for a deletion.

        A version whose content is not in the view is not there, nor the deletion that ended it.
        """
        looks: list[Json | None] = []
        before: Json | None = None
        ended = False
        for version in hospital.versions[name]:
            if version is None:
                looks += [None] if ended else []
                before, ended = None, False
                continue
            ended = self.shown_as(hospital, version)
            if ended:
                look = self.look(version)
                if not self.masks:
                    looks.append(look)
                elif look != before:
                    meta = {**look.get("meta", {}), "lastUpdated": version["meta"]["lastUpdated"]}
                    looks.append({**look, "meta": meta})
                before = look
        return looks

    def shown_as(self, hospital: Hospital, version: Json) -> bool:
        """Tell whether what a version holds is shown to those who list versions."""
        return self.sees(hospital, "history-instance", version) or self.ever_sees(hospital, version)

    def _scoped(self, type_: str, right: str) -> Iterator[str]:
        """Yield the query of each scope that gives a right on a type, empty for the whole type."""
        for scope in self.scopes.split():
            match = _SCOPE.fullmatch(scope)
            if (
                match
                and match["type"] in {type_, "*"}
                and right in _RIGHTS.get(match["rights"], match["rights"])
            ):
                yield match["query"] or ""


def _meets(hospital: Hospital, resource: Json, query: str) -> bool:
    searched = Searched([resource], hospital.now)
    return bool(searched.search(resource["resourceType"], parse_qsl(query)))
