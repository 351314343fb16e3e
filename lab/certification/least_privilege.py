"""Propose the smallest Permission that lets an application do what it did, and explain it in plain words.

The proposal is the Permission that it has, without the types and actions that the run did not use: it keeps
the networks, the cohorts, the masks and the denials, and can only open less.
Specs: https://hl7.org/fhir/R5/permission.html, OWASP ASVS 5.0 10.2.3; RGPD art. 25
"""

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from datetime import UTC, date, datetime
from typing import Any

from lab.certification.used_requests import Used, used_in
from lab.fhir.interaction import Interaction
from lab.fhir.permission import compile_permission
from lab.fhir.permission.data import selection
from lab.fhir.permission.refusal import PermissionRefusedError
from lab.fhir.policy import Policy, PolicyError
from lab.fhir.scopes import LETTER, parse_scopes
from lab.model.exchange import Exchange
from lab.model.target import ClientRole, SystemUnderTest
from lab.model.text import Text
from lab.policy.description import describe

Json = dict[str, Any]
_ORDER = "cruds"


def least_privilege(
    subject: SystemUnderTest, exchanges: Iterable[Exchange], today: date | None = None
) -> tuple[Json, Text] | None:
    """Return the proposed Permission and its explanation; None when nothing was used, or nothing can be read.

    ``exchanges`` are those of the application, as its journal holds them.
    """
    client = subject.client
    used = used_in(exchanges)
    if client is None or not used.actions:
        return None
    proposed = _proposed(client.permission, used)
    try:
        given = compile_permission(client.permission, client.client_id, client.library)
        policy = compile_permission(proposed, client.client_id, client.library)
    except PolicyError:
        return None
    on = today or datetime.now(UTC).date()
    return proposed, _explained(client, given, policy, used, on)


def minimal_scopes(client: ClientRole, used: Used) -> str:
    """Return the scopes that the use needs, of those registered; granular ones are kept where used."""
    scopes = parse_scopes(client.scopes)
    needed: dict[tuple[str, str], set[str]] = {}
    for type_, actions in used.actions.items():
        for letter in {LETTER[action] for action in actions if action in LETTER}:
            queries = {query for of, right, query in scopes.narrowed if (of, right) == (type_, letter)}
            if scopes.holds(type_, letter):
                needed.setdefault((type_, ""), set()).add(letter)
            for query in queries if not scopes.holds(type_, letter) else ():
                needed.setdefault((type_, f"?{query}"), set()).add(letter)
    return " ".join(
        f"system/{type_}.{''.join(one for one in _ORDER if one in letters)}{query}"
        for (type_, query), letters in sorted(needed.items())
    )


def _proposed(permission: Mapping[str, Any], used: Used) -> Json:
    """Return the Permission with each permit rule narrowed; other rules stay as they are."""
    proposed: Json = deepcopy(dict(permission))
    rules = [one for rule in proposed.get("rule", []) for one in _narrowed(rule, used)]
    return {**proposed, "id": f"{str(proposed.get('id', 'permission'))[:56]}-minimal", "rule": rules}


def _narrowed(rule: Json, used: Used) -> Iterator[Json]:
    """Yield a permit rule once for each set of actions that some of its types are used with."""
    if rule.get("type") != "permit" or "import" in rule:
        yield rule
        return
    by_actions: dict[frozenset[Interaction], list[Json]] = {}
    for data in rule.get("data", []):
        type_ = _type_of(data)
        if type_ in used.actions:
            by_actions.setdefault(frozenset(used.actions[type_]), []).append(data)
    for actions, data in sorted(by_actions.items(), key=lambda pair: sorted(map(str, pair[0]))):
        activities = [one for activity in rule.get("activity", []) for one in _kept(activity, actions)]
        if activities:
            yield {**rule, "data": data, "activity": activities}


def _type_of(data: Mapping[str, Any]) -> str:
    try:
        return selection(data, "rule.data", "R4").type or ""
    except PermissionRefusedError:
        return ""


def _kept(activity: Json, actions: frozenset[Interaction]) -> Iterator[Json]:
    """Yield an activity with those of its actions that are used, if any is."""
    codes = {str(action) for action in actions}
    kept = [
        concept
        for concept in activity.get("action", [])
        if any(coding.get("code") in codes for coding in concept.get("coding", []))
    ]
    if kept:
        yield {**activity, "action": kept}


def _explained(client: ClientRole, given: Policy, policy: Policy, used: Used, today: date) -> Text:
    """Return what the proposal says, and what it takes away."""
    dropped = _rights(given) - _rights(policy)
    scopes = minimal_scopes(client, used)
    lines = [
        Text(
            f"Proposition de moindre privilège pour Device/{client.client_id}",
            f"Least-privilege proposal for Device/{client.client_id}",
        ),
        Text(
            f"Établie sur {used.requests} requêtes abouties, portant sur {len(used.patients)} patients. Un "
            "droit qui n'a pas servi pendant l'observation en est retiré : vérifiez qu'il ne sert jamais.",
            f"Made from {used.requests} answered requests, about {len(used.patients)} patients. A right "
            "that was not used during the watch is taken out: check that it never is.",
        ),
        Text(f"Portées : {scopes}", f"Scopes: {scopes}"),
        Text(
            f"Retiré : {', '.join(sorted(dropped)) or 'rien, tout a servi'}.",
            f"Taken out: {', '.join(sorted(dropped)) or 'nothing, all of it was used'}.",
        ),
        *(_elements(type_, names) for type_, names in sorted(used.elements.items())),
        Text("", ""),
    ]
    for section in describe(policy, client.client_id, today):
        lines += [section.title, *(Text(f"  {line.fr}", f"  {line.en}") for line in section.lines)]
    return Text("\n".join(line.fr for line in lines), "\n".join(line.en for line in lines))


def _elements(type_: str, names: set[str] | None) -> Text:
    if names is None:
        return Text(
            f"{type_} : demandé entier ; ce que l'application lit de chaque ressource ne se voit pas d'ici, "
            "_elements le dirait.",
            f"{type_}: asked for whole; what the application reads of each resource cannot be seen from "
            "here, _elements would tell.",
        )
    asked = ", ".join(sorted(names))
    return Text(
        f"{type_} : seuls {asked} sont demandés (_elements) ; le reste peut être masqué.",
        f"{type_}: only {asked} are asked for (_elements); the rest can be masked.",
    )


def _rights(policy: Policy) -> set[str]:
    return {
        f"{type_} ({action})"
        for permit in policy.permits
        for type_ in permit.cohorts
        for action, _ in permit.activities
    }
