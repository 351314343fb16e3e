"""A Permission compiled into the policy that levels 1, 3, 4 and 5 apply.

What cannot be enforced exactly as written is refused, never ignored: an ignored rule would widen access.
Specs: https://hl7.org/fhir/R5/permission.html and the additional resource Permission of R6 (DAP)
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from lab.fhir.cohort import TooManyClausesError
from lab.fhir.permission.combining import check_algorithm
from lab.fhir.permission.form import check_form, form_of
from lab.fhir.permission.header import check_definition, is_active, validity
from lab.fhir.permission.permit_rule import check_one_network
from lab.fhir.permission.reading import Reading, Resources, Rules, Taking, contained_in
from lab.fhir.permission.refusal import Gathering, refused
from lab.fhir.permission.rules import rules_of
from lab.fhir.policy import Denial, Permit, Policy, Validity
from lab.model.release import Release

NO_LIBRARY: Resources = MappingProxyType({})


def compile_permission(
    source: Mapping[str, Any], client_id: str, library: Resources = NO_LIBRARY, release: Release = "R4"
) -> Policy:
    """Compile the Permission, given as JSON data, of one application.

    ``library`` gives, by reference (``Permission/common``), what it may import or name as location;
    ``release`` is that of the resources that it opens.

    Raises:
        PermissionRefusedError: a PolicyError with every reason, each one sentence in both languages.
    """
    gathering = Gathering()
    checked = source if isinstance(source, dict) else {}
    for check in (check_definition, check_algorithm):
        with gathering.part():
            check(checked)
    form = form_of(checked)
    with gathering.part():
        check_form(checked, form)
    gathering.end()
    used: list[Mapping[str, Any]] = []
    itself = (f"Permission/{source.get('id', '')}",)
    reading = Reading(client_id, form, {**library, **contained_in(source)}, library, itself, used, release)
    active, valid, rules = False, Validity(), Rules()
    with gathering.part():
        active = is_active(source)
    with gathering.part():
        valid = validity(source)
    with gathering.part():
        rules = rules_of(source, "Permission", reading)
    with gathering.part():
        everywhere = {placed.networks for placed in rules.permits}
        check_one_network(everywhere.union(*(one.networks for one in rules.takings)), "Permission.rule")
    gathering.end()
    permits = tuple(placed.permit for placed in rules.permits)
    policy = Policy(
        id=str(source.get("id", "permission")),
        version=_digest((source, *used)),
        active=active,
        networks=rules.permits[0].networks if rules.permits else (),
        permits=permits,
        denials=tuple(_denial(taking, permits) for taking in rules.takings),
        validity=valid,
    )
    _check_unions(policy)
    return policy


def _denial(taking: Taking, permits: Iterable[Permit]) -> Denial:
    if taking.patterns is None:
        return Denial(taking.pools)
    purposes = {purpose for permit in permits for _, purpose in permit.activities}
    return Denial(taking.pools, frozenset().union(*(one.matching(purposes) for one in taking.patterns)))


def _digest(sources: tuple[Mapping[str, Any], ...]) -> str:
    try:
        text = json.dumps(sources, sort_keys=True)
    except (TypeError, ValueError, RecursionError):
        raise refused(
            "Permission", "ce n'est pas du JSON : corrigez.", "this is no JSON: correct it."
        ) from None
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _check_unions(policy: Policy) -> None:
    """Check, on every day on which something changes, that the cohorts of the permits can be added up.

    Raises:
        PermissionRefusedError: a request would fail on it.
    """
    if len(policy.permits) < 2:
        return
    days = {date.min}
    for permit in policy.permits:
        days |= {day for day in (permit.validity.start,) if day is not None}
        days |= {end + timedelta(days=1) for end in (permit.validity.end,) if end not in {None, date.max}}
    try:
        for activity in frozenset().union(*(permit.activities for permit in policy.permits)):
            for day in days:
                policy.opened(activity, day)
    except TooManyClausesError as error:
        raise refused(
            "Permission.rule", f"règles trop mêlées : {error}", f"the rules are too entangled: {error}"
        ) from None
